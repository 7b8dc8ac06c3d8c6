"""Patients who do not exist: names, numbers that pass the checks, homes, consents and links."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from cluster_portal.demo import identifiers
from cluster_portal.demo.bulk import Table
from cluster_portal.demo.chance import Wheel
from cluster_portal.demo.people import Names, age_on, birth_date
from patients.models import Consent, NameWord, Patient, PatientLink, PatientNumber
from patients.states import ConsentKind, Employment, LinkKind, LocalityKind

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.registry import Member, Registry, Site

ALLERGIES = (
    "йод, крапивница",
    "пенициллин, отёк",
    "пыльца берёзы",
    "лидокаин",
    "морепродукты",
    "ибупрофен, бронхоспазм",
)
BENEFITS = ("010", "081", "082", "083", "050")
PATIENT_COLUMNS = (
    "id created_at updated_at family given patronymic birth_date sex snils enp policy_insurer policy_issued_on "
    "dms_policy iin document_type document_number document_country phone email residence stay locality_kind employment "
    "benefit_code language allergies home_clinic_id registered_by_id is_generated"
)


@dataclass(slots=True, eq=False)
class Person:
    """A patient, as far as the histories need it."""

    id: str
    born: date
    sex: str
    home: Site
    since: datetime
    kazakh: bool
    busy: list[tuple[datetime, datetime]] = field(default_factory=list)
    links: set[tuple[str, str]] = field(default_factory=set)
    consents: set[str] = field(default_factory=set)


class Population:
    """Generates patients and keeps what belongs to them."""

    def __init__(self, registry: Registry, chance: Chance) -> None:
        self.registry, self.chance = registry, chance
        facts = registry.facts
        self.names = Names(facts.names, facts.about["minorities"])
        self.table = Table(Patient, PATIENT_COLUMNS)
        self.links = Table(PatientLink, "patient_id organization_id kind since until")
        self.consents = Table(
            Consent,
            "id created_at updated_at patient_id kind organization_id country given_on paper withdrawn_on "
            "recorded_by_id",
        )
        self.by_site: dict[str, list[Person]] = {}
        self.people: list[Person] = []
        self._words: set[str] = set()
        self._snils = identifiers.snils_numbers()
        self._iins: set[str] = set()
        self._children, self._adults = self._homes()

    def _homes(self) -> tuple[Wheel, Wheel]:
        """Where children and grown-ups are registered: by the size of the town, divided among its state clinics."""
        by_town: dict[str, list[Site]] = {}
        for site in self.registry.sites.values():
            general = (
                site.type in ("hospital", "polyclinic", "rural", "children")
                and "physician" in {o.type for o in site.offers}
            ) or (site.type == "children" and site.level < 3)
            if site.is_open and site.member.ownership == "state" and general and site.town.weight:
                by_town.setdefault(site.town.key, []).append(site)
        children, adults = [], []
        for sites in by_town.values():
            weight = sites[0].town.weight
            young = [s for s in sites if s.type == "children"] or sites
            grown = [s for s in sites if s.type != "children"]
            children += [(site, weight / len(young)) for site in young]
            adults += [(site, weight / len(grown)) for site in grown]
        return Wheel(*zip(*children, strict=True)), Wheel(*zip(*adults, strict=True))

    def generate(self, number: int) -> None:
        """`number` patients, registered before the year of the histories."""
        for serial in range(number):
            self._patient(serial)

    def _patient(self, serial: int) -> None:
        chance, facts = self.chance, self.registry.facts
        today = self.registry.today
        since = self.registry.now - timedelta(days=chance.randint(370, 420), seconds=chance.randrange(86400))
        born = birth_date(chance, today)
        age = age_on(born, today)
        sex = "f" if chance.yes(0.49 if age < 18 else 0.58) else "m"
        name, people = self.names.of_patient(chance, sex, born)
        home = (self._children if age < 18 else self._adults).turn(chance)
        person = Person(chance.key(since), born, sex, home, since, people == "kazakh")
        self.people.append(person)
        self.by_site.setdefault(home.key, []).append(person)
        russian = facts.country == "RU"
        employment = (
            Employment.STUDENT if 7 <= age < 22 else Employment.PENSIONER if age >= 63
            else chance.choices(list(Employment), weights=(70, 2, 3, 3, 18, 4))[0]
        )  # fmt: skip
        self.table.add(
            person.id, since, since, name.family, name.given, name.patronymic, born, sex,
            next(self._snils) if russian and not (age < 14 and chance.yes(0.1)) else "",
            identifiers.enp(serial, facts.about["enp_region"]) if russian else "",
            chance.choice(facts.about["insurers"]) if russian else "",
            max(born, today - timedelta(days=chance.randint(700, 3600))) if russian else None,
            f"ДМС-{chance.randint(100000, 999999)}" if chance.yes(0.06) else "",
            "" if russian else self._iin(serial, born, sex), "", "", "",
            f"+7 {facts.about['mobile']} 000-{chance.randint(10, 99)}-{chance.randint(10, 99)}", "",
            self._residence(home), {}, LocalityKind.RURAL if home.town.rural else LocalityKind.URBAN,
            str(employment.value), chance.choice(BENEFITS) if age > 40 and chance.yes(0.14) else "",
            self._language(people, age),
            chance.choice(ALLERGIES) if chance.yes(0.09) else "", home.id, home.member.id, True,
        )  # fmt: skip
        self._words.update(
            word for part in (name.family, name.given, name.patronymic)
            for word in part.lower().replace("ё", "е").replace("-", " ").split(" ")
        )  # fmt: skip
        self.link(person, home.member, LinkKind.REGISTERED, since)
        self.consent(person, ConsentKind.PROCESSING, home.member, since)

    def _iin(self, serial: int, born: date, sex: str) -> str:
        number = identifiers.iin(serial, born, sex)
        while number in self._iins:
            serial += 1
            number = identifiers.iin(serial, born, sex)
        self._iins.add(number)
        return number

    def _language(self, people: str, age: int) -> str:
        if people == "kazakh" and self.chance.yes(0.7):
            return "kk"
        return "ko" if people == "korean" and age > 70 and self.chance.yes(0.2) else "ru"

    def _residence(self, home: Site) -> dict[str, str]:
        town, chance = home.town, self.chance
        return {
            "subject": self.registry.facts.about["subject_ru"],
            "district": town.district_ru,
            "locality": town.names["ru"],
            "street": chance.choice(town.streets),
            "house": str(chance.randint(1, 120)),
            "flat": "" if town.rural else str(chance.randint(1, 96)),
        }

    def link(self, person: Person, member: Member, kind: LinkKind, at: datetime) -> None:
        """The organisation may see the patient from then on."""
        if (member.key, kind.value) not in person.links:
            person.links.add((member.key, kind.value))
            self.links.add(person.id, member.id, kind.value, at, None)

    def consent(
        self, person: Person, kind: ConsentKind, member: Member, at: datetime, country: str = ""
    ) -> None:
        """What the patient signed on that day, once for each kind and country."""
        what = f"{kind.value}{country}"
        if what not in person.consents:
            person.consents.add(what)
            day = at.astimezone(person.home.zone).date()
            paper = f"Согласие № {len(person.consents)}-{person.id[20:26].upper()}"
            self.consents.add(
                self.chance.key(at), at, at, person.id, kind.value, member.id, country, day, paper, None, None
            )

    def numbers(self, key: str) -> Table:
        """The numbers that the own system of a member (by its key in the facts) has given to its patients."""
        table = Table(PatientNumber, "patient_id organization_id number")
        own = (person for person in self.people if person.home.member.key == key)
        for serial, person in enumerate(own, start=1):
            table.add(person.id, person.home.member.id, f"К-{serial:06}")
        return table

    def words(self) -> Table:
        """The dictionary of name words, which the triggers of the table would have filled."""
        table = Table(NameWord, "word")
        for word in sorted(self._words):
            table.add(word)
        return table
