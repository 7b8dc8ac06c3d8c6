"""Who may know of agreements, and of the companies that hold land by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy
from investors.models import Agreement, AgreementDocument, Investor
from investors.policies import READERS, decides, of_company
from investors.states import LAND_OFFICE

if TYPE_CHECKING:
    from collections.abc import Callable

    from cluster_portal.common.actor import Actor


def holds(path: str, public: Q = NOBODY) -> Callable[[Actor], Q]:
    """As `_known`, by keys, for rows that others see too where `public` tells: a join would give some of them twice."""

    def rule(actor: Actor) -> Q:
        if actor.has(*READERS):
            return EVERYBODY
        return public | Q(**{f"{path}__in": Investor.objects.filter(of_company()(actor)).values("pk")})

    return rule


class AgreementPolicy(Policy):
    """Who holds a plot is public once an agreement was in force; its terms are the company's and the offices'."""

    model = Agreement
    rules = {
        "view": holds("investor", Q(enforced_at__isnull=False)),
        "read": holds("investor"),
        "keep": lambda actor: decides(actor, "investor"),
    }
    model_rules = {
        "create": lambda actor: actor.has(Role.LAND),
        "browse": lambda actor: actor.user_id is not None,
    }

    def sides(self, actor: Actor, agreement: Agreement) -> frozenset[str]:
        """What the actor is to an agreement, for the state table."""
        return frozenset({LAND_OFFICE} if self.allows(actor, "keep", agreement) else ())


class AgreementDocumentPolicy(Policy):
    """As the agreement's terms; its papers are the land office's to keep."""

    model = AgreementDocument
    rules = {
        "view": holds("agreement__investor"),
        "keep": lambda actor: decides(actor, "agreement__investor"),
    }


class ResidentPolicy(Policy):
    """The register of residents is public: companies with an agreement that is, or was, in force."""

    model = Investor
    rules = {
        "view": lambda actor: Q(pk__in=Agreement.objects.filter(enforced_at__isnull=False).values("investor"))
    }


agreement_policy = AgreementPolicy()
agreement_document_policy = AgreementDocumentPolicy()
resident_policy = ResidentPolicy()
