"""The measured servers as processes: started, pinned to a core, asked for CPU time and memory, ended."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

Process = subprocess.Popen[bytes]

START_SECONDS = 60
END_SECONDS = 5

_TICKS = os.sysconf("SC_CLK_TCK")


class Unmeasurable(Exception):
    """The bench cannot go on; the text says why."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory in MB: all of it, and what is neither a file's nor shared."""

    resident: float
    anonymous: float


@dataclass(frozen=True, slots=True)
class Server:
    """A server that accepts connections."""

    name: str
    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """The CPU time that the process has used so far, in user and in system mode."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> Memory:
        """What the process holds now."""
        lines = (line.split() for line in Path(f"/proc/{self.pid}/status").read_text().splitlines())
        sizes = {words[0]: int(words[1]) / 1024 for words in lines if words[0] in {"VmRSS:", "RssAnon:"}}
        return Memory(sizes["VmRSS:"], sizes["RssAnon:"])


@dataclass(frozen=True, slots=True)
class Cores:
    """The cores that the servers and the client keep to; empty where they cannot be kept apart."""

    server: frozenset[int] = frozenset()
    client: frozenset[int] = frozenset()


def choose_cores() -> Cores:
    """One core for the servers, another for the client.

    :raises Unmeasurable: where nobody could tell what a process has used of them.
    """
    if not Path("/proc/self/stat").exists():
        raise Unmeasurable("the CPU time of a process is read from /proc, which this system does not have")
    if not hasattr(os, "sched_setaffinity"):
        return Cores()
    first, *others = sorted(os.sched_getaffinity(0))
    return Cores(frozenset({first}), frozenset(others[:1])) if others else Cores()


@contextmanager
def serving(name: str, where: Path | str, folder: Path, cores: Cores) -> Iterator[Server]:
    """A server of this name while the block runs; what it says goes to its log in the folder.

    :raises Unmeasurable: where it does not come up.
    """
    with serving_each([(name, where)], folder, cores) as (server,):
        yield server


@contextmanager
def serving_each(
    asked: Sequence[tuple[str, Path | str]], folder: Path, cores: Cores
) -> Iterator[Sequence[Server]]:
    """Servers of these names, each over what is said beside it, while the block runs.

    :raises Unmeasurable: where one does not come up.
    """
    with ExitStack() as ending:
        started = []
        for name, where in asked:
            port = _free_port()
            command = [sys.executable, "-m", "tests.benchmarks.serve", name, str(where), str(port)]
            log = folder / f"{name}-{port}.log"
            with log.open("wb") as output:
                process = start(command, cores.server, output=output, errors=output)
            ending.callback(end, process)
            started.append((process, name, port, log))
        for each in started:
            _await(*each)
        yield [Server(name, process.pid, port) for process, name, port, _ in started]


def start(
    command: Sequence[str],
    cores: frozenset[int],
    *,
    output: IO[bytes] | int = subprocess.PIPE,
    errors: IO[bytes] | None = None,
) -> Process:
    """Starts a process on these cores. Ctrl-C does not reach it: the bench ends what it started."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=output, stderr=errors, cwd=_ROOT, start_new_session=True
    )
    if cores:
        os.sched_setaffinity(process.pid, cores)
    return process


def end(process: Process) -> None:
    """Ends a process, by force where it takes too long."""
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream:
            stream.close()


_ROOT = Path(__file__).resolve().parents[2]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await(process: Process, name: str, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Unmeasurable(f"the server {name} did not start:\n{log.read_text()[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise Unmeasurable(f"the server {name} did not listen on port {port} within {START_SECONDS} s")
