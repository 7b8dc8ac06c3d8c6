"""Agreements as the office, their companies and everybody see them, and who holds a plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch

from cluster_portal.common.asking import Asking
from investors.models import Agreement, Award, Interest, Investor, Plot, Tender
from investors.policies import investor_policy, plot_policy
from investors.policies.projects import project_policy
from investors.policies.residents import agreement_document_policy, agreement_policy
from investors.selectors.plots import in_order
from investors.states import (
    AGREEMENT,
    AgreementState,
    AwardState,
    InterestState,
    InvestorState,
    PlotState,
    TenderState,
)

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import AgreementDocument

#: What has moved last comes first.
ORDER = ("-updated_at", "-id")
#: Which plots may be named in a draft: what is kept for somebody, what a tender gave, what is still to be reserved.
NAMEABLE = (PlotState.PUBLISHED, PlotState.RESERVED, PlotState.ALLOCATED)


@dataclass(frozen=True, slots=True)
class AgreementsAsked(Asking):
    """What the bar above the list asks for."""

    state: str = ""


def visible_agreements(actor: Actor) -> QuerySet[Agreement]:
    """The agreements of which the actor may know; `is_readable` says whose terms are theirs to read."""
    readable = agreement_policy.queryset(actor, "read").filter(pk=OuterRef("pk"))
    rows = agreement_policy.queryset(actor).annotate(is_readable=Exists(readable))
    built = Prefetch("projects", project_policy.queryset(actor).order_by("created_at", "id"), to_attr="built")
    return rows.select_related("investor", "tender").prefetch_related("given", built)


def agreements(actor: Actor, asked: AgreementsAsked) -> QuerySet[Agreement]:
    """The list: the offices see all, a company's people their own."""
    rows = agreement_policy.queryset(actor, "read").select_related("investor")
    if asked.state:
        rows = rows.filter(state=asked.state)
    return rows.prefetch_related("given__plot")


@dataclass(frozen=True, slots=True)
class AgreementFile:
    """An agreement with its terms, for those who may read them."""

    agreement: Agreement
    plots: list[Plot]
    documents: list[AgreementDocument]
    actions: list[str]
    keeps: bool


def agreement_file(actor: Actor, agreement_id: uuid.UUID) -> AgreementFile:
    """Everything of one agreement. Raises NotFound, Forbidden where only its fact is public."""
    rows = Agreement.objects.select_related("investor", "tender", "interest")
    agreement = agreement_policy.get(actor, "read", agreement_id, queryset=rows)
    plots = sorted(agreement.plots.select_related("site"), key=lambda plot: in_order(plot.number))
    documents = agreement_document_policy.queryset(actor).filter(agreement=agreement)
    return AgreementFile(
        agreement, plots, list(documents.order_by("created_at", "id")), actions_on(actor, agreement),
        keeps=agreement_policy.allows(actor, "keep", agreement),
    )  # fmt: skip


def actions_on(actor: Actor, agreement: Agreement) -> list[str]:
    """What the actor may do with an agreement now."""
    return AGREEMENT.available(agreement.state, agreement_policy.sides(actor, agreement))


def agreement_to_keep(actor: Actor, agreement_id: uuid.UUID) -> Agreement:
    """An agreement that the actor keeps. Raises NotFound, Forbidden."""
    return agreement_policy.get(
        actor, "keep", agreement_id, queryset=Agreement.objects.select_related("investor")
    )


def holder_of(actor: Actor, plot: Plot) -> Agreement | None:
    """The agreement by which somebody holds the plot, as far as the actor may know of it."""
    rows = agreement_policy.queryset(actor).filter(given__plot=plot, given__is_held=True)
    return rows.select_related("investor", "tender").first()


def see_document(actor: Actor, document_id: uuid.UUID) -> AgreementDocument:
    """A paper of an agreement that the actor may read. Raises NotFound."""
    return agreement_document_policy.get(actor, "view", document_id)


def document_to_keep(actor: Actor, document_id: uuid.UUID) -> AgreementDocument:
    """A paper that the actor may take away. Raises NotFound, Forbidden."""
    return agreement_document_policy.get(actor, "keep", document_id)


def companies_to_agree(actor: Actor) -> QuerySet[Investor]:
    """With whom the actor may draft an agreement."""
    rows = investor_policy.queryset(actor, "decide").filter(state=InvestorState.VERIFIED)
    return rows.order_by("name_ru", "id")


def plots_to_give(actor: Actor) -> QuerySet[Plot]:
    """What may be named in a draft: what no agreement holds and what a complete tender gave."""
    rows = plot_policy.queryset(actor).filter(state__in=NAMEABLE).exclude(given__is_held=True)
    return rows.select_related("site").order_by("site", "number")


def tenders_to_follow() -> QuerySet[Tender]:
    """Complete tenders, the latest first."""
    return Tender.objects.filter(state=TenderState.COMPLETE).order_by("-published_at", "id")


def interests_to_follow() -> QuerySet[Interest]:
    """Interests on which the two sides agreed, the latest first."""
    rows = Interest.objects.filter(state=InterestState.AGREEMENT).select_related("investor")
    return rows.order_by("-updated_at", "id")


def waiting_to_begin(actor: Actor) -> QuerySet[Agreement]:
    """What is signed and waits to come into force, for the office's counter."""
    return agreement_policy.queryset(actor, "keep").filter(state=AgreementState.SIGNED)


def awaited_of(actor: Actor, tender: Tender) -> bool:
    """Whether the actor is to draft the agreement that a complete tender leads to: nobody has yet."""
    return (
        tender.state == TenderState.COMPLETE
        and agreement_policy.may(actor, "create")
        and not Agreement.objects.filter(tender=tender).exclude(state=AgreementState.TERMINATED).exists()
    )


def begun_from(actor: Actor, *, interest: str = "", tender: str = "") -> dict[str, Any]:
    """What is known of an agreement that follows an interest or a tender (their keys), as a form begins with it."""
    wanted = find_by_key(interests_to_follow(), interest)
    if wanted:
        plots = list(plots_to_give(actor).filter(interests__interest=wanted).values_list("pk", flat=True))
        return {"interest": wanted.pk, "investor": wanted.investor_id, "plots": plots}
    complete = find_by_key(tenders_to_follow(), tender)
    if complete:
        plots = list(plots_to_give(actor).filter(lots__tender=complete).values_list("pk", flat=True))
        won = Award.objects.filter(tender=complete, state=AwardState.ACTIVE).values_list(
            "bid__investor", flat=True
        )
        return {"tender": complete.pk, "plots": plots, "investor": won.first()}
    return {}


def find_by_key(rows: QuerySet, key: str) -> Any:
    """The row of a key that an address tells; None where it tells none."""
    try:
        return rows.filter(pk=UUID(key)).first()
    except ValueError:
        return None
