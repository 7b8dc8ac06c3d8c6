"""Idempotency-Key on POST: the work is done once, however often the request is sent.

The stored answer and the effect are one transaction, so a process that is killed at any moment leaves either both or
neither. While a request runs it holds an advisory lock of its key, which the database releases with the transaction;
nothing has to be cleaned up after a crash.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import Error, connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from cluster_portal.api.errors import BadIdempotencyKey, IdempotencyMismatch, RequestRunning
from cluster_portal.api.models import IdempotencyRecord
from cluster_portal.api.renderers import dumps
from cluster_portal.common.errors import Busy
from cluster_portal.common.service import undone_outside

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponseBase
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_key = re.compile(r"[\x21-\x7e]{1,255}")

#: Answers that another try may turn out differently; they are never stored.
RETRYABLE = frozenset({409, 412, 428, 429})
KEPT_HEADERS = ("Location", "ETag", "Content-Language", "Last-Modified")


#: In one round trip: take the key's lock, begin what a refusal undoes, look for the stored answer. Each statement has
#: a snapshot of its own, so the look sees whatever the lock's last holder has committed; and the lock is taken before
#: the savepoint, so that going back does not let it go.
BEGIN = """
SELECT set_config('portal.key_locked', pg_try_advisory_xact_lock(%s)::text, true);
SAVEPOINT handled;
SELECT current_setting('portal.key_locked')::boolean, record.id, record.body_hash, record.status,
       record.content_type, record.headers, record.body
  FROM (VALUES (1)) AS one LEFT JOIN api_idempotencyrecord AS record
    ON record.actor = %s AND record.route = %s AND record.key = %s
"""
UNDO = "ROLLBACK TO SAVEPOINT handled"


def actor_key(actor: Actor) -> str:
    """Whose keys these are: a program's own, or a person's in the organisation that the person acts for."""
    if actor.kind == "client":
        return f"client:{actor.client_id}"
    return f"user:{actor.user_id}:{actor.organization_id or ''}"


def body_hash(request: Request) -> str:
    """A keyed SHA-256 of what was sent: of the values, so that blanks and the order of members do not count."""
    if request.content_type.startswith("multipart/"):
        files = {name: [_file_hash(file) for file in request.FILES.getlist(name)] for name in request.FILES}
        fields = {name: request.data.getlist(name) for name in request.data if name not in request.FILES}
        content: Any = [sorted(fields.items()), sorted(files.items())]
    else:
        content = _ordered(request.data)
    # With the portal's secret: whoever reads the table cannot try out guesses of what a sealed bid says.
    return salted_hmac("portal.idempotency", dumps(content), algorithm="sha256").hexdigest()


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {"object": [[name, _ordered(value[name])] for name in sorted(value)]}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _file_hash(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def run(
    view: Any, handler: Callable[..., Any], request: Request, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    """The answer of `handler`, or the stored one.

    Raises BadIdempotencyKey, IdempotencyMismatch (same key, other body) and RequestRunning. Where the database gave
    up on a lock the whole request is tried once more, as services do without a key.
    """
    key = request.headers[HEADER].strip()
    if not _key.fullmatch(key):
        raise BadIdempotencyKey
    identity = (actor_key(request.actor), request.path[:300], key)
    digest = body_hash(request)
    try:
        return _once(identity, digest, view, handler, request, *args, **kwargs)
    except Busy:
        return _once(identity, digest, view, handler, request, *args, **kwargs)


def _once(identity: tuple[str, str, str], digest: str, view: Any, handler: Callable[..., Any], request: Request,
          *args: Any, **kwargs: Any) -> HttpResponseBase:  # fmt: skip
    actor, route, key = identity
    with transaction.atomic():
        record = _begin(identity)
        if record is not None:
            if record.body_hash != digest:
                raise IdempotencyMismatch
            return _replay(record)
        try:
            with undone_outside(), transaction.atomic(savepoint=False):
                response = handler(request, *args, **kwargs)
        except Busy:
            raise
        except Exception as exc:
            _undo()
            # A refusal is an answer too; what is not expected goes on and takes the transaction with it.
            response = view.handle_exception(exc)
        response = view.finalize_response(request, response, *args, **kwargs)
        if hasattr(response, "render"):
            response.render()
        if response.status_code >= 500 or response.status_code in RETRYABLE or response.streaming:
            transaction.set_rollback(True)
            return response
        IdempotencyRecord.objects.create(
            actor=actor,
            route=route,
            key=key,
            body_hash=digest,
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
            body=view.kept_answer(response),
        )
        return response


def _begin(identity: tuple[str, str, str]) -> IdempotencyRecord | None:
    """Lock the key, open the savepoint, and find the stored answer. Raises RequestRunning."""
    number = int.from_bytes(hashlib.sha256("\n".join(identity).encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [number, *identity])
        locked, pk, digest, status, content_type, headers, body = cursor.fetchone()
    if not locked:
        raise RequestRunning
    if pk is None:
        return None
    return IdempotencyRecord(
        pk=pk,
        body_hash=digest,
        status=status,
        content_type=content_type,
        headers=json.loads(headers),
        body=body,
    )


def _undo() -> None:
    """Take back whatever the handler wrote; the key stays locked. Where the database is gone, so is everything."""
    transaction.set_rollback(False)
    try:
        with connection.cursor() as cursor:
            cursor.execute(UNDO)
    except Error:
        transaction.set_rollback(True)


def _replay(record: IdempotencyRecord) -> HttpResponse:
    response = HttpResponse(bytes(record.body), status=record.status)
    if record.content_type:
        response.headers["Content-Type"] = record.content_type
    else:
        del response.headers["Content-Type"]
    for name, value in record.headers.items():
        response.headers[name] = value
    response.headers[REPLAYED] = "true"
    return response


def sweep() -> int:
    """Delete answers that are older than they are promised to be kept. Returns how many."""
    limit = timezone.now() - timedelta(hours=IdempotencyRecord.KEEP_HOURS)
    return IdempotencyRecord.objects.filter(created_at__lt=limit).delete()[0]
