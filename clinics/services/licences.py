"""Licences and accreditations: entering them, their renewal, suspension, resumption and end, and their scans.

What a licence covers on a day is asked when somebody books, so nothing has to be told to slots or services here.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinics.errors import CredentialRenewed, TooManyScans
from clinics.models import Accreditation, Credential, CredentialScan, CredentialStep, Licence, Specialty
from clinics.policies import accreditation_policy, clinic_policy, licence_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.credentials import scan_of
from clinics.states import CREDENTIAL, Jurisdiction, LicenceStatus
from cluster_portal.audit.services import record_access
from cluster_portal.common.errors import Conflict, Invalid
from cluster_portal.common.service import service
from cluster_portal.files.storage import forget, kept

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator, Sequence
    from datetime import date

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.policy import Policy
    from cluster_portal.files.storage import Kept

LICENCE, ACCREDITATION = "licence", "accreditation"
POLICIES: dict[str, Policy] = {LICENCE: licence_policy, ACCREDITATION: accreditation_policy}
_SHARED = ("number", "authority", "country", "valid_from", "valid_to")
FIELDS = {LICENCE: (*_SHARED, "jurisdiction", "activities"), ACCREDITATION: (*_SHARED, "scheme", "scope")}
SCAN = "scan"


def add_credential(
    actor: Actor, *, kind: str, clinic_id: uuid.UUID, data: dict[str, Any], scan: UploadedFile | None = None
) -> Credential:
    """Enter a licence or an accreditation (`kind`) of a clinic, with its scan where there is one.

    `data` holds any of FIELDS. Raises NotFound, Forbidden, Invalid, LicenceExists or AccreditationExists, and of the
    scan FileRefused and ScannerAway.
    """
    clinic_policy.get(actor, "license", clinic_id)
    with _scanned(scan) as files:
        return write_credential(actor, kind=kind, clinic_id=clinic_id, data=data, files=files)


def renew_credential(
    actor: Actor,
    *,
    kind: str,
    credential_id: uuid.UUID,
    data: dict[str, Any],
    scan: UploadedFile | None = None,
) -> Credential:
    """Enter the paper that follows this one; beside number and days, what `data` does not name is as it was.

    Raises what `add_credential` raises, CredentialRenewed where it has a renewal, and Conflict where it was cancelled.
    """
    POLICIES[kind].get(actor, "edit", credential_id)
    with _scanned(scan) as files:
        return write_renewal(actor, kind=kind, credential_id=credential_id, data=data, files=files)


@contextmanager
def _scanned(scan: UploadedFile | None) -> Iterator[Sequence[Kept]]:
    with nullcontext([]) if scan is None else kept([scan], field=SCAN) as files:
        yield files


@service
def write_credential(
    actor: Actor, *, kind: str, clinic_id: uuid.UUID, data: dict[str, Any], files: Sequence[Kept] = ()
) -> Credential:
    """The rows of `add_credential`, whose scan is kept already."""
    clinic = clinic_policy.get(actor, "license", clinic_id)
    made = POLICIES[kind].model(clinic=clinic)
    _fill(kind, made, data)
    made.save(force_insert=True)
    _note(actor, made, "issue", first_day=made.valid_from, last_day=made.valid_to)
    _attach(actor, made, files)
    return made


@service
def write_renewal(
    actor: Actor, *, kind: str, credential_id: uuid.UUID, data: dict[str, Any], files: Sequence[Kept] = ()
) -> Credential:
    """The rows of `renew_credential`, whose scan is kept already."""
    old = _lock(actor, kind, credential_id)
    if old.status == LicenceStatus.CANCELLED:
        raise Conflict(_("What was cancelled cannot be renewed. Please enter it anew."))
    if POLICIES[kind].model.objects.filter(renews=old).exists():
        raise CredentialRenewed
    made = POLICIES[kind].model(clinic=old.clinic, renews=old)
    same = {
        name: getattr(old, name) for name in FIELDS[kind] if name not in {"number", "valid_from", "valid_to"}
    }
    _fill(kind, made, same | data, renews=old)
    made.save(force_insert=True)
    _note(actor, old, "renew", first_day=made.valid_from, last_day=made.valid_to, reason=made.number)
    _note(actor, made, "issue", first_day=made.valid_from, last_day=made.valid_to)
    _attach(actor, made, files)
    return made


@service
def suspend_credential(
    actor: Actor,
    *,
    kind: str,
    credential_id: uuid.UUID,
    first_day: date,
    reason: str,
    last_day: date | None = None,
) -> Credential:
    """Suspend it from `first_day` to `last_day` (inclusive; None: until it is resumed), with the reason.

    On those days its services take no bookings; what is booked already stays, for the clinic to move. Raises NotFound,
    Forbidden, Invalid, and IllegalTransition where it is suspended or cancelled.
    """
    credential = _lock(actor, kind, credential_id)
    CREDENTIAL.move(credential, "suspend")
    _require_words(reason)
    if last_day is not None and last_day < first_day:
        raise Invalid({"last_day": [_("The last day is before the first one.")]})
    if first_day < credential.valid_from or (credential.valid_to and first_day > credential.valid_to):
        raise Invalid({"first_day": [_("It is not in force on that day.")]})
    credential.suspended_from, credential.suspended_to = first_day, last_day
    credential.save(update_fields=["status", "suspended_from", "suspended_to", "updated_at"])
    _note(actor, credential, "suspend", first_day=first_day, last_day=last_day, reason=reason)
    return credential


@service
def resume_credential(actor: Actor, *, kind: str, credential_id: uuid.UUID, reason: str = "") -> Credential:
    """End its suspension: in force again from today on, by the clinic's calendar. Raises as `suspend_credential`."""
    credential = _lock(actor, kind, credential_id)
    CREDENTIAL.move(credential, "resume")
    first_day = today_at(credential.clinic.time_zone)
    if credential.suspended_to is not None and credential.suspended_to < first_day:
        first_day = credential.suspended_to + timedelta(days=1)
    _lift(credential)
    _note(actor, credential, "resume", first_day=first_day, reason=reason)
    return credential


@service
def cancel_credential(actor: Actor, *, kind: str, credential_id: uuid.UUID, reason: str) -> Credential:
    """It was taken away or given up: from now on it covers no day, and its number stays on record.

    A renewal that is cancelled renews nothing any more, so the paper before it can be renewed again. Raises as
    `suspend_credential`.
    """
    credential = _lock(actor, kind, credential_id)
    CREDENTIAL.move(credential, "cancel")
    _require_words(reason)
    credential.renews = None
    _lift(credential)
    _note(actor, credential, "cancel", first_day=today_at(credential.clinic.time_zone), reason=reason)
    return credential


def _lift(credential: Credential) -> None:
    credential.suspended_from = credential.suspended_to = None
    credential.save(update_fields=["status", "suspended_from", "suspended_to", "renews", "updated_at"])


def attach_scan(
    actor: Actor, *, kind: str, credential_id: uuid.UUID, scan: UploadedFile | None
) -> CredentialScan:
    """Check a scan, keep it and add it. Raises NotFound, Forbidden, FileRefused, ScannerAway and TooManyScans."""
    POLICIES[kind].get(actor, "edit", credential_id)
    with kept([scan], field=SCAN) as files:
        return add_scan(actor, kind=kind, credential_id=credential_id, files=files)


@service
def add_scan(actor: Actor, *, kind: str, credential_id: uuid.UUID, files: Sequence[Kept]) -> CredentialScan:
    """The row of a scan that is kept already (see `attach_scan`)."""
    return _attach(actor, _lock(actor, kind, credential_id), files)[0]


def _attach(actor: Actor, credential: Credential, files: Sequence[Kept]) -> list[CredentialScan]:
    of = _owner(credential)
    if CredentialScan.objects.filter(**of).count() + len(files) > CredentialScan.MOST:
        raise TooManyScans(field=SCAN, extra={"limit": CredentialScan.MOST})
    return CredentialScan.objects.bulk_create(CredentialScan(**of, **file.columns(actor)) for file in files)


@service
def take_scan(actor: Actor, *, kind: str, credential_id: uuid.UUID, scan_id: uuid.UUID) -> CredentialScan:
    """A scan that is given out; journalled. Raises NotFound."""
    scan = scan_of(POLICIES[kind].get(actor, "view", credential_id), scan_id)
    record_access(actor, subject_type="credential_scan", subject_id=scan.pk, purpose="download")
    return scan


@service
def remove_scan(actor: Actor, *, kind: str, credential_id: uuid.UUID, scan_id: uuid.UUID) -> None:
    """Take a wrong scan away; the journal keeps who and when. Raises NotFound and Forbidden."""
    forget(scan_of(_lock(actor, kind, credential_id), scan_id))


def _lock(actor: Actor, kind: str, credential_id: uuid.UUID) -> Credential:
    rows = POLICIES[kind].model.objects.select_related("clinic__organization")
    return POLICIES[kind].get(actor, "edit", credential_id, lock=True, queryset=rows)


def _owner(credential: Credential) -> dict[str, Credential]:
    return {LICENCE if isinstance(credential, Licence) else ACCREDITATION: credential}


def _note(
    actor: Actor, credential: Credential, action: str, *, first_day: date | None = None,
    last_day: date | None = None, reason: str = "",
) -> None:  # fmt: skip
    CredentialStep.objects.create(
        **_owner(credential), action=action, first_day=first_day, last_day=last_day, reason=reason.strip()[:300],
        user_id=actor.user_id, actor_name=actor.name,
    )  # fmt: skip


def _require_words(reason: str) -> None:
    if not reason.strip():
        raise Invalid({"reason": [_("Please say it in words.")]})


def _fill(
    kind: str, credential: Credential, data: dict[str, Any], *, renews: Credential | None = None
) -> None:
    """Write `data` onto the paper, checked. Raises Invalid with every field at fault."""
    if unknown := set(data) - set(FIELDS[kind]):
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    for name, value in data.items():
        setattr(credential, name, value.strip() if isinstance(value, str) else value)
    credential.country = credential.country.upper()
    errors: dict[str, list[str]] = {}
    try:
        credential.clean_fields(
            exclude=[f.name for f in credential._meta.fields if f.name not in FIELDS[kind]]
        )
    except ValidationError as exc:
        errors = exc.message_dict
    check = _check_licence if isinstance(credential, Licence) else _check_accreditation
    errors = check(credential) | _check_days(credential, renews) | errors
    if errors:
        raise Invalid(errors)


def _check_days(credential: Credential, renews: Credential | None) -> dict[str, list[str]]:
    first, last = credential.valid_from, credential.valid_to
    if not first:
        return {}
    if last and last < first:
        return {"valid_to": [_("The last day is before the first one.")]}
    if renews is not None and first <= renews.valid_from:
        return {"valid_from": [_("A renewal begins later than what it renews.")]}
    if renews is not None and last and renews.valid_to and last <= renews.valid_to:
        return {"valid_to": [_("A renewal ends later than what it renews.")]}
    return {}


def _check_licence(licence: Licence) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    known = set(Specialty.objects.filter(pk__in=licence.activities or ()).values_list("pk", flat=True))
    if not licence.activities:
        errors["activities"] = [_("Please choose what the licence covers.")]
    elif unknown := sorted(set(licence.activities) - known):
        errors["activities"] = [_("There is no such activity: %(codes)s.") % {"codes": ", ".join(unknown)}]
    licence.activities = sorted(known)
    here = licence.clinic.country
    if licence.country not in _territories():
        errors["country"] = [_("Please choose a country.")]
    elif licence.jurisdiction == Jurisdiction.NATIONAL and licence.country != here:
        errors["country"] = [_("A national licence is of the country in which the clinic stands.")]
    elif licence.jurisdiction == Jurisdiction.FOREIGN and licence.country == here:
        errors["country"] = [_("A foreign licence is of another country than the clinic stands in.")]
    return errors


def _check_accreditation(accreditation: Accreditation) -> dict[str, list[str]]:
    return {} if accreditation.country in _territories() else {"country": [_("Please choose a country.")]}


def _territories() -> frozenset[str]:
    return frozenset(code for code in Locale("en").territories if len(code) == 2 and code.isalpha())
