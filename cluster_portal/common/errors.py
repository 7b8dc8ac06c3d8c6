"""Failures that a reader is told about: one class each, with a code, a status and a text.

HTML shows the text beside `field`; the API answers it as RFC 9457 problem details. A database constraint that has
the last word is tied to its class with `@constraint("name")`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterator


class PortalError(Exception):
    """Base of every expected failure.

    `detail` replaces the class's own text; `field` names the input at fault; `extra` goes into the API's answer
    (and must hold nothing that the reader may not see).
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[Any] = _("The request could not be carried out.")

    def __init__(self, detail: Any = None, *, field: str | None = None, extra: dict | None = None) -> None:
        self.detail = detail or self.title
        self.field = field
        self.extra = extra or {}
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.detail)

    @classmethod
    def kinds(cls) -> Iterator[type[PortalError]]:
        """This class and all below it."""
        yield cls
        for kind in cls.__subclasses__():
            yield from kind.kinds()


class NotFound(PortalError):
    code, status, title = "not_found", 404, _("There is no such record, or it is not open to you.")


class Forbidden(PortalError):
    code, status, title = "forbidden", 403, _("Your role does not allow this action.")


class MembershipEnded(Forbidden):
    """What a session wanted to do for an organisation is not done for another one without asking."""

    code, title = (
        "membership_ended",
        _(
            "You no longer belong to the organisation that you were working for, so nothing was done. "
            "Please look for whom you are working now, and try again."
        ),
    )


class NotSignedIn(PortalError):
    code, status, title = "not_signed_in", 401, _("Please sign in.")


class Conflict(PortalError):
    code, status, title = (
        "conflict",
        409,
        _("Somebody changed this at the same moment. Please look and try again."),
    )


class Busy(Conflict):
    """The database gave up on a lock twice (deadlock or serialisation)."""

    code, title = "busy", _("Too many people are changing this right now. Please try again.")


class StaleVersion(PortalError):
    code, status, title = "stale_version", 412, _("The record has changed since you read it.")


class VersionRequired(PortalError):
    code, status, title = "version_required", 428, _("Send If-Match with the version that you read.")


class TooManyRequests(PortalError):
    code, status, title = "too_many_requests", 429, _("Too many requests. Please wait a little.")


class IllegalTransition(Conflict):
    code, title = "illegal_transition", _("This action is not possible in the present state.")


class Invalid(PortalError):
    """Input that breaks a rule: `errors` maps a field's name to its texts."""

    code, status, title = "invalid", 400, _("Some of the answers need correcting.")

    def __init__(self, errors: dict[str, list | str | Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.errors = {
            field: list(texts) if isinstance(texts, list | tuple) else [texts]
            for field, texts in (errors or {}).items()
        }
        if self.field is None and len(self.errors) == 1:
            self.field = next(iter(self.errors))


_by_constraint: dict[str, tuple[type[PortalError], str | None]] = {}

SERIALIZATION_FAILURE, DEADLOCK_DETECTED = "40001", "40P01"


def constraint(name: str, *, field: str | None = None):
    """Class decorator: the database's constraint `name` answers with this error."""

    def tie(error: type[PortalError]) -> type[PortalError]:
        _by_constraint[name] = (error, field)
        return error

    return tie


def constraint_names() -> frozenset[str]:
    """Every constraint that has an error of its own (a test compares them with the database)."""
    return frozenset(_by_constraint)


def is_transient(exc: BaseException) -> bool:
    """Whether the database asks for the whole transaction to be tried again."""
    return getattr(exc.__cause__, "pgcode", None) in {SERIALIZATION_FAILURE, DEADLOCK_DETECTED}


@contextmanager
def constraint_errors() -> Iterator[None]:
    """Turn the database's last word into the error that its constraint is tied to."""
    try:
        yield
    except IntegrityError as exc:
        name = getattr(getattr(exc.__cause__, "diag", None), "constraint_name", None)
        if name not in _by_constraint:
            raise
        error, field = _by_constraint[name]
        raise error(field=field) from exc


__all__ = [
    "Busy", "Conflict", "Forbidden", "IllegalTransition", "Invalid", "MembershipEnded", "NotFound", "NotSignedIn",
    "PortalError", "StaleVersion", "TooManyRequests", "VersionRequired", "constraint", "constraint_errors",
    "constraint_names", "is_transient",
]  # fmt: skip
