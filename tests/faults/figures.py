"""What Linux tells of a process: its open files and the memory that it has."""

import os
import time
from pathlib import Path


def open_files(pid: int) -> int:
    """How many files it has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def await_open_files(pid: int, most: int, seconds: float = 60) -> int:
    """Waits until it has no more than so many open; how many those are."""
    end = time.monotonic() + seconds
    while (now := open_files(pid)) > most:
        assert time.monotonic() < end, f"{now} files are open, {most} should be"
        time.sleep(0.1)
    return now


def memory(pid: int) -> int:
    """The memory that is its own, in kB: not the files that are mapped into it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))


def processes(pid: int) -> list[int]:
    """Those that it has started, or itself where there are none."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in children] or [pid]
