"""Plots as files that anybody may have (GeoJSON, CSV and XLSX), and the lists of interests and of the roadmap."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinics.selectors.cluster import current_cluster
from cluster_portal.api.renderers import dumps
from cluster_portal.reports.base import Parameters, register
from cluster_portal.reports.columns import Column, Type
from cluster_portal.reports.exports import QueryExport
from cluster_portal.reports.writers import Sheet, formats
from cluster_portal.web import wording
from investors.policies import READERS
from investors.selectors.interests import ORDER, InterestsAsked, interests
from investors.selectors.roadmap import RoadmapAsked, roadmap
from investors.states import InterestState, RoadmapSection, RoadmapState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import Interest, Plot, RoadmapItem
    from investors.selectors.plots import Land

FORMATS = {"geojson": "GeoJSON", "xlsx": "XLSX", "csv": "CSV"}
GEOJSON = "application/geo+json"
COLUMNS = [
    Column("number", gettext_lazy("Plot"), width=10),
    Column("cadastral_number", gettext_lazy("Cadastral number"), width=22),
    Column("title", gettext_lazy("Title"), width=44),
    Column("direction", gettext_lazy("Direction"), width=26),
    Column("area", gettext_lazy("Area, ha"), Type.DECIMAL, width=10, total=True),
    Column("state", gettext_lazy("State"), width=16),
    Column("tenure", pgettext_lazy("plot", "Right"), width=14),
    Column("term_years", gettext_lazy("Years"), Type.INTEGER, width=8),
    Column("price", gettext_lazy("Price"), Type.DECIMAL, width=16),
    Column("power", gettext_lazy("Free power, kW"), Type.DECIMAL, width=14),
]


def as_file(land: Land | None, file_format: str) -> HttpResponse:
    """The plots that fit, as a file to keep."""
    plots = land.fitting if land else []
    if file_format == "geojson":
        content, content_type = dumps(collection(plots)), GEOJSON
    else:
        form = formats()[file_format]
        content_type = form.content_type
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"plots.{file_format}"
            form.write(_sheet(land.site.name if land else "", plots), path)
            content = path.read_bytes()
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="plots.{file_format}"'},
    )


def _sheet(site: str, plots: Sequence[Plot]) -> Sheet:
    cluster = current_cluster()
    return Sheet(
        title=_("Plots"), subtitle=site, columns=COLUMNS, rows=_rows(plots), moment=timezone.now(),
        zone=ZoneInfo(cluster.time_zone), language=wording.language(), author=cluster.name,
        notes=[
            _("Prices in %(currency)s; of a lease and a concession they are of one year.")
            % {"currency": cluster.currency}
        ],
    )  # fmt: skip


def _rows(plots: Sequence[Plot]) -> Iterator[Sequence[Any]]:
    for plot in plots:
        yield (
            plot.number, plot.cadastral_number, plot.title, plot.get_direction_display(), plot.area,
            plot.get_state_display(), plot.get_tenure_display(), plot.term_years, plot.price, plot.power,
        )  # fmt: skip


def collection(plots: Sequence[Plot]) -> dict[str, Any]:
    """Plots as a GeoJSON collection (RFC 7946); codes and numbers as properties, titles in the reader's language."""
    names = [column.name for column in COLUMNS]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(plot.pk),
                "bbox": list(plot.box),
                "geometry": plot.outline,
                "properties": {name: getattr(plot, name) for name in names},
            }
            for plot in plots
        ],
    }


class _InterestParameters(Parameters):
    """The filters above the list of interests."""

    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=InterestState)
    responsible = forms.UUIDField(label=gettext_lazy("Responsible"), required=False)


@register
class InterestList(QueryExport):
    """The pipeline of interests, as filtered."""

    code = "investors.interests"
    title = pgettext_lazy("land", "Interests")
    roles = READERS
    scope = "investors"
    parameters = _InterestParameters

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("company", gettext_lazy("Company"), width=34),
            Column("country", gettext_lazy("Country"), width=10),
            Column("plots", gettext_lazy("Plots of land"), width=18),
            Column("direction", gettext_lazy("Direction"), width=24),
            Column("investment", gettext_lazy("Planned investment"), Type.DECIMAL),
            Column("jobs", pgettext_lazy("interest", "Jobs"), Type.INTEGER),
            Column("state", gettext_lazy("State"), width=16),
            Column("next_step", gettext_lazy("Next step"), width=34),
            Column("next_on", gettext_lazy("On which day"), Type.DATE),
            Column("responsible", gettext_lazy("Responsible"), width=28),
            Column("told", pgettext_lazy("interest", "Told"), Type.MOMENT),
        ]

    def queryset(self, actor: Actor, params: dict[str, Any]) -> QuerySet[Interest]:
        asked = InterestsAsked(
            state=params.get("state") or "", responsible=str(params.get("responsible") or "")
        )
        return interests(actor, asked).order_by(*ORDER)

    def line(self, row: Interest) -> Sequence[Any]:
        return (
            row.investor.name, row.investor.country, ", ".join(one.plot.number for one in row.chosen.all()),
            row.get_direction_display(), row.investment, row.jobs, row.get_state_display(), row.next_step,
            row.next_on, row.responsible.name if row.responsible else "", row.created_at,
        )  # fmt: skip


class _RoadmapParameters(Parameters):
    """The filters above the roadmap."""

    section = forms.ChoiceField(
        label=pgettext_lazy("roadmap", "Goal"), required=False, choices=RoadmapSection
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=RoadmapState)
    owner = forms.UUIDField(label=gettext_lazy("Responsible"), required=False)
    overdue = forms.BooleanField(label=pgettext_lazy("roadmap", "Overdue only"), required=False)


@register
class RoadmapList(QueryExport):
    """The roadmap, as filtered."""

    code = "investors.roadmap"
    title = pgettext_lazy("page", "Roadmap")
    roles = READERS
    scope = "investors"
    parameters = _RoadmapParameters

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("title", gettext_lazy("Title"), width=60),
            Column("section", pgettext_lazy("roadmap", "Goal"), width=26),
            Column("owner", gettext_lazy("Responsible"), width=30),
            Column("post", pgettext_lazy("roadmap", "Post"), width=30),
            Column("begins_on", gettext_lazy("Planned beginning"), Type.DATE),
            Column("ends_on", gettext_lazy("Planned end"), Type.DATE),
            Column("started_on", pgettext_lazy("roadmap", "Begun"), Type.DATE),
            Column("finished_on", pgettext_lazy("roadmap", "Finished"), Type.DATE),
            Column("state", gettext_lazy("State"), width=14),
            Column("late", pgettext_lazy("roadmap", "Overdue"), width=12),
            Column("funding", gettext_lazy("Sources of funding"), width=34),
            Column("reason", gettext_lazy("Reason"), width=40),
        ]

    def queryset(self, actor: Actor, params: dict[str, Any]) -> QuerySet[RoadmapItem]:
        asked = RoadmapAsked(
            section=params.get("section") or "", state=params.get("state") or "",
            owner=str(params.get("owner") or ""), overdue=bool(params.get("overdue")),
        )  # fmt: skip
        return roadmap(actor, asked)

    def line(self, row: RoadmapItem) -> Sequence[Any]:
        return (
            row.title, row.get_section_display(), row.owner.short_name, row.post, row.begins_on, row.ends_on,
            row.started_on, row.finished_on, row.get_state_display(), _("yes") if row.late else "",
            row.funding_words, row.reason,
        )  # fmt: skip
