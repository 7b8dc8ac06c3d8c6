"""What people write in tables for sex, employment, languages, countries, and an address in one line."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale

from cluster_portal.common.translated import LANGUAGES as PORTAL_LANGUAGES
from cluster_portal.common.translated import in_every_language
from patients.forms.patients import COUNTRIES, LANGUAGES
from patients.states import Employment, LocalityKind, Sex

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Form 057/у numbers the sexes.
SEX = {
    Sex.MALE: ("м", "муж", "мужской", "мужчина", "male", "man", "ер", "еркек", "ер адам", "е", "1"),
    Sex.FEMALE: ("ж", "жен", "женский", "женщина", "female", "woman", "f", "әйел", "ә", "2"),
}
_LOCALITY = {
    LocalityKind.URBAN: ("город", "городская", "г", "urban", "қала"),
    LocalityKind.RURAL: ("село", "сельская", "деревня", "с", "rural", "ауыл"),
}


@cache
def localities() -> dict[str, tuple[str, ...]]:
    """The kinds of localities by every word for them."""
    return {kind: (*words, *in_every_language(kind.label).values()) for kind, words in _LOCALITY.items()}


@cache
def employments() -> dict[str, tuple[str, ...]]:
    """The kinds of employment by their names in every language."""
    return {kind: tuple(in_every_language(kind.label).values()) for kind in Employment}


def _names(codes: Iterable[str], table: str) -> dict[str, tuple[str, ...]]:
    locales = [Locale(language) for language in PORTAL_LANGUAGES]
    return {
        code: tuple(getattr(locale, table)[code] for locale in locales if code in getattr(locale, table))
        for code in codes
        if code
    }


@cache
def languages() -> dict[str, tuple[str, ...]]:
    """Languages that patients speak by their names in every language."""
    return _names(LANGUAGES, "languages")


@cache
def countries() -> dict[str, tuple[str, ...]]:
    """Countries of documents by their names in every language."""
    extra = {"RU": ("Российская Федерация", "РФ", "RUS"), "KZ": ("Республика Казахстан", "РК", "KAZ")}
    return {code: (*names, *extra.get(code, ())) for code, names in _names(COUNTRIES, "territories").items()}


# How the parts of an address begin or end: an index, a region, a district, a town, a street, a house.
_PARTS = (
    ("index", re.compile(r"\d{6}")),
    ("country", re.compile(r"(россия|российская федерация|рф|казахстан|республика казахстан|рк)", re.IGNORECASE)),
    (
        "subject",
        re.compile(r"(.*\b(обл|область|край|респ|республика|ао|автономный округ|облысы)\b\.?|респ(ублика)?\.? .*)",
                   re.IGNORECASE),
    ),
    (
        "district",
        re.compile(r"(.*\b(р-н|район|м\.?о|г\.?о|ауданы|городской округ)\b\.?|(р-н|район) .*)", re.IGNORECASE),
    ),
    (
        "locality",
        re.compile(r"((г|гор|город|с|село|п|пос|поселок|посёлок|пгт|д|дер|деревня|ст-ца|х|қ|қала|а|ауыл)\.? "
                   r"?(?=[^\W\d]{2}).*|.* (г|город|с|село|пгт|п|қаласы|ауылы)\.?)", re.IGNORECASE),
    ),
    (
        "street",
        re.compile(r"((ул|улица|пр|пр-кт|просп|проспект|пер|переулок|б-р|бульвар|ш|шоссе|наб|пл|мкр|мкрн|проезд|к-л)\.?"
                   r" ?.*|.* (ул|улица|пр-кт|проспект|пер|переулок|б-р|көшесі|даңғылы|мкр|проезд)\.?)", re.IGNORECASE),
    ),
    ("building", re.compile(r"(к|корп|корпус|стр|строение|лит)\.? ?[\d\w]{1,4}", re.IGNORECASE)),
    ("flat", re.compile(r"(кв|квартира|пом|комн|ком|пәтер)\.? ?[\d\w/-]{1,8}", re.IGNORECASE)),
    ("house", re.compile(r"(д|дом|үй)?\.? ?\d+[\w/-]{0,6}", re.IGNORECASE)),
)  # fmt: skip
_SHORT = {
    "house": re.compile(r"^(дом|д|үй)\b\.? ?", re.IGNORECASE),
    "building": re.compile(r"^(корпус|корп|к|строение|стр|лит)\b\.? ?", re.IGNORECASE),
    "flat": re.compile(r"^(квартира|кв|пом|комн|ком|пәтер)\b\.? ?", re.IGNORECASE),
}


def address(line: str) -> dict[str, str]:
    """An address written in one line, in the parts that form 057/у asks for.

    «694620, Сахалинская обл., г. Холмск, ул. Мира, д. 5, корп. 1, кв. 12». What is no part of a known kind stays with
    the street, so nothing that was written is lost.
    """
    found: dict[str, str] = {}
    rest: list[str] = []
    for part in (
        piece.strip(" .") if len(piece.strip()) < 3 else piece.strip() for piece in re.split(r"[,;]", line)
    ):
        if not part:
            continue
        kind = next((name for name, shape in _PARTS if name not in found and shape.fullmatch(part)), None)
        if kind == "house" and "house" not in found and "street" not in found and not rest:
            kind = None
        if kind is None and "house" in found and "flat" not in found and re.fullmatch(r"\d{1,4}\w?", part):
            kind = "flat"
        if kind is None:
            rest.append(part)
        else:
            found[kind] = _SHORT[kind].sub("", part) if kind in _SHORT else part
    found.pop("index", None)
    found.pop("country", None)
    if rest:
        found["street"] = ", ".join(filter(None, (found.get("street", ""), *rest)))
    return {key: value[:200] for key, value in found.items()}
