"""One box that finds a patient: an identifier, a number, a birth date, a name in any order with typing errors."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import IntegerField, Q, Subquery, Value

from cluster_portal.common import identifiers, numbering
from patients.models import NameWord, Patient, PatientNumber, Referral
from patients.policies import patient_policy, referral_policy

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: How alike a word must be to count as a typing error of another one (pg_trgm, 0–1).
SIMILARITY = 0.45
#: How many words of the dictionary one typed word may stand for.
CANDIDATES = 60
DATE_FORMATS = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%y")


def fold(text: str) -> str:
    """Lower case, ё as е, dashes as spaces: as the database folds names."""
    return text.lower().replace("ё", "е").replace("-", " ").strip()


def parse_date(text: str) -> date | None:
    """A date as people type it, or None."""
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    return None


def words_like(words: list[str]) -> list[list[str]]:
    """For each word, the words of the dictionary that begin with it, or else those that look like it.

    Two queries at most, however many words were typed.
    """
    found = _look_up(
        {
            n: NameWord.objects.filter(word__gte=word, word__lt=word + "\U0010ffff")
            for n, word in enumerate(words)
        }
    )
    misspelt = {n: word for n, word in enumerate(words) if not found[n] and len(word) >= 3}
    found |= _look_up(
        {
            n: NameWord.objects.filter(word__trigram_similar=word)
            .alias(alike=TrigramSimilarity("word", word))
            .filter(alike__gte=SIMILARITY)
            .order_by("-alike")
            for n, word in misspelt.items()
        },
        limit=20,
    )
    return [found[n] for n in range(len(words))]


def _look_up(wanted: dict[int, QuerySet[NameWord]], limit: int = CANDIDATES) -> dict[int, list[str]]:
    """What each of several look-ups finds, asked of the database together."""
    found: dict[int, list[str]] = {n: [] for n in wanted}
    parts = [
        rows.annotate(n=Value(n, IntegerField())).values_list("n", "word")[:limit]
        for n, rows in wanted.items()
    ]
    if not parts:
        return found
    for n, word in parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]:
        found[n].append(word)
    return found


def _name_filter(words: list[str]) -> Q | None:
    """Patients who have a word like each of the typed ones, or None where some word is like nobody's."""
    q = Q()
    for candidates in words_like(words) if words else ():
        if not candidates:
            return None
        q &= Q(name_words__overlap=candidates)
    return q


def bearer_of(actor: Actor, number: str) -> Subquery:
    """The id of whom the own system of the actor's organisation knows under exactly this number.

    It is for comparing a column with: PostgreSQL works it out once by the unique index, and then finds the row by the
    index of that column. Numbers of other organisations say nothing here.
    """
    given = PatientNumber.objects.filter(organization_id=actor.organization_id, number=number)
    return Subquery(given.values("patient")[:1])


def search_patients(actor: Actor, text: str) -> QuerySet[Patient]:
    """The patients whom the actor may see and whom `text` means, by name.

    Digits alone are СНИЛС, ЕНП, ИИН or a telephone number; a date is a birth date; the rest are words of the name. The
    whole of a text with a digit may also be the number that the actor's organisation has given to a patient.
    """
    visible = patient_policy.queryset(actor).filter(merged_into__isnull=True)
    text = text.strip()
    if not text:
        return visible.order_by("sort_name", "id")
    digits = identifiers.normalize(text)
    numbered = Q(pk=bearer_of(actor, text)) if digits else None
    if len(digits) >= 10 and not re.search(r"[^\W\d_]", text) and parse_date(text) is None:
        exact = Q(snils=digits) | Q(enp=digits) | Q(iin=digits)
        exact |= Q(phone__endswith=digits[-10:]) if len(digits) <= 11 else Q()
        return visible.filter(exact | numbered).order_by("sort_name", "id")
    born, words = None, []
    for part in re.split(r"[\s,;]+", text):
        if (day := parse_date(part)) is not None:
            born = day
        elif part:
            words += fold(part).split()
    names = _name_filter(words)
    if names is not None and born:
        names &= Q(birth_date=born)
    meant = [q for q in (names, numbered) if q is not None]
    if not meant:
        return visible.none()
    return visible.filter(reduce(or_, meant)).order_by("sort_name", "id")


def find_referral(actor: Actor, text: str) -> Referral | None:
    """The referral whose number `text` is, if the actor may see it."""
    number = numbering.normalize(text)
    if not numbering.is_valid(number):
        return None
    return referral_policy.queryset(actor).filter(number=number).first()
