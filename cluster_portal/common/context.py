"""What the journal and the logs know of the request in hand, whatever layer asks."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """The request's id (echoed as X-Request-ID) and the address that it came from."""

    request_id: str = ""
    ip: str | None = None


_current: ContextVar[RequestInfo] = ContextVar("request_info", default=RequestInfo())


def set_request_info(info: RequestInfo) -> None:
    """Remember `info` for the rest of this request or task."""
    _current.set(info)


def request_info() -> RequestInfo:
    """The request in hand; empty outside of one."""
    return _current.get()
