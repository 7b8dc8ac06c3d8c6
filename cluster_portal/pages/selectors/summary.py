"""The summary of the cluster for one period: what the ministry asks for, gathered over all apps."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clinics.selectors.cluster import current_cluster
from clinics.states import ClinicStatus, Ownership
from cluster_portal.common.actor import SYSTEM
from cluster_portal.pages.selectors.covering import covered, covered_training
from cluster_portal.pages.selectors.office import state_of_cluster
from cluster_portal.web import wording
from investors.selectors import roadmap
from investors.selectors.figures import land_and_projects
from training.selectors.figures.home import home_figures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from decimal import Decimal

    from clinics.selectors.measures import Period
    from cluster_portal.pages.selectors.office import State, WaitLine
    from investors.selectors.figures import LandFigures, ProjectFigures
    from investors.selectors.roadmap import RoadmapFigures
    from training.selectors.figures.home import Home

#: So many targets, services, flows and directions stand in the summary: two pages have no room for more.
TARGETS, WAITS, FLOWS, DIRECTIONS = 9, 8, 6, 7


class Kind(StrEnum):
    """What a figure is; `PERCENT` is a share 0–1, `MONEY` in the cluster's currency."""

    NUMBER = "number"
    PEOPLE = "people"
    PERCENT = "percent"
    MONEY = "money"
    HECTARES = "hectares"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `whole` is what it is a part of, where that is told; `value` None where there is nothing to say."""

    label: str
    value: Decimal | float | None
    kind: Kind = Kind.NUMBER
    whole: Decimal | float | None = None
    note: str = ""


@dataclass(slots=True)
class Section:
    """`figures` stand side by side, `bars` below one another, each as long as its part of the whole."""

    code: str
    title: str
    figures: list[Figure] = field(default_factory=list)
    bars: list[Figure] = field(default_factory=list)
    bars_title: str = ""


@dataclass(slots=True)
class Summary:
    """The whole. `at`: as of when referrals and visits are counted, None before they first were. `course` is what was
    sent and what of it is past the norm, by the step of the period; `waits` and `flows` as on the office's screen.
    """

    at: datetime | None
    period: Period
    sections: list[Section]
    course: list[tuple[date, int, int]]
    waits: list[WaitLine]
    flows: list[tuple[str, str, int]]

    def lines(self) -> Iterator[tuple[str, Figure]]:
        """Every figure with the title of its section."""
        for section in self.sections:
            for figure in (*section.figures, *section.bars):
                yield section.title, figure


def summary_of(period: Period, *, hide: bool = False) -> Summary:
    """The summary of a period; `hide` covers small counts of people. The same queries whatever the data."""
    state = state_of_cluster(period)
    home = home_figures(state.trained_at)
    land, built = land_and_projects(SYSTEM, period)
    if hide:
        state, home = covered(state), covered_training(home)
    return Summary(
        at=state.at,
        period=period,
        sections=[
            _targets(state, home),
            _care(state),
            _network(state),
            _land(land),
            _projects(built),
            _roadmap(roadmap.figures(SYSTEM)),
        ],
        course=[(row["at"], row["n"], row["late"]) for row in state.course],
        waits=state.waits[:WAITS],
        flows=state.matrix.flows[:FLOWS],
    )


def _targets(state: State, home: Home) -> Section:
    """What was promised, and how much of it there is."""
    bars = [
        Figure(target.name, target.actual, Kind.NUMBER, target.value, _due(target.due_year))
        for target in state.targets
        if target.actual is not None
    ]
    bars += [
        Figure(
            str(reach.target), reach.figures.completed, Kind.PEOPLE, reach.target.people,
            _("in progress %(now)s, confirmed %(soon)s, forecast %(forecast)s")
            % {
                "now": wording.number(reach.figures.in_progress), "soon": wording.number(reach.figures.confirmed),
                "forecast": wording.number(reach.forecast),
            },
        )
        for reach in home.targets
    ]  # fmt: skip
    if year := state.equipment:
        bars.append(
            Figure(
                _("Equipment of %(year)s") % {"year": year.year}, year.delivered, Kind.NUMBER, year.planned
            )
        )
    return Section("targets", _("Targets of the cluster"), bars=bars[:TARGETS])


def _due(year: int | None) -> str:
    return _("due %(year)s") % {"year": year} if year else ""


def _care(state: State) -> Section:
    # By the code: not every font that papers are set in has every currency's sign.
    costs = ", ".join(
        f"{wording.short(amount)}{wording.NBSP}{currency}" for currency, amount in state.outside_costs[:2]
    )
    return Section(
        "care", _("Care of patients"),
        [
            Figure(_("Referrals sent in the period"), state.sent, Kind.PEOPLE),
            Figure(_("Norm kept"), state.in_time, Kind.PERCENT),
            Figure(_("Wait past the norm now"), state.overdue, Kind.PEOPLE),
            Figure(_("Wait without a time now"), state.without_time, Kind.PEOPLE),
            Figure(_("Patients did not come"), state.missed_share, Kind.PERCENT),
            Figure(_("Slots used"), state.used_share, Kind.PERCENT),
            Figure(_("Refused, of what was decided"), state.refused_share, Kind.PERCENT),
            Figure(_("Sent outside the cluster"), state.outside, Kind.PEOPLE, note=costs),
        ],
    )  # fmt: skip


def _network(state: State) -> Section:
    programme = state.programme
    return Section(
        "network", _("Network of clinics"),
        [
            *(
                Figure(capfirst(Ownership(kind).label), state.ownership.get(kind, 0), note=_("clinics open"))
                for kind in Ownership
            ),
            Figure(
                _("Objects of the programme"), programme.get(ClinicStatus.OPEN, 0), Kind.NUMBER,
                sum(programme.values()), _("open, of all of them"),
            ),
            Figure(_("Under construction"), state.clinics.get(ClinicStatus.UNDER_CONSTRUCTION, 0)),
            Figure(_("Planned"), state.clinics.get(ClinicStatus.PLANNED, 0)),
            Figure(_("Services closed by a lapsed licence"), state.lapsed_services),
            Figure(_("Licences that end within 90 days"), len(state.licences)),
        ],
    )  # fmt: skip


def _land(land: LandFigures) -> Section:
    balance = land.balance
    return Section(
        "land", _("Land and investors"),
        [
            Figure(_("Land of the cluster"), balance.whole, Kind.HECTARES),
            Figure(
                _("Plots that can be had"), balance.available,
                whole=sum(number for _state, _area, number in balance.parts),
            ),
            Figure(
                _("Tenders on"), land.running,
                note=ngettext("%(n)d announced in the period", "%(n)d announced in the period", land.announced)
                % {"n": land.announced},
            ),
            Figure(_("Tenders complete"), land.complete),
            Figure(
                _("Interests in work"), land.interests,
                note=ngettext("%(n)d new in the period", "%(n)d new in the period", land.told) % {"n": land.told},
            ),
            Figure(pgettext("interests", "They plan to invest"), land.investment, Kind.MONEY),
        ],
        [
            Figure(capfirst(label), hectares, Kind.HECTARES, balance.offered, _plots(number))
            for label, hectares, number in land.directions[:DIRECTIONS]
        ],
        _("Land by direction"),
    )  # fmt: skip


def _projects(found: ProjectFigures) -> Section:
    return Section(
        "projects", _("Projects of residents"),
        [
            Figure(_("Projects in work"), found.open),
            Figure(_("Projects completed"), found.completed),
            Figure(_("Projects with overdue milestones"), found.late),
        ],
        [
            Figure(_("Money made of that pledged"), found.made, Kind.MONEY, found.pledged),
            Figure(_("Jobs made of those pledged"), found.jobs_made, Kind.NUMBER, found.jobs_pledged),
        ],
    )  # fmt: skip


def _roadmap(found: RoadmapFigures) -> Section:
    return Section(
        "roadmap", _("Roadmap of the cluster"),
        [
            Figure(_("Items done"), found.done, whole=found.whole),
            Figure(_("Items overdue"), found.late),
            Figure(_("Items still ahead"), found.whole - found.done - found.late),
        ],
    )  # fmt: skip


def _plots(number: int) -> str:
    return ngettext("%(n)d plot", "%(n)d plots", number) % {"n": number}


def shown(figure: Figure, value: Decimal | float | None) -> str:
    """A value of the figure in the reader's words; «—» where there is none, «< 5» for a covered one."""
    if value is None:
        return "—"
    if value < 0:
        return "< 5"
    match figure.kind:
        case Kind.PERCENT:
            return f"{wording.number(value * 100, 1)}{wording.NBSP}%"
        case Kind.MONEY:
            return wording.money_short(value, current_cluster().currency)
        case Kind.HECTARES:
            return f"{wording.number(value)}{wording.NBSP}{_('ha')}"
    return wording.number(value)
