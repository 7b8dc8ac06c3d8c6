"""Clinics propose to merge two records; the office's decision on the pair answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramSimilarity
from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from patients.errors import AlreadyProposed
from patients.events import PROPOSAL_ANSWERED
from patients.models import DuplicatePair, MergeProposal, Patient
from patients.policies import patient_policy, proposal_policy
from patients.services.links import refuse_merged
from patients.states import PairSign, PairState, ProposalState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor


@service
def propose_merge(actor: Actor, *, patient_id: uuid.UUID, other_id: uuid.UUID, comment: str) -> MergeProposal:
    """Tell the cluster office that two records, both open to the actor, are one person, and why.

    A pair that the office took for two people is asked about again: somebody who knows the patient says otherwise.
    Raises Forbidden, NotFound, Invalid, PatientMerged and AlreadyProposed.
    """
    proposal_policy.require(actor, "create")
    patient = patient_policy.get(actor, "view", patient_id)
    other = patient_policy.get(actor, "view", other_id)
    errors = {}
    if patient == other:
        errors["other"] = [_("This is the same record. Please choose the other one.")]
    if not comment.strip():
        errors["comment"] = [_("Please say it in words.")]
    elif len(comment.strip()) > MergeProposal.LONGEST:
        errors["comment"] = [_("The message is longer than %(n)s characters.") % {"n": MergeProposal.LONGEST}]
    if errors:
        raise Invalid(errors)
    for one in (patient, other):
        refuse_merged(one)
    pair = _pair_of(patient, other)
    if pair.proposals.filter(organization=actor.organization_id, state=ProposalState.OPEN).exists():
        raise AlreadyProposed
    pair.is_proposed = True
    if pair.state == PairState.DISMISSED:
        pair.state, pair.decided_at, pair.decided_by_id = PairState.OPEN, None, None
    pair.save(update_fields=["is_proposed", "state", "decided_at", "decided_by", "updated_at"])
    return MergeProposal.objects.create(
        pair=pair,
        organization_id=actor.organization_id,
        author_id=actor.user_id,
        author_name=actor.name,
        comment=comment.strip(),
    )


def _pair_of(one: Patient, other: Patient) -> DuplicatePair:
    """The pair of two records, locked; written where the portal has not found it."""
    first, second = sorted((one, other), key=lambda patient: patient.pk)
    alike = Patient.objects.filter(pk=second.pk).values_list(TrigramSimilarity("sort_name", first.sort_name))
    pair, _made = DuplicatePair.objects.get_or_create(
        first=first, second=second, defaults={"alike": alike.get()[0], "signs": [PairSign.PROPOSED]}
    )
    return DuplicatePair.objects.select_for_update(no_key=True).get(pk=pair.pk)


def answer_proposals(pair: DuplicatePair, state: str, answer: str) -> None:
    """The office has decided on a pair, which is locked: those who proposed it hear so after the commit."""
    proposals = list(pair.proposals.filter(state=ProposalState.OPEN).order_by("id"))
    for proposal in proposals:
        proposal.state, proposal.answer, proposal.answered_at = state, answer.strip(), timezone.now()
        proposal.save(update_fields=["state", "answer", "answered_at", "updated_at"])
        enqueue(PROPOSAL_ANSWERED, {"proposal": str(proposal.pk)})
    pair.is_proposed = False
