"""What a visitor types into the search of the catalogue, understood with typing errors in three languages.

Names of clinics, services, specialties and practitioners are compared with each word by trigrams (pg_trgm's word
similarity: 1 is a word found whole). A word counts where it fits about as well as it fits anywhere, so «невролог» does
not find the nephrologist, while «невролок», which is found nowhere, still finds the neurologist. People misspell the
middle and the end of words and hardly ever their beginning, so «фармаколог» does not find the gynaecologist.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Func, TextField, Value
from django.db.models.functions import Concat

from clinics.models import Practitioner, ServiceType

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from clinics.models import Clinic

#: What fits worse than this does not count at all: a wrong letter in a long, declined word leaves 0.46.
WORST = 0.45
#: What fits worse than this share of the best is another word.
OF_BEST = 0.85
#: What fits less well than this begins with the same letters too, or it is another word that ends alike.
ALIKE = 0.95
BEGINNING = 2
MAX_WORDS = 5
#: What people say for what the nomenclature says otherwise.
SPOKEN = {
    "окулист": "офтальмолог", "глазной": "офтальмолог", "глазник": "офтальмолог", "зубной": "стоматолог",
    "дантист": "стоматолог", "лор": "оториноларинголог", "ухогорлонос": "оториноларинголог",
    "кожный": "дерматолог", "кожник": "дерматолог", "узист": "узи", "флюорография": "рентген",
    "радиолог": "рентген", "mrt": "мрт", "ekg": "экг",
}  # fmt: skip


@dataclass(slots=True)
class Found:
    """Which clinics fit all words, and by which service types."""

    clinics: set[uuid.UUID] = field(default_factory=set)
    service_types: set[str] = field(default_factory=set)


def words_of(text: str) -> list[str]:
    """The words to look for, folded as the database folds its own: lower case, «ё» as «е»."""
    found = re.findall(r"[^\W_][\w-]*", text.lower().replace("ё", "е"))
    return [SPOKEN.get(word, word) for word in found[:MAX_WORDS]]


def find(clinics: QuerySet[Clinic], text: str) -> Found:
    """The clinics of `clinics` that fit `text`. Four queries."""
    words = words_of(text)
    found = Found()
    if not words:
        found.clinics = set(clinics.values_list("pk", flat=True))
        return found
    by_name = _scores(clinics.order_by(), words, "search_text", "pk")
    types = ServiceType.objects.annotate(text=_folded("name_ru", "name_en", "name_kk"))
    specialties = ServiceType.objects.annotate(
        text=_folded("specialty__name_ru", "specialty__name_en", "specialty__name_kk")
    )
    by_type = _better(_scores(types, words, "text", "pk"), _scores(specialties, words, "text", "pk"))
    people = Practitioner.objects.filter(is_active=True, clinics__in=clinics).annotate(
        text=_folded(
            "family", "given", "patronymic", "name_latin", "position_ru", "position_en", "position_kk"
        )
    )
    by_person = _scores(people, words, "text", "clinics")
    offered = defaultdict(set)
    pairs = clinics.order_by().filter(services__is_active=True).values_list("services__service_type", "pk")
    for service_type, clinic in pairs:
        offered[service_type].add(clinic)
    fitting: set[uuid.UUID] | None = None
    for number in range(len(words)):
        best = max(
            (s[number] for scores in (by_name, by_type, by_person) for s in scores.values()), default=0
        )
        least = max(WORST, best * OF_BEST)
        kinds = {code for code, scores in by_type.items() if scores[number] >= least}
        here = {pk for scores in (by_name, by_person) for pk, s in scores.items() if s[number] >= least}
        here |= {clinic for code in kinds for clinic in offered[code]}
        found.service_types |= kinds
        fitting = here if fitting is None else fitting & here
    found.clinics = fitting or set()
    return found


def _folded(*names: str) -> Func:
    parts: list = []
    for name in names:
        parts += [name, Value(" ")]
    return Func(
        Concat(*parts, output_field=TextField()),
        template="translate(lower(%(expressions)s), 'ё', 'е')",
        output_field=TextField(),
    )


def _scores(rows: QuerySet, words: list[str], column: str, key: str) -> dict[object, list[float]]:
    """How well each word fits each row's text; of several rows with one key, the best."""
    names = [f"fit_{number}" for number in range(len(words))]
    fits = {name: TrigramWordSimilarity(word, column) for name, word in zip(names, words, strict=True)}
    found: dict[object, list[float]] = {}
    for row in rows.annotate(**fits).values_list(key, column, *names):
        scores = [
            score if score >= ALIKE or f" {word[:BEGINNING]}" in f" {row[1]}" else 0.0
            for word, score in zip(words, row[2:], strict=True)
        ]
        known = found.get(row[0])
        found[row[0]] = [max(pair) for pair in zip(known, scores, strict=True)] if known else scores
    return found


def _better(one: dict, other: dict) -> dict:
    return {key: [max(pair) for pair in zip(one[key], other[key], strict=True)] for key in one}
