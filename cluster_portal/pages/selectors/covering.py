"""The office's screen without small counts of people, for those who may recognise nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cluster_portal.reports.columns import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cluster_portal.pages.selectors.office import Line, Matrix, State, WaitLine
    from training.selectors.figures.home import Home

#: Stands for a number from 1 to 4.
FEW = -1


def covered(state: State) -> State:
    """A copy in which every count of one to four people is FEW, and with it the shares and medians that would tell it.

    Lists of places and reasons leave out those with few people: a bar's length would tell the number.
    """
    counts = (
        "sent", "within_norm", "breached", "ever_returned", "open", "without_time", "overdue", "decided", "refused",
        "returned", "came", "missed", "called_off", "outside",
    )  # fmt: skip
    return replace(
        state,
        **{name: few(getattr(state, name)) for name in counts},
        states=[(value, label, few(n)) for value, label, n in state.states],
        overdue_at=_enough(state.overdue_at),
        course=[row | {"n": few(row["n"]), "late": few(row["late"])} for row in state.course],
        waits=[_wait(line) for line in state.waits if line.seen + line.late >= SMALL],
        matrix=_matrix(state.matrix),
        refusals=[(action, line) for action, line in state.refusals if line.part >= SMALL],
        missed_at=_enough(state.missed_at),
        outside_services=_enough(state.outside_services),
        # What few people's care costs would tell of them.
        outside_costs=state.outside_costs if state.outside >= SMALL else [],
    )


def covered_training(home: Home) -> Home:
    """The same for what the screen tells of training: of seats in use nothing small is told either."""
    return replace(
        home,
        targets=[
            replace(reach, figures=replace(reach.figures, completed=few(reach.figures.completed)))
            for reach in home.targets
        ],
        seats=replace(home.seats, value=few(home.seats.value)),
        papers=replace(home.papers, value=few(home.papers.value), whole=few(home.papers.whole)),
    )


def few(number: int) -> int:
    return FEW if 0 < number < SMALL else number


def _enough(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.part >= SMALL]


def _wait(line: WaitLine) -> WaitLine:
    known = line.seen >= SMALL
    return replace(
        line,
        seen=few(line.seen),
        half=line.half if known else None,
        most=line.most if known else None,
        late=few(line.late),
        judged=few(line.judged),
    )


def _matrix(matrix: Matrix) -> Matrix:
    return replace(
        matrix,
        rows=[
            (name, [cell if cell is None else few(cell) for cell in cells], few(whole))
            for name, cells, whole in matrix.rows
        ],
        totals=[few(whole) for whole in matrix.totals],
        total=few(matrix.total),
        flows=[flow for flow in matrix.flows if flow[2] >= SMALL],
    )
