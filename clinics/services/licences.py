"""Papers of a clinic (see `papers`): entering them, their renewal, suspension, resumption and end, and their scans.

What a licence covers on a day is asked when somebody books, so nothing has to be told to slots or services here.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.errors import CredentialRenewed, TooManyScans
from clinics.models import Clinic, Credential, CredentialScan, CredentialStep, Permit, Practitioner
from clinics.policies import clinic_policy, paper_policies
from clinics.selectors.calendar import today_at
from clinics.selectors.credentials import scan_of
from clinics.services.papers import ACCREDITATION, FIELDS, LICENCE, PERMIT, REGIME, fill, require_words
from clinics.states import CREDENTIAL, LicenceStatus
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
    from cluster_portal.files.storage import Kept

#: What of the clinic's record lets somebody enter a paper of a kind.
ENTERING = {LICENCE: "license", ACCREDITATION: "license", REGIME: "admit", PERMIT: "license"}
SCAN = "scan"


def add_credential(
    actor: Actor, *, kind: str, clinic_id: uuid.UUID, data: dict[str, Any], scan: UploadedFile | None = None
) -> Credential:
    """Enter a paper (`kind`) of a clinic, with its scan where there is one.

    `data` holds any of FIELDS. Raises NotFound, Forbidden, Invalid, where the clinic has the number already its error
    (LicenceExists and its like), and of the scan FileRefused and ScannerAway.
    """
    clinic_policy.get(actor, ENTERING[kind], clinic_id)
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
    paper_policies[kind].get(actor, "edit", credential_id)
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
    clinic = clinic_policy.get(
        actor, ENTERING[kind], clinic_id, queryset=Clinic.objects.select_related("organization")
    )
    made = paper_policies[kind].model(clinic=clinic)
    fill(kind, made, data)
    _save_new(made)
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
    if paper_policies[kind].model.objects.filter(renews=old).exists():
        raise CredentialRenewed
    made = paper_policies[kind].model(clinic=old.clinic, renews=old)
    same = {
        name: getattr(old, name) for name in FIELDS[kind] if name not in {"number", "valid_from", "valid_to"}
    }
    fill(kind, made, same | data, renews=old)
    _save_new(made)
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
    require_words(reason)
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
    require_words(reason)
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
    paper_policies[kind].get(actor, "edit", credential_id)
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
    scan = scan_of(paper_policies[kind].get(actor, "view", credential_id), scan_id)
    record_access(actor, subject_type="credential_scan", subject_id=scan.pk, purpose="download")
    return scan


@service
def remove_scan(actor: Actor, *, kind: str, credential_id: uuid.UUID, scan_id: uuid.UUID) -> None:
    """Take a wrong scan away; the journal keeps who and when. Raises NotFound and Forbidden."""
    forget(scan_of(_lock(actor, kind, credential_id), scan_id))


def _save_new(made: Credential) -> None:
    made.save(force_insert=True)
    if isinstance(made, Permit):
        # Who was given a permit needs one: from now on its days are asked for.
        Practitioner.objects.filter(pk=made.practitioner_id, by_permit=False).update(by_permit=True)


def _lock(actor: Actor, kind: str, credential_id: uuid.UUID) -> Credential:
    rows = paper_policies[kind].model.objects.select_related("clinic__organization")
    return paper_policies[kind].get(actor, "edit", credential_id, lock=True, queryset=rows)


def _owner(credential: Credential) -> dict[str, Credential]:
    return {credential._meta.model_name: credential}


def _note(
    actor: Actor, credential: Credential, action: str, *, first_day: date | None = None,
    last_day: date | None = None, reason: str = "",
) -> None:  # fmt: skip
    CredentialStep.objects.create(
        **_owner(credential), action=action, first_day=first_day, last_day=last_day, reason=reason.strip()[:300],
        user_id=actor.user_id, actor_name=actor.name,
    )  # fmt: skip
