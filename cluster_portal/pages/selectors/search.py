"""One box over everything: a referral's number, patients, clinics."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import F
from django.db.models.functions import Least

from clinics.policies import clinic_policy
from clinics.selectors.search import words_of
from cluster_portal.common import numbering
from cluster_portal.common.translated import localized
from patients.models import Patient, Referral
from patients.policies import patient_policy
from patients.selectors.search import find_referral, search_patients

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

#: How many of each are shown before their own list takes over.
PATIENTS, CLINICS = 10, 8
#: How well a clinic's name has to fit a word (pg_trgm's word similarity, 0–1).
FITS = 0.55
LONGEST = 200


@dataclass(slots=True)
class Found:
    """What a text found. `referral` is the one whose number it is; `number` says how the text looks as a number.

    `number` is "" (no number at all), "unknown" (well formed, but not there for this actor) or "damaged" (its check
    character does not fit).
    """

    text: str = ""
    referral: Referral | None = None
    number: str = ""
    patients: list[Patient] = field(default_factory=list)
    more_patients: bool = False
    clinics: list[dict[str, Any]] = field(default_factory=list)
    more_clinics: bool = False

    @property
    def encoded(self) -> str:
        """The text as an address carries it."""
        return quote(self.text)

    @property
    def is_empty(self) -> bool:
        return not (self.referral or self.patients or self.clinics)


def search_everything(actor: Actor, text: str) -> Found:
    """What `text` means to this actor. At most five queries: number, two for names, patients, clinics."""
    # A zero byte is the one character that PostgreSQL cannot take.
    found = Found(text.replace("\x00", "").strip()[:LONGEST])
    if not found.text:
        return found
    if looks_like_number(found.text):
        found.number = "unknown" if numbering.is_valid(numbering.normalize(found.text)) else "damaged"
        found.referral = find_referral(actor, found.text)
        return found
    if patient_policy.may(actor, "search"):
        rows = list(search_patients(actor, found.text).select_related("home_clinic")[: PATIENTS + 1])
        found.patients, found.more_patients = rows[:PATIENTS], len(rows) > PATIENTS
    rows = find_clinics(actor, found.text)
    found.clinics, found.more_clinics = rows[:CLINICS], len(rows) > CLINICS
    return found


def looks_like_number(text: str) -> bool:
    """Whether a text has the shape of a referral's number, whatever its dashes and its check character."""
    number = numbering.normalize(text)
    return len(number) == 16 and number.count("-") == 3 and number[:3].isalpha()


def find_clinics(actor: Actor, text: str) -> list[dict[str, Any]]:
    """Clinics with a word like each of the typed ones in their names or town, the best fit first. One query."""
    words = words_of(text)
    if not words:
        return []
    fits = [TrigramWordSimilarity(word, "search_text") for word in words]
    fit = fits[0] if len(fits) == 1 else reduce(Least, fits[1:], fits[0])
    return list(
        clinic_policy.queryset(actor)
        .annotate(fit=fit)
        .filter(fit__gte=FITS)
        .order_by("-fit", "-level", "name_ru")
        .values(
            "id", "status", name=localized("name"), city=localized("city"), ownership=F("organization__ownership")
        )[: CLINICS + 1]
    )  # fmt: skip
