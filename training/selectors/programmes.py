"""Programmes and intakes as their readers may see them: what is offered to everybody, and the office's own lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from clinics.models import Organization, Specialty
from clinics.selectors.cluster import current_cluster
from cluster_portal.common.asking import Asking
from cluster_portal.common.errors import NotFound
from training.models import Intake, IntakeSession, Programme
from training.policies import intake_policy, programme_policy, session_policy
from training.selectors.rooms import with_halls
from training.states import INTAKE, PROGRAMME, TRAINING_OFFICE, IntakeState, Where

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: What the public list can be asked for; "" is what one can be nominated for now.
COMING, PAST = "coming", "past"
#: The order of each list.
OPEN_ORDER, COMING_ORDER, PAST_ORDER = ("nominate_by", "id"), ("starts_on", "id"), ("-starts_on", "-id")
OFFICE_ORDER = ("title_ru", "id")
#: A deadline nearer than this is told as near.
NEAR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Asked(Asking):
    """What a reader of the public list asks for; empty: everything that is open."""

    where: str = ""
    format: str = ""
    specialty: str = ""
    language: str = ""
    intake: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        return {COMING: COMING_ORDER, PAST: PAST_ORDER}.get(self.intake, OPEN_ORDER)


def accepting(now: datetime | None = None) -> Q:
    """Intakes for which somebody may be nominated: open by its state and by the clock."""
    return Q(state=IntakeState.OPEN, nominate_by__gt=now or timezone.now())


def offered(actor: Actor, asked: Asked) -> QuerySet[Intake]:
    """The intakes of the public list."""
    rows = visible_intakes(actor).filter(
        {
            COMING: Q(state__in=(IntakeState.OPEN, IntakeState.CLOSED, IntakeState.RUNNING)),
            PAST: Q(state=IntakeState.FINISHED),
        }.get(asked.intake, accepting())
    )
    if asked.where:
        at_home = Q(programme__country=current_cluster().country)
        rows = rows.filter(at_home if asked.where == Where.HOME else ~at_home)
    if asked.specialty:
        rows = rows.filter(
            Q(programme__specialties=[]) | Q(programme__specialties__contains=[asked.specialty])
        )
    exact = {"programme__format": asked.format, "programme__language": asked.language}
    return rows.filter(**{name: value for name, value in exact.items() if value}).order_by(*asked.order)


def visible_programmes(actor: Actor) -> QuerySet[Programme]:
    """The programmes that the actor may see."""
    return programme_policy.queryset(actor)


def visible_intakes(actor: Actor) -> QuerySet[Intake]:
    """The intakes that the actor may see, with their programmes."""
    return intake_policy.queryset(actor).select_related("programme")


def open_summary(actor: Actor) -> dict[str, int]:
    """How many intakes one can be nominated for, and how many seats are free in them."""
    rows = intake_policy.queryset(actor).filter(accepting())
    found = rows.aggregate(intakes=Count("pk"), seats=Sum(F("seats") - F("taken")))
    return {name: value or 0 for name, value in found.items()}


def choices() -> dict[str, list[str]]:
    """Specialties and languages that published programmes name. Two queries."""
    rows = Programme.objects.exclude(state="draft")
    codes: set[str] = set()
    for (named,) in rows.values_list("specialties").distinct():
        codes.update(named)
    languages = rows.order_by().values_list("language", flat=True).distinct()
    return {"specialties": sorted(codes), "languages": sorted(languages)}


def specialty_names(codes: list[str] | set[str]) -> dict[str, str]:
    """Names of specialties by their codes, in the reader's language."""
    return {row.pk: row.name for row in Specialty.objects.filter(pk__in=codes)}


@dataclass(slots=True)
class Day:
    """A day of an agenda with its sessions."""

    day: date
    sessions: list[IntakeSession]


@dataclass(slots=True)
class Presented:
    """What the page of a programme shows. `intake` is the one that was asked for, or else the next one."""

    programme: Programme
    intake: Intake | None = None
    days: list[Day] = field(default_factory=list)
    coming: list[Intake] = field(default_factory=list)
    past: list[Intake] = field(default_factory=list)
    accepts: bool = False


def present(actor: Actor, programme_id: uuid.UUID, intake_id: str = "") -> Presented:
    """A programme with one of its intakes. Raises NotFound. Three queries."""
    programme = programme_policy.get(actor, "view", programme_id)
    intakes = list(intake_policy.queryset(actor).filter(programme=programme).order_by("starts_on", "id"))
    for intake in intakes:
        intake.programme = programme
    live = [row for row in intakes if row.state not in (IntakeState.FINISHED, IntakeState.CANCELLED)]
    past = [row for row in reversed(intakes) if row.state == IntakeState.FINISHED]
    if intake_id:
        chosen = next((row for row in intakes if str(row.pk) == intake_id), None)
        if chosen is None:
            raise NotFound
    else:
        chosen = next((row for row in live if accepts(row)), None) or next(iter([*live, *past]), None)
    found = Presented(programme=programme, intake=chosen, coming=live, past=past)
    if chosen:
        found.days = agenda(chosen)
        found.accepts = accepts(chosen)
    return found


def accepts(intake: Intake, now: datetime | None = None) -> bool:
    """`accepting` for a row in hand."""
    return intake.state == IntakeState.OPEN and intake.nominate_by > (now or timezone.now())


def agenda(intake: Intake) -> list[Day]:
    """The sessions of an intake by the days of its own calendar, with rooms booked for them (`halls`). Two queries."""
    zone = ZoneInfo(intake.time_zone)
    rows = with_halls(intake.sessions.order_by("starts", "id"))
    return [
        Day(day, list(rows))
        for day, rows in groupby(rows, key=lambda row: row.starts.astimezone(zone).date())
    ]


def office_list(actor: Actor) -> QuerySet[Programme]:
    """Every programme with how many intakes it has, for the offices."""
    programme_policy.require(actor, "browse")
    live = Q(
        intakes__state__in=(IntakeState.PLANNED, IntakeState.OPEN, IntakeState.CLOSED, IntakeState.RUNNING)
    )
    return (
        visible_programmes(actor)
        .annotate(live=Count("intakes", filter=live), finished=Count("intakes", filter=Q(intakes__state="finished")))
        .order_by(*OFFICE_ORDER)
    )  # fmt: skip


@dataclass(slots=True)
class Dossier:
    """A programme as the office works with it."""

    programme: Programme
    intakes: list[Intake]
    actions: list[str]


def dossier(actor: Actor, programme_id: uuid.UUID) -> Dossier:
    """A programme with all of its intakes, the latest first. Raises Forbidden, NotFound."""
    programme_policy.require(actor, "browse")
    rows = Programme.objects.select_related("host_organization")
    programme = programme_policy.get(actor, "view", programme_id, queryset=rows)
    intakes = list(intake_policy.queryset(actor).filter(programme=programme).order_by("-starts_on", "id"))
    return Dossier(programme, intakes, programme_actions(actor, programme))


def programme_actions(actor: Actor, programme: Programme) -> list[str]:
    """The steps of the state table that the actor may take with a programme now."""
    allowed = programme_policy.may(actor, "create")
    return PROGRAMME.available(programme.state, [TRAINING_OFFICE]) if allowed else []


def intake_actions(actor: Actor, intake: Intake) -> list[str]:
    """The steps of the state table that the actor may take with an intake now."""
    allowed = programme_policy.may(actor, "create")
    return INTAKE.available(intake.state, [TRAINING_OFFICE]) if allowed else []


def see_intake(actor: Actor, intake_id: uuid.UUID) -> Intake:
    """One intake. Raises NotFound."""
    return intake_policy.get(actor, "view", intake_id, queryset=visible_intakes(actor))


def office_intake(actor: Actor, intake_id: uuid.UUID) -> Intake:
    """One intake as the offices work with it. Raises Forbidden, NotFound."""
    programme_policy.require(actor, "browse")
    return see_intake(actor, intake_id)


def programme_to_edit(actor: Actor, programme_id: uuid.UUID) -> Programme:
    """Raises NotFound and Forbidden."""
    return programme_policy.get(actor, "edit", programme_id)


def intake_to_edit(actor: Actor, intake_id: uuid.UUID) -> Intake:
    """Raises NotFound and Forbidden."""
    return intake_policy.get(actor, "edit", intake_id, queryset=Intake.objects.select_related("programme"))


def session_to_edit(actor: Actor, session_id: uuid.UUID) -> IntakeSession:
    """Raises NotFound and Forbidden."""
    rows = IntakeSession.objects.select_related("intake__programme")
    return session_policy.get(actor, "edit", session_id, queryset=rows)


def hosts_to_choose() -> list[Organization]:
    """Members and partners of the cluster that may teach, by name."""
    return sorted(Organization.objects.exclude(status="left"), key=lambda row: row.short_name)
