"""Those who may be sent to learn: the clinics' doctors, their chiefs and nurses, with papers for the journey."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from clinics.models import Membership, Organization, Practitioner
from clinics.selectors.calendar import today_at
from clinics.states import OrganizationStatus, Ownership, Sector
from cluster_portal.accounts.roles import Role
from cluster_portal.demo.chance import Chance, Wheel
from cluster_portal.demo.people import Names
from cluster_portal.demo.wording import latin
from training.models import Specialist, SpecialistPaper
from training.states import Grade, Level, PaperKind, SpecialistState

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.facts import Facts

#: Chiefs of each employer.
CHIEFS = (
    (Grade.CHIEF, "Главный врач"), (Grade.DEPUTY, "Заместитель главного врача по медицинской части"),
    (Grade.DEPUTY, "Заместитель главного врача по качеству"),
)  # fmt: skip
NURSES = ("Старшая медицинская сестра", "Операционная медицинская сестра", "Медицинская сестра-анестезист")
#: So many nurses come on one doctor; one doctor in so many heads a department; one in so many has left.
NURSES_A_DOCTOR, HEADS, LEFT = 0.8, 9, 45
ENGLISH = Wheel(
    ["", Level.A2, Level.B1, Level.B2, Level.C1], [35, 22, 22, 15, 6]
)  # fmt: skip
OTHERS = Wheel(["", "ko", "ja", "zh", "de"], [82, 8, 5, 3, 2])
PASSPORT, VACCINATION = 0.45, 0.3


class Roster:
    """The employers' people on their way into the tables."""

    def __init__(self, chance: Chance, facts: Facts, now: datetime) -> None:
        self.chance, self.now = chance, now
        self.today = today_at(facts.time_zone, now)
        self.country = facts.country
        self.names = Names(facts.names, facts.about["minorities"])
        self.people: list[Specialist] = []
        self.papers: list[SpecialistPaper] = []

    def fill(self, employers: list[Organization]) -> None:
        """Everybody who works for `employers`."""
        doctors: dict[UUID, list[Practitioner]] = {employer.pk: [] for employer in employers}
        for doctor in Practitioner.objects.filter(organization__in=employers).order_by("id"):
            doctors[doctor.organization_id].append(doctor)
        for employer in employers:
            staff = doctors[employer.pk]
            if not staff:
                continue
            for grade, position in CHIEFS:
                self._invent(employer, grade, position, self.chance.choice(staff).specialties[0])
            for doctor in staff:
                head = not self.chance.randrange(HEADS)
                self._add(
                    employer, Grade.HEAD if head else Grade.DOCTOR,
                    "Заведующий отделением" if head else doctor.position_ru, doctor.specialties[0],
                    family=doctor.family, given=doctor.given, patronymic=doctor.patronymic,
                    name_latin=doctor.name_latin,
                )  # fmt: skip
            for _n in range(int(len(staff) * NURSES_A_DOCTOR)):
                self._invent(
                    employer,
                    Grade.NURSE,
                    self.chance.choice(NURSES),
                    self.chance.choice(staff).specialties[0],
                )

    def _invent(self, employer: Organization, grade: str, position: str, specialty: str) -> None:
        female = self.chance.yes(0.95 if grade == Grade.NURSE else 0.5)
        name = self.names.of_doctor(self.chance, "f" if female else "m", self.country)
        self._add(
            employer, grade, position, specialty, family=name.family, given=name.given, patronymic=name.patronymic,
            name_latin=name.latin,
        )  # fmt: skip

    def _add(self, employer: Organization, grade: str, position: str, specialty: str, **name: str) -> None:
        chance, serial = self.chance, len(self.people) + 1
        languages = {
            code: chance.choice((Level.A2, Level.B1, Level.B2)) for code in [OTHERS.turn(chance)] if code
        }
        if level := ENGLISH.turn(chance):
            languages["en"] = level
        person = Specialist(
            id=UUID(chance.key(self.now)), organization=employer, grade=grade, position=position,
            specialty_id=specialty, languages=languages, cme_number=f"НМО-{serial:06}",
            accredited_until=self.today + timedelta(days=chance.randint(-40, 1800)), **name,
        )  # fmt: skip
        if not chance.randrange(LEFT):
            person.state, person.leave_reason = SpecialistState.LEFT, "Перешёл в другую организацию"
            person.left_on = self.today - timedelta(days=chance.randint(5, 300))
        self.people.append(person)
        if chance.yes(PASSPORT):
            self._paper(
                person, PaperKind.PASSPORT, chance.randint(-30, 3000), f"76 {chance.randrange(10**7):07}"
            )
        if chance.yes(VACCINATION):
            self._paper(person, PaperKind.VACCINATION, chance.randint(30, 1500))
        if not chance.randrange(4):
            self._paper(person, PaperKind.DIPLOMA, None)

    def _paper(self, person: Specialist, kind: str, days: int | None, number: str = "") -> None:
        until: date | None = None if days is None else self.today + timedelta(days=days)
        self.papers.append(
            SpecialistPaper(
                id=UUID(self.chance.key(self.now)),
                specialist=person,
                kind=kind,
                number=number,
                valid_until=until,
            )
        )

    def give_accounts(self) -> None:
        """The demo users who are specialists themselves take the place of a doctor of their employer."""
        members = Membership.objects.filter(role=Role.SPECIALIST, user__is_demo=True).select_related("user")
        for member in members.order_by("id"):
            person = next(
                row for row in self.people
                if row.organization_id == member.organization_id and row.grade == Grade.DOCTOR
                and row.state == SpecialistState.ACTIVE
            )  # fmt: skip
            given, family = member.user.name.split(" ", 1)
            person.user, person.given, person.family, person.patronymic = member.user, given, family, ""
            person.name_latin = latin(f"{given} {family}")
            person.position, person.email = member.user.position, member.user.email

    def write(self) -> int:
        """Everything into the tables; how many people."""
        Specialist.objects.bulk_create(self.people, batch_size=2000)
        SpecialistPaper.objects.bulk_create(self.papers, batch_size=2000)
        return len(self.people)


def fill_specialists(chance: Chance, facts: Facts, now: datetime) -> int:
    """The people of the cluster's own clinics. Returns how many."""
    employers = Organization.objects.filter(
        sector=Sector.HEALTHCARE, status=OrganizationStatus.MEMBER
    ).exclude(ownership=Ownership.FOREIGN)
    roster = Roster(chance, facts, now)
    roster.fill(list(employers.order_by("id")))
    roster.give_accounts()
    return roster.write()
