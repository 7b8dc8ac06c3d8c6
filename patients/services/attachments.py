"""Adding files to a referral, giving them out, and taking them away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.audit.services import record_access
from cluster_portal.common.errors import IllegalTransition, Invalid
from cluster_portal.common.service import service
from cluster_portal.files.errors import FileRefused
from cluster_portal.files.storage import forget, kept
from patients.errors import AlreadyAttached, FileSeen, TooManyFiles
from patients.models import Attachment
from patients.policies import attachment_policy, referral_policy, takes_files
from patients.selectors.attachments import see_attachment
from patients.services.steps import lock_referral, note
from patients.services.visits import complete_referral
from patients.states import FileKind, ReferralState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.common.actor import Actor
    from cluster_portal.files.storage import Kept
    from patients.models import Conclusion, Referral

FIELD = "files"


def attach_files(
    actor: Actor, *, referral_id: uuid.UUID, uploads: Sequence[UploadedFile], kind: str, field: str = FIELD
) -> list[Attachment]:
    """Check the files, keep them, and add them to the referral.

    The checks and the virus scan come before the transaction, so nobody waits for them; strangers are turned away
    before that. Raises NotFound, Forbidden, FileRefused and ScannerAway (at `field`), Invalid (`kind`),
    IllegalTransition where the state takes no files of this side, AlreadyAttached and TooManyFiles.
    """
    referral_policy.get(actor, "attach", referral_id)
    if not uploads:
        raise FileRefused("missing", field=field)
    with kept(uploads, field=field) as files:
        return add_attachments(actor, referral_id=referral_id, files=files, kind=kind, field=field)


@service
def add_attachments(
    actor: Actor, *, referral_id: uuid.UUID, files: Sequence[Kept], kind: str, field: str = FIELD
) -> list[Attachment]:
    """Write the rows of files that are kept already (see `attach_files`); the other side hears of them."""
    referral = lock_referral(actor, "attach", referral_id)
    if not takes_files(actor, referral):
        raise IllegalTransition(extra={"state": referral.state})
    if kind not in kinds_for(actor, referral):
        raise Invalid({"kind": [_("Please choose what the file is.")]})
    found = attach_rows(actor, referral, files, kind, field)
    if kind == FileKind.CONCLUSION and not referral.conclusion_unread:
        # More of the conclusion has come: there is something to read again.
        referral.conclusion_unread = True
        referral.save(update_fields=["conclusion_unread", "updated_at"])
    if referral.state != ReferralState.DRAFT:
        note(actor, referral, "attach", came_from=referral.state, details=_named(found))
    return found


def kinds_for(actor: Actor, referral: Referral) -> list[str]:
    """What a file may be that the actor adds now: a conclusion is the receiving side's, once the visit is over."""
    concludes = (
        referral.state == ReferralState.COMPLETED and referral.target_organization_id == actor.organization_id
    )
    return [kind for kind in FileKind.values if concludes or kind != FileKind.CONCLUSION]


def attach_rows(
    actor: Actor, referral: Referral, files: Sequence[Kept], kind: str, field: str = FIELD
) -> list[Attachment]:
    """The rows, in the transaction in hand and under the referral's lock. Raises TooManyFiles and AlreadyAttached."""
    there = set(Attachment.objects.filter(referral=referral).values_list("sha256", flat=True))
    if len(there) + len(files) > Attachment.MOST:
        raise TooManyFiles(field=field, extra={"limit": Attachment.MOST})
    rows = []
    for file in files:
        if file.sha256 in there:
            text = _("“%(name)s” is attached to this referral already.") % {"name": file.name}
            raise AlreadyAttached(text, field=field)
        there.add(file.sha256)
        owner = {"referral": referral, "organization_id": actor.organization_id, "kind": kind}
        rows.append(Attachment(**owner, **file.columns(actor)))
    return Attachment.objects.bulk_create(rows)


def _named(attachments: Sequence[Attachment]) -> dict[str, Any]:
    return {"files": [attachment.name for attachment in attachments]}


def complete_with_files(
    actor: Actor, *, referral_id: uuid.UUID, files: Sequence[UploadedFile] = (), **conclusion: Any
) -> Conclusion:
    """Close the visit with its conclusion and the files that belong to it, which the referring side sees at once.

    All or nothing. Raises what `complete_referral` raises, and of files what `attach_files` does.
    """
    if not files:
        return complete_referral(actor, referral_id=referral_id, **conclusion)
    referral_policy.get(actor, "complete", referral_id)
    with kept(files, field=FIELD) as found:
        return conclude(actor, referral_id=referral_id, files=found, **conclusion)


@service
def conclude(actor: Actor, *, referral_id: uuid.UUID, files: Sequence[Kept], **conclusion: Any) -> Conclusion:
    """Write the conclusion and the rows of its files in one transaction (see `complete_with_files`)."""
    written = complete_referral(actor, referral_id=referral_id, **conclusion)
    attach_rows(actor, written.referral, files, FileKind.CONCLUSION)
    return written


@service
def take_attachment(actor: Actor, *, referral_id: uuid.UUID, attachment_id: uuid.UUID) -> Attachment:
    """The file that is given out: journalled as an opening of the file and of its patient's record.

    Raises NotFound.
    """
    attachment = see_attachment(actor, attachment_id, referral_id)
    record_access(actor, subject_type="attachment", subject_id=attachment.pk, purpose="download")
    record_access(actor, subject_type="patient", subject_id=attachment.referral.patient_id, purpose="file")
    if attachment.seen_at is None and _is_other(actor, attachment):
        now = timezone.now()
        Attachment.objects.filter(pk=attachment.pk, seen_at__isnull=True).update(seen_at=now, updated_at=now)
    return attachment


def _is_other(actor: Actor, attachment: Attachment) -> bool:
    """Whether the actor reads it for the other side. Inside one organisation the sides are people."""
    if attachment.organization_id != actor.organization_id:
        return True
    referral = attachment.referral
    inside = referral.source_organization_id == referral.target_organization_id
    return inside and attachment.author_id != actor.user_id


@service
def remove_attachment(actor: Actor, *, referral_id: uuid.UUID, attachment_id: uuid.UUID) -> None:
    """Take a file away: the row at once, its content after the commit; the journal keeps who, what and when.

    Raises NotFound, Forbidden for the other side's files, and FileSeen.
    """
    referral = lock_referral(actor, "view", referral_id)
    attachment = see_attachment(actor, attachment_id, referral_id, "remove")
    if not attachment_policy.is_removable(actor, attachment):
        raise FileSeen
    details = _named([attachment])
    forget(attachment)
    if referral.state != ReferralState.DRAFT:
        note(actor, referral, "detach", came_from=referral.state, details=details)
