"""Who keeps what a site consists of."""

from __future__ import annotations

from django.db.models import Q

from clinics.models import BedCount, ClinicLink, ClinicPhoto, Room
from clinics.policies.rules import PLANNERS, SHOWN, keeper_or_program, of_the_office, own, registry
from clinics.states import OrganizationStatus
from cluster_portal.common.policy import EVERYBODY, Policy


class _PremisesPolicy(Policy):
    """What a site consists of: seen with the site, written by its manager, its own program and the office."""

    rules = {
        "view": registry(Q(clinic__status__in=SHOWN, clinic__organization__status=OrganizationStatus.MEMBER)),
        "edit": keeper_or_program("clinic__organization"),
    }


class RoomPolicy(_PremisesPolicy):
    """Rooms. Closing one for some days closes times, so those do it who divide the organisation's time."""

    model = Room
    rules = {**_PremisesPolicy.rules, "shut": own("clinic__organization", *PLANNERS)}


class BedPolicy(_PremisesPolicy):
    """Beds by profile."""

    model = BedCount


class PhotoPolicy(_PremisesPolicy):
    """Photographs."""

    model = ClinicPhoto


class LinkPolicy(Policy):
    """Links bind two organisations, so the office makes them."""

    model = ClinicLink
    rules = {"view": registry(EVERYBODY), "edit": of_the_office}


room_policy = RoomPolicy()
bed_policy = BedPolicy()
photo_policy = PhotoPolicy()
link_policy = LinkPolicy()
