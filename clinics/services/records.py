"""The cluster office writes the registry: organisations and clinics, entered once and kept true."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinics.errors import BinTaken, InnTaken, LikelyDuplicate, RecordChanged
from clinics.models import Clinic, Cluster, Organization
from clinics.policies import clinic_policy, organization_policy
from clinics.selectors.cluster import current_cluster
from clinics.selectors.likeness import like_clinic, like_organization
from clinics.selectors.records import office_fields
from clinics.selectors.wording import LANGUAGES
from clinics.states import ClinicStatus
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from clinics.selectors.likeness import Candidate
    from clinics.selectors.records import Record
    from cluster_portal.common.actor import Actor

TERRITORIES = Locale("en").territories
#: What the list of territories names beside countries: unions, tests, the unknown one.
NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
TAKEN = {"inn": InnTaken, "bin": BinTaken}
#: What a site may be entered as; it closes by `sites.close_clinic`.
BEGINNINGS = (ClinicStatus.PLANNED, ClinicStatus.UNDER_CONSTRUCTION, ClinicStatus.OPEN)


@service
def create_organization(
    actor: Actor, *, data: Mapping[str, Any], confirmed_distinct: bool = False
) -> Organization:
    """Enter an organisation. Raises Forbidden, Invalid at the fields, InnTaken, BinTaken, and LikelyDuplicate unless
    somebody has looked and says that it is another one.
    """
    organization_policy.require(actor, "create")
    organization = Organization()
    _fill_new(organization, data)
    _look_for_it(like_organization, data, confirmed_distinct)
    organization.save(force_insert=True)
    return organization


@service
def create_clinic(
    actor: Actor, *, organization_id: uuid.UUID, data: Mapping[str, Any], confirmed_distinct: bool = False
) -> Clinic:
    """Enter a site of an organisation; `data` may hold a `status` before closing. Raises as `create_organization`."""
    clinic_policy.require(actor, "create")
    data = dict(data)
    status = data.pop("status", ClinicStatus.OPEN)
    if status not in BEGINNINGS:
        raise Invalid({"status": [_("A clinic is closed from its page, with the day and the reason.")]})
    return _enter_clinic(actor, organization_id, data, status, confirmed_distinct)


@service
def announce_clinic(
    actor: Actor, *, organization_id: uuid.UUID, data: Mapping[str, Any], confirmed_distinct: bool = False
) -> Clinic:
    """Enter a site as planned for a building that stands: the cluster office looks at it and opens it. Country and time
    zone are the cluster's where they are not given. Raises as `create_organization`.
    """
    clinic_policy.require(actor, "announce")
    cluster = current_cluster()
    data = {"country": cluster.country, "time_zone": cluster.time_zone} | dict(data)
    return _enter_clinic(actor, organization_id, data, ClinicStatus.PLANNED, confirmed_distinct)


def _enter_clinic(
    actor: Actor, organization_id: uuid.UUID, data: Mapping[str, Any], status: str, confirmed_distinct: bool
) -> Clinic:
    organization = organization_policy.queryset(actor).filter(pk=organization_id).first()
    if organization is None:
        raise NotFound(field="organization")
    clinic = Clinic(organization=organization, status=status)
    _fill_new(clinic, data)
    _look_for_it(like_clinic, data, confirmed_distinct)
    clinic.save(force_insert=True)
    return clinic


@service
def update_organization(
    actor: Actor, *, organization_id: uuid.UUID, data: Mapping[str, Any], seen: datetime | None = None
) -> Organization:
    """Change an organisation at once. `seen` is the `updated_at` that the writer read.

    Raises Forbidden, NotFound, Invalid at the fields, and RecordChanged where somebody has written it since.
    """
    organization = organization_policy.get(actor, "edit", organization_id, lock=True)
    return save_changes(organization, data, seen)


@service
def update_clinic(
    actor: Actor, *, clinic_id: uuid.UUID, data: Mapping[str, Any], seen: datetime | None = None
) -> Clinic:
    """Change a clinic at once. Raises as `update_organization`."""
    clinic = clinic_policy.get(actor, "edit", clinic_id, lock=True)
    return save_changes(clinic, data, seen)


def save_changes(record: Record, data: Mapping[str, Any], seen: datetime | None = None) -> Record:
    """Write `data` to a locked record, if it is still as it was `seen`; what is the same already is left alone."""
    require_seen(record, seen)
    if changed := fill(record, data, office_fields(type(record))):
        record.save(update_fields=[*changed, "updated_at"])
    return record


def require_seen(record: Record, seen: datetime | None) -> None:
    """Raise RecordChanged where the locked record is not the version that the writer read."""
    if seen is not None and record.updated_at != seen:
        raise RecordChanged(extra={"updated_at": record.updated_at.isoformat()})


def fill(record: Record, data: Mapping[str, Any], allowed: Iterable[str]) -> list[str]:
    """Put `data` on the record (not saved), checked. Returns the columns that differ, in the order of `allowed`.

    Raises Invalid with every field at fault, InnTaken and BinTaken.
    """
    if unknown := set(data) - set(allowed):
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    changed = []
    for name in allowed:
        if name in data:
            value = data[name].strip() if isinstance(data[name], str) else data[name]
            if value != getattr(record, name):
                setattr(record, name, value)
                changed.append(name)
    _check(record, changed)
    return changed


def _fill_new(record: Record, data: Mapping[str, Any]) -> None:
    allowed = office_fields(type(record))
    fill(record, data, allowed)
    # What was not given is asked for too.
    _check(record, allowed)


def faults_of(record: Any, names: Iterable[str]) -> dict[str, list[Any]]:
    """What is wrong with these columns of a record of the registry, in words; no query."""
    names = set(names)
    errors: dict[str, list[Any]] = {}
    for name in names & _CHECKS.keys():
        if text := _CHECKS[name](getattr(record, name)):
            errors[name] = [text]
    rest = {field.name for field in record._meta.fields if field.name not in names or field.name in errors}
    try:
        record.clean_fields(exclude=rest)
    except ValidationError as exc:
        errors |= exc.message_dict
    return errors


def _check(record: Record, names: Iterable[str]) -> None:
    names = set(names)
    if errors := faults_of(record, names):
        raise Invalid(errors)
    for name in sorted(names & TAKEN.keys()):
        value = getattr(record, name)
        if value and Organization.objects.filter(**{name: value}).exclude(pk=record.pk).exists():
            raise TAKEN[name](field=name)


def check_hours(hours: Any) -> str:
    """What is wrong with opening hours, in words; empty where nothing is."""
    try:
        for weekday, (starts, ends) in hours.items():
            if weekday not in {*"1234567"} or time.fromisoformat(starts) >= time.fromisoformat(ends):
                raise ValueError(weekday)
    except (AttributeError, TypeError, ValueError):
        return _('Weekdays "1" to "7" with two times each: {"1": ["08:00", "20:00"]}.')
    return ""


def _check_languages(codes: list[str]) -> str:
    unknown = [code for code in codes if code not in LANGUAGES]
    return _("Unknown language: %(codes)s.") % {"codes": ", ".join(unknown)} if unknown else ""


def _check_zone(name: str) -> str:
    return "" if name in available_timezones() else _("There is no such time zone.")


def _check_country(code: str) -> str:
    known = code in TERRITORIES and code.isalpha() and code not in NO_COUNTRIES
    return "" if known else _("Please choose a country.")


_CHECKS = {
    "opening_hours": check_hours, "languages": _check_languages, "interpreters": _check_languages,
    "time_zone": _check_zone, "country": _check_country,
}  # fmt: skip


def _look_for_it(
    like: Callable[[Mapping[str, Any]], list[Candidate]], data: Mapping[str, Any], confirmed: bool
) -> None:
    """Raise LikelyDuplicate. Entries are made one at a time: whoever comes second meets the first one here."""
    Cluster.objects.select_for_update(no_key=True).filter(pk=1).first()
    candidates = [] if confirmed else like(data)
    if candidates:
        raise LikelyDuplicate(extra={"candidates": [one.as_shown() for one in candidates]})
