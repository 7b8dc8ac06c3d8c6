"""Nominations as their readers may see them: the employer's list, the office's board, a person's own page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from training.errors import NominationClosed, NotEligible
from training.models import (
    Certificate,
    Intake,
    IntakeSession,
    Nomination,
    NominationStep,
    Specialist,
    SpecialistPaper,
)
from training.policies import nomination_policy, specialist_policy
from training.selectors.papers import AWAITS_PAPERS, awaits_papers, missing_of, missing_papers
from training.selectors.programmes import accepts
from training.selectors.rooms import with_halls
from training.selectors.specialists import ORDER as BY_NAME
from training.states import CANDIDATE, GIVING, LIVE, NOMINATION, PLACED, NominationState, SpecialistState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.errors import PortalError

ORDER = ("-number", "id")
#: The board of an intake, by state; the waiting list in its own order.
BOARD_ORDER, QUEUE_ORDER = ("number", "id"), ("waiting_since", "id")
#: The columns of a board, in the order of the way.
COLUMNS = tuple(NominationState)
#: So many sessions are shown as the next ones.
NEXT = 12
#: How many people a form offers to be nominated.
MOST = 500


def visible_nominations(actor: Actor) -> QuerySet[Nomination]:
    """The nominations that the actor may see, with what a list shows of them."""
    return nomination_policy.queryset(actor).select_related(
        "specialist__specialty", "organization", "intake__programme"
    )


def listed(actor: Actor, state: str = "", *, lacking: bool = False) -> QuerySet[Nomination]:
    """The actor's nominations, the latest first, in one state or all; `lacking`: those with a seat that lack papers."""
    rows = visible_nominations(actor)
    if lacking:
        rows = rows.filter(awaits_papers(today_at(current_cluster().time_zone)))
    return (rows.filter(state=state) if state else rows).order_by(*ORDER)


def counted(actor: Actor, intake: Intake | None = None) -> dict[str, int]:
    """How many nominations there are by state. One query."""
    rows = nomination_policy.queryset(actor)
    if intake is not None:
        rows = rows.filter(intake=intake)
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def board(actor: Actor, intake: Intake, state: str) -> QuerySet[Nomination]:
    """The nominations of an intake in one state, in the order in which they are acted on."""
    waiting = state == NominationState.WAITLISTED
    rows = visible_nominations(actor).filter(intake=intake, state=state)
    return rows.order_by(*(QUEUE_ORDER if waiting else BOARD_ORDER))


def see_nomination(actor: Actor, nomination_id: uuid.UUID) -> Nomination:
    """One nomination. Raises NotFound."""
    return nomination_policy.get(actor, "view", nomination_id, queryset=visible_nominations(actor))


@dataclass(frozen=True, slots=True)
class Told:
    """A nomination with what its page tells of it."""

    nomination: Nomination
    steps: list[NominationStep]
    missing: list[str]
    actions: list[str]


def told(actor: Actor, nomination_id: uuid.UUID) -> Told:
    """A nomination with its story. Raises NotFound."""
    nomination = see_nomination(actor, nomination_id)
    return Told(
        nomination=nomination,
        steps=list(nomination.steps.order_by("-at", "-id")),
        missing=missing_papers(nomination) if nomination.state in AWAITS_PAPERS else [],
        actions=available_actions(actor, nomination),
    )


def available_actions(actor: Actor, nomination: Nomination, now: datetime | None = None) -> list[str]:
    """The steps of the state table that the actor may take now, without those that would be refused by the clock."""
    now = now or timezone.now()
    steps = NOMINATION.available(nomination.state, nomination_policy.sides(actor, nomination))
    return [step for step in steps if _in_time(step, nomination, now)]


def _in_time(step: str, nomination: Nomination, now: datetime) -> bool:
    if step == "nominate":
        return accepts(nomination.intake, now)
    if step == "accept":
        return nomination.offer_until is not None and nomination.offer_until > now
    if step == "offer":
        return nomination.intake.state in GIVING
    return True


def obstacle(intake: Intake, specialist: Specialist) -> PortalError | None:
    """What keeps this person from being nominated for this intake (with its programme), as far as the two tell."""
    programme = intake.programme
    if not accepts(intake):
        return NominationClosed()
    if specialist.state != SpecialistState.ACTIVE:
        return NotEligible(_("This person does not work for the employer any more."), field="specialist")
    if programme.audience and specialist.grade not in programme.audience:
        return NotEligible(_("The programme is for other posts."), field="specialist")
    if programme.specialties and specialist.specialty_id not in programme.specialties:
        return NotEligible(_("The programme is for other specialties."), field="specialist")
    return None


def undecided(specialist: Specialist) -> QuerySet[Nomination]:
    """The nominations of a specialist that can still be put in order, the most wanted first."""
    rows = specialist.nominations.filter(state__in=CANDIDATE).select_related(
        "intake__programme", "organization"
    )
    return rows.order_by("choice", "starts_on", "pk")


def candidates(actor: Actor, intake: Intake) -> list[Specialist]:
    """Whom the actor may nominate for an intake, by name: at work, for whom it is made, not nominated or placed yet."""
    programme = intake.programme
    rows = specialist_policy.queryset(actor, "nominate").filter(state=SpecialistState.ACTIVE)
    if programme.audience:
        rows = rows.filter(grade__in=programme.audience)
    if programme.specialties:
        rows = rows.filter(specialty__in=programme.specialties)
    taken = Nomination.objects.filter(intake=intake, state__in=LIVE)
    placed = Nomination.objects.filter(
        state__in=PLACED, starts_on__lte=intake.ends_on, ends_on__gte=intake.starts_on
    )
    rows = rows.exclude(pk__in=taken.values("specialist")).exclude(pk__in=placed.values("specialist"))
    return list(rows.select_related("organization").order_by(*BY_NAME)[:MOST])


@dataclass(slots=True)
class Own:
    """What somebody who is sent to learn sees of it. `missing` are papers by nomination."""

    specialist: Specialist
    offers: list[Nomination] = field(default_factory=list)
    coming: list[Nomination] = field(default_factory=list)
    waiting: list[Nomination] = field(default_factory=list)
    past: list[Nomination] = field(default_factory=list)
    missing: dict[uuid.UUID, list[str]] = field(default_factory=dict)
    papers: list[SpecialistPaper] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    sessions: list[IntakeSession] = field(default_factory=list)


def own_training(actor: Actor) -> list[Own]:
    """The actor's own files, one for each employer, with their nominations. Six queries."""
    if actor.user_id is None:
        return []
    people = Specialist.objects.filter(user=actor.user_id).select_related("organization", "specialty")
    found = {person.pk: Own(person) for person in people.order_by("pk")}
    rows = Nomination.objects.filter(specialist__in=found).select_related("intake__programme", "organization")
    now = timezone.now()
    for nomination in rows.order_by("starts_on", "choice", "pk"):
        own = found[nomination.specialist_id]
        nomination.specialist = own.specialist
        _sort(own, nomination, now)
    placed = [row for own in found.values() for row in own.coming]
    missing = missing_of(placed)
    papers = SpecialistPaper.objects.filter(specialist__in=found).order_by("kind", "-valid_until")
    for paper in papers:
        found[paper.specialist_id].papers.append(paper)
    for certificate in Certificate.objects.filter(nomination__specialist__in=found).select_related(
        "nomination"
    ):
        found[certificate.nomination.specialist_id].certificates.append(certificate)
    for session in sessions_ahead([row.intake_id for row in placed], now):
        for own in found.values():
            own.sessions += [session] if any(row.intake_id == session.intake_id for row in own.coming) else []
    for own in found.values():
        own.certificates.sort(key=lambda one: one.issued_at, reverse=True)
        own.missing = {row.pk: missing[row.pk] for row in own.coming if missing[row.pk]}
    return list(found.values())


def sessions_ahead(intakes: Iterable[uuid.UUID], now: datetime) -> list[IntakeSession]:
    """The next sessions of some intakes, pauses left out, with their programmes and rooms. Two queries."""
    rows = IntakeSession.objects.filter(intake__in=intakes, is_break=False, ends__gt=now)
    return list(with_halls(rows.select_related("intake__programme")).order_by("starts", "pk")[:NEXT])


def _sort(own: Own, nomination: Nomination, now: datetime) -> None:
    if nomination.state == NominationState.OFFERED and nomination.offer_until > now:
        own.offers.append(nomination)
    elif nomination.state in (
        NominationState.COMPLETED, NominationState.CERTIFIED, NominationState.INCOMPLETE
    ):  # fmt: skip
        own.past.append(nomination)
    elif nomination.state in PLACED:
        own.coming.append(nomination)
    elif nomination.state in LIVE:
        own.waiting.append(nomination)
