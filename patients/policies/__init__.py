"""Who may do what with patients and referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from clinics.policies import reported
from cluster_portal.accounts.roles import Role
from cluster_portal.audit.models import Access
from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy
from patients.models import (
    Attachment,
    Booking,
    DuplicatePair,
    MergeProposal,
    Outflow,
    Patient,
    PatientLink,
    PatientMerge,
    Reason,
    Referral,
    ReferralStep,
    WaitlistEntry,
)
from patients.policies.advice import AdviceFilePolicy, AdvicePolicy
from patients.policies.base import DECIDERS, DESK_ACTIONS, STAFF, is_staff
from patients.states import CLOSED, RECEIVING, REFERRAL, REFERRING, TAKES_FILES

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


def _linked(actor: Actor, *kinds: str) -> Q:
    if not is_staff(actor):
        return NOBODY
    links = PatientLink.objects.filter(
        Q(until__isnull=True) | Q(until__gt=timezone.now()), organization=actor.organization_id
    )
    return Q(pk__in=(links.filter(kind__in=kinds) if kinds else links).values("patient"))


class PatientPolicy(Policy):
    """Staff see a patient only if their organisation registered, referred or received that patient."""

    model = Patient
    rules = {
        "view": lambda actor: _linked(actor),
        "update": lambda actor: _linked(actor),
        "refer": lambda actor: _linked(actor),
    }
    model_rules = {"create": is_staff, "search": is_staff, "break_glass": is_staff}


def _referring(actor: Actor) -> Q:
    return Q(source_organization=actor.organization_id) if is_staff(actor) else NOBODY


def _receiving(actor: Actor, action: str = "") -> Q:
    roles = STAFF if action in DESK_ACTIONS else DECIDERS
    if actor.organization_id is None or not actor.has(*roles):
        return NOBODY
    return Q(target_organization=actor.organization_id, submitted_at__isnull=False)


def _view(actor: Actor) -> Q:
    if not is_staff(actor):
        return NOBODY
    received = Q(target_organization=actor.organization_id, submitted_at__isnull=False)
    return _referring(actor) | received | Q(past_targets__contains=[actor.organization_id])


def _writing(actor: Actor) -> Q:
    """The two sides of today; whoever passed the referral on reads along and writes no more."""
    if not is_staff(actor):
        return NOBODY
    return _referring(actor) | Q(target_organization=actor.organization_id, submitted_at__isnull=False)


def _rule(action: str):
    sides = frozenset().union(*(line.sides for line in REFERRAL.transitions if line.action == action))

    def rule(actor: Actor) -> Q:
        q = NOBODY
        if REFERRING in sides:
            q |= _referring(actor)
        if RECEIVING in sides:
            q |= _receiving(actor, action)
        return q

    return rule


class ReferralPolicy(Policy):
    """The referring side, the receiving side, and those who once redirected it; every action of the state table."""

    model = Referral
    rules = {
        "view": _view,
        "edit": _referring,
        "hold": _rule("book"),
        "read_conclusion": _referring,
        "write": _writing,
        "attach": _writing,
        "send_outside": _referring,
        **{action: _rule(action) for action in REFERRAL.actions},
    }
    model_rules = {"create": is_staff, "receive": lambda actor: actor.has(*DECIDERS), "list": is_staff}

    def sides(self, actor: Actor, referral: Referral, action: str = "") -> frozenset[str]:
        """On which sides of `referral` the actor stands, as far as `action` goes."""
        sides = set()
        if is_staff(actor) and referral.source_organization_id == actor.organization_id:
            sides.add(REFERRING)
        receives = (
            referral.target_organization_id == actor.organization_id and referral.submitted_at is not None
        )
        if receives and actor.organization_id and actor.has(*(STAFF if action in DESK_ACTIONS else DECIDERS)):
            sides.add(RECEIVING)
        return frozenset(sides)


def takes_files(actor: Actor, referral: Referral) -> bool:
    """Whether the actor's side may add files to the referral in its present state."""
    if not is_staff(actor):
        return False
    owners = {REFERRING: referral.source_organization_id, RECEIVING: referral.target_organization_id}
    return any(
        owners[side] == actor.organization_id and referral.state in states
        for side, states in TAKES_FILES.items()
    )


class AttachmentPolicy(Policy):
    """Files of a referral are for its two sides of today. Whoever passed it on keeps seeing their own ones."""

    model = Attachment
    rules = {
        "view": lambda actor: (
            Q(referral__in=Referral._default_manager.filter(_writing(actor)))
            | Q(organization=actor.organization_id)
            if is_staff(actor)
            else NOBODY
        ),
        "remove": lambda actor: Q(organization=actor.organization_id) if is_staff(actor) else NOBODY,
    }

    def is_removable(self, actor: Actor, attachment: Attachment) -> bool:
        """Whether the actor may take this file away now: its own side's, not opened by the other one, not after the
        end. A manager may at any time: a file of another patient has to go, whoever has seen it.
        """
        if not is_staff(actor) or attachment.organization_id != actor.organization_id:
            return False
        return actor.has(Role.MANAGER) or (
            attachment.seen_at is None and attachment.referral.state not in CLOSED
        )


class BookingPolicy(Policy):
    """Bookings of the referrals that the actor sees."""

    model = Booking
    rules = {"view": lambda actor: Q(referral__in=Referral._default_manager.filter(_view(actor)))}


class ReferralReportPolicy(Policy):
    """Referrals as reports count them. `received` and `referred` tell the two sides of an organisation apart."""

    model = Referral
    rules = {
        "view": reported("source_organization", "target_organization"),
        "received": reported("target_organization"),
        "referred": reported("source_organization"),
    }


class StepReportPolicy(Policy):
    """What was decided on referrals, as reports count it: by the organisation, or on what it had sent."""

    model = ReferralStep
    rules = {
        "view": reported("organization", "referral__source_organization"),
        "received": reported("organization"),
        "referred": reported("referral__source_organization"),
    }


class BookingReportPolicy(Policy):
    """Times given to patients, as reports count them: at the organisation, or of those whom it had sent."""

    model = Booking
    rules = {
        "view": reported("organization", "referral__source_organization"),
        "received": reported("organization"),
        "referred": reported("referral__source_organization"),
    }


def _watched(actor: Actor) -> Q:
    if actor.has(Role.OFFICE):
        return EVERYBODY
    if actor.has(Role.MANAGER) and actor.organization_id:
        return Q(organization_id=actor.organization_id)
    return NOBODY


class AccessReportPolicy(Policy):
    """Who opened which record: an organisation's manager reads of its own people, the office of everybody's."""

    model = Access
    rules = {"view": _watched}


class ReasonPolicy(Policy):
    """The dictionaries of reasons are every member's; administrators write them on the admin site."""

    model = Reason
    rules = {"view": lambda actor: EVERYBODY if actor.is_authenticated else NOBODY}


class WaitlistPolicy(Policy):
    """Who waits, of the referrals that the actor sees."""

    model = WaitlistEntry
    rules = {"view": lambda actor: Q(referral__in=Referral._default_manager.filter(_view(actor)))}
    model_rules = {"list": is_staff}


def _keeps_outflow(actor: Actor) -> bool:
    return is_staff(actor) or actor.has(Role.OFFICE)


def _sent_outside(actor: Actor) -> Q:
    own = Q(source_organization=actor.organization_id) if is_staff(actor) else NOBODY
    return EVERYBODY if actor.has(Role.OFFICE) else own


def _own_outflow(actor: Actor) -> Q:
    return Q(source_organization=actor.organization_id) if is_staff(actor) else NOBODY


class OutflowPolicy(Policy):
    """Whoever sent a patient outside the cluster sees and keeps the entry; the cluster office sees all of them.

    `name`: whose patient the actor may read. The office reads where to, what for and why, and of nobody who.
    """

    model = Outflow
    rules = {"view": _sent_outside, "name": _own_outflow, "edit": _own_outflow, "withdraw": _own_outflow}
    model_rules = {"create": is_staff, "list": _keeps_outflow}

    def names(self, actor: Actor, outflow: Outflow) -> bool:
        """Whether the actor may know the patient of an entry that they see."""
        return actor.is_system or (
            is_staff(actor) and outflow.source_organization_id == actor.organization_id
        )


class OutflowReportPolicy(Policy):
    """Patients sent outside the cluster, as reports count them."""

    model = Outflow
    rules = {"view": reported("source_organization")}


def _office(actor: Actor) -> Q:
    return EVERYBODY if actor.has(Role.OFFICE) else NOBODY


class DuplicatePolicy(Policy):
    """Whether two records are one person is the cluster office's to decide.

    For that it reads the two records of a pair that the portal found or a clinic proposed, and no others; each look is
    journalled.
    """

    model = DuplicatePair
    rules = {"view": _office, "compare": _office, "decide": _office}
    model_rules = {
        "list": lambda actor: actor.has(Role.OFFICE),
        "search": lambda actor: actor.has(Role.OFFICE),
    }


class ProposalPolicy(Policy):
    """A clinic proposes to merge two records that it may see; it reads its own proposals, the office all of them."""

    model = MergeProposal
    rules = {
        "view": lambda actor: (
            _office(actor) | (Q(organization=actor.organization_id) if is_staff(actor) else NOBODY)
        )
    }
    model_rules = {"create": is_staff}


class MergePolicy(Policy):
    """Merges are made and undone by the cluster office."""

    model = PatientMerge
    rules = {"view": _office, "undo": _office}
    model_rules = {"list": lambda actor: actor.has(Role.OFFICE)}


access_report_policy = AccessReportPolicy()
advice_file_policy = AdviceFilePolicy()
advice_policy = AdvicePolicy()
attachment_policy = AttachmentPolicy()
booking_policy = BookingPolicy()
booking_report_policy = BookingReportPolicy()
duplicate_policy = DuplicatePolicy()
merge_policy = MergePolicy()
outflow_policy = OutflowPolicy()
outflow_report_policy = OutflowReportPolicy()
patient_policy = PatientPolicy()
proposal_policy = ProposalPolicy()
reason_policy = ReasonPolicy()
referral_policy = ReferralPolicy()
referral_report_policy = ReferralReportPolicy()
step_report_policy = StepReportPolicy()
waitlist_policy = WaitlistPolicy()
