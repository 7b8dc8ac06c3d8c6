"""The registry as tables: which columns a kind of record has, what they are called, and what stands in a cell.

What is taken in and what is given out are built of the same names, so a file that was given out is understood.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import Clinic, Organization, Practitioner, Service, Specialty
from clinics.policies import clinic_policy, organization_policy, practitioner_policy, service_policy
from clinics.selectors.records import OFFICE_FIELDS, hours_in_words, label_of, proposed_fields
from clinics.selectors.wording import country_name, language_name
from cluster_portal.common.translated import LANGUAGES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Sequence

    from django.db.models import Model, QuerySet

    from cluster_portal.common.actor import Actor

#: What recognises a record whatever else has changed: its address in the portal.
KEY = "id"
#: Between several values of a cell; names of specialties have commas.
SEPARATOR = "; "


def _in_languages(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{language}" for name in names for language in LANGUAGES)


COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Organization: (*proposed_fields(Organization), *OFFICE_FIELDS[Organization], KEY),
    Clinic: ("organization", *proposed_fields(Clinic), "status", *OFFICE_FIELDS[Clinic], KEY),
    Service: (
        "clinic", "service_type", "mode", "payments", "booking_mode", "age_min", "age_max", "sex", "price",
        *_in_languages("comment", "preparation", "documents"), "phone", "is_active",
    ),
    Practitioner: (
        "organization", "clinics", "family", "given", "patronymic", "name_latin", *_in_languages("position"),
        "specialties", "languages", *_in_languages("qualification"), "is_active", KEY,
    ),
}  # fmt: skip
#: Register numbers by which an organisation is known, the most usual first.
NUMBERS = ("inn", "bin", "ogrn", "foreign_number")
_POLICIES = {
    Organization: organization_policy,
    Clinic: clinic_policy,
    Service: service_policy,
    Practitioner: practitioner_policy,
}


def _title(model: type[Model], name: str) -> str:
    return capfirst(str(KEY_TITLE)) if name == KEY else label_of(model, name)


KEY_TITLE = gettext_lazy("key in the portal")
#: What a column is called, in the reader's language when it is read.
title_of = lazy(_title, str)


def kept(actor: Actor, model: type[Model]) -> QuerySet:
    """The records that the actor may write, in the order of the file that is given out."""
    rows = _POLICIES[model].queryset(actor, "edit")
    if model is Organization:
        return rows.order_by("short_name_ru", "id")
    if model is Clinic:
        return rows.select_related("organization").order_by("organization__short_name_ru", "name_ru", "id")
    if model is Service:
        return rows.select_related("clinic", "service_type").order_by(
            "clinic__name_ru", "service_type__name_ru", "mode", "id"
        )
    return (
        rows.select_related("organization")
        .prefetch_related("clinics")
        .order_by("organization__short_name_ru", "family", "given", "id")
    )


def on_record(
    actor: Actor, model: type[Model], ids: Iterable[uuid.UUID], *, lock: bool
) -> dict[uuid.UUID, Any]:
    """The records with these ids that the actor may write, locked for the transaction in their order if asked.

    A practitioner knows `at`, the clinics that a weekly pattern of theirs is for.
    """
    rows = _POLICIES[model].queryset(actor, "edit").filter(pk__in=set(ids)).order_by("pk")
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    if model is Practitioner:
        rows = rows.prefetch_related("clinics", "schedules__service")
    return {row.pk: row for row in rows}


def needed_clinics(person: Practitioner) -> set[uuid.UUID]:
    """Where weekly patterns that are not over need a practitioner who comes from `on_record`."""
    return {pattern.service.clinic_id for pattern in person.schedules.all() if pattern.is_active}


def clinics_kept(actor: Actor) -> list[Clinic]:
    """The clinics whose services and people the actor writes."""
    return list(clinic_policy.queryset(actor, "furnish").order_by("pk"))


class Cells:
    """What stands in the cells of records, in the reader's language.

    Clinics whose name is that of another one too are told by their key. Two queries, whatever the number of records.
    """

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self.fields = {field.name: field for field in model._meta.get_fields()}
        if model is Service or model is Practitioner:
            self._clinics = clinic_words()
            self._specialties = {row.pk: row.name for row in Specialty.objects.all()}

    def of(self, record: Any, names: Sequence[str]) -> list[Any]:
        """The cells of a record."""
        return [self.cell(record, name) for name in names]

    def cell(self, record: Any, name: str) -> Any:
        """One cell: a text, a whole number, a Decimal or a date; None where nothing is known."""
        if name in _RELATED:
            return getattr(self, f"_{_RELATED[name]}")(record, name)
        value = getattr(record, name)
        if value in (None, "", [], {}):
            return None
        field = self.fields[name]
        if name == KEY:
            return str(value)
        if name == "specialties":
            return SEPARATOR.join(self._specialties.get(code, code) for code in value)
        if name in _WORDS:
            return _WORDS[name](value)
        if isinstance(field, BooleanField):
            return _("yes") if value else _("no")
        if isinstance(field, ArrayField):
            words = dict(field.base_field.flatchoices)
            return SEPARATOR.join(capfirst(str(words.get(code, code))) for code in value)
        if field.choices:
            return capfirst(str(dict(field.flatchoices).get(value, value)))
        return value

    def _organization(self, record: Any, name: str) -> str:
        return number_of(record.organization) or str(record.organization_id)

    def _clinic(self, record: Any, name: str) -> str:
        return self._clinics[record.clinic_id]

    def _clinics_of(self, record: Any, name: str) -> str | None:
        return SEPARATOR.join(sorted(self._clinics[row.pk] for row in record.clinics.all())) or None

    def _service_type(self, record: Any, name: str) -> str:
        return record.service_type.name


_RELATED = {
    "organization": "organization",
    "clinic": "clinic",
    "clinics": "clinics_of",
    "service_type": "service_type",
}


def number_of(organization: Organization) -> str:
    """The register number by which an organisation is named in a table; empty where it has none."""
    return next((value for name in NUMBERS if (value := getattr(organization, name))), "")


def clinic_words() -> dict[uuid.UUID, str]:
    """By what each clinic is found in a table: its name, or its key where another one is called so too. One query."""
    rows = list(Clinic.objects.all())
    names = Counter(row.name for row in rows)
    return {row.pk: row.name if names[row.name] == 1 else str(row.pk) for row in rows}


def _languages(codes: Iterable[str]) -> str:
    return SEPARATOR.join(language_name(code) for code in codes)


_WORDS = {
    "country": country_name, "languages": _languages, "interpreters": _languages, "opening_hours": hours_in_words,
    # Every digit: 46.9591 and 142.738 are to be the same place when they come back.
    "lat": repr, "lon": repr,
}  # fmt: skip
