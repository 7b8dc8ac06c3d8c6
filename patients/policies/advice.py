"""Who asks, who answers, and who may take a question that was asked of any clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from clinics.models import Service
from clinics.states import ClinicStatus
from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import NOBODY, Policy
from patients.models import Advice, AdviceFile, AdvicePost
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
    """Asked of any clinic, not by us, and a clinic of ours gives the service: one in the asking clinic's country, or
    any where the question may go `abroad`.

    Whatever became of the question meanwhile: who takes it second is told so.
    """
    if actor.organization_id is None or not actor.has(*DECIDERS):
        return NOBODY
    ours = Service.objects.filter(
        is_active=True,
        clinic__status=ClinicStatus.OPEN,
        clinic__organization=actor.organization_id,
        service_type=OuterRef("service_type"),
    )
    near = ours.filter(clinic__country=OuterRef("source_clinic__country"))
    gives = Q(Exists(near)) | Q(Exists(ours), abroad=True)
    return gives & Q(to_any=True) & ~Q(source_organization=actor.organization_id)


def _gave_back(actor: Actor) -> Q:
    """Free again because the actor's side gave it back: it is the state that keeps them from doing more."""
    theirs = AdvicePost.objects.filter(
        advice=OuterRef("pk"), action="give_back", organization=actor.organization_id
    )
    return Q(Exists(theirs), state=AdviceState.FREE) & _fits(actor)


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
            q |= _asked(actor) | _gave_back(actor)
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
        "give_back": lambda actor: (_asked(actor) | _gave_back(actor)) & Q(to_any=True),
    }
    model_rules = {"create": is_staff}

    def names(self, actor: Actor, advice: Advice) -> bool:
        """Whether the actor is told who the patient is: not before their side has taken the question."""
        return actor.organization_id in (advice.source_organization_id, advice.target_organization_id)

    def possible(self, actor: Actor, advice: Advice) -> list[str]:
        """What the actor may do with a question that they see. One that was asked by name cannot be given back."""
        found = ADVICE.available(advice.state, self.sides(actor, advice))
        return [action for action in found if advice.to_any or action != "give_back"]

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


def _reads_files(actor: Actor) -> Q:
    if not is_staff(actor):
        return NOBODY
    own = actor.organization_id
    return Q(post__advice__source_organization=own) | Q(post__advice__target_organization=own)


class AdviceFilePolicy(Policy):
    """Files of a question are for the side that asks and the clinic that answers.

    Names and contents of files tell who the patient is: whoever may only take a question gets neither, and a clinic
    that gave one back reads them no more.
    """

    model = AdviceFile
    rules = {
        "view": _reads_files,
        "remove": lambda actor: _reads_files(actor) & Q(post__organization=actor.organization_id),
    }

    def is_removable(self, actor: Actor, file: AdviceFile) -> bool:
        """Whether the actor may take this file away now: their own side's, until the other one has read its line. A
        manager may at any time: a file of another patient has to go, whoever has seen it.
        """
        if not is_staff(actor) or file.post.organization_id != actor.organization_id:
            return False
        return actor.has(Role.MANAGER) or file.post.read_at is None
