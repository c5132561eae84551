"""A receiver of webhooks that answers at once, or never: with as little work as can be."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ID = re.compile(rb"\r\nwebhook-id: *([\w-]+)", re.IGNORECASE)


class Receiver:
    """What has come, with the moment of it."""

    def __init__(self) -> None:
        self.port = 0
        self.came: list[tuple[float, str]] = []
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()

    async def _serve(self, started: threading.Event) -> None:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stopped.wait()
        server.close()
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length, name = _LENGTH.search(head), _ID.search(head)
                assert length
                assert name
                await reader.readexactly(int(length[1]))
                if b"POST /never" in head:
                    await asyncio.sleep(3600)
                self.came.append((time.time(), name[1].decode()))
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()

    def run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(started))
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a port of its own: what is posted to `/never` is never answered."""
    receiver, started = Receiver(), threading.Event()
    thread = threading.Thread(target=receiver.run, args=[started])
    thread.start()
    started.wait(10)
    try:
        yield receiver
    finally:
        receiver.stop()
        thread.join()
