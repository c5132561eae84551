"""Logs: one JSON object a line, on standard error."""

import sys
from typing import Any

import orjson
import structlog


def configure_logs() -> None:
    """Sets structlog up for the process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_to_json),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _to_json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
