"""Targets of training: written by the training office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.selectors.wording import is_country
from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from training.models import TrainingTarget
from training.policies import target_policy

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor

#: What is entered of a target.
FIELDS = (
    *columns("title"), "people", "first_year", "last_year", "where", "country", "specialty", "ownership", "source",
    "position",
)  # fmt: skip


@service
def add_target(actor: Actor, *, data: dict[str, Any]) -> TrainingTarget:
    """Set a target. `data` holds FIELDS (`specialty` as a row). Raises Forbidden, Invalid."""
    target_policy.require(actor, "create")
    target = TrainingTarget()
    fill(target, data, FIELDS, _check)
    target.save(force_insert=True)
    return target


@service
def update_target(actor: Actor, *, target_id: uuid.UUID, data: dict[str, Any]) -> TrainingTarget:
    """Correct a target. Raises NotFound, Forbidden, Invalid."""
    target = target_policy.get(actor, "edit", target_id, lock=True)
    fill(target, data, FIELDS, _check)
    target.save()
    return target


@service
def remove_target(actor: Actor, *, target_id: uuid.UUID) -> None:
    """Drop a target; the journal keeps it. Raises NotFound, Forbidden."""
    target_policy.get(actor, "edit", target_id, lock=True).delete()


def _check(target: TrainingTarget) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    if target.last_year < target.first_year:
        errors["last_year"] = [_("The last year is before the first one.")]
    if target.country and not is_country(target.country):
        errors["country"] = [_("Please choose a country.")]
    return errors
