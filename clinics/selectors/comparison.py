"""Up to four clinics side by side: what each has, in words, and where they differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinics.models import Accreditation, Clinic, Equipment, Licence, Service
from clinics.policies import SHOWN, clinic_policy
from clinics.selectors.calendar import open_until, today_at
from clinics.selectors.cluster import current_cluster
from clinics.selectors.licences import Cover
from clinics.selectors.narrowing import free_times
from clinics.selectors.nearby import distance_km
from clinics.selectors.premises import beds_today
from clinics.selectors.wording import address_line, country_name, language_name, short_payments
from clinics.states import BedProfile, EquipmentState, Ownership
from cluster_portal.web import wording

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from cluster_portal.common.actor import Actor

NOTHING = "–"


@dataclass(slots=True)
class Row:
    """What is compared, with a cell of lines for each clinic in their order."""

    label: str
    cells: list[list[str]]

    @property
    def differs(self) -> bool:
        """Whether the clinics are not all the same in it."""
        return any(cell != self.cells[0] for cell in self.cells[1:])


@dataclass(slots=True)
class Section:
    """Rows under a heading."""

    title: str
    rows: list[Row]


@dataclass(slots=True)
class Comparison:
    """Clinics side by side; `first_free` is of each, in their order."""

    clinics: list[Clinic]
    sections: list[Section] = field(default_factory=list)


@dataclass(slots=True)
class _Facts:
    """What is read of one clinic beside its record."""

    services: list[Service] = field(default_factory=list)
    licences: list[Licence] = field(default_factory=list)
    accreditations: list[Accreditation] = field(default_factory=list)
    equipment: Counter[str] = field(default_factory=Counter)


def shown_clinics(actor: Actor, ids: Sequence[uuid.UUID]) -> list[Clinic]:
    """Those of the clinics that the actor sees, in the order of `ids`. One query."""
    found = (
        clinic_policy.queryset(actor)
        .filter(status__in=SHOWN)
        .select_related("organization")
        .in_bulk(list(ids))
    )
    return [found[pk] for pk in ids if pk in found]


def compare_clinics(
    actor: Actor,
    ids: Sequence[uuid.UUID],
    *,
    place: tuple[float, float] | None = None,
    now: datetime | None = None,
) -> Comparison:
    """The clinics that the actor sees, side by side in the order of `ids`; `place` (lat, lon) adds the way from there.

    Five queries and one for each time zone, whatever the data. Times are those that anybody may have, by the clock of
    each clinic.
    """
    now = now or timezone.now()
    clinics = shown_clinics(actor, ids)
    facts = _read([clinic.pk for clinic in clinics], now)
    beds = beds_today(clinics)
    currency = current_cluster().currency

    def row(label: str, tell: Callable[[Clinic], Iterable[Any]]) -> Row:
        return Row(label, [[str(line) for line in tell(clinic) if line] or [NOTHING] for clinic in clinics])

    def licences(clinic: Clinic) -> list[str]:
        return [_paper(f"№ {row.number}", row) for row in _in_force(facts[clinic.pk].licences, clinic, now)]

    def accreditations(clinic: Clinic) -> list[str]:
        rows = _in_force(facts[clinic.pk].accreditations, clinic, now)
        return [_paper(_capitalized(row.get_scheme_display()), row) for row in rows]

    def bed_lines(clinic: Clinic) -> list[str]:
        found = {profile: number for profile, number in beds.get(clinic.pk, {}).items() if number}
        lines = [f"{_capitalized(BedProfile(p).label)}: {number}" for p, number in found.items()]
        return [str(sum(found.values()) or clinic.beds or ""), *lines] if len(lines) > 1 else lines or [
            str(clinic.beds or "")
        ]  # fmt: skip

    def ownership(clinic: Clinic) -> list[str]:
        words = [_capitalized(Ownership(clinic.organization.ownership).label)]
        return [*words, country_name(clinic.organization.country)] if words and _foreign(clinic) else words

    general = [
        row(_("Ownership"), ownership),
        row(_("Kind of clinic"), lambda clinic: [_capitalized(clinic.get_type_display())]),
        row(_("Address"), lambda clinic: [address_line(clinic)]),
        row(_("Now"), lambda clinic: [_open_words(clinic, now)]),
        row(_("First free visit"), lambda clinic: [_first_words(clinic, facts[clinic.pk].services)]),
        row(_("Languages"), _languages),
        row(_("Wheelchair access"), lambda clinic: [_("yes") if clinic.wheelchair else _("no")]),
    ]
    if place:
        general.insert(
            3,
            row(
                _("Distance"),
                lambda clinic: [
                    _("%(km)s km")
                    % {"km": wording.number(round(distance_km(*place, clinic.lat, clinic.lon)))}
                ],
            ),
        )
    papers = [
        row(_("Licences"), licences),
        row(_("Accreditations"), accreditations),
        row(_("Equipment in use"), lambda clinic: _equipment(facts[clinic.pk].equipment)),
        row(_("Beds"), bed_lines),
    ]
    return Comparison(
        clinics,
        [
            Section(_("In general"), general),
            Section(_("Licences and equipment"), papers),
            Section(_("Services and first visit"), _services(clinics, facts, currency, now)),
        ]
        if clinics
        else [],
    )


def _read(ids: list[uuid.UUID], now: datetime) -> dict[uuid.UUID, _Facts]:
    """Services with their first free time, papers and equipment in use: four queries."""
    facts: dict[uuid.UUID, _Facts] = defaultdict(_Facts)
    first = free_times(now).filter(service=OuterRef("pk")).order_by("start").values("start")[:1]
    services = Service.objects.filter(clinic__in=ids, is_active=True).annotate(first_free=Subquery(first))
    for service in services.select_related("service_type__specialty").order_by(
        "service_type__specialty__name_ru", "service_type__name_ru", "mode"
    ):
        facts[service.clinic_id].services.append(service)
    for licence in Licence.objects.filter(clinic__in=ids).order_by("valid_from"):
        facts[licence.clinic_id].licences.append(licence)
    for accreditation in Accreditation.objects.filter(clinic__in=ids).order_by("scheme", "valid_from"):
        facts[accreditation.clinic_id].accreditations.append(accreditation)
    units = Equipment.objects.filter(clinic__in=ids, state=EquipmentState.COMMISSIONED)
    for unit in units.select_related("type").only("clinic", "type").order_by("type__name_ru"):
        facts[unit.clinic_id].equipment[unit.type.name] += 1
    return facts


def _services(
    clinics: Sequence[Clinic], facts: dict[uuid.UUID, _Facts], currency: str, now: datetime
) -> list[Row]:
    """A row for each service that one of them gives: those that most give first."""
    cover = Cover()
    offers: dict[tuple[str, str], dict[uuid.UUID, list[str]]] = defaultdict(dict)
    names: dict[tuple[str, str], str] = {}
    for clinic in clinics:
        cover.by_clinic[clinic.pk] = facts[clinic.pk].licences
        today = today_at(clinic.time_zone, now)
        for service in facts[clinic.pk].services:
            key = (service.service_type_id, service.mode)
            names[key] = f"{service.service_type.name} ({service.get_mode_display()})"
            licensed = cover.on(clinic.pk, service.service_type.specialty_id, today) is not None
            offers[key][clinic.pk] = [
                _("closed: no licence") if not licensed else _moment(clinic, service.first_free),
                short_payments(service.payments),
                "" if service.price is None else wording.money(service.price, currency),
            ]
    order = sorted(offers, key=lambda key: (-len(offers[key]), names[key]))
    return [
        Row(names[key], [[t for t in offers[key].get(c.pk, [NOTHING]) if t] for c in clinics])
        for key in order
    ]


def _moment(clinic: Clinic, first: datetime | None) -> str:
    if first is None:
        return _("none free")
    return wording.moment(first.astimezone(wording.zone(clinic.time_zone)), "smart")


def _first_words(clinic: Clinic, services: list[Service]) -> str:
    return _moment(clinic, min((s.first_free for s in services if s.first_free), default=None))


def _open_words(clinic: Clinic, now: datetime) -> str:
    until = open_until(clinic, now)
    if until is None:
        return _("Closed now")
    if f"{until:%H:%M}" == "23:59":
        return _("Open round the clock")
    return _("Open today until %(time)s") % {"time": f"{until:%H:%M}"}


def _languages(clinic: Clinic) -> list[str]:
    spoken = [language_name(code) for code in clinic.languages]
    return [
        *spoken,
        *(f"{language_name(code)}: {_('interpreter')}" for code in clinic.interpreters if code not in clinic.languages),
    ]  # fmt: skip


def _equipment(units: Counter[str]) -> list[str]:
    return [name if number == 1 else f"{name} × {number}" for name, number in units.items()]


def _in_force(papers: Sequence[Any], clinic: Clinic, now: datetime) -> list[Any]:
    today = today_at(clinic.time_zone, now)
    return [paper for paper in papers if paper.is_valid(today)]


def _paper(name: str, paper: Any) -> str:
    if paper.valid_to is None:
        return f"{name}, {pgettext('licence', 'no end')}"
    return f"{name}, {_('until %(day)s') % {'day': wording.date_short(paper.valid_to)}}"


def _foreign(clinic: Clinic) -> bool:
    return clinic.organization.ownership == Ownership.FOREIGN


def _capitalized(text: Any) -> str:
    text = str(text)
    return text[:1].upper() + text[1:]
