"""How something gets written: one transaction, a journal that knows the actor, errors in words, one retry."""

from __future__ import annotations

import json
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection, transaction

from cluster_portal.common.context import request_info
from cluster_portal.common.errors import Busy, constraint_errors, is_transient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cluster_portal.common.actor import Actor

_running: ContextVar[str | None] = ContextVar("running_service", default=None)
_undone_outside: ContextVar[bool] = ContextVar("undone_outside", default=False)

SET_CONTEXT = "SELECT set_config('portal.context', %s, true)"


def set_journal_context(actor: Actor, action: str) -> None:
    """Tell the database's journal triggers who acts, for the rest of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(SET_CONTEXT, [_journal_context(actor, action)])


def _journal_context(actor: Actor, action: str) -> str:
    info = request_info()
    return json.dumps({
        "kind": actor.kind,
        "user": actor.user_id and str(actor.user_id),
        "client": actor.client_id and str(actor.client_id),
        "organization": actor.organization_id and str(actor.organization_id),
        "request": info.request_id,
        "ip": info.ip,
        "action": action,
    })  # fmt: skip


@contextmanager
def journalled(actor: Actor, action: str) -> Iterator[None]:
    """Inside, the journal knows who acts: `set_journal_context` travels with the first statement, in one round trip.

    The driver sends both as one message, and what comes back is the answer of the last one. A statement that cannot
    be joined (many sets of values, a named cursor) gets the context sent ahead of it.
    """
    told = False

    def tell_first(execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal told
        if told:
            return execute(sql, params, many, context)
        told = True
        if many or isinstance(params, dict) or getattr(context["cursor"].cursor, "name", None):
            set_journal_context(actor, action)
            return execute(sql, params, many, context)
        if params is None:
            # Without values the driver leaves per cent signs alone; beside the context's value it would not.
            sql = sql.replace("%", "%%")
        joined = [_journal_context(actor, action), *(params or ())]
        return execute(f"{SET_CONTEXT}; {sql}", joined, many, context)

    with connection.execute_wrapper(tell_first):
        yield


@contextmanager
def undone_outside() -> Iterator[None]:
    """Inside, the outermost service opens no savepoint: the caller has one, and goes back to it on any exception.

    For a caller that runs whole requests (`api/idempotency.py`): nothing in between may catch a service's exception
    and go on with the database.
    """
    token = _undone_outside.set(True)
    try:
        yield
    finally:
        _undone_outside.reset(token)


def service(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make `verb_noun(actor, *, …)` a service.

    The outermost call opens the transaction, tells the journal who acts, and is tried once more when the database
    reports a deadlock or a serialisation failure (then Busy). A service called by a service joins its transaction.
    """

    @wraps(function)
    def run(actor: Actor, **kwargs: Any) -> Any:
        if _running.get() is not None:
            with constraint_errors(), transaction.atomic():
                return function(actor, **kwargs)
        token = _running.set(function.__name__)
        try:
            return _run_outermost(function, actor, kwargs)
        finally:
            _running.reset(token)

    return run


def _run_outermost(function: Callable[..., Any], actor: Actor, kwargs: dict[str, Any]) -> Any:
    # Inside somebody's transaction (an idempotent request, a test) a retry would run on a broken one.
    attempts = 1 if connection.in_atomic_block else 2
    while True:
        attempts -= 1
        try:
            with (
                constraint_errors(),
                transaction.atomic(savepoint=not _undone_outside.get()),
                journalled(actor, function.__name__),
            ):
                return function(actor, **kwargs)
        except DatabaseError as exc:
            if not is_transient(exc):
                raise
            if not attempts:
                raise Busy from exc
