"""What a visitor types into the search of the catalogue, understood with typing errors in three languages.

Each typed word is compared with the dictionary of the registry's words (clinics and towns, services, specialties,
practitioners) by trigrams (pg_trgm's word similarity: 1 is a word found whole). A word of the dictionary counts where
it fits about as well as any fits, so «невролог» does not find the nephrologist, while «невролок», which stands nowhere,
still finds the neurologist. People misspell the middle and the end of words and hardly ever their beginning: only
words with the same two first letters are compared, so «фармаколог» does not find the gynaecologist and the dictionary
is read by its key. Where nothing begins so, the other keyboard layout was on: «rkbybrf» is «клиника».
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q

from clinics.models import Clinic, Practitioner, SearchWord, Service, ServiceType, Specialty

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

#: What fits worse than this does not count at all: a wrong letter in a long, declined word leaves 0.46.
WORST = 0.45
#: What fits worse than this share of the best is another word.
OF_BEST = 0.85
#: So many first letters are typed right.
BEGINNING = 2
MAX_WORDS = 5
#: Words that say nothing of what is looked for.
SILENT = frozenset({"в", "во", "и", "на", "с", "для", "in", "at", "and", "the", "of", "мен", "және"})
#: What people say for what the nomenclature says otherwise.
SPOKEN = {
    "окулист": "офтальмолог", "глазной": "офтальмолог", "глазник": "офтальмолог", "зубной": "стоматолог",
    "дантист": "стоматолог", "лор": "оториноларинголог", "ухогорлонос": "оториноларинголог",
    "кожный": "дерматолог", "кожник": "дерматолог", "узист": "узи", "флюорография": "рентген",
    "радиолог": "рентген", "mrt": "мрт", "ekg": "экг",
}  # fmt: skip
_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю"
#: The letter on the same key in the other layout.
OTHER_LAYOUT = str.maketrans(_LATIN + _CYRILLIC, _CYRILLIC + _LATIN)

#: For each word that was typed, the words of the dictionary that it means.
Meaning = list[list[str]]


def words_of(text: str) -> list[str]:
    """The words to look for, folded as the database folds its own: lower case, «ё» as «е»."""
    found = re.findall(r"[^\W_][\w-]*", _folded(text))
    told = [word for word in found if word not in SILENT] or found
    return [SPOKEN.get(word, word) for word in told[:MAX_WORDS]]


def meaning_of(text: str) -> Meaning | None:
    """What each word of `text` means; None where it has no words. One query by the dictionary's key.

    A word of nobody's has no meaning: an empty list.
    """
    words = words_of(text)
    if not words:
        return None
    # On some keys are letters in one layout and signs in the other one, so the whole text is turned over.
    others = words_of(_folded(text.lower().translate(OTHER_LAYOUT)))
    forms = list(dict.fromkeys([*words, *others]))
    fits = _fits(forms)
    meaning = [_best(fits[word]) for word in words]
    if any(meaning):
        return meaning
    turned = [_best(fits[word]) for word in others]
    return turned if others and all(turned) else meaning


def _folded(text: str) -> str:
    return text.lower().replace("ё", "е")


def _fits(forms: Sequence[str]) -> dict[str, dict[str, float]]:
    """How well words of the dictionary fit each form, those that do at all."""
    names = {f"fit_{number}": form for number, form in enumerate(forms)}
    near = [
        Q(word__gte=form[:BEGINNING], word__lt=form[:BEGINNING] + "\U0010ffff", **{f"{name}__gte": WORST})
        for name, form in names.items()
    ]
    rows = SearchWord.objects.annotate(
        **{name: TrigramWordSimilarity(form, "word") for name, form in names.items()}
    )
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for word, *scores in rows.filter(reduce(or_, near)).values_list("word", *names):
        for form, score in zip(forms, scores, strict=True):
            if score >= WORST and word[:BEGINNING] == form[:BEGINNING]:
                found[form][word] = score
    return found


def _best(fits: dict[str, float]) -> list[str]:
    least = max(fits.values(), default=0) * OF_BEST
    return sorted(word for word, score in fits.items() if score >= least)


def types_meant(words: Iterable[str]) -> QuerySet[ServiceType]:
    """The service types that one of these words of the dictionary names, by themselves or by their specialty."""
    words = list(words)
    specialties = Specialty.objects.filter(words__overlap=words).values("pk")
    return ServiceType.objects.filter(Q(words__overlap=words) | Q(specialty__in=specialties)).values("pk")


def of_meaning(meaning: Meaning) -> Q:
    """The clinics that fit every word: by their own names and town, by a service, or by somebody who works there.

    Each way goes by its own index, and they meet as a union of ids: an OR over tables would read them all.
    """
    fitting = Q()
    for words in meaning:
        if not words:
            return Q(pk__in=())
        named = Clinic.objects.filter(words__overlap=words).values("pk")
        offering = Service.objects.filter(is_active=True, service_type__in=types_meant(words)).values(
            "clinic"
        )
        people = Practitioner.clinics.through.objects.filter(
            practitioner__is_active=True, practitioner__words__overlap=words
        ).values("clinic")
        fitting &= Q(pk__in=named.union(offering, people))
    return fitting
