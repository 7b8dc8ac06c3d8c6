"""Who asks, who answers, and who may take a question that was asked of any clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from clinics.models import Service
from clinics.states import ClinicStatus
from cluster_portal.common.policy import NOBODY, Policy
from patients.models import Advice
from patients.policies.base import DECIDERS, is_staff
from patients.states import ADVICE, RECEIVING, REFERRING, AdviceState

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


def _asking(actor: Actor) -> Q:
    return Q(source_organization=actor.organization_id) if is_staff(actor) else NOBODY


def _asked(actor: Actor) -> Q:
    if actor.organization_id is None or not actor.has(*DECIDERS):
        return NOBODY
    return Q(target_organization=actor.organization_id)


def _fits(actor: Actor) -> Q:
    """Asked of any clinic, not by us, and a clinic of ours in the asking one's country gives the service.

    Whatever became of the question meanwhile: who takes it second is told so. Clinics abroad are asked by name, because
    the patient has to agree to the country.
    """
    if actor.organization_id is None or not actor.has(*DECIDERS):
        return NOBODY
    ours = Service.objects.filter(
        is_active=True,
        clinic__status=ClinicStatus.OPEN,
        clinic__organization=actor.organization_id,
        clinic__country=OuterRef("source_clinic__country"),
        service_type=OuterRef("service_type"),
    )
    return Q(Exists(ours), to_any=True) & ~Q(source_organization=actor.organization_id)


def _reads_advice(actor: Actor) -> Q:
    if not is_staff(actor):
        return NOBODY
    return (
        _asking(actor)
        | Q(target_organization=actor.organization_id)
        | Q(state=AdviceState.FREE) & _fits(actor)
    )


def _advice_rule(action: str):
    sides = frozenset().union(*(line.sides for line in ADVICE.transitions if line.action == action))

    def rule(actor: Actor) -> Q:
        q = NOBODY
        if REFERRING in sides:
            q |= _asking(actor)
        if RECEIVING in sides:
            q |= _asked(actor)
        return q

    return rule


class AdvicePolicy(Policy):
    """Questions to specialists: the side that asks, and the side that is asked, where those who decide answer.

    What is asked of any clinic is read, without the patient's name, by those who decide where the service is given,
    until one of them takes it.
    """

    model = Advice
    rules = {
        "view": _reads_advice,
        **{action: _advice_rule(action) for action in ADVICE.actions},
        "take": _fits,
    }
    model_rules = {"create": is_staff}

    def names(self, actor: Actor, advice: Advice) -> bool:
        """Whether the actor is told who the patient is: not before their side has taken the question."""
        return actor.organization_id in (advice.source_organization_id, advice.target_organization_id)

    def sides(self, actor: Actor, advice: Advice) -> frozenset[str]:
        """On which sides of a question, one that the actor sees, they stand and act."""
        sides = set()
        if is_staff(actor) and advice.source_organization_id == actor.organization_id:
            sides.add(REFERRING)
        # Of the free ones a reader sees those alone that fit.
        answers = (
            advice.source_organization_id != actor.organization_id
            if advice.state == AdviceState.FREE
            else advice.target_organization_id == actor.organization_id
        )
        if answers and actor.organization_id and actor.has(*DECIDERS):
            sides.add(RECEIVING)
        return frozenset(sides)
