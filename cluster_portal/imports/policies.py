"""An import belongs to the person or program who uploaded the file, in the organisation that they acted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from cluster_portal.common.policy import NOBODY, Policy
from cluster_portal.imports.models import ImportRun

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


def _own(actor: Actor) -> Q:
    if actor.organization_id is None:
        return NOBODY
    if actor.client_id:
        return Q(client=actor.client_id, organization_id=actor.organization_id)
    return Q(user=actor.user_id, organization_id=actor.organization_id) if actor.user_id else NOBODY


class ImportPolicy(Policy):
    """Whether tables of this kind may be taken in at all is asked of the import too, each time."""

    model = ImportRun
    rules = {"view": _own, "check": _own, "apply": _own, "drop": _own}


import_policy = ImportPolicy()
