"""Patron with a clock that is wrong by as many seconds as a file says just now.

For tests alone: `python -m tests.faults.wrong_clock FILE COMMAND…`. What is monotonic stays so, as with a
clock that somebody sets. (libfaketime, which would do so to any program, breaks Python's sleep.)
"""

import sys
import time
from pathlib import Path


def set_wrong(file: Path) -> None:
    """From now on, whoever asks this process for the time is told the wrong one."""
    right, right_ns = time.time, time.time_ns
    time.time = lambda: right() + int(file.read_text())
    time.time_ns = lambda: right_ns() + int(file.read_text()) * 1_000_000_000


if __name__ == "__main__":
    set_wrong(Path(sys.argv.pop(1)))
    from app.cli import main  # what it imports must not have seen the right time

    main()
