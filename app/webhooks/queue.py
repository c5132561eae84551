"""The queue that wakes workers: it carries the ids of stores, and may lose any of them.

A worker finds by itself what is due; a wake-up only makes it look sooner. So the queue may be emptied,
restarted, or absent. What it carries is JSON: who can write to it can run nothing here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from huey import Huey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy import make_url

from app.config import Config

NAME = "patron"


def open_queue(config: Config) -> Huey | None:
    """The queue: in Redis where there is one, else in a file beside an SQLite database, else none."""
    options: dict[str, Any] = {"results": False, "serializer": _Json()}
    if config.redis_url:
        return RedisHuey(NAME, url=config.redis_url, read_timeout=1, **options)
    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite":
        return SqliteHuey(NAME, filename=str(queue_file(Path(url.database or ""))), fsync=False, **options)
    return None


def queue_file(database: Path) -> Path:
    """Where the queue of an SQLite database is."""
    return database.with_name(f"{database.stem}.queue.sqlite3")


def wake_up(queue: Huey, wake: Callable[[int], None]) -> Any:
    """The one task of the queue: to call it puts a store's id there, to carry it out wakes a worker."""

    def serve(store_id: int) -> None:
        wake(store_id)

    return queue.task(name="serve")(serve)


class _Json(Serializer):  # type: ignore[misc] # huey has no type hints
    """Messages as JSON: the id of one, and a number."""

    def _serialize(self, data: Any) -> bytes:
        return orjson.dumps([data.id, data.name, list(data.args)])

    def _deserialize(self, data: bytes) -> Any:
        named, task, args = orjson.loads(bytes(data))
        if not (isinstance(named, str) and isinstance(task, str) and [type(each) for each in args] == [int]):
            raise ValueError("no wake-up of ours")
        return Message(named, task, args=tuple(args), kwargs={}, retries=0, retry_delay=0)
