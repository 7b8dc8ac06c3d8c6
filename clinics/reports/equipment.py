"""Equipment: plan against delivered, downtime, and the register as a file."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.policies import KEEPERS, REPORTERS
from clinics.reports.figures import share
from clinics.reports.parameters import PeriodAndPlaces, Places
from clinics.selectors import equipment as selectors
from clinics.selectors.calendar import start_of
from clinics.selectors.cluster import current_cluster
from clinics.selectors.equipment_words import TITLES
from clinics.selectors.figures.equipment import FIGURES, downtime, programme
from clinics.selectors.tables import clinic_words
from clinics.selectors.wording import country_name
from clinics.states import EquipmentState, Funding
from cluster_portal.accounts.roles import Role
from cluster_portal.reports.base import Parameters, Report, register
from cluster_portal.reports.columns import Column, Type
from cluster_portal.reports.exports import CHUNK, CutText, Export

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from clinics.models import Equipment
    from cluster_portal.common.actor import Actor

ALL = ("", pgettext_lazy("report", "all"))
STATES, FUNDING = dict(EquipmentState.choices), dict(Funding.choices)


class By(TextChoices):
    """What a row stands for beside the year; its parts are joined by `+`."""

    YEAR = "year", _("year")
    CLINIC = "clinic", _("year and clinic")
    TYPE = "type", _("year and type")
    CLINIC_TYPE = "clinic+type", _("year, clinic and type")


class ProgrammeParameters(Places):
    service_type = None
    year = forms.IntegerField(label=_("Programme year"), required=False, min_value=1990, max_value=2100)
    funding = forms.ChoiceField(label=_("Funding"), choices=[ALL, *Funding.choices], required=False)
    by = forms.ChoiceField(label=_("A row for each"), choices=By, initial=By.YEAR, required=False)

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or By.YEAR.value


HEADS = {
    "clinic": Column("clinic", _("Clinic"), width=34),
    "type": Column("type", _("Type of equipment"), width=34),
}


@register
class Programme(Report):
    """What the programme planned for each year, and how much of it has come."""

    code = "clinics.equipment"
    title = _("Equipment: plan against delivered")
    description = _("Units planned for each programme year, how many were ordered, delivered and put to use.")
    group = "registry"
    roles = REPORTERS
    parameters = ProgrammeParameters
    notes = (
        _("Counted are units of a programme; equipment bought outside one is in the register only."),
        _("Ordered and delivered count units that have come at least so far, whatever became of them later."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        titles = {
            "planned": pgettext_lazy("report", "Planned"),
            "ordered": pgettext_lazy("report", "Ordered"),
            "delivered": pgettext_lazy("report", "Delivered"),
            "in_use": pgettext_lazy("report", "In use"),
            "in_repair": pgettext_lazy("report", "In repair"),
            "written_off": pgettext_lazy("report", "Written off"),
        }
        return [
            # As a text: a year has no thousands.
            Column("year", _("Programme year"), width=12),
            *(HEADS[name] for name in _groups(params)),
            *(Column(name, titles[name], Type.INTEGER, total=True) for name in FIGURES),
            Column("share", _("Share delivered"), Type.PERCENT),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        by = _groups(params)
        chosen = {name: params.get(name) for name in ("organization", "clinic", "funding")}
        for year, *told in programme(actor, by=by, year=params.get("year"), **chosen):
            counts = dict(zip(FIGURES, told[len(by) :], strict=True))
            yield [str(year), *told, share(counts["delivered"], counts["planned"])]


def _groups(params: dict[str, Any]) -> list[str]:
    return [name for name in params["by"].split("+") if name in HEADS]


class DowntimeParameters(PeriodAndPlaces):
    service_type = None


@register
class Downtimes(Report):
    """Which units stood still, how often and how long."""

    code = "clinics.downtime"
    title = _("Downtime of equipment")
    description = _("Units that were in repair in a period: how often, how many hours, and which still are.")
    group = "registry"
    roles = REPORTERS
    parameters = DowntimeParameters
    notes = (
        _("Hours are counted round the clock, within the period; a repair that lasts counts up to now."),
        _("The share is of all hours of the period that have passed."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("organization", _("Organisation"), width=34),
            Column("clinic", _("Clinic"), width=34),
            Column("type", _("Type of equipment"), width=34),
            Column("model", _("Model"), width=28),
            Column("inventory_number", _("Inventory number"), width=20),
            Column("times", _("Times"), Type.INTEGER, width=10, total=True),
            Column("hours", _("Hours"), Type.DECIMAL, width=12, total=True),
            Column("share", _("Share of the period"), Type.PERCENT),
            Column("still", _("In repair since"), Type.MOMENT),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        zone = current_cluster().time_zone
        since, until = start_of(params["since"], zone), start_of(params["until"] + timedelta(days=1), zone)
        passed = (min(until, timezone.now()) - since).total_seconds() / 3600
        chosen = {name: params.get(name) for name in ("organization", "clinic")}
        for *told, hours, still in downtime(actor, since, until, **chosen):
            yield [*told, hours, hours / passed if passed > 0 else None, still]


class _ListParameters(Parameters):
    """The register's filters by the names of its address."""

    q = CutText(label=_("Model, maker or number"), limit=100)
    type = CutText(label=_("Type"), limit=40)
    clinic = forms.UUIDField(label=_("Clinic"), required=False)
    state = forms.ChoiceField(label=_("State"), choices=EquipmentState, required=False)
    year = forms.IntegerField(label=_("Programme year"), min_value=1990, max_value=2100, required=False)
    warranty = forms.ChoiceField(
        label=_("Warranty"), required=False,
        choices=[*((str(days), str(days)) for days in selectors.WARRANTY), (selectors.OVER, _("has ended"))],
    )  # fmt: skip


@register
class EquipmentList(Export):
    """The register as it is filtered, in the columns in which it is taken in."""

    code = "clinics.equipment_list"
    title = _("Equipment")
    scope = "clinics"
    roles = KEEPERS | {Role.OFFICE, Role.ANALYST}
    parameters = _ListParameters

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        wide = {"type": 34, "clinic": 34, "model": 28, "maker": 28, "comment": 34}
        dates = {name for name in TITLES if name.endswith(("_on", "_until"))}
        return [
            Column(name, title, Type.DATE if name in dates else Type.TEXT, width=wide.get(name, 16))
            for name, title in TITLES.items()
        ]

    def _units(self, actor: Actor, params: dict[str, Any]) -> QuerySet[Equipment]:
        known = {name: str(value or "") for name, value in params.items()}
        return selectors.register(actor, selectors.Narrowing(text=known.pop("q").strip(), **known))

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[Sequence[Any]]:
        clinics = clinic_words()
        for row in self._units(actor, params).iterator(chunk_size=CHUNK):
            yield self._line(row, clinics[row.clinic_id])

    def count(self, actor: Actor, params: dict[str, Any]) -> int:
        return self._units(actor, params).count()

    @staticmethod
    def _line(row: Equipment, clinic: str) -> list[Any]:
        shown = {
            "type": row.type.name,
            "clinic": clinic,
            "room": row.whereabouts,
            "country": country_name(row.country) if row.country else "",
            "state": capfirst(str(STATES[row.state])),
            "funding": capfirst(str(FUNDING[row.funding])) if row.funding else "",
            "programme_year": str(row.programme_year or ""),
        }
        return [shown[name] if name in shown else getattr(row, name) for name in TITLES]
