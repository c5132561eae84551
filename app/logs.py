"""Logs: one JSON object a line, on standard error; libraries' own lines among them, all without secrets."""

import logging
import os
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from app.audit import ids
from app.config import unknown_variables
from app.lines import write_line
from app.operations.current import CURRENT
from app.scrubbing import scrub


def configure_logs() -> None:
    """Sets logging up for the process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _scrubbed,
            _of_request,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ],
        logger_factory=lambda *_: _Lines(),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Forward(logging.WARNING)])
    logging.getLogger("authlib").setLevel(logging.WARNING)  # below that, its lines hold tokens
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it has a line for every request that waits
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)  # below that it shows the rows it reads


def warn_of_unknown_variables() -> None:
    """Says which PATRON_… variables are none: a slip in a name would otherwise set nothing, silently."""
    for name, meant in unknown_variables(os.environ).items():
        remedy = f"did you mean {meant}?" if meant else "README lists all variables"
        structlog.get_logger().warning("unknown_variable", name=name, remedy=remedy)


class _Lines:
    """What structlog gives its lines to, whatever their level."""

    def msg(self, line: str) -> None:
        write_line(line)

    debug = info = warning = error = critical = exception = log = msg


class _Forward(logging.Handler):
    """Passes a library's line on, without the stack trace that may come with it."""

    def emit(self, record: logging.LogRecord) -> None:
        said = {"logger": record.name, "message": record.getMessage()}
        structlog.get_logger().log(record.levelno, "logged", **said)


def _scrubbed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {**scrub(event), **ids(event)}


def _of_request(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The ids of the request that is worked on; scrubbed they would be taken for secrets."""
    if CURRENT.facts.request_id:
        event["request_id"] = CURRENT.facts.request_id
    if CURRENT.facts.trace_id:
        event["trace_id"] = CURRENT.facts.trace_id
    return event


def _to_json(event: Any, **_: Any) -> str:
    return orjson.dumps(event).decode()
