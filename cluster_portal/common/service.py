"""How something gets written: one transaction, a journal that knows the actor, errors in words, one retry."""

from __future__ import annotations

import json
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection, transaction

from cluster_portal.common.context import request_info
from cluster_portal.common.errors import Busy, constraint_errors, is_transient

if TYPE_CHECKING:
    from collections.abc import Callable

    from cluster_portal.common.actor import Actor

_running: ContextVar[str | None] = ContextVar("running_service", default=None)


def set_journal_context(actor: Actor, action: str) -> None:
    """Tell the database's journal triggers who acts, for the rest of this transaction."""
    info = request_info()
    context = {
        "kind": actor.kind,
        "user": actor.user_id and str(actor.user_id),
        "client": actor.client_id and str(actor.client_id),
        "organization": actor.organization_id and str(actor.organization_id),
        "request": info.request_id,
        "ip": info.ip,
        "action": action,
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.context', %s, true)", [json.dumps(context)])


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
            with constraint_errors(), transaction.atomic():
                set_journal_context(actor, function.__name__)
                return function(actor, **kwargs)
        except DatabaseError as exc:
            if not is_transient(exc):
                raise
            if not attempts:
                raise Busy from exc
