"""A worker that dies by SIGKILL at one moment of its first delivery.

For tests alone: `python -m tests.server.dying_worker MOMENT`.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from app.config import from_environment
from app.db import guard
from app.webhooks.worker import Worker, assemble


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _at(beginning: str) -> None:
    guard.observers.append(lambda text: die() if text.startswith(beginning) else None)


def before_fanning_out(_: Worker) -> None:
    """The events are there, and nobody has looked at them: as after a commit whose wake-up was lost."""
    _at("SELECT event.")


def while_fanning_out(_: Worker) -> None:
    """The events have been taken away, and nothing is committed."""
    _at("INSERT INTO webhook_status")


def before_sending(worker: Worker) -> None:
    """The delivery is claimed, and its receiver has not heard of it."""
    worker.deliveries._post = die  # type: ignore[method-assign]


def before_recording(worker: Worker) -> None:
    """The receiver has said 200, and that is written down nowhere."""
    worker.deliveries.record = die  # type: ignore[method-assign]


def while_recording(_: Worker) -> None:
    """It is written down, and nothing is committed."""
    _at("INSERT INTO webhook_log")


MOMENTS: dict[str, Callable[[Any], None]] = {
    each.__name__: each
    for each in (before_fanning_out, while_fanning_out, before_sending, before_recording, while_recording)
}


def main(moment: str) -> None:
    config = from_environment()
    worker = assemble(config, str(config.base_url))
    MOMENTS[moment](worker)
    print("delivers", flush=True)
    worker.start()
    signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
