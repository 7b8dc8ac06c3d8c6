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
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import F, Func, OuterRef, Q

from clinics.models import Clinic, Practitioner, SearchWord, Service, ServiceType

if TYPE_CHECKING:
    from collections.abc import Sequence

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


@dataclass(frozen=True, slots=True)
class Meant:
    """What a typed word means: words of the dictionary, and the service types that one of them names, by themselves or
    by their specialty.
    """

    words: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.words)


#: What each of the typed words means.
Meaning = list[Meant]


def words_of(text: str) -> list[str]:
    """The words to look for, folded as the database folds its own: lower case, «ё» as «е»."""
    found = re.findall(r"[^\W_][\w-]*", _folded(text))
    told = [word for word in found if word not in SILENT] or found
    return [SPOKEN.get(word, word) for word in told[:MAX_WORDS]]


def meaning_of(text: str) -> Meaning | None:
    """What each word of `text` means; None where it has no words. One query by the dictionary's key.

    A word of nobody's means nothing.
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


@dataclass(frozen=True, slots=True)
class _Fit:
    word: str
    score: float
    kinds: tuple[str, ...]


def _fits(forms: Sequence[str]) -> dict[str, list[_Fit]]:
    """How well words of the dictionary fit each form, those that do at all, and the service types that they name."""
    names = {f"fit_{number}": form for number, form in enumerate(forms)}
    near = [
        Q(word__gte=form[:BEGINNING], word__lt=form[:BEGINNING] + "\U0010ffff", **{f"{name}__gte": WORST})
        for name, form in names.items()
    ]
    this = Func(OuterRef("word"), template="ARRAY[%(expressions)s]", output_field=ServiceType.words.field)
    named = ServiceType.objects.alias(this=this).filter(
        Q(words__contains=F("this")) | Q(specialty__words__contains=F("this"))
    )
    rows = SearchWord.objects.annotate(
        kinds=ArraySubquery(named.values("pk")),
        **{name: TrigramWordSimilarity(form, "word") for name, form in names.items()},
    )
    found: dict[str, list[_Fit]] = defaultdict(list)
    for word, kinds, *scores in rows.filter(reduce(or_, near)).values_list("word", "kinds", *names):
        for form, score in zip(forms, scores, strict=True):
            if score >= WORST and word[:BEGINNING] == form[:BEGINNING]:
                found[form].append(_Fit(word, score, tuple(kinds)))
    return found


def _best(fits: list[_Fit]) -> Meant:
    least = max((fit.score for fit in fits), default=0) * OF_BEST
    best = [fit for fit in fits if fit.score >= least]
    return Meant(
        tuple(sorted(fit.word for fit in best)), frozenset(kind for fit in best for kind in fit.kinds)
    )


def kinds_of(meaning: Meaning | None) -> list[str]:
    """The service types that were asked for by words."""
    return sorted({kind for meant in meaning or () for kind in meant.kinds})


def of_meaning(meaning: Meaning) -> Q:
    """The clinics that fit every word: by their own names and town, by a service, or by somebody who works there.

    Each way goes by its own index, and they meet as a union of ids: an OR over tables would read them all.
    """
    fitting = Q()
    for meant in meaning:
        if not meant:
            return Q(pk__in=())
        words = list(meant.words)
        people = Practitioner.clinics.through.objects.filter(
            practitioner__is_active=True, practitioner__words__overlap=words
        )
        ways = [people.values("clinic")]
        if meant.kinds:
            ways.append(Service.objects.filter(is_active=True, service_type__in=meant.kinds).values("clinic"))
        fitting &= Q(pk__in=Clinic.objects.filter(words__overlap=words).values("pk").union(*ways))
    return fitting
