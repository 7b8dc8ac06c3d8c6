"""What the columns of a table of equipment are called: the same in what is taken in and in what is given out."""

from __future__ import annotations

from functools import cache
from typing import Any

from babel import Locale
from django.utils.translation import gettext_lazy as _

from clinics.selectors.wording import is_country
from clinics.states import EquipmentState, Funding
from cluster_portal.common.translated import LANGUAGES, in_every_language

TITLES: dict[str, Any] = {
    "inventory_number": _("Inventory number"),
    "type": _("Type"),
    "clinic": _("Clinic"),
    "room": _("Room"),
    "model": _("Model"),
    "maker": _("Maker"),
    "country": _("Country of the maker"),
    "serial": _("Serial number"),
    "state": _("State"),
    "programme_year": _("Programme year"),
    "funding": _("Funding"),
    "warranty_until": _("Warranty until"),
    "ordered_on": _("Ordered on"),
    "delivered_on": _("Delivered on"),
    "commissioned_on": _("In use since"),
    "written_off_on": _("Written off on"),
    "comment": _("Comment"),
}

#: What hospital systems say beside the portal's own words.
_STATES = {
    EquipmentState.PLANNED: ("план", "запланирован"),
    EquipmentState.ORDERED: ("заказан", "в заказе", "законтрактован"),
    EquipmentState.DELIVERED: ("поставлен", "доставлен", "получено", "на складе"),
    EquipmentState.COMMISSIONED: (
        "в работе",
        "эксплуатируется",
        "введен в эксплуатацию",
        "commissioned",
        "работает",
    ),
    EquipmentState.IN_REPAIR: ("ремонт", "неисправен", "неисправно"),
    EquipmentState.WRITTEN_OFF: ("списан", "списание"),
}
_FUNDING = {
    Funding.FEDERAL: ("ФБ", "федеральный"),
    Funding.REGIONAL: ("областной бюджет", "региональный", "ОБ"),
    Funding.MUNICIPAL: ("местный бюджет", "муниципальный"),
    Funding.INSURANCE: ("ОМС", "ФОМС", "ТФОМС"),
    Funding.OWN: ("собственные", "внебюджет"),
    Funding.INVESTOR: ("инвестор",),
    Funding.GIFT: ("грант", "дар", "пожертвование"),
}


def _by_words(kind: Any, more: dict[Any, tuple[str, ...]]) -> dict[Any, tuple[str, ...]]:
    return {value: (*in_every_language(value.label).values(), *more[value]) for value in kind}


@cache
def states() -> dict[str, tuple[str, ...]]:
    """The states by every word for them."""
    return _by_words(EquipmentState, _STATES)


@cache
def funding() -> dict[str, tuple[str, ...]]:
    """Sources of funding by every word for them."""
    return _by_words(Funding, _FUNDING)


@cache
def countries() -> dict[str, tuple[str, ...]]:
    """Countries by their names in every language."""
    names = [Locale(language).territories for language in LANGUAGES]
    extra = {"RU": ("РФ", "Российская Федерация"), "KR": ("Южная Корея", "Корея"), "US": ("США", "USA")}
    return {
        code: (*(table[code] for table in names if code in table), *extra.get(code, ()))
        for code in names[0]
        if is_country(code)
    }
