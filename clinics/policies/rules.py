"""What the registry's policies are made of: roles that go together, rules that take the way to an organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.states import ClinicStatus
from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, NOBODY
from cluster_portal.reports.base import is_analyst

if TYPE_CHECKING:
    from collections.abc import Callable

    from cluster_portal.common.actor import Actor

#: Those who divide an organisation's time; a program may do it for a hospital's own system.
PLANNERS = frozenset({Role.COORDINATOR, Role.MANAGER, Role.CLIENT})
#: Those who propose changes of their organisation's records; a program does it for a hospital's own system.
PROPOSERS = frozenset({Role.MANAGER, Role.CLIENT})
#: Those who run reports; the last two on their own organisation.
REPORTERS = frozenset({Role.OFFICE, Role.ANALYST, Role.MANAGER, Role.COORDINATOR})
#: What visitors may know of: a closed clinic is history, which members see.
SHOWN = (ClinicStatus.OPEN, ClinicStatus.UNDER_CONSTRUCTION, ClinicStatus.PLANNED)


def registry(public: Q) -> Callable[[Actor], Q]:
    """Members see every row, visitors those of `public`."""
    return lambda actor: EVERYBODY if actor.is_authenticated else public


def keeper(path: str) -> Callable[[Actor], Q]:
    """The manager of the organisation that `path` leads to, and the cluster office."""

    def rule(actor: Actor) -> Q:
        if actor.has(Role.OFFICE):
            return EVERYBODY
        if actor.has(Role.MANAGER) and actor.organization_id:
            return Q(**{path: actor.organization_id})
        return NOBODY

    return rule


def keeper_or_program(path: str) -> Callable[[Actor], Q]:
    """Whoever keeps the record, and the organisation's own program."""
    keeps, own_program = keeper(path), own(path, Role.CLIENT)
    return lambda actor: own_program(actor) if actor.has(Role.CLIENT) else keeps(actor)


def own(path: str, *roles: str) -> Callable[[Actor], Q]:
    """Whoever acts for the organisation that `path` leads to, in one of `roles` (any, but being sent to learn is no
    post).
    """

    def rule(actor: Actor) -> Q:
        if actor.organization_id is None or (roles and not actor.has(*roles)):
            return NOBODY
        if actor.roles == {Role.SPECIALIST}:
            return NOBODY
        return Q(**{path: actor.organization_id})

    return rule


def of_the_office(actor: Actor) -> Q:
    """The cluster office, everywhere."""
    return EVERYBODY if actor.has(Role.OFFICE) else NOBODY


def own_or_office(path: str, *roles: str) -> Callable[[Actor], Q]:
    """`own`, and the cluster office everywhere."""
    theirs = own(path, *roles)
    return lambda actor: EVERYBODY if actor.has(Role.OFFICE) else theirs(actor)


def sees_all_figures(actor: Actor) -> bool:
    """Whether reports tell the actor of the whole cluster. Whoever works at a clinic too reads of that one alone."""
    return actor.has(Role.OFFICE) or is_analyst(actor)


def reported(*paths: str) -> Callable[[Actor], Q]:
    """The rows that a report counts: all for the cluster's own people, for a clinic's those that one of `paths` ties to
    the organisation.
    """

    def rule(actor: Actor) -> Q:
        if sees_all_figures(actor):
            return EVERYBODY
        if actor.organization_id is None or not actor.has(*REPORTERS):
            return NOBODY
        own = NOBODY
        for path in paths:
            own |= Q(**{path: actor.organization_id})
        return own

    return rule
