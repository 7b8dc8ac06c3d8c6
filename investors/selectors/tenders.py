"""What readers see of tenders: the list, one tender whole, what it said before; and what the land office works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Sum
from django.utils import timezone

from investors.models import Award, Plot, Question, Tender, TenderDocument, TenderVersion
from investors.policies import question_policy, tender_document_policy, tender_policy
from investors.selectors.plots import in_order
from investors.states import BY_CLOCK, ENDED, TENDER, AwardState, PlotState, TenderState, Waits

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import Criterion

#: The public list: what ends first stands first, what has ended comes on asking; the office's: what was touched last.
ORDER, PAST_ORDER, OFFICE_ORDER = ("bids_until", "id"), ("-bids_until", "-id"), ("-updated_at", "-id")


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the timetable; `state` is `done`, `current` or `future`."""

    name: str
    at: Any
    state: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A tender with all that its page shows."""

    tender: Tender
    phase: TenderState
    plots: list[Plot]
    criteria: list[Criterion]
    documents: list[TenderDocument]
    versions: list[TenderVersion]
    timetable: list[Moment]
    actions: list[str]

    @property
    def area(self) -> Any:
        """Hectares of all the plots."""
        return sum(plot.area for plot in self.plots)


def visible_tenders(actor: Actor) -> QuerySet:
    """The tenders that the actor may see, each with the hectares and the number of its plots."""
    rows = tender_policy.queryset(actor).prefetch_related("plots")
    return rows.annotate(hectares=Sum("plots__area"), number_of_plots=Count("plots"))


def public_list(actor: Actor, *, past: bool = False) -> QuerySet:
    """Announced tenders: those that go on, or those that have ended."""
    rows = visible_tenders(actor).filter(version__gt=0)
    return rows.filter(state__in=ENDED) if past else rows.exclude(state__in=ENDED)


def office_list(actor: Actor, state: str = "", waits: str = "") -> QuerySet:
    """Every tender, drafts too; `waits` narrows to those that wait for something. Raises Forbidden."""
    tender_policy.require(actor, "browse")
    rows = visible_tenders(actor)
    if waits:
        rows = rows.filter(pk__in=waiting_tenders(actor, Waits(waits)).values("pk"))
    return rows.filter(state=state) if state else rows


def waiting_tenders(actor: Actor, waits: Waits) -> QuerySet[Tender]:
    """The tenders in which the office has something to do now, by the clock and not by the state that follows it."""
    rows, now = tender_policy.queryset(actor), timezone.now()
    match waits:
        case Waits.QUESTIONS:
            asked = Question.objects.filter(tender=OuterRef("pk"), answered_at=None)
            return rows.exclude(state__in=ENDED).filter(Exists(asked))
        case Waits.OPENING:
            return rows.filter(state__in=BY_CLOCK, opening_at__lte=now)
        case Waits.EVALUATION:
            return rows.filter(state=TenderState.EVALUATION)
    stood = Award.objects.filter(tender=OuterRef("pk"), state=AwardState.ACTIVE, standstill_until__lte=now)
    return rows.filter(Exists(stood), state=TenderState.AWARDED)


def dossier(actor: Actor, tender_id: uuid.UUID) -> Dossier:
    """Everything of one tender. Raises NotFound."""
    tender = tender_policy.get(actor, "view", tender_id)
    plots = sorted(tender.plots.select_related("site"), key=lambda plot: in_order(plot.number))
    now = timezone.now()
    return Dossier(
        tender, tender.phase(now), plots, list(tender.criteria.all()), list(documents_of(actor, tender)),
        list(tender.versions.all()), _timetable(tender, now), actions_on(actor, tender),
    )  # fmt: skip


def documents_of(actor: Actor, tender: Tender) -> QuerySet[TenderDocument]:
    """The files of a tender that the actor sees already, in the order of their coming."""
    return tender_document_policy.queryset(actor).filter(tender=tender).order_by("created_at", "id")


def _timetable(tender: Tender, now: Any) -> list[Moment]:
    names = ("questions_from", "questions_until", "bids_until", "opening_at", "evaluation_until")
    moments = [(name, getattr(tender, name)) for name in names]
    ahead = [name for name, at in moments if at > now]
    return [
        Moment(name, at, "done" if at <= now else "current" if name == ahead[0] else "future")
        for name, at in moments
    ]


def actions_on(actor: Actor, tender: Tender) -> list[str]:
    """What the actor may do with a tender at this moment, by the clock and by the award in force."""
    now = timezone.now()
    found = TENDER.available(tender.phase(now), tender_policy.sides(actor, tender))
    if tender.state != TenderState.AWARDED or not found:
        return found
    award = tender.awards.filter(state=AwardState.ACTIVE).first()
    if award is None:
        return [name for name in found if name != "complete"]
    left = {"award", "fail"} | ({"complete"} if award.standstill_until > now else set())
    return [name for name in found if name not in left]


def version_of(actor: Actor, tender_id: uuid.UUID, number: int) -> TenderVersion | None:
    """What a tender said before. Raises NotFound for the tender; None for a version that there is not."""
    tender = tender_policy.get(actor, "view", tender_id)
    return tender.versions.select_related("tender").filter(number=number).first()


def tender_to_edit(actor: Actor, tender_id: uuid.UUID) -> Tender:
    """Raises NotFound, Forbidden."""
    return tender_policy.get(actor, "edit", tender_id)


def see_document(actor: Actor, document_id: uuid.UUID) -> TenderDocument:
    """A file of a tender that the actor sees. Raises NotFound."""
    return tender_document_policy.get(actor, "view", document_id)


def document_to_edit(actor: Actor, document_id: uuid.UUID) -> TenderDocument:
    """Raises NotFound, Forbidden."""
    return tender_document_policy.get(actor, "edit", document_id)


def plots_to_offer(tender: Tender | None = None) -> list[Plot]:
    """What a tender may offer: free plots, and its own."""
    rows = Plot.objects.filter(state=PlotState.PUBLISHED).select_related("site")
    if tender is not None:
        rows = rows | tender.plots.select_related("site")
    return sorted(rows.distinct(), key=lambda plot: (plot.site.name, in_order(plot.number)))


def answered(actor: Actor, tender: Tender) -> list[Question]:
    """The questions that everybody reads, with their answers, the latest first."""
    rows = question_policy.queryset(actor).filter(tender=tender, answered_at__isnull=False)
    return list(rows.order_by("-answered_at", "-id"))


def unanswered(actor: Actor, tender: Tender) -> list[Question]:
    """The questions that wait for the land office, the oldest first; nobody else sees any."""
    rows = question_policy.queryset(actor).filter(tender=tender, answered_at=None)
    return list(rows.order_by("asked_at", "id"))


def questions_of(actor: Actor) -> QuerySet[Question]:
    """The questions of tenders that the actor sees: everybody the answered ones, the offices the others too."""
    return question_policy.queryset(actor)


def question_to_answer(actor: Actor, question_id: uuid.UUID) -> Question:
    """Raises NotFound, Forbidden."""
    rows = Question.objects.select_related("tender")
    return question_policy.get(actor, "edit", question_id, queryset=rows)


def moment_of(text: str) -> datetime:
    """A moment as a version keeps it."""
    return datetime.fromisoformat(text)


def money_of(text: str) -> Decimal:
    """An amount as a version keeps it."""
    return Decimal(text)
