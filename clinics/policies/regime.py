"""Who may do what with a special regime: the office enters the decision, the clinic its permits and methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.models import Permit, Regime, SpecialMethod
from clinics.policies.registry import LicencePolicy, accreditation_policy, licence_policy
from clinics.policies.rules import keeper_or_program, of_the_office
from clinics.states import MethodState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, Policy

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

_keeps = keeper_or_program("clinic__organization")


class RegimePolicy(LicencePolicy):
    """Under which regime a site works is public; a clinic does not admit itself."""

    model = Regime
    rules = LicencePolicy.rules | {"edit": of_the_office}


class PermitPolicy(LicencePolicy):
    """Permits, as licences."""

    model = Permit


def _told(actor: Actor) -> Q:
    """What is in use is public, what was is history for members; a draft is its keepers' own affair."""
    if not actor.is_authenticated:
        return Q(state=MethodState.IN_USE) & LicencePolicy.rules["view"](actor)
    if actor.has(Role.OFFICE):
        return EVERYBODY
    return ~Q(state=MethodState.DRAFT) | _keeps(actor)


class MethodPolicy(Policy):
    """Methods and medicines that are not registered at home."""

    model = SpecialMethod
    rules = {"view": _told, "edit": _keeps}


regime_policy = RegimePolicy()
permit_policy = PermitPolicy()
method_policy = MethodPolicy()
#: Of each kind of papers.
paper_policies: dict[str, Policy] = {
    "licence": licence_policy, "accreditation": accreditation_policy, "regime": regime_policy, "permit": permit_policy,
}  # fmt: skip
