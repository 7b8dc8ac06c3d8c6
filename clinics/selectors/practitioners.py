"""The people of an organisation as the pages of those who keep the records list and tell them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from clinics.models import Clinic, Permit, Practitioner, Qualification, ScheduleException, Specialty
from clinics.policies import organization_policy, practitioner_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.credentials import Standing, is_renewed, standing
from clinics.selectors.validity import today_in
from clinics.states import ClinicStatus, ExceptionReason
from cluster_portal.web.wording import date_short

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from clinics.models import Organization
    from cluster_portal.common.actor import Actor

ORDER = ("family", "given", "id")
#: Days without reception on which somebody is on leave, rather than at work elsewhere.
LEAVE = (ExceptionReason.LEAVE, ExceptionReason.SICK)


def with_leave(rows: QuerySet[Practitioner]) -> QuerySet[Practitioner]:
    """The rows with `on_leave`: whether today is a day of leave or illness, at any of their clinics by its calendar."""
    today = today_in("clinic__time_zone")
    leave = ScheduleException.objects.filter(
        practitioner=OuterRef("pk"), first_day__lte=today, last_day__gte=today, reason__in=LEAVE
    )
    return rows.annotate(on_leave=Exists(leave))


def kept_people(actor: Actor, *, state: str = "", clinic: str = "", text: str = "") -> QuerySet[Practitioner]:
    """The people whose records the actor keeps (the office: all), narrowed, by name.

    `state` is `working`, `on_leave`, `leaving` or `left`.
    """
    rows = with_leave(practitioner_policy.queryset(actor, "edit"))
    rows = rows.select_related("organization").prefetch_related("clinics")
    if clinic:
        rows = rows.filter(clinics=clinic)
    if text:
        rows = rows.filter(
            Q(family__istartswith=text) | Q(given__istartswith=text) | Q(name_latin__icontains=text)
        )
    narrowed = {
        "working": Q(is_active=True, on_leave=False),
        "on_leave": Q(is_active=True, on_leave=True),
        "leaving": Q(is_active=True, left_on__isnull=False),
        "left": Q(is_active=False),
    }
    return rows.filter(narrowed.get(state, Q())).order_by(*ORDER)


def status_of(person: Practitioner) -> tuple[str, str]:
    """The tone and the words of where somebody stands; the row comes `with_leave`."""
    if not person.is_active:
        day = person.left_on
        return "neutral", _("left on %(day)s") % {"day": date_short(day)} if day else _("does not work now")
    if person.left_on:
        return "warn", _("works until %(day)s") % {"day": date_short(person.left_on)}
    return ("info", _("on leave")) if person.on_leave else ("good", _("working"))


@dataclass(slots=True)
class Person:
    """Somebody's page."""

    practitioner: Practitioner
    clinics: list[Clinic]
    specialties: list[str]
    qualifications: list[Qualification]
    permits: list[tuple[Permit, Standing]]
    status: tuple[str, str]


def person_page(actor: Actor, practitioner_id: uuid.UUID) -> Person:
    """Everything about somebody whose record the actor keeps. Raises NotFound and Forbidden."""
    rows = with_leave(Practitioner.objects.select_related("organization"))
    person = practitioner_policy.get(actor, "edit", practitioner_id, queryset=rows)
    names = {row.pk: row.name for row in Specialty.objects.filter(pk__in=person.specialties)}
    permits = person.permits.select_related("clinic", "renewal").order_by("-valid_from")
    return Person(
        practitioner=person,
        clinics=list(person.clinics.order_by("name_ru")),
        specialties=[names.get(code, code) for code in person.specialties],
        qualifications=list(person.qualifications.select_related("specialty")),
        permits=[
            (permit, standing(permit, today_at(permit.clinic.time_zone), renewed=is_renewed(permit)))
            for permit in permits
        ],
        status=status_of(person),
    )


def person_to_keep(actor: Actor, practitioner_id: uuid.UUID) -> Practitioner:
    """Somebody whose record the actor keeps. Raises NotFound and Forbidden."""
    return practitioner_policy.get(
        actor, "edit", practitioner_id, queryset=Practitioner.objects.select_related("organization")
    )


def employer(actor: Actor, organization_id: uuid.UUID) -> Organization:
    """The organisation, if the actor keeps the records of its people. Raises NotFound and Forbidden."""
    return organization_policy.get(actor, "employ", organization_id)


def employers(actor: Actor) -> list[Organization]:
    """Those organisations with clinics that may be given people, by name."""
    rows = organization_policy.queryset(actor, "employ").filter(clinics__isnull=False).distinct()
    return sorted(rows, key=lambda row: row.short_name)


def clinics_to_work_at(organization: Organization) -> list[Clinic]:
    """The organisation's clinics that are not closed."""
    rows = Clinic.objects.filter(organization=organization).exclude(status=ClinicStatus.CLOSED)
    return list(rows.order_by("name_ru"))
