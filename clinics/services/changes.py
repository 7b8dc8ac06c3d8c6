"""An organisation proposes changes of its own records; the cluster office decides.

Lock order: the record, then the request about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.errors import ChangeConflict, ChangePending, NothingChanged
from clinics.events import CHANGE_DECIDED
from clinics.models import ChangeRequest, Clinic, Organization
from clinics.policies import change_policy
from clinics.selectors.changes import differences, pending_of
from clinics.selectors.records import policy_of, proposed_fields
from clinics.services.records import fill, require_seen
from clinics.states import CHANGE
from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from clinics.selectors.records import Record
    from cluster_portal.common.actor import Actor


@service
def request_change(
    actor: Actor,
    *,
    data: Mapping[str, Any],
    clinic_id: uuid.UUID | None = None,
    organization_id: uuid.UUID | None = None,
    note: str = "",
    seen: datetime | None = None,
) -> ChangeRequest:
    """Propose that the record of a clinic, or of an organisation, should say `data`. Nothing of it is applied yet.

    `seen` is the `updated_at` of the record that was read. Raises NotFound, Forbidden, ChangePending, RecordChanged,
    Invalid at the fields, InnTaken, BinTaken, and NothingChanged where the record says all of it already.
    """
    model, pk = (Clinic, clinic_id) if clinic_id else (Organization, organization_id)
    record = policy_of(model).get(actor, "propose", pk, lock=True)
    if waiting := pending_of(record):
        raise ChangePending(extra={"change_request": str(waiting.pk)})
    require_seen(record, seen)
    before = {name: getattr(record, name) for name in proposed_fields(model)}
    changed = fill(record, data, proposed_fields(model))
    if not changed:
        raise NothingChanged
    return ChangeRequest.objects.create(
        clinic_id=clinic_id,
        organization_id=record.organization_id if clinic_id else record.pk,
        changes={name: [before[name], getattr(record, name)] for name in changed},
        note=_words(note, "note"),
        author_id=actor.user_id,
        author_name=actor.name,
        client_id=actor.client_id,
    )


@service
def approve_change(
    actor: Actor,
    *,
    change_id: uuid.UUID,
    comment: str = "",
    keep: Collection[str] = (),
    overwrite: Collection[str] = (),
    seen: datetime | None = None,
) -> ChangeRequest:
    """Apply a proposed change. Columns in `keep` stay as the record has them.

    Where the record has got a third value meanwhile, nothing is applied and ChangeConflict tells of each such column.
    To go on, name each in `keep` or in `overwrite`, and in `seen` the `updated_at` of the record that was looked at.
    Raises NotFound, Forbidden, IllegalTransition where it is decided already, and Invalid where the values no longer
    fit.
    """
    record, change = _lock(actor, "approve", change_id)
    CHANGE.find(change.state, "approve")
    keep = set(keep) & change.changes.keys()
    if keep == change.changes.keys():
        raise Invalid({"keep": [_("Nothing would be left of the change. Refuse it instead.")]})
    _require_decided(change, record, keep | set(overwrite), seen)
    wanted = {name: after for name, (_before, after) in change.changes.items() if name not in keep}
    if changed := fill(record, wanted, proposed_fields(type(record))):
        record.save(update_fields=[*changed, "updated_at"])
    change.kept = sorted(keep)
    return _decide(actor, change, "approve", comment)


def _require_decided(change: ChangeRequest, record: Record, decided: set[str], seen: datetime | None) -> None:
    """Raise ChangeConflict unless somebody has looked at every column that was changed twice, as it stands now."""
    conflicts = [row for row in differences(change, record) if row.conflicts]
    if not conflicts or (seen == record.updated_at and {row.field for row in conflicts} <= decided):
        return
    rows = [
        {"field": row.field, "before": row.before, "now": row.now, "after": row.after} for row in conflicts
    ]
    raise ChangeConflict(extra={"conflicts": rows, "record_updated_at": record.updated_at.isoformat()})


@service
def refuse_change(actor: Actor, *, change_id: uuid.UUID, comment: str) -> ChangeRequest:
    """Leave the record as it is, with the reason. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    _record, change = _lock(actor, "refuse", change_id)
    CHANGE.find(change.state, "refuse")
    if not comment.strip():
        raise Invalid({"comment": [_("Please say why: the clinic reads it.")]})
    return _decide(actor, change, "refuse", comment)


@service
def withdraw_change(actor: Actor, *, change_id: uuid.UUID) -> ChangeRequest:
    """Take one's own request back. Raises NotFound, Forbidden for others than its author, IllegalTransition."""
    _record, change = _lock(actor, "withdraw", change_id)
    CHANGE.move(change, "withdraw")
    change.save(update_fields=["state", "updated_at"])
    return change


def _lock(actor: Actor, action: str, change_id: uuid.UUID) -> tuple[Record, ChangeRequest]:
    about = change_policy.get(actor, action, change_id)
    model, pk = (Clinic, about.clinic_id) if about.clinic_id else (Organization, about.organization_id)
    record = model.objects.select_for_update(no_key=True).get(pk=pk)
    return record, change_policy.get(actor, action, change_id, lock=True)


def _decide(actor: Actor, change: ChangeRequest, action: str, comment: str) -> ChangeRequest:
    CHANGE.move(change, action)
    change.comment = _words(comment, "comment")
    change.decided_by_id, change.decided_at = actor.user_id, timezone.now()
    change.save(update_fields=["state", "comment", "kept", "decided_by", "decided_at", "updated_at"])
    enqueue(CHANGE_DECIDED, {"change": str(change.pk)})
    return change


def _words(text: str, field: str) -> str:
    longest = ChangeRequest._meta.get_field(field).max_length
    if len(text.strip()) > longest:
        raise Invalid({field: [_("The message is longer than %(n)s characters.") % {"n": longest}]})
    return text.strip()
