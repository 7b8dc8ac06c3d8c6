"""How far the targets of training are: people counted once each, at the furthest that they have come.

The database counts; the list behind a figure (`behind`) is asked for by the same condition and by the same choice of a
person's placement (`_furthest`), so it has as many rows as the figure says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Q, Value, When

from clinics.models import Organization, Specialty
from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from clinics.selectors.wording import country_name
from clinics.states import Ownership
from training.models import Nomination, Programme, TrainingTarget
from training.policies import nomination_policy, target_policy
from training.selectors.nominations import visible_nominations
from training.states import NominationState, Where

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

ORDER = ("position", "id")
LIST_ORDER = ("starts_on", "id")
_S = NominationState
#: What is counted, the furthest first.
PARTS = {
    "completed": (_S.COMPLETED, _S.CERTIFIED), "in_progress": (_S.IN_PROGRESS,), "confirmed": (_S.CONFIRMED,),
}  # fmt: skip
COUNTED = tuple(state for states in PARTS.values() for state in states)
#: The people of each part, among placements of one for each person.
PARTS_COUNTED = {part: Count("pk", filter=Q(state__in=states)) for part, states in PARTS.items()}
#: What a target can be divided by, with where it stands for a nomination.
DIVISIONS = {
    "year": "starts_on__year", "programme": "intake__programme", "country": "intake__programme__country",
    "specialty": "specialist__specialty", "employer": "organization", "ownership": "organization__ownership",
}  # fmt: skip
#: Those of them whose lines are rows with a name.
_NAMED = {
    "programme": (Programme, "title"), "specialty": (Specialty, "name"), "employer": (Organization, "short_name"),
}  # fmt: skip
WHERE = "where"
YEAR = timedelta(days=365)


@dataclass(slots=True)
class Figures:
    """People of a target, or of a line of its division."""

    completed: int = 0
    in_progress: int = 0
    confirmed: int = 0

    @property
    def people(self) -> int:
        return self.completed + self.in_progress + self.confirmed


@dataclass(frozen=True, slots=True)
class Reached:
    """A target with its figures. `forecast` is what it comes to at the pace of the last twelve months."""

    target: TrainingTarget
    figures: Figures
    forecast: int
    is_over: bool

    @property
    def is_kept(self) -> bool:
        """Whether the plan is reached, or will be."""
        return self.forecast >= self.target.people


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a target's division."""

    value: str
    words: str
    figures: Figures


def reached(actor: Actor) -> list[Reached]:
    """Every target with its figures. Raises Forbidden. Three queries, whatever there is."""
    target_policy.require(actor, "browse")
    return _reach(list(target_policy.queryset(actor).select_related("specialty").order_by(*ORDER)))


def see_target(actor: Actor, target_id: UUID) -> TrainingTarget:
    """Raises NotFound."""
    rows = TrainingTarget.objects.select_related("specialty")
    return target_policy.get(actor, "view", target_id, queryset=rows)


def target_to_edit(actor: Actor, target_id: UUID) -> TrainingTarget:
    """Raises NotFound and Forbidden."""
    return target_policy.get(actor, "edit", target_id)


def specialties() -> QuerySet[Specialty]:
    """Specialties by name, for a target that is about one."""
    return Specialty.objects.order_by("name_ru")


def reach_of(target: TrainingTarget) -> Reached:
    """One target with its figures."""
    [reach] = _reach([target])
    return reach


def targets_to_choose() -> list[TrainingTarget]:
    """The targets in their order, for a report that counts against one."""
    return list(TrainingTarget.objects.order_by(*ORDER))


def without_target() -> TrainingTarget:
    """What narrows nothing, to count everybody. It is not saved."""
    return TrainingTarget(people=0, first_year=MINYEAR, last_year=MAXYEAR)


def division(target: TrainingTarget, by: str, placements: QuerySet[Nomination] | None = None) -> list[Line]:
    """A target's people by one of DIVISIONS or WHERE, of all placements or of some; the lines sum to the figures."""
    home = current_cluster().country
    value = Case(When(_at_home(home), then=Value(Where.HOME)), default=Value(Where.ABROAD))
    rows = _counted(target, home, placements).values(line=value if by == WHERE else F(DIVISIONS[by]))
    found = {str(row.pop("line")): Figures(**row) for row in rows.annotate(**PARTS_COUNTED)}
    words = _words(by, found)
    lines = [Line(value, words.get(value, value), figures) for value, figures in found.items()]
    return sorted(lines, key=lambda line: line.value if by == "year" else (-line.figures.people, line.words))


def behind(
    actor: Actor, target: TrainingTarget, part: str, by: str = "", value: str = ""
) -> QuerySet[Nomination]:
    """The nominations that a figure counts, one for each person."""
    home = current_cluster().country
    furthest = _furthest(target, home, nomination_policy.queryset(actor))
    rows = visible_nominations(actor).filter(pk__in=furthest, state__in=PARTS.get(part, COUNTED))
    if by == WHERE:
        rows = rows.filter(_at_home(home) if value == Where.HOME else ~_at_home(home))
    elif by in DIVISIONS:
        rows = rows.filter(**{DIVISIONS[by]: value}) if _can_be(by, value) else rows.none()
    return rows.order_by(*LIST_ORDER)


def _can_be(by: str, value: str) -> bool:
    """Whether a line of a division may be called so: a year, a key, a code."""
    try:
        if by == "year":
            return MINYEAR <= int(value) <= MAXYEAR
        return "\0" not in value and (by not in ("programme", "employer") or bool(UUID(value)))
    except ValueError:
        return False


def _at_home(home: str) -> Q:
    return Q(intake__programme__country=home)


def _furthest(target: TrainingTarget, home: str, placements: QuerySet[Nomination]) -> QuerySet[Nomination]:
    """The keys of the placements that count for a target, one for each person: the furthest, of these the earliest."""
    rank = Case(
        *(When(state__in=states, then=Value(n)) for n, states in enumerate(PARTS.values())),
        output_field=IntegerField(),
    )
    rows = placements.filter(_condition(target, home), state__in=COUNTED)
    return rows.order_by("specialist", rank, "starts_on", "id").distinct("specialist").values("pk")


def _counted(
    target: TrainingTarget, home: str, placements: QuerySet[Nomination] | None = None
) -> QuerySet[Nomination]:
    """The placements that a target's figures count."""
    rows = Nomination.objects.all() if placements is None else placements
    return Nomination.objects.filter(pk__in=_furthest(target, home, rows)).order_by()


def _condition(target: TrainingTarget, home: str) -> Q:
    """The nominations that a target is about."""
    found = Q(starts_on__gte=date(target.first_year, 1, 1), starts_on__lte=date(target.last_year, 12, 31))
    if target.where:
        found &= _at_home(home) if target.where == Where.HOME else ~_at_home(home)
    for name in ("country", "specialty", "ownership"):
        if value := getattr(target, f"{name}_id" if name == "specialty" else name):
            found &= Q(**{DIVISIONS[name]: value})
    return found


def _reach(targets: list[TrainingTarget]) -> list[Reached]:
    """Targets with their figures. Two queries, however many targets there are."""
    cluster = current_cluster()
    today = today_at(cluster.time_zone)
    lately = Q(state__in=PARTS["completed"], ends_on__gt=today - YEAR, ends_on__lte=today)
    counts = [
        _counted(target, cluster.country)
        .values(target=Value(n))
        .annotate(**PARTS_COUNTED, lately=Count("pk", filter=lately))
        for n, target in enumerate(targets)
    ]
    found = {row.pop("target"): row for row in _all_of(counts)}
    return [
        _forecast(target, today, **found.get(n, dict.fromkeys((*PARTS, "lately"), 0)))
        for n, target in enumerate(targets)
    ]


def _all_of(queries: list[QuerySet[Nomination]]) -> Iterable[dict[str, int]]:
    """The rows of several queries, asked as one."""
    return (
        queries[0].union(*queries[1:], all=True)
        if len(queries) > 1
        else [row for rows in queries for row in rows]
    )


def _forecast(target: TrainingTarget, today: date, *, lately: int, **parts: int) -> Reached:
    """What a target comes to; `lately`: people who have completed within the last twelve months."""
    figures, last = Figures(**parts), date(target.last_year, 12, 31)
    left = max((last - today).days, 0)
    under_way = figures.in_progress + figures.confirmed
    forecast = figures.completed + max(under_way, round(lately * left / YEAR.days))
    return Reached(target, figures, forecast, today > last)


def _words(by: str, values: Iterable[str]) -> dict[str, str]:
    if by == WHERE:
        return {code: str(label) for code, label in Where.choices}
    if by == "ownership":
        return {code: str(label) for code, label in Ownership.choices}
    if by == "country":
        return {code: country_name(code) for code in values}
    if by in _NAMED:
        model, name = _NAMED[by]
        return {str(row.pk): getattr(row, name) for row in model.objects.filter(pk__in=list(values))}
    return {}
