"""The lists of the registry and the schedule as files: what stands on the page, all of it."""

from __future__ import annotations

from abc import abstractmethod
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from clinics.filters import DISTANCES, MAX_TEXT, NEAREST, WITHIN, chosen_in, wanted_in
from clinics.reports.parameters import OfOwnClinic
from clinics.selectors import week as weeks
from clinics.selectors.calendar import monday_of
from clinics.selectors.catalogue import chunked, entries_of, search_catalogue
from clinics.selectors.comparison import compare_clinics, shown_clinics
from clinics.selectors.own import own_organization, sites_of
from clinics.selectors.schedules import patterns_at
from clinics.selectors.wording import (
    address_line,
    hour_lines,
    language_choices,
    language_name,
    short_payments,
)
from clinics.states import Audience, Direction, Ownership, Payment, Scheme, SlotState
from cluster_portal.reports.base import Parameters, register
from cluster_portal.reports.columns import Column, Type
from cluster_portal.reports.exports import CutText, Export, QueryExport, Several

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import QuerySet

    from clinics.models import Slot
    from clinics.selectors.own import Site
    from cluster_portal.common.actor import Actor

#: Clinics whose services are read together.
CHUNK = 500
OWNERSHIPS, AUDIENCES, SLOT_STATES = (dict(kind.choices) for kind in (Ownership, Audience, SlotState))


class _CatalogueParameters(Parameters):
    """The catalogue's filters by the names of its address."""

    q = CutText(label=_("Service, doctor or clinic"), limit=MAX_TEXT)
    town = CutText(label=_("Where"), limit=MAX_TEXT)
    payment = forms.ChoiceField(label=_("Payment"), choices=Payment, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=language_choices, required=False)
    within = forms.ChoiceField(
        label=_("Visit not later than, in days"), choices=[(str(days), str(days)) for days in WITHIN],
        required=False,
    )  # fmt: skip
    ownership = Several(label=_("Ownership"), choices=Ownership, required=False)
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction, required=False)
    service_type = CutText(label=_("Service"), limit=MAX_TEXT)
    equipment = CutText(label=_("Equipment"), limit=MAX_TEXT)
    accreditation = forms.ChoiceField(label=_("Accreditation"), choices=Scheme, required=False)
    open = forms.ChoiceField(label=_("Open now"), choices=[("1", "1")], required=False)
    weekend = forms.ChoiceField(label=_("Open at weekends"), choices=[("1", "1")], required=False)
    evening = forms.ChoiceField(label=_("Open in the evening"), choices=[("1", "1")], required=False)
    always = forms.ChoiceField(label=_("Round the clock"), choices=[("1", "1")], required=False)
    near = CutText(label=_("Place"), limit=MAX_TEXT)
    km = forms.ChoiceField(
        label=_("Not further than, km"), choices=[(str(km), str(km)) for km in DISTANCES], required=False
    )
    order = forms.ChoiceField(label=_("Order"), choices=[(NEAREST, NEAREST)], required=False)


@register
class ClinicCatalogue(Export):
    """The clinics that fit, those with the earliest free time first."""

    code = "clinics.catalogue"
    title = _("Clinics of the cluster")
    scope = "clinics"
    parameters = _CatalogueParameters

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("clinic", _("Clinic"), width=40),
            Column("ownership", _("Ownership"), width=16),
            Column("place", _("Address"), width=40),
            Column("profiles", _("Specialties"), width=40),
            Column("payments", _("Payment"), width=24),
            Column("languages", _("Languages"), width=24),
            Column("first_on", _("Day of the first free time"), Type.DATE, width=14),
            Column("first_at", _("Time, the clinic's"), width=12),
            Column("price_from", _("Price from"), Type.DECIMAL, width=14),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[Sequence[Any]]:
        wanted = wanted_in(QueryDict(urlencode(params, doseq=True)))
        found = search_catalogue(actor, wanted)
        parts = (entries_of(part, wanted, found.meaning) for part in chunked(found.spots, CHUNK))
        for entry in chain.from_iterable(parts):
            clinic, first = entry.clinic, entry.first_free
            there = first.astimezone(ZoneInfo(clinic.time_zone)) if first else None
            yield (
                clinic.name,
                OWNERSHIPS[entry.ownership],
                address_line(clinic),
                ", ".join(entry.profiles),
                short_payments(entry.payments),
                ", ".join(language_name(code) for code in clinic.languages),
                there.date() if there else None,
                f"{there:%H:%M}" if there else None,
                entry.price_from,
            )


class _PlanParameters(OfOwnClinic):
    """One's own clinic, one specialty or all."""

    specialty = CutText(label=_("Specialty"), limit=40)

    def clean_specialty(self) -> str:
        return "" if self.cleaned_data["specialty"] == "all" else self.cleaned_data["specialty"]


class _WeekParameters(_PlanParameters):
    week = forms.DateField(label=_("Week of"))


class _OfOrganization(Export):
    """Of the actor's own organisation."""

    def allows(self, actor: Actor) -> bool:
        return actor.organization_id is not None and super().allows(actor)


@register
class WeekOfSlots(_OfOrganization, QueryExport):
    """A clinic's week: every time of everybody who is shown, by person and time."""

    code = "clinics.week"
    title = _("Schedule")
    scope = "slots"
    parameters = _WeekParameters

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("practitioner", _("Practitioner"), width=30, personal=True),
            Column("service", _("Service"), width=34),
            Column("day", _("Day"), Type.DATE, width=12),
            Column("starts", _("From"), width=8),
            Column("ends", _("Until"), width=8),
            Column("room", _("Room"), width=10),
            Column("audience", _("For whom"), width=22),
            Column("state", _("State"), width=16),
            Column("taken", _("Taken"), Type.INTEGER, width=10, total=True),
            Column("capacity", _("Places"), Type.INTEGER, width=10, total=True),
            Column("reason", _("Reason"), width=24),
        ]

    def queryset(self, actor: Actor, params: dict[str, Any]) -> QuerySet[Slot]:
        found = weeks.week_slots(
            actor, params["clinic"], monday_of(params["week"]), specialty=params["specialty"]
        )
        return found.select_related("practitioner", "service__service_type", "clinic").order_by(
            "practitioner__family", "practitioner__given", "start", "id"
        )

    def line(self, row: Slot) -> Sequence[Any]:
        zone = ZoneInfo(row.clinic.time_zone)
        start, end = row.start.astimezone(zone), row.end.astimezone(zone)
        return (
            row.practitioner.full_name if row.practitioner else "",
            row.service.service_type.name,
            start.date(),
            f"{start:%H:%M}",
            f"{end:%H:%M}",
            row.room,
            AUDIENCES[row.audience],
            SLOT_STATES[row.state],
            row.taken,
            row.capacity,
            weeks.reason_label(row.block_reason),
        )


@register
class WeeklyPatterns(_OfOrganization):
    """A clinic's patterns that are not over: who gives what on which days, and how many times stand ahead."""

    code = "clinics.patterns"
    title = _("Weekly patterns")
    scope = "schedules"
    parameters = _PlanParameters

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("practitioner", _("Practitioner"), width=30, personal=True),
            Column("position", _("Position"), width=24),
            Column("service", _("Service"), width=34),
            Column("mode", _("Mode"), width=20),
            Column("room", _("Room"), width=10),
            Column("hours", _("Hours"), width=40),
            Column("minutes", _("Minutes a visit"), Type.INTEGER, width=10),
            Column("capacity", _("Patients at a time"), Type.INTEGER, width=12),
            Column("valid_from", _("From day"), Type.DATE, width=12),
            Column("valid_to", _("Until day"), Type.DATE, width=12),
            Column("share_own", _("Own, %"), Type.INTEGER, width=10),
            Column("share_cluster", _("Cluster, %"), Type.INTEGER, width=10),
            Column("share_urgent", _("Urgent, %"), Type.INTEGER, width=10),
            Column("published", _("Times published ahead"), Type.INTEGER, width=14, total=True),
            Column("drafts", _("Drafts ahead"), Type.INTEGER, width=14, total=True),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[Sequence[Any]]:
        for row in patterns_at(actor, params["clinic"], params["specialty"]):
            service = row.service
            yield (
                row.practitioner.full_name, row.practitioner.position, service.service_type.name,
                service.get_mode_display(), row.room, "; ".join(hour_lines(row)), row.slot_minutes, row.capacity,
                row.valid_from, row.valid_to, row.share_own, row.share_cluster, row.share_urgent, row.published,
                row.drafts,
            )  # fmt: skip


class _Record(_OfOrganization):
    """A part of the organisation's own record, clinic by clinic."""

    #: The columns after the clinic's.
    told: ClassVar[Sequence[Column]]

    @abstractmethod
    def part(self, site: Site) -> Iterable[Any]:
        """The rows of one clinic."""

    @abstractmethod
    def line(self, row: Any) -> Sequence[Any]:
        """What of a row is told, in the order of `told`."""

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [Column("clinic", _("Clinic"), width=34), *self.told]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[Sequence[Any]]:
        organization = own_organization(actor)
        for site in sites_of(actor, organization) if organization else []:
            for row in self.part(site):
                yield (site.clinic.short_name, *self.line(row))


@register
class OwnServices(_Record):
    """What the organisation offers, and the licence that covers it today."""

    code = "clinics.own_services"
    title = _("Our services")
    scope = "services"
    told = (
        Column("service", _("Service"), width=40),
        Column("mode", _("Mode"), width=20),
        Column("payments", _("Payment"), width=30),
        Column("price", _("Price"), Type.DECIMAL, width=14),
        Column("offered", _("Offered now"), Type.BOOLEAN, width=14),
        Column("licence", _("Licence"), width=30),
    )

    def part(self, site: Site) -> Iterable[Any]:
        return site.services

    def line(self, row: Any) -> Sequence[Any]:
        service = row.service
        return (
            service.service_type.name, service.get_mode_display(), short_payments(service.payments), service.price,
            service.is_active, row.licence.number if row.licence else "",
        )  # fmt: skip


@register
class OwnLicences(_Record):
    """The organisation's licences, those that end first at the top of each clinic."""

    code = "clinics.own_licences"
    title = _("Our licences")
    scope = "licences"
    told = (
        Column("number", _("Number"), width=30),
        Column("authority", _("Issued by"), width=40),
        Column("valid_from", _("Valid from"), Type.DATE, width=14),
        Column("valid_to", _("Valid to"), Type.DATE, width=14),
        Column("state", _("State"), width=16),
        Column("activities", _("Activities"), width=50),
    )

    def part(self, site: Site) -> Iterable[Any]:
        return site.licences

    def line(self, row: Any) -> Sequence[Any]:
        licence = row.licence
        return (
            licence.number, licence.authority, licence.valid_from, licence.valid_to, row.standing.text,
            ", ".join(row.activities),
        )  # fmt: skip


class _ComparisonParameters(Parameters):
    """The clinics that were ticked, and the place from which the way is counted."""

    compare = CutText(label=_("Clinics"), limit=200)
    town = CutText(label=_("Where"), limit=MAX_TEXT)
    near = CutText(label=_("Place"), limit=MAX_TEXT)
    km = CutText(label=_("Not further than, km"), limit=4)


@register
class ClinicComparison(Export):
    """Clinics side by side, a row for each thing that is compared."""

    code = "clinics.comparison"
    title = _("Comparison of clinics")
    scope = "clinics"
    parameters = _ComparisonParameters

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        clinics = shown_clinics(actor, _compared(params))
        names = [Column(f"clinic_{n}", clinic.short_name, width=34) for n, clinic in enumerate(clinics, 1)]
        return [
            Column("what", _("What is compared"), width=40),
            *names,
            Column("differs", _("They differ"), Type.BOOLEAN),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[Sequence[Any]]:
        query = QueryDict(urlencode(params, doseq=True))
        found = compare_clinics(actor, _compared(params), place=wanted_in(query).place)
        for section in found.sections:
            for row in section.rows:
                yield (row.label, *("; ".join(cell) for cell in row.cells), row.differs)


def _compared(params: dict[str, Any]) -> list[uuid.UUID]:
    return chosen_in(QueryDict(urlencode({"compare": params["compare"].split(",")}, doseq=True)))
