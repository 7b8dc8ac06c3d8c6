"""Programmes of the demo: the first ones by their true dates, the others year after year, some open now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinics.models import Specialty
from clinics.selectors.calendar import today_at
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.demo.facts import DATA, read_json
from training.models import Intake, IntakeSession, Programme
from training.states import Format, IntakeState, ProgrammeState

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts
    from cluster_portal.demo.registry import Registry

FILE = DATA / "common" / "programmes.json"
#: The sessions of an intake whose agenda nobody has written: when in its course (0 is the first day, 1 the last one).
SESSIONS = (
    (0.0, ["Вводное занятие", "Introduction", "Кіріспе сабақ"]),
    (0.35, ["Практика под наблюдением", "Practice under supervision", "Бақылаумен тәжірибе"]),
    (0.7, ["Разбор клинических случаев", "Discussion of cases", "Клиникалық жағдайларды талдау"]),
    (1.0, ["Итоговое занятие", "Final session", "Қорытынды сабақ"]),
)
#: One nominates until so many days before the first one. Intakes further ahead than that are only planned.
NOMINATE_BEFORE, PLANNED_FROM = 31, 250
ORDER = ("ru", "en", "kk")


def _texts(name: str, texts: list[str]) -> dict[str, str]:
    return {
        f"{name}_{language}": text
        for language, text in zip(ORDER, texts, strict=True)
        if language in LANGUAGES
    }


@dataclass(slots=True)
class Catalogue:
    """The programmes and intakes of a cluster on their way into the tables."""

    chance: Chance
    facts: Facts
    #: Ids of the cluster's organisations, by their keys.
    members: dict[str, UUID]
    now: datetime
    programmes: list[Programme] = field(default_factory=list)
    intakes: list[Intake] = field(default_factory=list)
    sessions: list[IntakeSession] = field(default_factory=list)

    def fill(self) -> None:
        """Everything that the file of programmes says."""
        known = set(Specialty.objects.values_list("pk", flat=True))
        today = today_at(self.facts.time_zone, self.now)
        for row in read_json(FILE):
            programme = self._programme(row, known)
            days = [date.fromisoformat(day) for day in row.get("on", [])]
            number, every = row["past"]
            days += [today - timedelta(days=every * n - 30) for n in range(1, number + 1)]
            days += [today + timedelta(days=ahead) for ahead in row["ahead"]]
            for first in days:
                self._intake(programme, row, _monday(first) if len(row.get("on", [])) == 0 else first, today)
            if row.get("under_way"):
                # Whichever day the demo is looked at first, somebody can be checked in today.
                self._intake(programme, row, today - timedelta(days=1), today)

    def _programme(self, row: dict[str, Any], known: set[str]) -> Programme:
        home = self.facts.about["cluster"]
        town = next(
            town for town in self.facts.towns.values() if town.key == self.facts.about["central_town"]
        )
        city = row["city"] if row["city"][0] else [town.names[language] for language in ORDER]
        member = next((key for key in row.get("hosts", ()) if key in self.members), None)
        host = row["host"]
        if member and not row["country"]:
            # Whoever of the cluster's own organisations teaches at home.
            names = next(one for one in self.facts.organizations if one["key"] == member)
            host = [names[f"short_{language}"] for language in ORDER]
        programme = Programme(
            id=UUID(self.chance.key(self.now)), country=row["country"] or home["country"], format=row["format"],
            audience=row["audience"], specialties=[code for code in row["specialties"] if code in known],
            language=row["language"], is_interpreted=row["interpreted"], hours=row["hours"], credits=row["credits"],
            cost=row["cost"], payer=row["payer"], required_papers=row["papers"], state=ProgrammeState.PUBLISHED,
            is_assessed=row["format"] != Format.CONFERENCE,
            **_texts("title", row["title"]), **_texts("summary", row["summary"]), **_texts("goals", row["goals"]),
            **_texts("host", host), **_texts("city", city), host_organization_id=self.members.get(member),
        )  # fmt: skip
        self.programmes.append(programme)
        return programme

    def _intake(self, programme: Programme, row: dict[str, Any], first: date, today: date) -> None:
        zone = row["zone"] or self.facts.time_zone
        last = first + timedelta(days=row["days"] - 1)
        by = min(first - timedelta(days=NOMINATE_BEFORE), first)
        nominate_by = datetime.combine(by, time(18), ZoneInfo(zone))
        intake = Intake(
            id=UUID(self.chance.key(self.now)), programme=programme, starts_on=first, ends_on=last, time_zone=zone,
            seats=row["seats"], per_organization=row["per"], nominate_by=nominate_by, **_texts("place", row["place"]),
        )  # fmt: skip
        if last < today:
            intake.state = IntakeState.FINISHED
        elif first <= today:
            intake.state = IntakeState.RUNNING
        elif (first - today).days > PLANNED_FROM:
            intake.state = IntakeState.PLANNED
        else:
            intake.state = IntakeState.OPEN if nominate_by > self.now else IntakeState.CLOSED
        self.intakes.append(intake)
        agenda = row.get("agenda") or [
            [
                round((row["days"] - 1) * share),
                f"{9 + 2 * place:02}:30",
                f"{11 + 2 * place:02}:00",
                *texts,
                "",
                "",
            ]
            for place, (share, texts) in enumerate(SESSIONS)
        ]
        for day, starts, ends, ru, en, kk, teacher, kind in agenda:
            times = {
                name: datetime.combine(first + timedelta(days=day), time.fromisoformat(clock), ZoneInfo(zone))
                for name, clock in (("starts", starts), ("ends", ends))
            }
            self.sessions.append(
                IntakeSession(
                    id=UUID(self.chance.key(self.now)),
                    intake=intake,
                    teacher=teacher,
                    is_break=kind == "break",
                    **_texts("title", [ru, en, kk]),
                    **times,
                )
            )

    def write(self) -> int:
        """Everything into the tables; how many intakes."""
        for model, rows in (
            (Programme, self.programmes), (Intake, self.intakes), (IntakeSession, self.sessions),
        ):  # fmt: skip
            model.objects.bulk_create(rows, batch_size=2000)
        return len(self.intakes)


def _monday(day: date) -> date:
    """The Monday of that week: what is not tied to a date begins with a week."""
    return day - timedelta(days=day.weekday())


def fill_programmes(chance: Chance, registry: Registry, now: datetime) -> int:
    """The programmes with their intakes. Returns how many intakes."""
    members = {key: UUID(member.id) for key, member in registry.members.items()}
    catalogue = Catalogue(chance, registry.facts, members, now)
    catalogue.fill()
    return catalogue.write()
