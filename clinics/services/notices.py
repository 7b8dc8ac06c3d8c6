"""Who hears of what the cluster office decides about a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import ChangeRequest, Membership
from clinics.states import OrganizationStatus
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.notifications.kinds import Kind, register
from cluster_portal.notifications.services import notify

if TYPE_CHECKING:
    import uuid

    from clinics.selectors.records import Record

_KINDS = (
    Kind("clinics.change_approved", _("Your change is in the register: %(record)s"), "circle-check", "good"),
    Kind("clinics.change_refused", _("The office refused your change: %(record)s"), "circle-x", "urgent"),
)


def register_kinds() -> None:
    """Make the sentences known; called when the app is ready."""
    register(*_KINDS)


def tell_of_decision(change_id: uuid.UUID | str) -> int:
    """Tell whoever asked for the change, or the managers where that was a program or has left. Doing it again tells
    nobody twice. Returns how many hear of it.
    """
    change = ChangeRequest.objects.select_related("clinic", "organization").filter(pk=change_id).first()
    if change is None or f"clinics.change_{change.state}" not in {kind.name for kind in _KINDS}:
        return 0
    members = Membership.objects.filter(
        ~Q(organization__status=OrganizationStatus.LEFT), organization=change.organization_id, is_active=True,
        user__is_active=True,
    ).order_by()  # fmt: skip
    people = members.filter(user=change.author_id) if change.author_id else members.none()
    users = list(people.values_list("user", flat=True)[:1]) or list(
        members.filter(role=Role.MANAGER).values_list("user", flat=True).distinct()
    )
    return notify(
        SYSTEM,
        users=users,
        kind=f"clinics.change_{change.state}",
        params={"record": names_of(change.record)},
        url=reverse("clinics:change", args=[change.pk]),
        key=f"change:{change.pk}",
        organization_id=change.organization_id,
    )


def names_of(record: Record) -> dict[str, str]:
    """A record's short name in each language that has one, as notices take it."""
    return {language: getattr(record, f"short_name_{language}") for language in LANGUAGES}
