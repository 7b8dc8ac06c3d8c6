"""The columns of the registry's records: whose they are to write, what they are called, how their values read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Count, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clinics.models import Clinic, Organization
from clinics.policies import clinic_policy, organization_policy
from clinics.selectors.detail import hours_of
from clinics.selectors.wording import country_name, language_name
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.web import wording

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.policy import Policy

Record = Clinic | Organization

IN_LANGUAGE = {
    "ru": gettext_lazy("in Russian"), "en": gettext_lazy("in English"),
    "kk": gettext_lazy("in Kazakh"),
}  # fmt: skip


def _in_languages(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{language}" for name in names for language in LANGUAGES)


#: What an organisation may propose to change, in the order of the forms.
CLINIC_FIELDS = (
    *_in_languages("name", "short_name"), "type", "level", *_in_languages("description"), "country",
    *_in_languages("city", "address"), "lat", "lon", "time_zone", "phone", "email", "website", "wheelchair",
    "opening_hours", "languages", "interpreters",
)  # fmt: skip
ORGANIZATION_FIELDS = (
    *_in_languages("name", "short_name"), "ownership", "sector", "country", "inn", "ogrn", "bin", "foreign_number",
    *_in_languages("address"), "phone", "email", "website",
)  # fmt: skip
#: What only the office writes. The status of a clinic moves by its own table.
OFFICE_FIELDS = {
    Clinic: ("opened_on", "planned_for", "is_programme"),
    Organization: ("cluster_role", "status", "joined_on"),
}
_PROPOSED = {Clinic: CLINIC_FIELDS, Organization: ORGANIZATION_FIELDS}


def proposed_fields(model: type[Record]) -> tuple[str, ...]:
    """The columns of which an organisation may propose a change."""
    return _PROPOSED[model]


def office_fields(model: type[Record]) -> tuple[str, ...]:
    """The columns that the office writes."""
    return _PROPOSED[model] + OFFICE_FIELDS[model]


def policy_of(model: type[Record]) -> Policy:
    """The policy of the records of one kind."""
    return clinic_policy if model is Clinic else organization_policy


def record_to_edit(actor: Actor, action: str, model: type[Record], pk: uuid.UUID) -> Record:
    """A record that the actor may `edit` or `propose` to change. Raises Forbidden, NotFound."""
    rows = model.objects.select_related("organization") if model is Clinic else model.objects.all()
    return policy_of(model).get(actor, action, pk, queryset=rows)


def label_of(model: type[Record], name: str) -> str:
    """What a column is called on pages: `Address in Kazakh`."""
    field = model._meta.get_field(name)
    label = capfirst(str(field.verbose_name))
    stem, _under, language = name.rpartition("_")
    return f"{label} {IN_LANGUAGE[language]}" if stem and language in LANGUAGES else label


def words_of(model: type[Record], name: str, value: Any) -> str:
    """A column's value as a reader says it; empty where there is none."""
    if value in (None, "", [], {}):
        return ""
    field = model._meta.get_field(name)
    if name in _WORDS:
        return _WORDS[name](value)
    if isinstance(field, BooleanField):
        return _("yes") if value else _("no")
    if field.choices:
        return capfirst(str(dict(field.flatchoices).get(value, value)))
    if isinstance(value, date):
        return wording.date_short(value)
    return str(value)


def _names_of_languages(codes: Iterable[str]) -> str:
    return ", ".join(language_name(code) for code in codes)


def hours_in_words(value: dict[str, list[str]]) -> str:
    """Opening hours in a line: `пн–пт 08:00–20:00; сб–вс закрыто`."""
    lines = []
    for line in hours_of(Clinic(opening_hours=value)):
        days = wording.weekday_name(line.first)
        if line.last != line.first:
            days += f"–{wording.weekday_name(line.last)}"
        times = f"{line.hours[0]:%H:%M}–{line.hours[1]:%H:%M}" if line.hours else pgettext("day", "closed")
        lines.append(f"{days} {times}")
    return "; ".join(lines)


def _degrees(value: float) -> str:
    return f"{wording.number(value, 6)}°"


_WORDS: dict[str, Callable[[Any], str]] = {
    "languages": _names_of_languages, "interpreters": _names_of_languages, "country": country_name,
    "opening_hours": hours_in_words, "lat": _degrees, "lon": _degrees,
}  # fmt: skip


def clinics_of(actor: Actor, organization_id: uuid.UUID) -> QuerySet[Clinic]:
    """The sites of an organisation, the highest level of care first."""
    return clinic_policy.queryset(actor).filter(organization=organization_id).order_by("-level", "name_ru")


def organizations_listed(
    actor: Actor, *, text: str = "", sector: str = "", ownership: str = "", status: str = ""
) -> QuerySet[Organization]:
    """The organisations of the cluster in the order of ORGANIZATION_ORDER, each with `sites`, its number of clinics."""
    rows = organization_policy.queryset(actor).annotate(sites=Count("clinics"))
    for name, value in (("sector", sector), ("ownership", ownership), ("status", status)):
        if value:
            rows = rows.filter(**{name: value})
    if text:
        condition = Q(inn=text) | Q(ogrn=text) | Q(bin=text) | Q(foreign_number__iexact=text)
        for name in _in_languages("name", "short_name"):
            condition |= Q(**{f"{name}__icontains": text})
        rows = rows.filter(condition)
    return rows.order_by(*ORGANIZATION_ORDER)


ORGANIZATION_ORDER = ("short_name_ru", "id")
