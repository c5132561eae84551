"""Logs: one JSON object a line, on standard error; libraries' own lines among them, all without secrets."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import orjson
import structlog

from app.audit import ids
from app.scrubbing import scrub


def configure_logs() -> None:
    """Sets logging up for the process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _scrubbed,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Forward(logging.WARNING)])
    logging.getLogger("authlib").setLevel(logging.WARNING)  # below that, its lines hold tokens
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it has a line for every request that waits
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)  # below that it shows the rows it reads


class _Forward(logging.Handler):
    """Passes a library's line on, without the stack trace that may come with it."""

    def emit(self, record: logging.LogRecord) -> None:
        said = {"logger": record.name, "message": record.getMessage()}
        structlog.get_logger().log(record.levelno, "logged", **said)


def _scrubbed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {**scrub(event), **ids(event)}


def _to_json(event: Any, **_: Any) -> str:
    return orjson.dumps(event).decode()
