"""Member organisations by what a person knows them by."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.models import Organization
from cluster_portal.common.errors import NotFound

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor


def own_organization(actor: Actor) -> Organization:
    """The organisation that the actor acts for. Raises NotFound for somebody who acts for none."""
    organization = Organization.objects.filter(pk=actor.organization_id).first()
    if organization is None:
        raise NotFound
    return organization


def find_organizations(text: str) -> list[Organization]:
    """Organisations whose id, ИНН, ОГРН or БИН is `text`, else those whose name is, else those whose name holds it."""
    text = text.strip()
    try:
        return list(Organization.objects.filter(pk=uuid.UUID(text)))
    except ValueError:
        pass
    if text.isdigit():
        return list(Organization.objects.filter(Q(inn=text) | Q(ogrn=text) | Q(bin=text)))
    names = [f"{name}_{language}" for name in ("name", "short_name") for language in ("ru", "en", "kk")]
    for lookup in ("iexact", "icontains"):
        condition = Q()
        for name in names:
            condition |= Q(**{f"{name}__{lookup}": text})
        if found := list(Organization.objects.filter(condition).order_by("name_ru")):
            return found
    return []


def organizations_to_choose() -> QuerySet[Organization]:
    """Those of the registry, by name: what a form lets one choose among."""
    return Organization.objects.order_by("name_ru", "id")
