"""Who acts: the one argument that every service and policy starts with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an API client or the portal itself, acting for one organisation.

    `scopes` is None where nothing narrows the actor's roles (a person's session); an API client carries the
    scopes of its token. `memberships` are the organisations that the person may switch to, as (id, name) pairs.
    """

    kind: str
    user_id: uuid.UUID | None = None
    client_id: uuid.UUID | None = None
    name: str = ""
    organization_id: uuid.UUID | None = None
    organization_name: str = ""
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    time_zone: str = "UTC"
    memberships: tuple[tuple[uuid.UUID, str], ...] = ()

    def has(self, *roles: str) -> bool:
        """Whether the actor holds at least one of `roles` in the organisation that it acts for."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_authenticated(self) -> bool:
        return self.kind in {"user", "client"}

    @property
    def is_system(self) -> bool:
        return self.kind == "system"


SYSTEM = Actor(kind="system", name="portal")
ANONYMOUS = Actor(kind="anonymous")


@cache
def _resolver() -> Callable[..., Actor]:
    return import_string(settings.ACTOR_RESOLVER)


@cache
def _reader() -> Callable[..., QuerySet]:
    return import_string(settings.ACTOR_READER)


def with_actor(queryset: QuerySet, *, user: str = "", client: str = "") -> QuerySet:
    """`queryset` with what `resolve_actor` reads of the person or the program whose key is at that path of its rows.

    So that knowing who signs in and for whom they act is one query (`ACTOR_READER`). Hand the annotation
    `actor_rows` on to `resolve_actor(rows=…)`.
    """
    return _reader()(queryset, user=user, client=client)


def resolve_actor(*, user=None, client=None, organization_id=None, scopes=None, rows=None) -> Actor:
    """The actor behind a signed-in `user` or an API `client`.

    Memberships live above this layer, so the function that knows them is named in the settings
    (`ACTOR_RESOLVER`). `organization_id` is the organisation chosen in the session; one that the user does not
    belong to is ignored. `rows` are what `with_actor` has read already; else they are read here.
    """
    return _resolver()(user=user, client=client, organization_id=organization_id, scopes=scopes, rows=rows)
