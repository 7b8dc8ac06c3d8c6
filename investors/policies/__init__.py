"""Who may do what with land: the land office writes, everybody reads what was published.

An investor's people are known by the account alone (`InvestorMember`), whatever organisation they act for beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy
from investors.models import (
    Award,
    BeneficialOwner,
    Bid,
    Evaluator,
    Interest,
    Investor,
    InvestorDocument,
    InvestorInvitation,
    InvestorMember,
    Plot,
    PlotDocument,
    PlotWatch,
    Question,
    SavedSearch,
    Score,
    SealedFile,
    Site,
    Tender,
    TenderDocument,
    Utility,
)
from investors.states import (
    AT_WORK,
    COMPANY,
    EVALUATOR,
    LAND_OFFICE,
    OPEN_TO_CORRECTION,
    SEES_OFFERS,
    BidState,
    EnvelopeKind,
    EvaluatorState,
    InvestorState,
    MemberRole,
    PlotState,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model

    from cluster_portal.common.actor import Actor

#: Those who see drafts; the cluster office only reads them.
READERS = frozenset({Role.LAND, Role.OFFICE})
#: Those who run reports of sums and of what is public.
REPORTERS = READERS | {Role.ANALYST}


def _writes(actor: Actor) -> Q:
    """The land office, everywhere."""
    return EVERYBODY if actor.has(Role.LAND) else NOBODY


def _public(public: Q) -> Callable[[Actor], Q]:
    """The offices see every row, everybody else, visitors too, those that `public` tells."""
    return lambda actor: EVERYBODY if actor.has(*READERS) else public


def _visible(path: str) -> Callable[[Actor], Q]:
    """What belongs to plots that were published."""
    return _public(~Q(**{f"{path}state": PlotState.DRAFT}))


def _announced(path: str) -> Callable[[Actor], Q]:
    """What belongs to tenders that were published."""
    return _public(Q(**{f"{path}version__gt": 0}))


class _DraftedPolicy(Policy):
    """What the land office drafts and publishes, and the offices see before that."""

    model_rules = {
        "create": lambda actor: actor.has(Role.LAND),
        # The office's own list, with drafts.
        "browse": lambda actor: actor.has(*READERS),
    }

    def sides(self, actor: Actor, row: Model) -> frozenset[str]:
        """What the actor is to a row, for the state table."""
        return frozenset({LAND_OFFICE} if actor.has(Role.LAND) else ())


class SitePolicy(Policy):
    """Sites are no secret."""

    model = Site
    rules = {"view": lambda actor: EVERYBODY, "edit": _writes}
    model_rules = {"create": lambda actor: actor.has(Role.LAND)}


class PlotPolicy(_DraftedPolicy):
    """What was published stays everybody's, whatever becomes of it."""

    model = Plot
    rules = {"view": _visible(""), "edit": _writes}


class UtilityPolicy(Policy):
    """As the plot."""

    model = Utility
    rules = {"view": _visible("plot__"), "edit": _writes}


class DocumentPolicy(Policy):
    """As the plot."""

    model = PlotDocument
    rules = {"view": _visible("plot__"), "edit": _writes}


def of_company(path: str = "", **conditions: object) -> Callable[[Actor], Q]:
    """The rows of the investors for which the person acts; `path` leads from the row to its investor."""

    def rule(actor: Actor) -> Q:
        if actor.user_id is None:
            return NOBODY
        return Q(
            **{
                f"{path}{name}": value
                for name, value in {"members__user": actor.user_id, **conditions}.items()
            }
        )

    return rule


def _known(path: str = "") -> Callable[[Actor], Q]:
    """The offices read every company, its people their own."""
    own = of_company(path)
    return lambda actor: EVERYBODY if actor.has(*READERS) else own(actor)


def decides(actor: Actor, path: str = "pk") -> Q:
    """The land office, but nobody for their own company; `path` leads from the row to its investor."""
    if not actor.has(Role.LAND):
        return NOBODY
    return ~Q(**{f"{path}__in": InvestorMember.objects.filter(user=actor.user_id).values("investor")})


class InvestorPolicy(Policy):
    """A company is its people's and the offices'; `act` is whoever does business for a verified one."""

    model = Investor
    rules = {
        "view": _known(),
        "act": of_company(state=InvestorState.VERIFIED),
        "edit": of_company(),
        "correct": of_company(state__in=OPEN_TO_CORRECTION),
        "own": of_company(members__role=MemberRole.OWNER),
        "decide": decides,
    }
    model_rules = {
        "create": lambda actor: actor.user_id is not None,
        # The office's list.
        "browse": lambda actor: actor.has(*READERS),
    }

    def sides(self, actor: Actor, investor: Investor) -> frozenset[str]:
        """What the actor is to a company, for the state table."""
        if self.allows(actor, "edit", investor):
            return frozenset({COMPANY})
        return frozenset({LAND_OFFICE} if actor.has(Role.LAND) else ())


class MemberPolicy(Policy):
    """An owner says who acts for the company."""

    model = InvestorMember
    rules = {"view": _known("investor__"), "own": of_company("investor__", members__role=MemberRole.OWNER)}


class InvitationPolicy(Policy):
    """As the company's people."""

    model = InvestorInvitation
    rules = MemberPolicy.rules


class OwnerPolicy(Policy):
    """Who owns a company is part of what was verified."""

    model = BeneficialOwner
    rules = {"view": _known("investor__"), "correct": of_company("investor__", state__in=OPEN_TO_CORRECTION)}


class InterestPolicy(Policy):
    """An interest is its company's and the offices'; the land office keeps it, but nobody their own company's."""

    model = Interest
    rules = {
        "view": _known("investor__"),
        "edit": of_company("investor__"),
        "keep": lambda actor: decides(actor, "investor"),
    }
    model_rules = {"create": lambda actor: actor.user_id is not None}

    def sides(self, actor: Actor, interest: Interest) -> frozenset[str]:
        """What the actor is to an interest, for the state table."""
        if self.allows(actor, "edit", interest):
            return frozenset({COMPANY})
        return frozenset({LAND_OFFICE} if actor.has(Role.LAND) else ())


def _own(actor: Actor) -> Q:
    """What is the person's alone."""
    return Q(user=actor.user_id) if actor.user_id else NOBODY


class WatchPolicy(Policy):
    """What one watches is nobody else's."""

    model = PlotWatch
    rules = {"view": _own}
    model_rules = {"create": lambda actor: actor.user_id is not None}


class SearchPolicy(Policy):
    """As what one watches."""

    model = SavedSearch
    rules = {"view": _own}
    model_rules = WatchPolicy.model_rules


class InvestorDocumentPolicy(Policy):
    """Papers may be added at any time; taken away only while nobody has looked at them."""

    model = InvestorDocument
    rules = {"view": _known("investor__"), "correct": of_company("investor__", state__in=OPEN_TO_CORRECTION)}


def _impartial(actor: Actor, path: str) -> Q:
    """The land office, but nobody whose company bids; `path` leads from the row to its tender."""
    if not actor.has(Role.LAND):
        return NOBODY
    return ~Q(**{f"{path}__in": Bid.objects.filter(investor__members__user=actor.user_id).values("tender")})


class TenderPolicy(_DraftedPolicy):
    """A tender is public from its announcement on; a draft that was called off never was."""

    model = Tender
    rules = {
        "view": _announced(""),
        "edit": _writes,
        # Whoever signs in.
        "ask": lambda actor: Q(version__gt=0) if actor.user_id else NOBODY,
        # Being one of the officials who open the bids.
        "open": lambda actor: EVERYBODY if actor.user_id and actor.has(*READERS) else NOBODY,
        # Deciding on bids and awards: nobody whose own company bids.
        "judge": lambda actor: _impartial(actor, "pk"),
    }


def _opened_or_own(actor: Actor) -> Q:
    # By keys: a join to the company's people would give a bid of two of them twice.
    own = Q(investor__in=Investor.objects.filter(of_company()(actor)).values("pk"))
    if actor.has(*READERS):
        return own | Q(opened_at__isnull=False)
    if actor.user_id is None:
        return own
    judged = Evaluator.objects.filter(user=actor.user_id, state__in=SEES_OFFERS).values("tender")
    return own | Q(opened_at__isnull=False, tender__in=judged)


def _readable(actor: Actor) -> Q:
    """What an official who is to judge reads too: nothing before the declaration, nothing with a conflict."""
    if actor.user_id is None:
        return NOBODY
    silent = Evaluator.objects.filter(user=actor.user_id).exclude(state__in=SEES_OFFERS).values("tender")
    return _opened_or_own(actor) & ~Q(tender__in=silent)


class BidPolicy(Policy):
    """A bid is its company's own; the offices and its evaluators know of it once its envelopes are open."""

    model = Bid
    rules = {
        "view": _opened_or_own,
        # What it says.
        "read": _readable,
        "own": of_company("investor__"),
        "edit": of_company("investor__", state=InvestorState.VERIFIED),
        "judge": lambda actor: _impartial(actor, "tender"),
    }


def _file_readable(actor: Actor) -> Q:
    """The own ones; of bids that one reads those of the first envelope, and of the second once the bid is admitted."""
    own = Q(bid__in=Bid.objects.filter(of_company("investor__")(actor)).values("pk"))
    read = Q(opened_key__isnull=False, bid__in=Bid.objects.filter(_readable(actor)).values("pk"))
    return own | read & (Q(kind=EnvelopeKind.ELIGIBILITY) | Q(bid__state=BidState.QUALIFIED))


class SealedFilePolicy(Policy):
    """As the envelope in which it lies."""

    model = SealedFile
    rules = {"view": _file_readable, "edit": of_company("bid__investor__", state=InvestorState.VERIFIED)}


class EvaluatorPolicy(Policy):
    """An evaluator knows of the own task, the offices of everybody's; only the person declares and gives marks."""

    model = Evaluator
    rules = {
        "view": lambda actor: EVERYBODY if actor.has(*READERS) else _own(actor),
        "own": _own,
        "judge": lambda actor: _impartial(actor, "tender"),
    }

    def sides(self, actor: Actor, evaluator: Evaluator) -> frozenset[str]:
        """What the actor is to an evaluator, for the state table."""
        own = {EVALUATOR} if evaluator.user_id == actor.user_id else set()
        return frozenset(own | {LAND_OFFICE} if actor.has(Role.LAND) else own)


def _disclosed_or_own(actor: Actor) -> Q:
    if actor.user_id is None:
        return NOBODY
    at_work = Evaluator.objects.filter(state__in=AT_WORK).values("tender")
    concerned = Evaluator.objects.filter(user=actor.user_id, state=EvaluatorState.FINISHED).values("tender")
    disclosed = ~Q(evaluator__tender__in=at_work)
    if not actor.has(*READERS):
        disclosed &= Q(evaluator__tender__in=concerned)
    return Q(evaluator__user=actor.user_id) | disclosed


class ScorePolicy(Policy):
    """Own marks; the others' when all have finished, to the offices and to the evaluators."""

    model = Score
    rules = {"view": _disclosed_or_own}


class AwardPolicy(Policy):
    """An award is public; its company may withdraw, the land office revokes it."""

    model = Award
    rules = {
        "view": lambda actor: EVERYBODY,
        "own": of_company("bid__investor__"),
        "judge": lambda actor: _impartial(actor, "tender"),
    }


class QuestionPolicy(Policy):
    """What was answered is public with its tender; the rest is the offices' to answer."""

    model = Question
    rules = {"view": _public(Q(answered_at__isnull=False)), "edit": _writes}


class TenderDocumentPolicy(Policy):
    """As the tender."""

    model = TenderDocument
    rules = {"view": _announced("tender__"), "edit": _writes}


site_policy = SitePolicy()
plot_policy = PlotPolicy()
utility_policy = UtilityPolicy()
document_policy = DocumentPolicy()
investor_policy = InvestorPolicy()
member_policy = MemberPolicy()
invitation_policy = InvitationPolicy()
owner_policy = OwnerPolicy()
investor_document_policy = InvestorDocumentPolicy()
tender_policy = TenderPolicy()
tender_document_policy = TenderDocumentPolicy()
bid_policy = BidPolicy()
sealed_file_policy = SealedFilePolicy()
evaluator_policy = EvaluatorPolicy()
score_policy = ScorePolicy()
award_policy = AwardPolicy()
question_policy = QuestionPolicy()
interest_policy = InterestPolicy()
watch_policy = WatchPolicy()
search_policy = SearchPolicy()
