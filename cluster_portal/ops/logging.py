"""Structured logs: one JSON object a line, and nothing in it that could name a patient.

Privacy is by construction, not by care at each call:

* only the keys of ``KEYS`` are written; what else is handed to a logger is dropped;
* arguments of ``log.info("… %s", value)`` are never put into the text: the template alone is written;
* of an exception its class and its places in the code are written, never its message, which may quote a row.
"""

from __future__ import annotations

import traceback
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from cluster_portal.common.context import request_info

#: Everything that a line may hold.
KEYS = frozenset({
    "timestamp", "level", "logger", "event", "request_id", "user_id", "organization_id", "client_id", "method",
    "route", "status", "duration_ms", "query_count", "query_ms", "bytes", "task", "outbox_id", "error", "places",
    "attempts", "count", "seconds", "code",
})  # fmt: skip
#: The innermost places of an exception that are kept.
PLACES = 8


def _template_only(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The message as it stands in the code: `%s` stays `%s`. Of an exception among the arguments, its class."""
    record = event.get("_record")
    if record is not None:
        event["event"] = str(record.msg)
        arguments = record.args if isinstance(record.args, tuple) else ()
        for argument in arguments:
            if isinstance(argument, BaseException):
                event.setdefault("error", type(argument).__name__)
    return event


def _places(kind: type[BaseException], trace: TracebackType | None) -> dict[str, Any]:
    frames = traceback.extract_tb(trace)[-PLACES:]
    return {
        "error": kind.__name__,
        "places": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _exception_without_words(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Class and places of an exception in place of its text."""
    information = event.pop("exc_info", None)
    record = event.get("_record")
    if information is None and record is not None:
        information = record.exc_info
    if isinstance(information, BaseException):
        event.update(_places(type(information), information.__traceback__))
    elif isinstance(information, tuple) and information[0] is not None:
        event.update(_places(information[0], information[2]))
    return event


def _request_id(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event.setdefault("request_id", request_info().request_id or None)
    return event


def _allowed_keys(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key in KEYS and value is not None}


def _one_line(logger: WrappedLogger, name: str, event: EventDict) -> str:
    """JSON with the keys in the order in which people read them."""
    first = ("timestamp", "level", "event")
    ordered = {key: event[key] for key in (*first, *event) if key in event}
    return str(structlog.processors.JSONRenderer(ensure_ascii=False)(logger, name, ordered))


def configuration(level: str = "INFO") -> dict[str, Any]:
    """Django's ``LOGGING``: everything to standard error through the processors above."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [
                    structlog.stdlib.ExtraAdder(allow=KEYS),
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                ],
                "processors": [
                    _template_only,
                    _exception_without_words,
                    _request_id,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _allowed_keys,
                    _one_line,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would print the text of exceptions (and mail it to the admins).
            "django": {"handlers": [], "level": level, "propagate": True},
            # Each request has its own line; the one that Django writes for a 404 adds nothing.
            "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            "gunicorn.error": {"handlers": [], "level": level, "propagate": True},
            "celery": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
