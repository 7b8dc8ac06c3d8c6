"""The federal summary: the cluster for one period on two pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from clinics.selectors.cluster import current_cluster
from clinics.selectors.measures import Period
from cluster_portal.accounts.roles import Role
from cluster_portal.documents import rendering
from cluster_portal.pages.selectors.summary import Kind, shown, summary_of
from cluster_portal.reports.base import Report, is_analyst, register
from cluster_portal.reports.columns import Column, Type
from cluster_portal.reports.periods import PeriodParameters
from cluster_portal.web import wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor
    from cluster_portal.pages.selectors.office import WaitLine
    from cluster_portal.pages.selectors.summary import Figure, Summary
    from cluster_portal.reports.base import About


@register
class FederalSummary(Report):
    """What the cluster tells the ministry of a quarter or a year."""

    code = "pages.federal"
    title = gettext_lazy("Summary of the cluster")
    description = gettext_lazy(
        "Targets, care, network, training, land and projects of a period on two pages, with charts."
    )
    group = "cluster"
    roles = frozenset({Role.OFFICE, Role.ANALYST})
    formats = ("pdf", "xlsx", "csv", "json")
    parameters = PeriodParameters
    notes = (
        gettext_lazy(
            "Referrals, visits and places are counted over the period; queues, licences, land and projects as of now."
        ),
        gettext_lazy("Analysts see no counts of fewer than five people, and no shares that would tell them."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("section", pgettext_lazy("summary", "Section"), width=24),
            Column("figure", pgettext_lazy("summary", "Figure"), width=48),
            Column("value", pgettext_lazy("summary", "Value"), Type.DECIMAL),
            Column("whole", pgettext_lazy("summary", "Of"), Type.DECIMAL),
            Column("unit", pgettext_lazy("summary", "Unit"), width=14),
            Column("shown", pgettext_lazy("summary", "In words"), width=20),
            Column("note", pgettext_lazy("summary", "Note"), width=48),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        units = {
            Kind.NUMBER: "", Kind.PEOPLE: pgettext("unit", "people"), Kind.PERCENT: pgettext("unit", "share 0–1"),
            Kind.MONEY: current_cluster().currency, Kind.HECTARES: _("ha"),
        }  # fmt: skip
        for section, figure in _summary(actor, params).lines():
            covered = figure.value is not None and figure.value < 0
            yield [
                section, figure.label, None if covered else figure.value, figure.whole, units[figure.kind],
                shown(figure, figure.value), figure.note,
            ]  # fmt: skip

    def drawn(self, actor: Actor, params: dict[str, Any], about: About) -> bytes:
        return rendering.pdf("federal_summary", _paper(_summary(actor, params), about))


def _summary(actor: Actor, params: dict[str, Any]) -> Summary:
    return summary_of(Period(params["since"], params["until"]), hide=is_analyst(actor))


def _paper(summary: Summary, about: About) -> dict[str, Any]:
    """What the template draws: words and lengths, nothing left to count."""
    cluster = current_cluster()
    first, last = (wording.date_short(day) for day in (summary.period.first, summary.period.last))
    moment = about.moment.astimezone(about.zone)
    return {
        "language": wording.language(),
        "cluster": cluster.name,
        "region": cluster.region_name,
        "title": _("Summary of the cluster"),
        "period": f"{first} – {last}",
        "sections": [
            {
                "code": section.code,
                "title": section.title,
                "figures": [_figure(figure) for figure in section.figures],
                "bars": [_figure(figure) for figure in section.bars],
                "bars_title": section.bars_title,
            }
            for section in summary.sections
        ],
        "course": _course(summary),
        "waits": _waits(summary.waits),
        "flows": {
            "title": _("Who refers to whom"),
            "rows": [
                {"words": f"{source} → {target}", "value": wording.number(n) if n >= 0 else "< 5"}
                for source, target, n in summary.flows
            ],
        },
        "printed": _("%(author)s · as of %(moment)s (%(zone)s)")
        % {"author": about.author, "moment": f"{moment:%d.%m.%Y %H:%M}", "zone": about.zone.key},
    }


def _figure(figure: Figure) -> dict[str, Any]:
    """`part` is how far its bar goes, 0–1; -1 where it is not to be drawn."""
    known = figure.value is not None and figure.value >= 0 and bool(figure.whole)
    return {
        "label": figure.label,
        "value": shown(figure, figure.value),
        "whole": _("of %(whole)s") % {"whole": shown(figure, figure.whole)} if figure.whole else "",
        "part": min(1.0, float(figure.value) / float(figure.whole)) if known else -1,
        "note": figure.note,
    }


def _course(summary: Summary) -> dict[str, Any]:
    """Referrals over the period. Covered counts stand as nothing: a height would tell them."""
    top = max((n for _at, n, _late in summary.course), default=0)
    return {
        "title": _("Referrals over the period"),
        "top": wording.number(top) if top > 0 else "",
        "words": [_("sent in the period"), _("of them past the norm")],
        "columns": [
            {
                "at": wording.date_short(at),
                "sent": max(0, n) / top if top > 0 else 0,
                "late": max(0, late) / top if top > 0 else 0,
            }
            for at, n, late in summary.course
        ],
    }


def _waits(lines: list[WaitLine]) -> dict[str, Any]:
    """The services with the worst waits, in days."""
    return {
        "title": _("Waits against the norms"),
        "heads": [
            _("Service"), pgettext("waits", "half, days"), pgettext("waits", "nine of ten, days"),
            pgettext("waits", "norm, days"), pgettext("waits", "past the norm"),
        ],
        "rows": [
            [
                line.name, *(_days(value) for value in (line.half, line.most, line.norm)),
                "—" if line.share is None else f"{wording.number(line.share * 100, 1)}{wording.NBSP}%",
            ]
            for line in lines
        ],
        "none": _("No visits in the period"),
    }  # fmt: skip


def _days(value: float | None) -> str:
    return "—" if value is None else wording.number(value, 1)
