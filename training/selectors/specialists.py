"""Specialists as their readers may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from clinics.models import Organization, Specialty
from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from clinics.states import OrganizationStatus
from cluster_portal.accounts.roles import Role
from cluster_portal.common.asking import Asking
from cluster_portal.common.translated import localized
from training.models import Specialist, SpecialistPaper
from training.policies import paper_policy, specialist_policy
from training.selectors.certificates import credits_of, of_specialist
from training.states import SPECIALIST, SpecialistState

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from training.models import Certificate, Nomination
    from training.selectors.certificates import Credits

ORDER = ("family", "given", "id")
#: Accreditations and papers that end within so many days are told of.
SOON = 90
#: What a list can be narrowed to by the end of the accreditation.
ENDING, OVER = "ending", "over"


@dataclass(frozen=True, slots=True)
class Narrowing(Asking):
    """What of the register a reader asks for; empty: all. `accreditation` is ENDING or OVER."""

    text: str = ""
    employer: str = ""
    specialty: str = ""
    state: str = ""
    accreditation: str = ""


def visible_specialists(actor: Actor) -> QuerySet[Specialist]:
    """The specialists whom the actor may see, with what a list shows of them."""
    return specialist_policy.queryset(actor).select_related("organization", "specialty")


def register(actor: Actor, by: Narrowing) -> QuerySet[Specialist]:
    """The register, narrowed, by name."""
    rows = with_words(visible_specialists(actor), by.text)
    exact = {"organization": by.employer, "specialty": by.specialty, "state": by.state}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if by.accreditation:
        rows = rows.filter(accreditation_ends(by.accreditation))
    return rows.order_by(*ORDER)


def with_words(rows: QuerySet[Specialist], text: str) -> QuerySet[Specialist]:
    """Those in whose name, position or CME number each of the words stands."""
    for word in text.lower().replace("ё", "е").split():
        rows = rows.filter(search_text__contains=word)
    return rows


def accreditation_ends(when: str, today: date | None = None) -> Q:
    """Specialists at work whose accreditation is OVER, or ENDING within SOON days."""
    today = today or today_at(current_cluster().time_zone)
    ends = Q(accredited_until__range=(today, today + timedelta(days=SOON)))
    return Q(state=SpecialistState.ACTIVE) & (Q(accredited_until__lt=today) if when == OVER else ends)


def how_near(day: date | None, today: date) -> str:
    """Whether a last day is "over", "soon" or "far"; empty without one."""
    if day is None:
        return ""
    left = (day - today).days
    return "over" if left < 0 else "soon" if left <= SOON else "far"


def choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """Employers and specialties of the actor's specialists, for the bar above the list. Two queries."""
    rows = specialist_policy.queryset(actor).order_by()
    employers = rows.values_list(
        Cast("organization", TextField()), localized("organization__short_name")
    ).distinct()
    specialties = rows.values_list("specialty", localized("specialty__name")).distinct()
    return {
        "employers": sorted(employers, key=lambda pair: pair[1]),
        "specialties": sorted(specialties, key=lambda pair: pair[1]),
    }


def employers_to_choose(actor: Actor) -> list[Organization]:
    """The members whose specialists the actor keeps, by name."""
    rows = Organization.objects.filter(status=OrganizationStatus.MEMBER)
    if not actor.has(Role.TRAINING):
        rows = rows.filter(pk=actor.organization_id)
    return sorted(rows, key=lambda row: row.short_name)


def specialties() -> QuerySet[Specialty]:
    """The dictionary of specialties, by code."""
    return Specialty.objects.order_by("code")


def specialties_to_choose() -> list[tuple[str, str]]:
    """The dictionary as forms offer it, by name."""
    return sorted(((row.pk, row.name) for row in specialties()), key=lambda pair: pair[1])


def see_specialist(actor: Actor, specialist_id: uuid.UUID) -> Specialist:
    """One specialist. Raises NotFound."""
    rows = visible_specialists(actor).select_related("user")
    return specialist_policy.get(actor, "view", specialist_id, queryset=rows)


def specialist_to_edit(actor: Actor, specialist_id: uuid.UUID) -> Specialist:
    """One specialist whom the actor keeps. Raises NotFound, and Forbidden for who only reads."""
    rows = visible_specialists(actor).select_related("user")
    return specialist_policy.get(actor, "edit", specialist_id, queryset=rows)


def specialist_to_nominate(actor: Actor, specialist_id: uuid.UUID) -> Specialist:
    """One specialist whose nominations are the actor's to put in order. Raises NotFound and Forbidden."""
    return specialist_policy.get(actor, "nominate", specialist_id, queryset=visible_specialists(actor))


def paper_to_edit(actor: Actor, paper_id: uuid.UUID) -> SpecialistPaper:
    """One paper of a specialist whom the actor keeps. Raises NotFound and Forbidden."""
    return paper_policy.get(
        actor, "edit", paper_id, queryset=SpecialistPaper.objects.select_related("specialist")
    )


def available_actions(actor: Actor, specialist: Specialist) -> list[str]:
    """The steps of the state table that the actor may take with the specialist now."""
    return SPECIALIST.available(specialist.state, specialist_policy.sides(actor, specialist))


@dataclass(frozen=True, slots=True)
class File:
    """A personal file. `may_edit` and `actions` are the reader's; `papers` those that hold longest first."""

    specialist: Specialist
    papers: list[SpecialistPaper]
    may_edit: bool
    actions: list[str]
    history: list[Nomination]
    certificates: list[Certificate]
    credits: Credits


def personal_file(actor: Actor, specialist_id: uuid.UUID) -> File:
    """The file of a specialist. Raises NotFound. Six queries."""
    specialist = see_specialist(actor, specialist_id)
    return File(
        specialist=specialist,
        papers=list(specialist.papers.order_by("kind", "-valid_until", "id")),
        may_edit=specialist_policy.allows(actor, "edit", specialist),
        actions=available_actions(actor, specialist),
        history=history(specialist),
        certificates=of_specialist(specialist),
        credits=credits_of([specialist.pk]),
    )


def history(specialist: Specialist) -> list[Nomination]:
    """Everything that a specialist was nominated for, the latest first."""
    rows = specialist.nominations.select_related("intake__programme").order_by("-starts_on", "-number")
    return list(rows)
