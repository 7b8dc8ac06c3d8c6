"""How far the targets of training are: people counted once each, at the furthest that they have come.

The figures of all targets come of one read of the placements; the list behind a figure (`behind`) is the same
condition asked of the database, so it has as many rows as the figure says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, F, IntegerField, Q, Value, When

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


@dataclass(frozen=True, slots=True)
class Fact:
    """A placement as the targets count it."""

    person: UUID
    part: str
    ends_on: date
    year: int
    programme: UUID
    country: str
    specialty: str
    employer: UUID
    ownership: str

    def value(self, by: str, home: str) -> str:
        """To which line of a division it belongs."""
        if by == WHERE:
            return Where.HOME if self.country == home else Where.ABROAD
        return str(getattr(self, by))


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
    targets = list(target_policy.queryset(actor).select_related("specialty").order_by(*ORDER))
    found = facts()
    return [_reach(target, found) for target in targets]


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
    return _reach(target, facts())


def targets_to_choose() -> list[TrainingTarget]:
    """The targets in their order, for a report that counts against one."""
    return list(TrainingTarget.objects.order_by(*ORDER))


def without_target() -> TrainingTarget:
    """What narrows nothing, to count everybody. It is not saved."""
    return TrainingTarget(people=0, first_year=MINYEAR, last_year=MAXYEAR)


def division(target: TrainingTarget, by: str, found: list[Fact] | None = None) -> list[Line]:
    """A target's people by one of DIVISIONS or WHERE, of all placements or of those `found`; the lines sum to the
    figures.
    """
    home = current_cluster().country
    lines: dict[str, Figures] = {}
    for fact in _people(target, facts() if found is None else found, home):
        figures = lines.setdefault(fact.value(by, home), Figures())
        setattr(figures, fact.part, getattr(figures, fact.part) + 1)
    words = _words(by, lines)
    found = [Line(value, words.get(value, value), figures) for value, figures in lines.items()]
    return sorted(found, key=lambda line: line.value if by == "year" else (-line.figures.people, line.words))


def behind(
    actor: Actor, target: TrainingTarget, part: str, by: str = "", value: str = ""
) -> QuerySet[Nomination]:
    """The nominations that a figure counts, one for each person."""
    home = current_cluster().country
    rank = Case(
        *(When(state__in=states, then=Value(n)) for n, states in enumerate(PARTS.values())),
        output_field=IntegerField(),
    )
    furthest = (
        nomination_policy.queryset(actor)
        .filter(_condition(target, home), state__in=COUNTED)
        .order_by("specialist", rank, "starts_on", "id")
        .distinct("specialist")
    )
    rows = visible_nominations(actor).filter(pk__in=furthest.values("pk"), state__in=PARTS.get(part, COUNTED))
    if by == WHERE:
        at_home = Q(intake__programme__country=home)
        rows = rows.filter(at_home if value == Where.HOME else ~at_home)
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


def facts(placements: QuerySet[Nomination] | None = None) -> list[Fact]:
    """Every placement that counts, of all or of some nominations, the furthest and then the earliest first.

    One query.
    """
    part_of = {state: part for part, states in PARTS.items() for state in states}
    rows = Nomination.objects.all() if placements is None else placements
    rows = rows.filter(state__in=COUNTED).values_list(
        "specialist", "state", "starts_on", "ends_on", "intake__programme", F("intake__programme__country"),
        "specialist__specialty", "organization", "organization__ownership", "pk",
    )  # fmt: skip
    order = list(PARTS)
    found = sorted(rows, key=lambda row: (order.index(part_of[row[1]]), row[2], row[-1]))
    return [
        Fact(person, part_of[state], ends, starts.year, *rest)
        for person, state, starts, ends, *rest, _pk in found
    ]


def _condition(target: TrainingTarget, home: str) -> Q:
    """The nominations that a target is about."""
    found = Q(starts_on__gte=date(target.first_year, 1, 1), starts_on__lte=date(target.last_year, 12, 31))
    if target.where:
        at_home = Q(intake__programme__country=home)
        found &= at_home if target.where == Where.HOME else ~at_home
    for name in ("country", "specialty", "ownership"):
        if value := getattr(target, f"{name}_id" if name == "specialty" else name):
            found &= Q(**{DIVISIONS[name]: value})
    return found


def _people(target: TrainingTarget, found: Iterable[Fact], home: str) -> Iterable[Fact]:
    """`_condition` for facts in hand, each person once."""
    seen = set()
    for fact in found:
        fits = target.first_year <= fact.year <= target.last_year
        fits = fits and target.where in ("", fact.value(WHERE, home))
        fits = fits and target.country in ("", fact.country) and target.specialty_id in (None, fact.specialty)
        if fits and target.ownership in ("", fact.ownership) and fact.person not in seen:
            seen.add(fact.person)
            yield fact


def _reach(target: TrainingTarget, found: list[Fact]) -> Reached:
    cluster = current_cluster()
    today, last = today_at(cluster.time_zone), date(target.last_year, 12, 31)
    figures, lately = Figures(), 0
    for fact in _people(target, found, cluster.country):
        setattr(figures, fact.part, getattr(figures, fact.part) + 1)
        lately += fact.part == "completed" and today - YEAR < fact.ends_on <= today
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
