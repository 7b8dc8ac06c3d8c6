"""`/api/v1/changes/`: one ordered feed of what changed among what the caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse

from cluster_portal.api.errors import InsufficientScope
from cluster_portal.api.pagination import DEFAULT_LIMIT, read_limit
from cluster_portal.api.permissions import PUBLIC, SIGNED_IN
from cluster_portal.api.problems import CONTENT_TYPE as PROBLEM_TYPE
from cluster_portal.api.scopes import READ
from cluster_portal.api.serializers import DateTimeField, OutputSerializer, ProblemSerializer
from cluster_portal.api.views import ApiView, PolicyViewSet
from cluster_portal.audit import feed
from cluster_portal.audit.feed import Position
from cluster_portal.audit.models import Operation
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.errors import Invalid, PortalError
from cluster_portal.common.keyset import MAX_LIMIT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from rest_framework.request import Request

    from cluster_portal.audit.models import Entry
    from cluster_portal.common.actor import Actor
    from cluster_portal.common.policy import Policy

SALT = "changes"
#: How long a place in the feed is good for. Who was away for longer reads the lists anew.
KEEP = timedelta(days=30)
#: Lines of the journal that one answer looks through.
SCANNED = MAX_LIMIT

CREATED, UPDATED, GONE = "created", "updated", "no_longer_visible"


class CursorExpired(PortalError):
    code, status = "cursor_expired", 410
    title = _(
        "This place in the feed is more than 30 days old, or of a time before the database was restored. "
        "Please take a new place, read the lists anew, and follow the feed from there."
    )


@dataclass(frozen=True, slots=True)
class Source:
    """A resource whose changes are told: its rows' table, who sees them, the scope, the name of its address."""

    name: str
    policy: Policy
    scope: str
    route: str

    @property
    def table(self) -> str:
        return self.policy.model._meta.db_table

    def open_to(self, actor: Actor) -> bool:
        """Whether the token lets the caller read the resource at all."""
        return self.scope == PUBLIC or actor.scopes is None or f"{self.scope}:{READ}" in actor.scopes


_sources: dict[str, Source] = {}


def tell_changes_of(registry: Iterable[tuple[str, Any, str]]) -> None:
    """Take in what a router holds: each resource that has a policy, a journal and an address of its rows.

    A table is told of under the first resource that shows its rows.
    """
    tables = {source.table for source in _sources.values()}
    for prefix, view, basename in registry:
        policy = getattr(view, "policy", None)
        if policy is None or not issubclass(view, PolicyViewSet) or view.required_scope in {SIGNED_IN, None}:
            continue
        source = Source(prefix, policy, view.required_scope, f"{basename}-detail")
        journalled = any(isinstance(trigger, Journal) for trigger in policy.model._meta.triggers)
        if journalled and view.lookup_field == "pk" and source.table not in tables:
            _sources[prefix] = source
            tables.add(source.table)


def sources() -> dict[str, Source]:
    """Every resource that the feed tells of, by its name."""
    return dict(_sources)


def pack(position: Position) -> str:
    """The place as a reader keeps it: signed, and dated by the signature."""
    return signing.dumps([position.server, position.xid, position.line], salt=SALT)


def unpack(cursor: str, now: Position) -> Position:
    """The place behind a cursor. Raises Invalid for a broken one and CursorExpired for one that leads nowhere now."""
    try:
        position = Position(*signing.loads(cursor, salt=SALT, max_age=KEEP))
    except signing.SignatureExpired as exc:
        raise CursorExpired from exc
    except (signing.BadSignature, ValueError, TypeError) as exc:
        raise Invalid(
            {"after": _("This is no cursor of the feed. Use `cursor` of an answer as it is.")}
        ) from exc
    if position.server != now.server or position.xid > now.xid:
        raise CursorExpired
    return position


def visible_changes(
    actor: Actor, entries: list[Entry], told: Collection[Source]
) -> list[tuple[Entry, Source, str]]:
    """What of `entries` the actor is told, in their order, and as what kind of change.

    A row that is open now has been created or updated. One that is not, and was before this change, is no longer
    visible. Nothing is said of any other.
    """
    shown = {}
    for source in told:
        mine = [entry for entry in entries if entry.table_name == source.table]
        if not mine:
            continue
        allowed = source.policy.queryset(actor)
        keys = allowed.filter(pk__in={entry.row_id for entry in mine}).values_list("pk", flat=True)
        open_now = {str(key) for key in keys}
        hidden = [
            entry for entry in mine if entry.row_id not in open_now and entry.operation != Operation.INSERT
        ]
        lost = feed.seen_before(allowed, hidden) if hidden else set()
        for entry in mine:
            if entry.row_id in open_now:
                shown[entry.pk] = source, CREATED if entry.operation == Operation.INSERT else UPDATED
            elif entry.pk in lost:
                shown[entry.pk] = source, GONE
    return [(entry, *shown[entry.pk]) for entry in entries if entry.pk in shown]


def read_changes(
    actor: Actor, told: Collection[Source], *, after: Position | None, now: Position, limit: int
) -> tuple[list[tuple[Entry, Source, str]], Position, bool]:
    """The next changes after a place (none yet where there is no place), the place behind them, and if more wait."""
    if after is None or after.xid == now.xid:
        return [], now, False
    entries = feed.lines({source.table for source in told}, after=after, until=now, limit=SCANNED)
    found = visible_changes(actor, entries, told)
    if len(found) > limit:
        last = found[limit - 1][0]
    elif len(entries) == SCANNED:
        last = entries[-1]
    else:
        return found, now, False
    return found[:limit], Position(now.server, last.xid, last.pk), True


class ChangedRowSerializer(OutputSerializer):
    """A row that changed: `type` is the resource's name in addresses, `url` where the row is read.

    `no_longer_visible`: it was open to you before this change and is not now.
    """

    type = serializers.CharField()
    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=[CREATED, UPDATED, GONE])
    at = DateTimeField()
    url = serializers.URLField(allow_null=True)


class ChangesPageSerializer(OutputSerializer):
    """A page of the feed. `cursor` goes into `after` of the next call; `has_more`: call again at once."""

    results = ChangedRowSerializer(many=True)
    cursor = serializers.CharField()
    has_more = serializers.BooleanField()


class ChangesView(ApiView):
    """What changed among what you may see: nothing is skipped and nothing comes twice, whoever writes meanwhile.

    The first call, without `after`, gives a place to begin from; then read the lists you need; then call with `after`.
    A place is good for 30 days. A page may be empty and have more behind it. Changes of what hangs on a row (a
    booking on its referral) are told while the row is visible.
    """

    required_scope = SIGNED_IN
    query_parameters = frozenset({"after", "limit", "types"})

    @extend_schema(
        operation_id="changes",
        tags=["changes"],
        parameters=[
            OpenApiParameter("after", str, description=_("`cursor` of the answer before.")),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
                description=_("Rows of a page."),
            ),
            OpenApiParameter(
                "types",
                str,
                description=_(
                    "Resources with commas between (`referrals,bookings`); all that you may read if left out."
                ),
            ),
        ],
        responses={200: ChangesPageSerializer, (410, PROBLEM_TYPE): ProblemSerializer},
    )
    def get(self, request: Request) -> Response:
        limit, told, now = read_limit(request), self.told(request), feed.horizon()
        cursor = request.query_params.get("after")
        after = unpack(cursor, now) if cursor else None
        found, position, more = read_changes(request.actor, told, after=after, now=now, limit=limit)
        rows = [
            {
                "type": source.name,
                "id": entry.row_id,
                "kind": kind,
                "at": entry.at,
                "url": None if kind == GONE else reverse(source.route, args=[entry.row_id], request=request),
            }
            for entry, source, kind in found
        ]
        return Response(
            ChangesPageSerializer({"results": rows, "cursor": pack(position), "has_more": more}).data
        )

    def told(self, request: Request) -> list[Source]:
        """The resources that are asked for. Raises Invalid for unknown ones, InsufficientScope for closed ones."""
        actor, text = request.actor, request.query_params.get("types", "")
        names = list(dict.fromkeys(name for name in text.split(",") if name))
        if unknown := [name for name in names if name not in _sources]:
            raise Invalid(
                {"types": _("There are no such resources: %(names)s.") % {"names": ", ".join(unknown)}}
            )
        if not names:
            return [source for source in _sources.values() if source.open_to(actor)]
        asked = [_sources[name] for name in names]
        for source in asked:
            if not source.open_to(actor):
                raise InsufficientScope(extra={"required_scope": f"{source.scope}:{READ}"})
        return asked
