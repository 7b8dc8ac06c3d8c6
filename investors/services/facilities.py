"""The cluster office says how many facilities are promised, and by when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinics.models import ClusterTarget
from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from cluster_portal.common.translated import LANGUAGES
from investors.policies.roadmap import roadmap_policy
from investors.selectors.facilities import CODE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cluster_portal.common.actor import Actor

#: What is said of the promise: the number, the year at whose end it is due, where and when it was published.
FIELDS = ("value", "due_year", "source", "source_date")


@service
def promise_facilities(actor: Actor, *, data: Mapping[str, Any]) -> ClusterTarget:
    """Write the promise of facilities; `data` holds FIELDS. Raises Forbidden, Invalid."""
    roadmap_policy.require(actor, "promise")
    target = ClusterTarget.objects.select_for_update().filter(code=CODE).first()
    if target is None:
        target = ClusterTarget(code=CODE)
        for language in LANGUAGES:
            with translation.override(language):
                setattr(target, f"name_{language}", _("Modern health facilities"))
                setattr(target, f"unit_{language}", pgettext("target", "facilities"))
    fill(target, data, FIELDS, _check)
    target.save()
    return target


def _check(target: ClusterTarget) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    if target.value < 1:
        errors["value"] = [_("At least one facility has to be promised.")]
    if target.due_year is None:
        errors["due_year"] = [_("Say by the end of which year.")]
    if target.source_date is None:
        errors["source_date"] = [
            _("Say on which day it was published: the line of the promise begins there.")
        ]
    elif target.due_year and target.source_date.year > target.due_year:
        errors["due_year"] = [_("The year lies before the promise was published.")]
    return errors
