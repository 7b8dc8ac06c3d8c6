"""Who may do what in the registry.

The registry is there to be read: every member of the cluster sees all of it, visitors what member organisations offer
openly. Records are written by the cluster office; an organisation proposes changes of its own (`propose`), and keeps
its rooms, beds, photographs, licences, services and people itself. Slots are another matter: how
an organisation divides its time is its own business, so a stranger does not even find them (404).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.models import (
    Accreditation,
    BedCount,
    ChangeRequest,
    Clinic,
    ClinicLink,
    ClinicPhoto,
    Credential,
    Licence,
    Membership,
    Organization,
    Practitioner,
    Quota,
    Room,
    Schedule,
    ScheduleException,
    Service,
    ServiceType,
    Slot,
)
from clinics.states import ClinicStatus, OrganizationStatus, SlotState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy
from cluster_portal.reports.base import is_analyst

if TYPE_CHECKING:
    from collections.abc import Callable

    from cluster_portal.common.actor import Actor

#: Those who divide an organisation's time; a program may do it for a hospital's own system.
PLANNERS = frozenset({Role.COORDINATOR, Role.MANAGER, Role.CLIENT})
#: Those who propose changes of their organisation's records; a program does it for a hospital's own system.
PROPOSERS = frozenset({Role.MANAGER, Role.CLIENT})
#: Those who run reports; the last two on their own organisation.
REPORTERS = frozenset({Role.OFFICE, Role.ANALYST, Role.MANAGER, Role.COORDINATOR})
#: What visitors may know of: a closed clinic is history, which members see.
SHOWN = (ClinicStatus.OPEN, ClinicStatus.UNDER_CONSTRUCTION, ClinicStatus.PLANNED)


def _registry(public: Q) -> Callable[[Actor], Q]:
    """Members see every row, visitors those of `public`."""
    return lambda actor: EVERYBODY if actor.is_authenticated else public


def _keeper(path: str) -> Callable[[Actor], Q]:
    """The manager of the organisation that `path` leads to, and the cluster office."""

    def rule(actor: Actor) -> Q:
        if actor.has(Role.OFFICE):
            return EVERYBODY
        if actor.has(Role.MANAGER) and actor.organization_id:
            return Q(**{path: actor.organization_id})
        return NOBODY

    return rule


def credential_keeper(path: str) -> Callable[[Actor], Q]:
    """Whoever keeps the record, and the organisation's own program."""
    keeps, own_program = _keeper(path), own(path, Role.CLIENT)
    return lambda actor: own_program(actor) if actor.has(Role.CLIENT) else keeps(actor)


def own(path: str, *roles: str) -> Callable[[Actor], Q]:
    """Whoever acts for the organisation that `path` leads to, in one of `roles` (any, but being sent to learn is no
    post).
    """

    def rule(actor: Actor) -> Q:
        if actor.organization_id is None or (roles and not actor.has(*roles)):
            return NOBODY
        if actor.roles == {Role.SPECIALIST}:
            return NOBODY
        return Q(**{path: actor.organization_id})

    return rule


def of_the_office(actor: Actor) -> Q:
    """The cluster office, everywhere."""
    return EVERYBODY if actor.has(Role.OFFICE) else NOBODY


def _own_or_office(path: str, *roles: str) -> Callable[[Actor], Q]:
    """`own`, and the cluster office everywhere."""
    theirs = own(path, *roles)
    return lambda actor: EVERYBODY if actor.has(Role.OFFICE) else theirs(actor)


def sees_all_figures(actor: Actor) -> bool:
    """Whether reports tell the actor of the whole cluster. Whoever works at a clinic too reads of that one alone."""
    return actor.has(Role.OFFICE) or is_analyst(actor)


def reported(*paths: str) -> Callable[[Actor], Q]:
    """The rows that a report counts: all for the cluster's own people, for a clinic's those that one of `paths` ties to
    the organisation.
    """

    def rule(actor: Actor) -> Q:
        if sees_all_figures(actor):
            return EVERYBODY
        if actor.organization_id is None or not actor.has(*REPORTERS):
            return NOBODY
        own = NOBODY
        for path in paths:
            own |= Q(**{path: actor.organization_id})
        return own

    return rule


class OrganizationPolicy(Policy):
    """Visitors see members; candidates and those who left are the cluster's own affair."""

    model = Organization
    rules = {
        "view": _registry(Q(status=OrganizationStatus.MEMBER)),
        "edit": of_the_office,
        "propose": own("pk", *PROPOSERS),
        "manage_users": _keeper("pk"),
        "employ": credential_keeper("pk"),
    }
    model_rules = {"create": lambda actor: actor.has(Role.OFFICE)}


class ClinicPolicy(Policy):
    """Sites of care."""

    model = Clinic
    rules = {
        "view": _registry(Q(status__in=SHOWN, organization__status=OrganizationStatus.MEMBER)),
        "edit": of_the_office,
        "propose": own("organization", *PROPOSERS),
        "furnish": _keeper("organization"),
        "license": credential_keeper("organization"),
        "admit": of_the_office,
        "see_quotas": _own_or_office("organization", Role.COORDINATOR, Role.MANAGER),
    }
    model_rules = {"create": lambda actor: actor.has(Role.OFFICE)}


class LicencePolicy(Policy):
    """What a site may do, and until when, is public."""

    model: type[Credential] = Licence
    rules = {
        "view": _registry(
            Q(clinic__status__in=SHOWN, clinic__organization__status=OrganizationStatus.MEMBER)
        ),
        "edit": credential_keeper("clinic__organization"),
    }


class AccreditationPolicy(LicencePolicy):
    """By whom a site is accredited, as its licences."""

    model = Accreditation


class _PremisesPolicy(Policy):
    """What a site consists of: seen with the site, written by its manager and the office."""

    rules = {
        "view": _registry(
            Q(clinic__status__in=SHOWN, clinic__organization__status=OrganizationStatus.MEMBER)
        ),
        "edit": _keeper("clinic__organization"),
    }


class RoomPolicy(_PremisesPolicy):
    """Rooms."""

    model = Room


class BedPolicy(_PremisesPolicy):
    """Beds by profile."""

    model = BedCount


class PhotoPolicy(_PremisesPolicy):
    """Photographs."""

    model = ClinicPhoto


class LinkPolicy(Policy):
    """Links bind two organisations, so the office makes them."""

    model = ClinicLink
    rules = {"view": _registry(EVERYBODY), "edit": of_the_office}


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
        "view": _registry(
            Q(
                is_active=True,
                clinic__status__in=SHOWN,
                clinic__organization__status=OrganizationStatus.MEMBER,
            )
        ),
        "edit": _keeper("clinic__organization"),
        "plan_quotas": _own_or_office("clinic__organization", *PLANNERS),
    }


class QuotaPolicy(Policy):
    """What a payer pays for is the clinic's own affair and the office's."""

    model = Quota
    rules = {"view": _own_or_office("service__clinic__organization")}


class QuotaReportPolicy(Policy):
    """Quotas as reports list them."""

    model = Quota
    rules = {"view": reported("service__clinic__organization")}


class ServiceTypePolicy(Policy):
    """The nomenclature is everybody's."""

    model = ServiceType
    rules = {"view": lambda actor: EVERYBODY}


class PractitionerPolicy(Policy):
    """Visitors see who works there now."""

    model = Practitioner
    rules = {
        "view": _registry(Q(is_active=True, organization__status=OrganizationStatus.MEMBER)),
        "edit": credential_keeper("organization"),
    }


def _memberships(actor: Actor) -> Q:
    if actor.has(Role.OFFICE):
        return EVERYBODY
    return _keeper("organization")(actor) | Q(user=actor.user_id) if actor.user_id else NOBODY


class MembershipPolicy(Policy):
    """One's own, those of the organisation one manages; the office sees all."""

    model = Membership
    rules = {"view": _memberships, "edit": _keeper("organization")}


class SchedulePolicy(Policy):
    """Weekly patterns: seen by the whole organisation, written by its coordinator and manager."""

    model = Schedule
    rules = {
        "view": own("service__clinic__organization"),
        "edit": own("service__clinic__organization", *PLANNERS),
    }
    model_rules = {"create": lambda actor: actor.organization_id is not None and actor.has(*PLANNERS)}


class ExceptionPolicy(Policy):
    """Days without reception, as the schedules."""

    model = ScheduleException
    rules = {
        "view": own("clinic__organization"),
        "edit": own("clinic__organization", *PLANNERS),
    }
    model_rules = SchedulePolicy.model_rules


class SlotPolicy(Policy):
    """Slots as a search finds them: what is published, and all of one's own. Who may book is `openness`'s matter."""

    model = Slot
    rules = {
        "view": lambda actor: (
            Q(state=SlotState.PUBLISHED) | own("organization")(actor) if actor.is_authenticated else NOBODY
        ),
    }


class SlotAdministrationPolicy(Policy):
    """Slots as their organisation plans them: not there at all for anybody else."""

    model = Slot
    rules = {
        "view": own("organization"),
        "edit": own("organization", *PLANNERS),
    }
    model_rules = SchedulePolicy.model_rules


class OrganizationReportPolicy(Policy):
    """Organisations as reports list them."""

    model = Organization
    rules = {"view": reported("pk")}


class ClinicReportPolicy(Policy):
    """Clinics as reports list them."""

    model = Clinic
    rules = {"view": reported("organization")}


class LicenceReportPolicy(Policy):
    """Licences as reports list them."""

    model = Licence
    rules = {"view": reported("clinic__organization")}


class AccreditationReportPolicy(LicenceReportPolicy):
    """Accreditations as reports list them."""

    model = Accreditation


class SlotReportPolicy(Policy):
    """Slots as reports count them, drafts and blocked ones too."""

    model = Slot
    rules = {"view": reported("organization")}


organization_policy = OrganizationPolicy()
clinic_policy = ClinicPolicy()
licence_policy = LicencePolicy()
accreditation_policy = AccreditationPolicy()
room_policy = RoomPolicy()
bed_policy = BedPolicy()
photo_policy = PhotoPolicy()
link_policy = LinkPolicy()
change_policy = ChangePolicy()
service_policy = ServicePolicy()
quota_policy = QuotaPolicy()
quota_report_policy = QuotaReportPolicy()
service_type_policy = ServiceTypePolicy()
practitioner_policy = PractitionerPolicy()
membership_policy = MembershipPolicy()
schedule_policy = SchedulePolicy()
exception_policy = ExceptionPolicy()
slot_policy = SlotPolicy()
slot_administration_policy = SlotAdministrationPolicy()
organization_report_policy = OrganizationReportPolicy()
clinic_report_policy = ClinicReportPolicy()
licence_report_policy = LicenceReportPolicy()
accreditation_report_policy = AccreditationReportPolicy()
slot_report_policy = SlotReportPolicy()
