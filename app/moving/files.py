"""Files that customers come from and go to: compressed or not, standard input and output among them.

Lines are bounded: what is longer than any customer is told of by its number, and passed over.
"""

import fcntl
import gzip
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from app.config import Misconfigured

Format = Literal["ndjson", "csv", "tsv"]
FORMATS: tuple[Format, ...] = ("ndjson", "csv", "tsv")
_BY_SUFFIX: dict[str, Format] = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".tsv": "tsv"}

STANDARD = "-"
LONGEST_LINE = 1 << 20
"""How many bytes a line of a table may have: as many as the body of a request."""

LONGEST_DOCUMENT = 1 << 26
"""How many bytes a line of NDJSON may have: an export writes as many of who has very many attributes."""


def format_of(name: str) -> Format:
    """What a file is, by its name.

    :raises Misconfigured: where that does not tell.
    """
    path = Path(name)
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if (known := _BY_SUFFIX.get(suffix.lower())) is None:
        raise Misconfigured(f"{name}: its name tells no format: say --format {', '.join(FORMATS)}")
    return known


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file: its bytes, how many there are altogether (0: nobody knows), and how many are read.

    `known_as` is what the system knows it as.
    """

    stream: IO[bytes]
    known_as: os.stat_result
    size: int
    position: Callable[[], int]


@contextmanager
def opened(name: str) -> Iterator[Source]:
    """A file to be read; `-` is standard input. What begins as gzip does is decompressed."""
    if name == STANDARD:
        yield _source(sys.stdin.buffer)
        return
    with Path(name).open("rb") as raw:
        yield _source(raw)


def _source(raw: IO[bytes]) -> Source:
    mode = os.fstat(raw.fileno())
    size = mode.st_size if stat.S_ISREG(mode.st_mode) else 0
    is_gzip = raw.peek(2)[:2] == b"\x1f\x8b"  # type: ignore[attr-defined] # of a buffered reader
    stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if is_gzip else raw  # type: ignore[assignment] # it is one

    def position() -> int:
        return raw.tell() if size else 0

    return Source(stream, mode, size, position)


def too_long(longest: int) -> str:
    """What is wrong with a line that has more bytes than that."""
    return f"the line is longer than {longest} bytes"


def lines(stream: IO[bytes], longest: int) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a file with their numbers; None for one that is too long.

    :param longest: how many bytes a line may have.
    :raises Misconfigured: where it is compressed and broken off, or UTF-16.
    """
    number = 0
    try:
        while line := stream.readline(longest + 1):
            number += 1
            if len(line) > longest:
                while line and not line.endswith(b"\n"):
                    line = stream.readline(longest)
                yield number, None
                continue
            if number == 1:
                if line[:2] in (b"\xff\xfe", b"\xfe\xff"):
                    raise Misconfigured("the file is UTF-16: save it as UTF-8")
                line = line.removeprefix(b"\xef\xbb\xbf")  # Excel's mark of UTF-8
            yield number, line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Misconfigured(f"the file is broken behind line {number}: {error}") from error


@contextmanager
def created(name: str) -> Iterator[IO[bytes]]:
    """A file to be written, readable by its owner alone; `-` is standard output. `.gz` is compressed.

    It gets its name when it is whole: what is broken off leaves an older one as it was.
    """
    if name == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    if path.exists() and not path.is_file():  # a device, a pipe
        with path.open("wb") as stream:
            yield stream
        return
    unfinished = path.with_name(f"{path.name}.part")
    raw = alone_with(unfinished)
    try:
        with raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as stream:
                    yield stream  # type: ignore[misc] # it is one
            else:
                yield raw
            raw.flush()
            os.fsync(raw.fileno())
            unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def alone_with(path: Path) -> IO[bytes]:
    """A file without content that its owner alone may read, and that nobody else writes until it is closed.

    :raises Misconfigured: where somebody does; nothing of theirs is touched.
    """
    raw = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600), "wb")
    try:
        with suppress(OSError):  # some disks of other machines know no locks
            _lock(raw, path)
        os.fchmod(raw.fileno(), 0o600)
        raw.truncate(0)
    except BaseException:
        raw.close()
        raise
    return raw


def _lock(raw: IO[bytes], path: Path) -> None:
    try:
        fcntl.flock(raw, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_own = os.path.samestat(os.fstat(raw.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        is_own = False
    if not is_own:  # it is written, or has just been given its name
        raise Misconfigured(f"{path}: another command is writing it")


def private(path: Path) -> IO[bytes]:
    """A new file that its owner alone may read."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
