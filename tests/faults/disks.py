"""A small disk of its own, which a test may fill."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Disk:
    """A disk in memory."""

    folder: Path

    @property
    def ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self, leaving: int = 0) -> None:
        """Fills it up but for so many bytes."""
        free = os.statvfs(self.folder)
        size = free.f_bavail * free.f_frsize - leaving
        with self.ballast.open("wb") as written:
            os.posix_fallocate(written.fileno(), 0, size)

    def clear(self) -> None:
        """Takes away what it was filled with."""
        self.ballast.unlink()


@contextmanager
def small_disk(size: int) -> Iterator[Disk]:
    """A disk of so many bytes, which everybody reaches; skips the test where none may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="patron-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "patron", str(folder)]
    tried = subprocess.run(mount, capture_output=True, text=True, check=False) if os.geteuid() == 0 else None
    if tried is None or tried.returncode:
        folder.rmdir()
        pytest.skip(f"no disk may be mounted here: {tried.stderr.strip() if tried else 'only root may'}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()
