"""What readers see of companies: the office's list, one's own, one with all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q

from cluster_portal.accounts.roles import Role
from cluster_portal.common.asking import Asking
from investors.models import Investor
from investors.policies import (
    investor_document_policy,
    investor_policy,
    invitation_policy,
    member_policy,
    owner_policy,
)
from investors.states import INVESTOR, OPEN_TO_CORRECTION, InvestorState

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import BeneficialOwner, InvestorDocument, InvestorInvitation, InvestorMember

#: The office's list: who waits longest first, then what was touched last.
ORDER = ("-updated_at", "-id")


@dataclass(frozen=True, slots=True)
class CompaniesAsked(Asking):
    """What the bar above the office's list asks for."""

    state: str = ""
    q: str = ""


def companies(actor: Actor, asked: CompaniesAsked) -> QuerySet[Investor]:
    """Every company. Raises Forbidden for whoever is no office."""
    investor_policy.require(actor, "browse")
    rows = investor_policy.queryset(actor)
    if asked.state:
        rows = rows.filter(state=asked.state)
    for word in asked.q.split():
        rows = rows.filter(
            Q(name_ru__icontains=word) | Q(name_en__icontains=word) | Q(register_number__icontains=word)
        )
    return rows


def to_verify(actor: Actor) -> QuerySet[Investor]:
    """The queue: companies on which this actor may decide, the one that waits longest first."""
    rows = investor_policy.queryset(actor, "decide").filter(state=InvestorState.REVIEW)
    return rows.order_by("submitted_at", "id")


def own_companies(actor: Actor) -> QuerySet[Investor]:
    """For whom the actor acts."""
    return investor_policy.queryset(actor, "edit").order_by("name_ru", "id")


def acting_companies(actor: Actor) -> QuerySet[Investor]:
    """For whom the actor may do business."""
    return investor_policy.queryset(actor, "act").order_by("name_ru", "id")


@dataclass(frozen=True, slots=True)
class CompanyFile:
    """A company with all that is known of it; `twins` are others that claim its number."""

    investor: Investor
    owners: list[BeneficialOwner]
    documents: list[InvestorDocument]
    members: list[InvestorMember]
    invitations: list[InvestorInvitation]
    twins: list[Investor]
    actions: list[str]
    edits: bool
    corrects: bool
    keeps: bool
    decides: bool


def company_file(actor: Actor, investor_id: uuid.UUID) -> CompanyFile:
    """Everything of one company. Raises NotFound."""
    investor = investor_policy.get(
        actor, "view", investor_id, queryset=Investor.objects.select_related("decided_by", "organization")
    )
    members = list(
        member_policy.queryset(actor)
        .filter(investor=investor)
        .select_related("user")
        .order_by(F("role").desc(), "id")
    )
    mine = next((one for one in members if one.user_id == actor.user_id), None)
    open_invitations = invitation_policy.queryset(actor).filter(investor=investor, accepted_at=None)
    twins = investor_policy.queryset(actor).filter(
        country=investor.country, register_number=investor.register_number
    )
    return CompanyFile(
        investor,
        list(owner_policy.queryset(actor).filter(investor=investor).order_by("-share", "id")),
        list(documents_of(actor, investor)),
        members,
        list(open_invitations.order_by("created_at", "id")),
        list(twins.exclude(pk=investor.pk).order_by("id")),
        actions_on(actor, investor),
        edits=mine is not None,
        corrects=mine is not None and investor.state in OPEN_TO_CORRECTION,
        keeps=mine is not None and mine.role == "owner",
        decides=mine is None and actor.has(Role.LAND),
    )


def documents_of(actor: Actor, investor: Investor) -> QuerySet[InvestorDocument]:
    """The papers of a company that the actor sees, in the order of their coming."""
    return investor_document_policy.queryset(actor).filter(investor=investor).order_by("created_at", "id")


def actions_on(actor: Actor, investor: Investor) -> list[str]:
    """What the actor may do with a company now."""
    return INVESTOR.available(investor.state, investor_policy.sides(actor, investor))


def company_to(actor: Actor, right: str, investor_id: uuid.UUID) -> Investor:
    """A company to which the actor has a right. Raises NotFound, Forbidden."""
    return investor_policy.get(actor, right, investor_id)


def see_company_document(actor: Actor, document_id: uuid.UUID) -> InvestorDocument:
    """A paper of a company. Raises NotFound."""
    return investor_document_policy.get(actor, "view", document_id)
