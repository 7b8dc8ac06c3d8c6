"""Making two records of one person one, and making them two again.

Locks as everywhere: the referrals of both records by id, their bookings by id, then the merge's own rows, the two
patients. Whoever writes a row of the merged record meanwhile waits for the patient's lock and is refused after it
(`OfLivingRecord`); whoever waits for a referral's lock finds it with its new patient.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.audit.services import record_access
from cluster_portal.common.errors import IllegalTransition, Invalid
from cluster_portal.common.service import service
from patients.errors import MergeBlocked, PatientMerged, UndoBlocked
from patients.models import Booking, DuplicatePair, Patient, PatientLink, PatientMerge, Referral
from patients.models.booking import ACTIVE
from patients.policies import duplicate_policy, merge_policy
from patients.selectors.merging import conflicts_of, rows_of_patients, rows_since
from patients.services.links import link
from patients.services.patients import FIELDS, IDENTIFIERS
from patients.services.proposals import answer_proposals
from patients.states import LinkKind, PairState, ProposalState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor

PURPOSE = "merge"


@service
def merge_patients(
    actor: Actor, *, pair_id: uuid.UUID, survivor_id: uuid.UUID, take: Iterable[str] = (), comment: str = ""
) -> PatientMerge:
    """Make the two records of a pair one: `survivor_id` stays, with the fields in `take` as the other record has them.

    All rows of the other record (referrals, bookings, consents, …) are the survivor's from now on, and who might see
    the one sees the other. What moved is written down. Raises NotFound, Invalid, IllegalTransition where the pair was
    decided, PatientMerged where one of the two was merged elsewhere, and MergeBlocked where both have a visit at the
    same time.
    """
    pair = duplicate_policy.get(actor, "decide", pair_id)
    ids = {pair.first_id, pair.second_id}
    if survivor_id not in ids:
        raise Invalid({"survivor": [_("Please choose one of the two records.")]})
    take = list(dict.fromkeys(take))
    if unknown := set(take) - set(FIELDS):
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    (merged_id,) = ids - {survivor_id}
    _lock_rows(ids)
    pair = DuplicatePair.objects.select_for_update(no_key=True).get(pk=pair_id)
    if pair.state != PairState.OPEN:
        raise IllegalTransition
    survivor, merged = _lock_patients(survivor_id, merged_id)
    for patient in (survivor, merged):
        if patient.merged_into_id:
            raise PatientMerged(extra={"replaced_by": str(patient.merged_into_id)})
    _refuse_two_places(survivor, merged)
    merge = PatientMerge(pair=pair, survivor=survivor, merged=merged, comment=comment.strip()[:300])
    merge.made_by_id = actor.user_id
    merge.moved = _move_rows(merged, survivor)
    merge.links = _share_links(merged, survivor)
    _join(merge, survivor, merged, take)
    merge.save(force_insert=True)
    answer_proposals(pair, ProposalState.MERGED, merge.comment)
    pair.state, pair.decided_at, pair.decided_by_id = PairState.MERGED, timezone.now(), actor.user_id
    pair.save(update_fields=["state", "is_proposed", "decided_at", "decided_by", "updated_at"])
    for patient in (survivor, merged):
        record_access(actor, subject_type="patient", subject_id=patient.pk, purpose=PURPOSE)
    return merge


@service
def undo_merge(actor: Actor, *, merge_id: uuid.UUID) -> PatientMerge:
    """Make the two records two again: every field that the merge changed and every row that it moved go back.

    What came since stays where it belongs: rows of a referral follow the referral, the rest is the survivor's. Raises
    NotFound, IllegalTransition where it was undone already, and UndoBlocked with what has changed since and would be
    lost.
    """
    merge = merge_policy.get(actor, "undo", merge_id)
    _lock_rows({merge.survivor_id, merge.merged_id})
    pair = DuplicatePair.objects.select_for_update(no_key=True).get(pk=merge.pair_id)
    merge = merge_policy.get(actor, "undo", merge_id, lock=True)
    if merge.undone_at:
        raise IllegalTransition
    survivor, merged = _lock_patients(merge.survivor_id, merge.merged_id)
    if conflicts := conflicts_of(merge, survivor, merged):
        raise UndoBlocked(extra={"conflicts": conflicts})
    # Identifiers are unique: the survivor lets go of the other's before that has them again.
    _restore(survivor, merge.before["survivor"], merge.after["survivor"])
    _restore(merged, merge.before["merged"], merge.after["merged"])
    _move_back(merge)
    _unshare_links(merge)
    merge.undone_at, merge.undone_by_id = timezone.now(), actor.user_id
    merge.save(update_fields=["undone_at", "undone_by", "updated_at"])
    pair.state, pair.decided_at, pair.decided_by_id = PairState.OPEN, None, None
    pair.save(update_fields=["state", "decided_at", "decided_by", "updated_at"])
    return merge


def _lock_rows(patient_ids: set[uuid.UUID]) -> None:
    for model in (Referral, Booking):
        rows = model.objects.select_for_update(no_key=True).filter(patient__in=patient_ids).order_by("pk")
        list(rows.values_list("pk", flat=True))


def _lock_patients(*patient_ids: uuid.UUID) -> list[Patient]:
    """Locked against new rows too: a row that names a patient waits for this lock."""
    found = {
        row.pk: row for row in Patient.objects.select_for_update().filter(pk__in=patient_ids).order_by("pk")
    }
    return [found[pk] for pk in patient_ids]


def _refuse_two_places(survivor: Patient, merged: Patient) -> None:
    same_time = Booking.objects.filter(
        ACTIVE, patient=survivor, start__lt=OuterRef("end"), end__gt=OuterRef("start")
    )
    clash = (
        Booking.objects.filter(ACTIVE, Exists(same_time), patient=merged)
        .select_related("referral")
        .order_by("start")
        .first()
    )
    if clash:
        raise MergeBlocked(
            _(
                "Both records have a visit at the same time (referral %(number)s). Please have one of them moved first."
            )
            % {"number": clash.referral.number}
        )


def _move_rows(merged: Patient, survivor: Patient) -> dict[str, list[str]]:
    """Let every row of the one record be the other's. Returns their keys by table."""
    moved = {}
    for field in rows_of_patients():
        model = field.model
        rows = model._base_manager.filter(**{field.attname: merged.pk})
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        if not keys:
            continue
        try:
            with transaction.atomic():
                model._base_manager.filter(pk__in=keys).update(**{field.attname: survivor.pk})
        except IntegrityError:
            raise MergeBlocked(
                _("Both records have something of which a patient has only one: %(what)s.")
                % {"what": model._meta.verbose_name_plural}
            ) from None
        moved[_name(field)] = [str(key) for key in keys]
    return moved


def _name(field: Any) -> str:
    return f"{field.model._meta.label}.{field.name}"


def _share_links(merged: Patient, survivor: Patient) -> dict[str, list[list[Any]]]:
    """Whoever sees the merged record sees the survivor; the merged one's links stay, so that its address leads on."""
    theirs = {(row.organization_id, row.kind): row for row in PatientLink.objects.filter(patient=survivor)}
    made, until = [], []
    for row in PatientLink.objects.filter(patient=merged).order_by("pk"):
        known = theirs.get((row.organization_id, row.kind))
        if known is None:
            new = PatientLink.objects.create(
                patient=survivor, organization_id=row.organization_id, kind=row.kind, until=row.until
            )
            made.append([new.pk, row.until and row.until.isoformat()])
        elif known.until and (row.until is None or row.until > known.until):
            until.append([known.pk, known.until.isoformat(), row.until and row.until.isoformat()])
            known.until = row.until
            known.save(update_fields=["until"])
    return {"made": made, "until": until}


def _join(merge: PatientMerge, survivor: Patient, merged: Patient, take: list[str]) -> None:
    """Write the chosen values on the survivor, and on the merged record where it leads. Identifiers are one's only."""
    names = [_attname(name) for name in take if getattr(survivor, name) != getattr(merged, name)]
    freed = [name for name in IDENTIFIERS if name in names and getattr(merged, name)]
    merge.before = {
        "survivor": _values(survivor, [*names, "updated_at"]),
        "merged": _values(merged, [*freed, "merged_into_id", "updated_at"]),
    }
    values = {name: getattr(merged, name) for name in names}
    for name in freed:
        setattr(merged, name, "")
    merged.merged_into_id = survivor.pk
    merged.save(update_fields=[*freed, "merged_into", "updated_at"])
    for name, value in values.items():
        setattr(survivor, name, value)
    survivor.save(update_fields=[*(_field(name).name for name in names), "updated_at"])
    merge.after = {
        "survivor": _values(survivor, merge.before["survivor"]), "merged": _values(merged, merge.before["merged"]),
    }  # fmt: skip


def _field(attname: str) -> Any:
    return next(field for field in Patient._meta.concrete_fields if field.attname == attname)


def _attname(name: str) -> str:
    return Patient._meta.get_field(name).attname


def _values(patient: Patient, names: Iterable[str]) -> dict[str, Any]:
    """Columns as JSON holds them."""
    found = {}
    for name in names:
        value = getattr(patient, name)
        if isinstance(value, date | datetime):
            value = value.isoformat()
        found[name] = str(value) if isinstance(value, uuid.UUID) else value
    return found


def _restore(patient: Patient, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Give the columns their values back. Whoever was changed elsewhere since has a new moment of change."""
    values = {name: _field(name).to_python(value) for name, value in before.items()}
    if _values(patient, ["updated_at"])["updated_at"] != after["updated_at"]:
        values["updated_at"] = timezone.now()
    Patient.objects.filter(pk=patient.pk).update(**values)


def _move_back(merge: PatientMerge) -> None:
    referrals = merge.moved.get("patients.Referral.patient", [])
    for field in rows_of_patients():
        model, column = field.model, field.attname
        ours = Q(pk__in=merge.moved.get(_name(field), []))
        if any(f.name == "referral" for f in model._meta.concrete_fields):
            # What a referral got since goes where the referral goes.
            ours |= Q(referral__in=referrals)
        rows = model._base_manager.filter(ours, **{column: merge.survivor_id})
        rows.update(**{column: merge.merged_id})


def _unshare_links(merge: PatientMerge) -> None:
    """Take back what the merge opened, but for organisations that have worked with the survivor since."""
    at_work = rows_since(merge)
    for key, until in merge.links["made"]:
        row = PatientLink.objects.filter(pk=key).exclude(organization__in=at_work)
        row.filter(until=until and datetime.fromisoformat(until)).delete()
    for key, before, after in merge.links["until"]:
        row = PatientLink.objects.filter(pk=key, until=after and datetime.fromisoformat(after))
        row.update(until=datetime.fromisoformat(before))
    # Who received a moved referral since has to see whose it is.
    moved = merge.moved.get("patients.Referral.patient", [])
    for referral in Referral.objects.filter(
        pk__in=moved, submitted_at__isnull=False, updated_at__gt=F("created_at")
    ):
        link(merge.merged_id, referral.source_organization_id, LinkKind.REFERRED)
        if referral.target_organization_id:
            link(merge.merged_id, referral.target_organization_id, LinkKind.RECEIVED)
