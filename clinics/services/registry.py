"""An organisation keeps its own record true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from clinics.policies import clinic_policy
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor

#: What a manager writes. Name, type and place are part of the cluster's register and are the office's.
CLINIC_FIELDS = frozenset(
    {
        "description_ru", "description_en", "description_kk", "address_ru", "address_en", "address_kk", "phone",
        "email", "website", "wheelchair", "languages", "interpreters", "opening_hours",
    }
)  # fmt: skip


@service
def update_clinic(actor: Actor, *, clinic_id: uuid.UUID, data: dict[str, Any]) -> Clinic:
    """Change what CLINIC_FIELDS allows; the journal keeps what it was. Raises Invalid at the field."""
    clinic = clinic_policy.get(actor, "edit", clinic_id, lock=True)
    changed = sorted(CLINIC_FIELDS & data.keys())
    for name in changed:
        setattr(clinic, name, data[name])
    try:
        untouched = {field.name for field in clinic._meta.fields} - set(changed)
        clinic.full_clean(exclude=untouched, validate_constraints=False)
    except ValidationError as exc:
        raise Invalid(exc.message_dict) from exc
    clinic.save(update_fields=[*changed, "updated_at"])
    return clinic
