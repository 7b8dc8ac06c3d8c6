"""Who may do what with the registry's records.

The registry is there to be read: every member of the cluster sees all of it, visitors what member organisations offer
openly. Records are written by the cluster office; an organisation proposes changes of its own (`propose`), and keeps
its rooms, beds, photographs, licences, services and people itself. The land office announces a clinic when the building
for it opens; the cluster office confirms it by opening it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.models import (
    Accreditation,
    ChangeRequest,
    Clinic,
    Credential,
    Licence,
    Membership,
    Organization,
    Practitioner,
    Quota,
    Service,
    ServiceType,
)
from clinics.policies.rules import (
    PLANNERS,
    PROPOSERS,
    SHOWN,
    keeper,
    keeper_or_program,
    of_the_office,
    own,
    own_or_office,
    registry,
)
from clinics.states import OrganizationStatus
from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


class OrganizationPolicy(Policy):
    """Visitors see members; candidates and those who left are the cluster's own affair."""

    model = Organization
    rules = {
        "view": registry(Q(status=OrganizationStatus.MEMBER)),
        "edit": of_the_office,
        "propose": own("pk", *PROPOSERS),
        "manage_users": keeper("pk"),
        "employ": keeper_or_program("pk"),
    }
    model_rules = {"create": lambda actor: actor.has(Role.OFFICE)}


class ClinicPolicy(Policy):
    """Sites of care."""

    model = Clinic
    rules = {
        "view": registry(Q(status__in=SHOWN, organization__status=OrganizationStatus.MEMBER)),
        "edit": of_the_office,
        "propose": own("organization", *PROPOSERS),
        "furnish": keeper_or_program("organization"),
        "license": keeper_or_program("organization"),
        "admit": of_the_office,
        "see_quotas": own_or_office("organization", Role.COORDINATOR, Role.MANAGER),
    }
    model_rules = {
        "create": lambda actor: actor.has(Role.OFFICE),
        "announce": lambda actor: actor.has(Role.LAND),
    }


class LicencePolicy(Policy):
    """What a site may do, and until when, is public."""

    model: type[Credential] = Licence
    rules = {
        "view": registry(Q(clinic__status__in=SHOWN, clinic__organization__status=OrganizationStatus.MEMBER)),
        "edit": keeper_or_program("clinic__organization"),
    }


class AccreditationPolicy(LicencePolicy):
    """By whom a site is accredited, as its licences."""

    model = Accreditation


class ChangePolicy(Policy):
    """A change of a record is between the organisation that asks for it and the office that decides."""

    model = ChangeRequest
    rules = {
        "view": lambda actor: EVERYBODY if actor.has(Role.OFFICE) else own("organization", *PROPOSERS)(actor),
        "approve": of_the_office,
        "refuse": of_the_office,
        "withdraw": lambda actor: (
            own("organization", *PROPOSERS)(actor) & Q(author=actor.user_id, client=actor.client_id)
        ),
    }

    def sides(self, actor: Actor, change: ChangeRequest) -> frozenset[str]:
        """What the actor is to a request, for the state table."""
        sides = {"office"} if actor.has(Role.OFFICE) else set()
        if (
            actor.organization_id == change.organization_id
            and actor.has(*PROPOSERS)
            and (change.author_id, change.client_id) == (actor.user_id, actor.client_id)
        ):
            sides.add("author")
        return frozenset(sides)


class ServicePolicy(Policy):
    """Visitors see what is offered now."""

    model = Service
    rules = {
        "view": registry(
            Q(
                is_active=True,
                clinic__status__in=SHOWN,
                clinic__organization__status=OrganizationStatus.MEMBER,
            )
        ),
        "edit": keeper_or_program("clinic__organization"),
        "plan_quotas": own_or_office("clinic__organization", *PLANNERS),
    }


class QuotaPolicy(Policy):
    """What a payer pays for is the clinic's own affair and the office's."""

    model = Quota
    rules = {"view": own_or_office("service__clinic__organization")}


class ServiceTypePolicy(Policy):
    """The nomenclature is everybody's."""

    model = ServiceType
    rules = {"view": lambda actor: EVERYBODY}


class PractitionerPolicy(Policy):
    """Visitors see who works there now."""

    model = Practitioner
    rules = {
        "view": registry(Q(is_active=True, organization__status=OrganizationStatus.MEMBER)),
        "edit": keeper_or_program("organization"),
    }


def _memberships(actor: Actor) -> Q:
    if actor.has(Role.OFFICE):
        return EVERYBODY
    return keeper("organization")(actor) | Q(user=actor.user_id) if actor.user_id else NOBODY


class MembershipPolicy(Policy):
    """One's own, those of the organisation one manages; the office sees all."""

    model = Membership
    rules = {"view": _memberships, "edit": keeper("organization")}


organization_policy = OrganizationPolicy()
clinic_policy = ClinicPolicy()
licence_policy = LicencePolicy()
accreditation_policy = AccreditationPolicy()
change_policy = ChangePolicy()
service_policy = ServicePolicy()
quota_policy = QuotaPolicy()
service_type_policy = ServiceTypePolicy()
practitioner_policy = PractitionerPolicy()
membership_policy = MembershipPolicy()
