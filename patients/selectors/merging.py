"""Likely duplicates and merges as the cluster office reads them, and what stands in the way of undoing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from cluster_portal.audit.services import record_access
from patients.models import DuplicatePair, MergeProposal, Patient, PatientLink, PatientMerge, Referral
from patients.policies import duplicate_policy, merge_policy, proposal_policy
from patients.states import PairState, ProposalState

if TYPE_CHECKING:
    import uuid

    from django.db.models import ForeignKey, QuerySet

    from cluster_portal.common.actor import Actor

#: Tables that tell of records themselves, not of what belongs to a patient.
ABOUT_RECORDS = frozenset({Patient, DuplicatePair, PatientMerge, PatientLink})
PAIR_ORDER = ("-is_proposed", "-alike", "id")
MERGE_ORDER = ("-created_at", "-id")


def rows_of_patients() -> list[ForeignKey]:
    """Every column by which a row belongs to a patient, of whatever app: found, so that none is forgotten."""
    return [
        field
        for model in apps.get_models()
        if model not in ABOUT_RECORDS and not model._meta.proxy
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is Patient
    ]


def open_pairs(actor: Actor) -> QuerySet[DuplicatePair]:
    """Pairs that wait for a decision, those that a clinic proposed first, then the likest.

    Without names: a list is no look at anybody's record. `waiting` is what clinics said of the pair.
    """
    return (
        duplicate_policy.queryset(actor)
        .filter(state=PairState.OPEN, first__merged_into__isnull=True, second__merged_into__isnull=True)
        .select_related("first__registered_by", "second__registered_by")
        .prefetch_related(waiting_proposals())
        .order_by(*PAIR_ORDER)
    )


def waiting_proposals() -> Prefetch:
    """What clinics said of a pair and the office has not answered, the earliest first, as `waiting`."""
    rows = MergeProposal.objects.filter(state=ProposalState.OPEN).select_related("organization")
    return Prefetch("proposals", rows.order_by("created_at", "id"), to_attr="waiting")


def proposals_of(actor: Actor, patient: Patient) -> QuerySet[MergeProposal]:
    """What the actor's side has proposed for a record, the latest first, each with the other record of the pair."""
    return (
        proposal_policy.queryset(actor)
        .filter(Q(pair__first=patient) | Q(pair__second=patient))
        .select_related("pair__first", "pair__second", "organization")
        .order_by("-created_at", "-id")
    )


def open_pair(actor: Actor, pair_id: uuid.UUID) -> DuplicatePair:
    """A pair with both records whole; reading them is journalled. Raises NotFound and Forbidden."""
    related = ("first__home_clinic", "first__registered_by", "second__home_clinic", "second__registered_by")
    pair = duplicate_policy.get(
        actor,
        "compare",
        pair_id,
        queryset=DuplicatePair.objects.select_related(*related).prefetch_related(waiting_proposals()),
    )
    for patient in (pair.first_id, pair.second_id):
        record_access(actor, subject_type="patient", subject_id=patient, purpose="merge")
    return pair


def merges(actor: Actor) -> QuerySet[PatientMerge]:
    """What was merged, the latest first."""
    return merge_policy.queryset(actor).select_related("made_by", "undone_by", "pair").order_by(*MERGE_ORDER)


def open_merge(actor: Actor, merge_id: uuid.UUID) -> PatientMerge:
    """A merge with what changed; it shows both records' old and new values, so reading it is journalled."""
    related = ("survivor__registered_by", "merged__registered_by", "made_by", "undone_by")
    merge = merge_policy.get(actor, "view", merge_id, queryset=PatientMerge.objects.select_related(*related))
    for patient in (merge.survivor_id, merge.merged_id):
        record_access(actor, subject_type="patient", subject_id=patient, purpose="merge")
    return merge


def weights(patient: Patient) -> list[tuple[Any, int]]:
    """How much belongs to a record, by kind; kinds of which there is nothing are left out."""
    found = []
    for field in rows_of_patients():
        number = field.model._base_manager.filter(**{field.attname: patient.pk}).count()
        if number:
            found.append((field.model._meta.verbose_name_plural, number))
    return found


def rows_since(merge: PatientMerge) -> set[Any]:
    """Organisations that have begun a referral of the survivor, or got one, since the merge."""
    moved = merge.moved.get("patients.Referral.patient", [])
    rows = Referral.objects.filter(patient=merge.survivor_id, created_at__gt=merge.created_at)
    rows = rows.exclude(pk__in=moved).values_list("source_organization", "target_organization")
    return {organization for pair in rows for organization in pair if organization}


def conflicts_of(merge: PatientMerge, survivor: Patient, merged: Patient) -> list[str]:
    """What has changed since a merge and would be lost by undoing it, a sentence each."""
    if merged.merged_into_id != survivor.pk:
        return [_("The merged record does not lead to this one any more.")]
    found = []
    if survivor.merged_into_id:
        found.append(_("The record was itself merged into another one later. Undo that merge first."))
    for patient, which in ((survivor, "survivor"), (merged, "merged")):
        found += _changed_fields(patient, merge.after[which])
    found += _taken_identifiers(merge)
    for field in rows_of_patients():
        keys = merge.moved.get(f"{field.model._meta.label}.{field.name}", [])
        there = field.model._base_manager.filter(pk__in=keys, **{field.attname: survivor.pk}).count()
        if there < len(keys):
            words = _("%(what)s: %(n)d of the moved ones are gone or belong to another record.")
            found.append(words % {"what": field.model._meta.verbose_name_plural, "n": len(keys) - there})
    return found


def _changed_fields(patient: Patient, after: dict[str, Any]) -> list[str]:
    found = []
    for name, value in after.items():
        field = next(f for f in Patient._meta.concrete_fields if f.attname == name)
        if name != "updated_at" and field.to_python(value) != getattr(patient, name):
            words = _("The field “%(field)s” was changed since.")
            found.append(words % {"field": field.verbose_name})
    return found


def _taken_identifiers(merge: PatientMerge) -> list[str]:
    found = []
    both = (merge.survivor_id, merge.merged_id)
    for values in merge.before.values():
        for name in ("snils", "enp", "iin"):
            value = values.get(name)
            if value and Patient.objects.filter(**{name: value}).exclude(pk__in=both).exists():
                label = Patient._meta.get_field(name).verbose_name
                found.append(_("The number “%(field)s” belongs to another record now.") % {"field": label})
    return found


__all__ = [
    "MERGE_ORDER", "PAIR_ORDER", "conflicts_of", "merges", "open_merge", "open_pair", "open_pairs", "rows_of_patients",
    "rows_since", "weights",
]  # fmt: skip
