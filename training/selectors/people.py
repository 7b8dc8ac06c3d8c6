"""Who hears of what concerns a specialist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinics.selectors.staff import people_in
from cluster_portal.accounts.roles import Role

if TYPE_CHECKING:
    import uuid

    from training.models import Specialist


def people_of(specialist: Specialist) -> list[uuid.UUID]:
    """The person and the employer's managers."""
    own = [specialist.user_id] if specialist.user_id else []
    return [*own, *people_in(specialist.organization_id, [Role.MANAGER])]


def first_to_hear(specialist: Specialist) -> list[uuid.UUID]:
    """The person, or the employer's managers where the person has no account."""
    return [specialist.user_id] if specialist.user_id else people_of(specialist)
