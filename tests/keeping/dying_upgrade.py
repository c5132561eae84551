"""`patron db upgrade` that dies by SIGKILL in the midst of it.

For tests alone: `python -m tests.keeping.dying_upgrade NUMBER`, at so manieth of the statements that change
something.
"""

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from app.config import from_environment
from app.db.migrate import upgrade

CHANGING = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE")


def main(number: int) -> None:
    seen: list[str] = []

    @event.listens_for(Engine, "after_cursor_execute")
    def count(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if text.lstrip().startswith(CHANGING):
            seen.append(text)
            if len(seen) == number:
                os.kill(os.getpid(), signal.SIGKILL)

    upgrade(from_environment().database_url)


if __name__ == "__main__":
    main(int(sys.argv[1]))
