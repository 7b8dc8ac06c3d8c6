"""What on record may be the very organisation or clinic that somebody is about to enter."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q, Value
from django.db.models.functions import Greatest, Lower, Replace

from clinics.models import Clinic, Organization
from clinics.selectors.nearby import distance_km
from clinics.selectors.wording import address_line
from cluster_portal.common.translated import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from clinics.selectors.records import Record

#: Of so much of their trigrams in common on, two names are looked at word by word,
ALIKE = 0.5
#: and from so much of all their words in common on, they may be of one and the same.
SAME_WORDS = 0.7
#: What two words need to be one, mistyped or declined: the beginning, and most of the letters.
BEGINNING, LETTERS = 3, 0.8
#: What says nothing of whose name it is: legal forms, and «г.».
FORMS = frozenset(
    {
        "гбуз",
        "гбу",
        "гау",
        "гауз",
        "фгбу",
        "кгп",
        "гкп",
        "ооо",
        "ао",
        "пао",
        "тоо",
        "ип",
        "ltd",
        "llc",
        "inc",
        "г",
    }
)
#: Two sites of one name are rare, two entrances of one site are not.
NEAR_KM = 0.2
NUMBERS = ("inn", "ogrn", "bin", "foreign_number")
MOST = 8


@dataclass(slots=True)
class Candidate:
    """A record that may be meant. `signs`: name, number, near; `alike` is 0 to 1, `metres` None for organisations."""

    record: Record
    signs: list[str]
    alike: float
    metres: int | None = None

    def as_shown(self) -> dict[str, Any]:
        """For programs."""
        return {
            "id": str(self.record.pk), "name": self.record.name, "status": self.record.status, "signs": self.signs,
            "alike": round(self.alike, 2), "metres": self.metres, "place": place_of(self.record),
        }  # fmt: skip


def place_of(record: Record) -> str:
    """Where a record is, in a line."""
    return address_line(record) if isinstance(record, Clinic) else record.address


def like_organization(data: Mapping[str, Any]) -> list[Candidate]:
    """Organisations that may be the one described by `data` (columns), the likeliest first. Two queries."""
    rows = Organization.objects.all()
    numbers = Q(pk__in=())
    for name in NUMBERS:
        if value := data.get(name):
            same = Q(**{f"{name}__iexact": value})
            # A number of a foreign register says nothing without its country.
            numbers |= same & Q(country=data.get("country", "")) if name == "foreign_number" else same
    found = {row.pk: Candidate(row, ["number"], 0.0) for row in rows.filter(numbers)}
    _add_named(found, rows, data)
    return _likeliest(found.values())


def like_clinic(data: Mapping[str, Any]) -> list[Candidate]:
    """Clinics that may be the one described by `data`: named alike, or at most 200 m away. Two queries."""
    rows = Clinic.objects.select_related("organization")
    found: dict[Any, Candidate] = {}
    _add_named(found, rows, data)
    lat, lon = data.get("lat"), data.get("lon")
    if lat is not None and lon is not None:
        for row in rows:
            metres = round(distance_km(lat, lon, row.lat, row.lon) * 1000)
            if metres <= NEAR_KM * 1000:
                known = found.setdefault(row.pk, Candidate(row, [], 0.0))
                known.signs.append("near")
                known.metres = metres
    return _likeliest(found.values())


def _add_named(found: dict[Any, Candidate], rows: QuerySet, data: Mapping[str, Any]) -> None:
    alike = _alike(data)
    if alike is None:
        return
    numbers = _numbers(data.get("name_ru") or data.get("name_en") or "")
    for row in rows.annotate(alike=alike).filter(alike__gte=ALIKE):
        if not _same_words(data, row):
            continue
        # «Поликлиника № 1» and «Поликлиника № 2» have nearly all letters in common.
        theirs = _numbers(row.name_ru)
        if numbers and theirs and numbers != theirs:
            continue
        known = found.setdefault(row.pk, Candidate(row, [], 0.0))
        known.signs.append("name")
        known.alike = row.alike


def _alike(data: Mapping[str, Any]) -> Combinable | None:
    """How alike the names are, at best, each language with itself and short names with long ones."""
    pairs = [TrigramSimilarity(_folded(column), _fold(value)) for value, column in _pairs(data)]
    if not pairs:
        return None
    return Greatest(*pairs) if len(pairs) > 1 else pairs[0]


def _pairs(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is compared: (what was typed, the column of the record), each language with itself."""
    for language in LANGUAGES:
        for ours in ("name", "short_name"):
            if value := data.get(f"{ours}_{language}"):
                yield from ((value, f"{theirs}_{language}") for theirs in ("name", "short_name"))


def _same_words(data: Mapping[str, Any], record: Record) -> bool:
    """Whether some name of both has most of its words in common: «онкологический» and «наркологический» are two."""
    return any(
        _share(_words(value), _words(getattr(record, column))) >= SAME_WORDS for value, column in _pairs(data)
    )


def _share(ours: list[str], theirs: list[str]) -> float:
    left = list(theirs)
    for word in ours:
        if same := next((other for other in left if _is_same(word, other)), None):
            left.remove(same)
    matched = len(theirs) - len(left)
    return matched / max(1, len(ours) + len(theirs) - matched)


def _words(name: str) -> list[str]:
    return [word for word in re.findall(r"\w+", _fold(name)) if word not in FORMS]


def _is_same(one: str, other: str) -> bool:
    return one == other or (
        one[:BEGINNING] == other[:BEGINNING] and SequenceMatcher(None, one, other).ratio() >= LETTERS
    )


def _fold(text: str) -> str:
    return text.lower().replace("ё", "е")


def _folded(column: str) -> Combinable:
    return Replace(Lower(column), Value("ё"), Value("е"))


def _numbers(name: str) -> set[str]:
    return set(re.findall(r"\d+", name))


def _likeliest(found: Iterable[Candidate]) -> list[Candidate]:
    ranked = sorted(found, key=lambda one: (-("number" in one.signs), -len(one.signs), -one.alike))
    return ranked[:MOST]


class Likeness:
    """The same question for many records, asked of what was on record at its beginning. One query.

    Words are one only where they begin alike (`_is_same`), so the beginnings of their words lead from a name to all
    that can have most of its words in common.
    """

    def __init__(self, model: type[Record]) -> None:
        self.rows = {row.pk: row for row in model.objects.all()}
        self._by_beginning: dict[str, set[Any]] = {}
        for row in self.rows.values():
            for language in LANGUAGES:
                for word in _words(
                    f"{getattr(row, f'name_{language}')} {getattr(row, f'short_name_{language}')}"
                ):
                    self._by_beginning.setdefault(word[:BEGINNING], set()).add(row.pk)

    def named_like(self, data: Mapping[str, Any]) -> list[Record]:
        """Records whose name may be that of `data`, the likeliest no further than MOST."""
        shared: Counter[Any] = Counter()
        for language in LANGUAGES:
            for name in ("name", "short_name"):
                words = set(_words(data.get(f"{name}_{language}") or ""))
                for beginning in {word[:BEGINNING] for word in words}:
                    shared.update(self._by_beginning.get(beginning, ()))
        numbers = _numbers(data.get("name_ru") or data.get("name_en") or "")
        found = []
        for pk, _count in shared.most_common():
            row = self.rows[pk]
            theirs = _numbers(row.name_ru)
            if not (numbers and theirs and numbers != theirs) and _same_words(data, row):
                found.append(row)
            if len(found) == MOST:
                break
        return found

    def near(self, lat: float, lon: float) -> list[Record]:
        """Clinics at most 200 m away."""
        return [
            row
            for row in self.rows.values()
            # A hundredth of a degree of latitude is more than a kilometre.
            if abs(row.lat - lat) < 0.01 and distance_km(lat, lon, row.lat, row.lon) <= NEAR_KM
        ][:MOST]
