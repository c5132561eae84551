"""A line on standard error: what cannot be written there is let go, since no request may fail for it.

Standard error may lead to a disk that is full, or to a reader that has gone.
"""

import sys


def write_line(line: str) -> None:
    """Writes a line, if that is possible."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):  # a full disk; a stream that is closed
        return
