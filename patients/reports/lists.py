"""The lists of patients and referrals as files: what stands on the page, all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.reports.parameters import OfOwnClinic
from cluster_portal.common import identifiers
from cluster_portal.common.people import short_name
from cluster_portal.reports.base import Parameters, register
from cluster_portal.reports.columns import Column, Type
from cluster_portal.reports.exports import CHUNK, CutText, Export, QueryExport
from patients.filters import WorklistFilter
from patients.policies import STAFF
from patients.selectors import waitlist, worklists
from patients.selectors.arrivals import arrivals, reception_clinics
from patients.selectors.search import search_patients
from patients.selectors.wording import why, wishes
from patients.states import Priority, ReferralState, Suspicion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor
    from patients.models import Booking, Patient

STATES = dict(ReferralState.choices)
PRIORITIES = dict(Priority.choices)
SUSPICIONS = dict(Suspicion.choices)
#: The list that is meant where none is named.
WHOLE = "all"


class _QueueParameters(Parameters):
    """Which list of a side, and the filters above it."""

    side: ClassVar[str]
    queue = forms.ChoiceField(label=_("List"), required=False, initial=WHOLE)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        queues = worklists.QUEUES[self.side]
        self.fields["queue"].choices = [(key, queue.label) for key, queue in queues.items()]
        chosen = queues.get((data or {}).get("queue"), queues[WHOLE])
        self.fields |= WorklistFilter({}, side=self.side, queue=chosen).fields
        # Known before the list is: `ordered` leaves out what its list does not offer.
        self.fields["sort"] = forms.ChoiceField(
            label=pgettext_lazy("list", "Order"), required=False,
            choices=[(code, label) for code, (label, _columns) in worklists.SORTS.items()],
        )  # fmt: skip
        # Last, as the rest of the head: only these rows of the list.
        self.fields["numbers"] = CutText(label=_("Referrals"), limit=100 * 20)

    def clean_queue(self) -> str:
        return self.cleaned_data["queue"] or WHOLE


class _SentParameters(_QueueParameters):
    side = worklists.OUT


class _ReceivedParameters(_QueueParameters):
    side = worklists.IN


class _Referrals(QueryExport):
    """A work list: a line for each referral, in the order of the list."""

    roles = STAFF
    scope = "referrals"
    side: ClassVar[str]

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("number", _("Number"), width=18),
            Column("patient", _("Patient"), width=24, personal=True),
            Column("birth_year", _("Year of birth"), Type.TEXT, width=10, personal=True),
            Column("service", _("Service"), width=34),
            Column("suspicion", _("Suspicion"), width=20),
            Column("source", _("From clinic"), width=30),
            Column("target", _("To clinic"), width=30),
            Column("priority", _("Priority"), width=12),
            Column("state", _("State"), width=20),
            Column("due_on", _("Deadline"), Type.DATE, width=12),
            Column("visit_on", _("Day of the visit"), Type.DATE, width=12),
            Column("visit_at", _("Time of the visit, the clinic's"), width=12),
            Column("created_at", _("Created"), Type.MOMENT, width=18),
            Column("completed_at", _("Completed"), Type.MOMENT, width=18),
        ]

    def queryset(self, actor: Actor, params: dict[str, Any]) -> QuerySet:
        chosen = dict(params)
        numbers = [number for number in chosen.pop("numbers", "").split(",") if number]
        queue = worklists.QUEUES[self.side][chosen.pop("queue")]
        order = queue.ordered(chosen.pop("sort", ""))
        by = worklists.Narrowing(text=chosen.pop("q", "").strip(), **chosen)
        found = worklists.narrow(actor, worklists.in_queue(actor, self.side, queue), by)
        if numbers:
            found = found.filter(number__in=numbers)
        return worklists.rows(found).order_by(*order)

    def line(self, row: dict[str, Any]) -> Sequence[Any]:
        visit = row["appointment_at"]
        there = visit.astimezone(ZoneInfo(row["visit_zone"])) if visit else None
        return (
            row["number"],
            short_name(row["patient__family"], row["patient__given"], row["patient__patronymic"]),
            str(row["patient__birth_date"].year),
            row["service_name"],
            SUSPICIONS.get(row["suspicion"], ""),
            row["source_name"],
            row["visit_name"] or row["target_name"],
            PRIORITIES[row["priority"]],
            STATES[row["state"]],
            row["due_on"],
            there.date() if there else None,
            f"{there:%H:%M}" if there else None,
            row["created_at"],
            row["completed_at"],
        )


@register
class SentReferrals(_Referrals):
    """The work lists of the referring side."""

    code = "patients.referrals_sent"
    title = _("Referrals")
    side = worklists.OUT
    parameters = _SentParameters


@register
class ReceivedReferrals(_Referrals):
    """The work lists of the receiving side."""

    code = "patients.referrals_received"
    title = _("Incoming referrals")
    side = worklists.IN
    parameters = _ReceivedParameters


class _SearchParameters(Parameters):
    q = CutText(label=_("Number or patient"), limit=200)


@register
class Patients(QueryExport):
    """Those whom the organisation may see, identifiers masked as in the list."""

    code = "patients.patients"
    title = _("Patients")
    roles = STAFF
    scope = "patients"
    parameters = _SearchParameters

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("name", _("Patient"), width=36, personal=True),
            Column("birth_date", _("Birth date"), Type.DATE, width=14, personal=True),
            Column("snils", "СНИЛС", width=16, personal=True),
            Column("enp", _("OMS policy"), width=20, personal=True),
            Column("phone", _("Phone"), width=20, personal=True),
            Column("home_clinic", _("Home clinic"), width=30),
        ]

    def queryset(self, actor: Actor, params: dict[str, Any]) -> QuerySet[Patient]:
        return search_patients(actor, params["q"]).select_related("home_clinic")

    def line(self, row: Patient) -> Sequence[Any]:
        return (
            row.full_name,
            row.birth_date,
            identifiers.mask(row.snils or ""),
            identifiers.mask(row.enp or ""),
            row.phone,
            row.home_clinic.short_name if row.home_clinic else "",
        )


class _DayParameters(OfOwnClinic):
    """A clinic of one's own organisation, and a day by its calendar."""

    day = forms.DateField(label=_("Day"))

    def clinics(self, actor: Actor) -> Sequence[Clinic]:
        return reception_clinics(actor)


@register
class Arrivals(QueryExport):
    """The visits of a day, by time."""

    code = "patients.arrivals"
    title = _("Arrivals of a day")
    roles = STAFF
    scope = "referrals"
    parameters = _DayParameters

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("time", _("Time"), width=8),
            Column("patient", _("Patient"), width=36, personal=True),
            Column("birth_year", _("Year of birth"), width=10, personal=True),
            Column("number", _("Number"), width=18),
            Column("service", _("Service"), width=34),
            Column("source", _("From clinic"), width=30),
            Column("practitioner", _("Practitioner"), width=24, personal=True),
            Column("room", _("Room"), width=10),
            Column("priority", _("Priority"), width=12),
            Column("state", _("State"), width=20),
        ]

    def queryset(self, actor: Actor, params: dict[str, Any]) -> QuerySet[Booking]:
        return arrivals(actor, params["clinic"], params["day"])

    def line(self, row: Booking) -> Sequence[Any]:
        start = row.start.astimezone(ZoneInfo(row.clinic.time_zone))
        person, referral = row.slot.practitioner, row.referral
        return (
            f"{start:%H:%M}",
            row.patient.full_name,
            str(row.patient.birth_date.year),
            referral.number,
            referral.service_type.name,
            referral.source_clinic.short_name,
            person.short_name if person else "",
            row.slot.room,
            PRIORITIES[referral.priority],
            row.get_state_display(),
        )


class _QueueOfService(Parameters):
    service = forms.CharField(label=_("Service"), max_length=40)

    def clean_service(self) -> str:
        services = waitlist.services_waited_for(self.actor) if self.actor else []
        if all(self.cleaned_data["service"] != service["service_type"] for service in services):
            raise forms.ValidationError(_("None of your patients waits for this service."))
        return self.cleaned_data["service"]


@register
class WaitingQueue(Export):
    """Who waits for a service, in the order in which they are asked. Of strangers only the place and its reason."""

    code = "patients.waiting"
    title = _("The waiting list")
    roles = STAFF
    scope = "referrals"
    parameters = _QueueOfService

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("place", _("Place"), Type.INTEGER, width=8),
            Column("number", _("Number"), width=18),
            Column("patient", _("Patient"), width=24, personal=True),
            Column("birth_year", _("Year of birth"), width=10, personal=True),
            Column("source", _("From clinic"), width=30),
            Column("target", _("To clinic"), width=30),
            Column("priority", _("Priority"), width=12),
            Column("due_on", _("Deadline"), Type.DATE, width=12),
            Column("since", _("Waits since"), Type.MOMENT, width=18),
            Column("wishes", _("What suits"), width=40),
            Column("offered", _("A time is offered"), Type.BOOLEAN, width=12),
            Column("offered_at", _("The time that is offered"), Type.MOMENT, width=18),
            Column("why", _("Why here"), width=40),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[Sequence[Any]]:
        queue = waitlist.whole_queue(actor, params["service"]).iterator(chunk_size=CHUNK)
        above = None
        for place, row in enumerate(map(waitlist.as_seen, queue), 1):
            seen = row["seen"]
            yield (
                place,
                row["referral__number"],
                short_name(row["patient__family"], row["patient__given"], row["patient__patronymic"])
                if seen
                else _("another clinic’s patient"),
                str(row["patient__birth_date"].year) if seen else "",
                row["source_name"],
                row["target_name"],
                PRIORITIES[row["priority"]],
                row["due_on"],
                row["since"],
                "; ".join(wishes(row)) or _("any time at any clinic") if seen else "",
                row["offered_until"] is not None,
                row["offered_at"],
                why(above, row),
            )
            above = row
