"""Certificates and credits as their readers may see them, and what a number tells everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Sum
from django.utils.translation import get_language

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from training.models import Certificate, Nomination
from training.policies import certificate_policy
from training.selectors.presence import Standing, standing_of
from training.states import NominationState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from training.models import Intake, Specialist

ORDER = ("-issued_at", "-id")
#: Over how many years credits are summed: a periodic accreditation is every five (order 709н of the Ministry of Health,
#: 22.11.2021).
YEARS = 5


def certificate_by(number: str) -> Certificate | None:
    """The certificate of a number in its written form."""
    return Certificate.objects.filter(number=number).first()


def visible_certificates(actor: Actor) -> QuerySet[Certificate]:
    """The certificates that the actor may see."""
    return certificate_policy.queryset(actor).select_related("nomination")


def see_certificate(actor: Actor, certificate_id: uuid.UUID) -> Certificate:
    """One certificate. Raises NotFound."""
    return certificate_policy.get(actor, "view", certificate_id, queryset=visible_certificates(actor))


def held_in(intake: Intake) -> QuerySet[Certificate]:
    """The certificates of an intake that hold, by name."""
    rows = Certificate.objects.filter(nomination__intake=intake, revoked_at__isnull=True)
    return rows.order_by("nomination__specialist__family", "nomination__specialist__given", "pk")


def of_nomination(nomination: Nomination) -> list[Certificate]:
    """The certificates of a nomination that the reader sees already, the latest first; revoked ones too."""
    return list(nomination.certificates.order_by(*ORDER))


def of_specialist(specialist: Specialist) -> list[Certificate]:
    """The certificates of a specialist whom the reader sees already, the latest first; revoked ones too."""
    return list(Certificate.objects.filter(nomination__specialist=specialist).order_by(*ORDER))


def said(text: dict[str, str], language: str = "") -> str:
    """A text of a certificate in the reader's language, in Russian where it has none."""
    return text.get(language or (get_language() or "ru")[:2]) or text.get("ru", "")


@dataclass(frozen=True, slots=True)
class Told:
    """What a certificate says, in one language."""

    number: str
    name: str
    title: str
    host: str
    city: str
    country: str
    place: str
    starts_on: date
    ends_on: date
    hours: int
    credits: int
    presence: int
    assessed: bool


def tell(certificate: Certificate, language: str = "") -> Told:
    """The frozen content in a language; the name in Latin letters for readers of English, where there is one."""
    content: dict[str, Any] = certificate.content
    latin = (language or (get_language() or "ru")[:2]) == "en" and content["name_latin"]
    return Told(
        number=certificate.number,
        name=latin or content["name"],
        **{name: said(content[name], language) for name in ("title", "host", "city", "place")},
        starts_on=date.fromisoformat(content["starts_on"]),
        ends_on=date.fromisoformat(content["ends_on"]),
        **{name: content[name] for name in ("country", "hours", "credits", "presence", "assessed")},
    )


@dataclass(frozen=True, slots=True)
class Credits:
    """The credits of a specialist: of the last YEARS years, and by calendar year, the latest first."""

    recent: int
    since: date
    years: list[tuple[int, int]]


def credits_of(people: Iterable[uuid.UUID], today: date | None = None) -> Credits:
    """The credits of certificates that hold. `people` are one person's files, one for each employer. One query."""
    today = today or today_at(current_cluster().time_zone)
    # The 29th of February is counted from the 28th.
    since = today.replace(year=today.year - YEARS, day=min(today.day, 28) if today.month == 2 else today.day)
    rows = Certificate.objects.filter(nomination__specialist__in=list(people), revoked_at__isnull=True)
    by_day = rows.order_by().values_list("earned_on").annotate(n=Sum("credits"))
    years: dict[int, int] = {}
    recent = 0
    for day, number in by_day:
        years[day.year] = years.get(day.year, 0) + number
        recent += number if day > since else 0
    return Credits(recent, since, sorted(years.items(), reverse=True))


@dataclass(frozen=True, slots=True)
class Ready:
    """Those of an intake who get a certificate now, and those who do not, with what is missing."""

    ready: list[Nomination]
    short: list[tuple[Nomination, Standing]]


def readiness(intake: Intake) -> Ready:
    """Who of an intake gets a certificate, and who does not. Four queries."""
    rows = intake.nominations.filter(
        state__in=(NominationState.COMPLETED, NominationState.IN_PROGRESS, NominationState.INCOMPLETE)
    )
    rows = list(rows.select_related("specialist", "organization").order_by("specialist__family", "pk"))
    standings = standing_of(intake, rows)
    return Ready(
        ready=[row for row in rows if not standings[row.pk].obstacles],
        short=[(row, standings[row.pk]) for row in rows if standings[row.pk].obstacles],
    )
