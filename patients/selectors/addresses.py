"""A patient's address in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

#: The parts of an address, as form 057/у asks for them.
PARTS = ("subject", "district", "locality", "street", "house", "building", "flat")


def address_line(address: dict[str, str] | None) -> str:
    """An address in one line, the town first."""
    address = address or {}
    house = address.get("house", "")
    if address.get("building"):
        house = f"{house} {address['building']}".strip()
    flat = _("flat %(n)s") % {"n": address["flat"]} if address.get("flat") else ""
    parts = [address.get(name, "") for name in ("subject", "district", "locality", "street")]
    return ", ".join(filter(None, [*parts, house, flat]))
