"""Labels of equipment: a sheet of stickers with a square code that opens the unit on a telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from clinics.selectors.equipment import chosen
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.documents import rendering
from cluster_portal.web import wording

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor

#: Ten sheets of 24.
AT_MOST = 240


def scan_address(equipment_id: uuid.UUID) -> str:
    """What the square code of a unit says."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("clinics:equipment_scan", args=[equipment_id])


def equipment_labels(actor: Actor, equipment_ids: list[uuid.UUID]) -> bytes:
    """Sheets (PDF) of 24 labels of 70 × 37 mm, by inventory number.

    Raises NotFound where the actor does not see one of the units, Invalid for more than AT_MOST.
    """
    wanted = set(equipment_ids)
    if len(wanted) > AT_MOST:
        raise Invalid({"row": [_("At most %(n)d labels at once.") % {"n": AT_MOST}]})
    units = chosen(actor, list(wanted))
    if len(units) != len(wanted):
        raise NotFound
    labels = [
        {
            "number": unit.inventory_number,
            "type": unit.type.name,
            "model": " ".join(filter(None, (unit.maker, unit.model))),
            "serial": _("S/N %(number)s") % {"number": unit.serial} if unit.serial else "",
            "place": " · ".join(filter(None, (unit.clinic.short_name, unit.whereabouts))),
            "qr": rendering.qr(scan_address(unit.pk)),
        }
        for unit in units
    ]
    data = {
        "language": wording.language(),
        "title": _("Labels of equipment"),
        "qr_alt": _("Code that opens the page of the unit"),
        "labels": labels,
    }
    return rendering.pdf("equipment_labels", data)
