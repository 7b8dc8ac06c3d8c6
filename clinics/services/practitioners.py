"""The people of an organisation: entering and changing them, their qualifications, and when they leave."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.errors import StillPlanned
from clinics.models import Clinic, Practitioner, Qualification, Schedule, Slot, Specialty
from clinics.policies import organization_policy, practitioner_policy
from clinics.selectors.calendar import end_of, today_at
from clinics.selectors.wording import LANGUAGES
from clinics.services.papers import territories
from clinics.services.places import lock_slots
from clinics.services.slots import close
from clinics.states import LEFT, SlotState
from cluster_portal.common.errors import Conflict, Invalid, NotFound
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping
    from datetime import date

    from cluster_portal.common.actor import Actor

FIELDS = (
    "family", "given", "patronymic", "name_latin", "position_ru", "position_en", "position_kk", "specialties",
    "languages", "qualification_ru", "qualification_en", "qualification_kk", "by_permit",
)  # fmt: skip
PAPER = ("specialty", "document", "number", "country", "institution", "year", "valid_until")


@service
def create_practitioner(
    actor: Actor, *, organization_id: uuid.UUID, data: Mapping[str, Any], clinic_ids: Iterable[Any]
) -> Practitioner:
    """Enter somebody who sees patients at clinics of the organisation. `data` holds any of FIELDS.

    Raises NotFound, Forbidden and Invalid with every field at fault.
    """
    organization = organization_policy.get(actor, "employ", organization_id)
    person = Practitioner(organization=organization)
    clinics = _fill(person, data, clinic_ids)
    person.save(force_insert=True)
    person.clinics.set(clinics)
    return person


@service
def update_practitioner(
    actor: Actor,
    *,
    practitioner_id: uuid.UUID,
    data: Mapping[str, Any],
    clinic_ids: Iterable[Any] | None = None,
) -> Practitioner:
    """Change somebody's record; `clinic_ids` are all the clinics from now on (None: as they were).

    Raises what `create_practitioner` raises, and StillPlanned where a clinic that is left out has running patterns or
    booked times of theirs.
    """
    person = practitioner_policy.get(actor, "edit", practitioner_id, lock=True)
    before = set(person.clinics.values_list("pk", flat=True))
    clinics = _fill(person, data, before if clinic_ids is None else clinic_ids)
    gone = before - {clinic.pk for clinic in clinics}
    if gone and _planned(person, gone):
        raise StillPlanned(field="clinics")
    person.save()
    person.clinics.set(clinics)
    return person


@service
def dismiss_practitioner(
    actor: Actor, *, practitioner_id: uuid.UUID, last_day: date, keep_booked: bool = False
) -> Practitioner:
    """Somebody leaves: `last_day` is the last one on which they see patients.

    Their patterns end with it, drafts after it vanish and free times close. Raises NotFound, Forbidden, Conflict where
    they have left already, and StrandedBookings with the times in the way; with `keep_booked` the booked ones stay
    until their patients are moved, and nobody else gets in.
    """
    person = practitioner_policy.get(actor, "edit", practitioner_id, lock=True)
    if person.left_on is not None:
        raise Conflict(_("The last day is on record already."), field="last_day")
    person.left_on = last_day
    person.is_active = not _is_over(person)
    person.save(update_fields=["left_on", "is_active", "updated_at"])
    patterns = Schedule.objects.select_for_update(no_key=True).filter(practitioner=person, is_active=True)
    for pattern in patterns.order_by("pk"):
        if pattern.valid_to is None or pattern.valid_to > last_day:
            pattern.is_active = pattern.valid_from <= last_day
            pattern.valid_to = max(last_day, pattern.valid_from)
            pattern.save(update_fields=["is_active", "valid_to", "updated_at"])
    slots = list(lock_slots(_after(person, last_day).values_list("pk", flat=True)).values())
    drafts = [slot.pk for slot in slots if slot.state == SlotState.DRAFT]
    close(actor, [s for s in slots if s.state != SlotState.DRAFT], LEFT, keep_booked=keep_booked)
    Slot.objects.filter(pk__in=drafts).delete()
    return person


@service
def take_back(actor: Actor, *, practitioner_id: uuid.UUID) -> Practitioner:
    """They stay, or have come back: the last day is taken away. Patterns are planned anew. Raises NotFound, Forbidden,
    and Conflict where nothing says that they leave.
    """
    person = practitioner_policy.get(actor, "edit", practitioner_id, lock=True)
    if person.is_active and person.left_on is None:
        raise Conflict(_("There is no last day on record."))
    person.left_on, person.is_active = None, True
    person.save(update_fields=["left_on", "is_active", "updated_at"])
    return person


@service
def end_employments(actor: Actor) -> int:
    """Those whose last day is over, by the calendar of one of their clinics, work no more. Returns how many."""
    leaving = Practitioner.objects.filter(
        is_active=True, left_on__lt=timezone.now().date() + timedelta(days=1)
    )
    over = [person.pk for person in leaving.order_by("pk") if _is_over(person)]
    return Practitioner.objects.filter(pk__in=over).update(is_active=False, updated_at=timezone.now())


@service
def add_qualification(actor: Actor, *, practitioner_id: uuid.UUID, data: Mapping[str, Any]) -> Qualification:
    """Enter a paper of somebody's. `data` holds any of PAPER. Raises NotFound, Forbidden, Invalid, and
    QualificationExists.
    """
    person = practitioner_policy.get(actor, "edit", practitioner_id, lock=True)
    row = Qualification(practitioner=person)
    for name in PAPER:
        if name in data:
            value = data[name]
            setattr(row, "specialty_id" if name == "specialty" else name, _clean(getattr(value, "pk", value)))
    errors = _wrong(row, PAPER)
    if "specialty" not in errors and not Specialty.objects.filter(pk=row.specialty_id).exists():
        errors["specialty"] = [_("Please choose one of the list.")]
    if "country" not in errors and row.country not in territories():
        errors["country"] = [_("Please choose a country.")]
    if "year" not in errors and row.year > timezone.now().year:
        errors["year"] = [_("This year is still to come.")]
    if errors:
        raise Invalid(errors)
    row.save(force_insert=True)
    return row


@service
def remove_qualification(actor: Actor, *, practitioner_id: uuid.UUID, qualification_id: uuid.UUID) -> None:
    """Take away what was entered by mistake; the journal keeps it. Raises NotFound and Forbidden."""
    person = practitioner_policy.get(actor, "edit", practitioner_id, lock=True)
    try:
        row = person.qualifications.get(pk=qualification_id)
    except (Qualification.DoesNotExist, ValidationError):
        raise NotFound from None
    row.delete()


def _fill(person: Practitioner, data: Mapping[str, Any], clinic_ids: Iterable[Any]) -> list[Clinic]:
    """Write `data` onto the record, checked; gives the clinics. Raises Invalid with every field at fault."""
    for name in FIELDS:
        if name in data:
            setattr(person, name, _clean(data[name]))
    errors = _wrong(person, FIELDS)
    known = set(Specialty.objects.filter(pk__in=person.specialties).values_list("pk", flat=True))
    if not person.specialties:
        errors["specialties"] = [_("Please choose the specialties.")]
    elif unknown := sorted(set(person.specialties) - known):
        errors["specialties"] = [_("There is no such activity: %(codes)s.") % {"codes": ", ".join(unknown)}]
    if set(person.languages) - set(LANGUAGES):
        errors["languages"] = [_("Please choose one of the list.")]
    asked = {str(pk) for pk in clinic_ids}
    try:
        clinics = list(Clinic.objects.filter(pk__in=asked, organization=person.organization_id))
    except ValidationError:
        clinics = []
    if not asked or len(clinics) != len(asked):
        errors["clinics"] = [_("Please choose clinics of the organisation.")]
    if errors:
        raise Invalid(errors)
    return clinics


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _wrong(row: Any, fields: Iterable[str]) -> dict[str, list[str]]:
    try:
        row.clean_fields(exclude=[f.name for f in row._meta.fields if f.name not in fields])
    except ValidationError as exc:
        return exc.message_dict
    return {}


def _planned(person: Practitioner, clinic_ids: set[uuid.UUID]) -> bool:
    """Whether patterns run or patients are booked at these clinics from today on."""
    today = timezone.now().date()
    runs = Q(valid_to__isnull=True) | Q(valid_to__gte=today)
    patterns = Schedule.objects.filter(
        runs, practitioner=person, service__clinic__in=clinic_ids, is_active=True
    )
    booked = Slot.objects.filter(
        practitioner=person, clinic__in=clinic_ids, taken__gt=0, start__gt=timezone.now()
    )
    return patterns.exists() or booked.exists()


def _after(person: Practitioner, last_day: date) -> Any:
    """The slots after the last day, each by its clinic's calendar."""
    found = Q(pk__in=())
    for clinic in person.clinics.all():
        found |= Q(clinic=clinic, start__gte=end_of(last_day, clinic.time_zone))
    return Slot.objects.filter(found, practitioner=person, start__gt=timezone.now())


def _is_over(person: Practitioner) -> bool:
    zones = set(person.clinics.values_list("time_zone", flat=True))
    return all(person.left_on < today_at(zone) for zone in zones)
