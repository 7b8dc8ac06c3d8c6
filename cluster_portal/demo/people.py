"""Names and ages of people who do not exist, as they are met in the cluster's region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from cluster_portal.demo.chance import Wheel
from cluster_portal.demo.wording import latin

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance

# Years of age and their share among those whom clinics see: more of the old than in the population.
_AGES = (((2, 6), 8), ((7, 17), 13), ((18, 39), 22), ((40, 64), 33), ((65, 79), 19), ((80, 91), 5))
_RANGES, _SHARES = zip(*_AGES, strict=True)
_FEMALE_OF = {"Илья": "Ильинична"}


@dataclass(frozen=True, slots=True)
class Name:
    """How somebody is called; the patronymic may be empty."""

    family: str
    given: str
    patronymic: str = ""

    @property
    def full(self) -> str:
        return " ".join(filter(None, (self.family, self.given, self.patronymic)))

    @property
    def short(self) -> str:
        """`Титаренко Ю. Р.`"""
        return " ".join((self.family, *(f"{part[0]}." for part in (self.given, self.patronymic) if part)))

    @property
    def latin(self) -> str:
        """Given name and surname in Latin letters."""
        return latin(f"{self.given} {self.family}")


class Names:
    """Draws names. `minorities` are shares of those whose surnames are not Russian."""

    def __init__(self, lists: dict[str, Any], minorities: dict[str, float]) -> None:
        self.lists = lists
        self.russian = lists["russian"]
        rest = 1 - sum(minorities.values())
        self.peoples = Wheel(["russian", *minorities], [rest, *minorities.values()])

    def of_patient(self, chance: Chance, sex: str, born: date) -> tuple[Name, str]:
        """A name for somebody of the region, and the people whose surname it is."""
        people = self.peoples.turn(chance)
        if people == "kazakh":
            return self.kazakh(chance, sex), people
        return self._russian(chance, sex, born, people), people

    def of_doctor(self, chance: Chance, sex: str, country: str) -> Name:
        """A practitioner's name as usual in the country of the clinic."""
        lists = self.lists
        foreign = {"KR": "korea", "JP": "japan", "IL": "israel", "DE": "germany", "TR": "turkey"}.get(country)
        if foreign:
            given = lists[foreign]["female" if sex == "f" else "male"]
            return Name(chance.choice(lists[foreign]["surnames"]), chance.choice(given))
        if country == "KZ":
            return self.kazakh(chance, sex)
        people = (
            "korean"
            if chance.yes(self._share("korean"))
            else chance.choice(("russian", "russian", "ukrainian"))
        )
        return self._russian(chance, sex, date(1978, 1, 1), people)

    def _share(self, people: str) -> float:
        try:
            place = self.peoples.items.index(people)
        except ValueError:
            return 0.0
        return self.peoples.totals[place] - (self.peoples.totals[place - 1] if place else 0)

    def _russian(self, chance: Chance, sex: str, born: date, people: str) -> Name:
        family = chance.choice(self.russian["surnames"] if people == "russian" else self._surnames(people))
        if sex == "f" and people != "korean":
            family = feminine(family)
        era = "_old" if born.year < 1962 else "_young" if born.year > 1998 else ""
        given = chance.choice(self.russian[("female" if sex == "f" else "male") + era])
        if people == "korean" and born.year < 1975 and chance.yes(0.5):
            kind = "female" if sex == "f" else "male"
            return Name(family, given, chance.choice(self.lists["korean_patronymics"][kind]))
        father = chance.choice(list(self.russian["patronymics"]))
        return Name(family, given, self._patronymic(father, sex))

    def _surnames(self, people: str) -> list[str]:
        return self.russian.get(people) or self.russian["surnames"]

    def _patronymic(self, father: str, sex: str) -> str:
        male = self.russian["patronymics"][father]
        if sex == "m":
            return male
        return _FEMALE_OF.get(father) or male.removesuffix("ич") + "на"

    def kazakh(self, chance: Chance, sex: str) -> Name:
        """A Kazakh name: surname with -ов/-ев, patronymic with -ұлы or -қызы."""
        lists = self.lists["kazakh"]
        stem = chance.choice(lists["stems"])
        if stem.endswith("й"):
            family = stem[:-1] + "ев"
        elif stem.endswith(("ы", "і")):
            family = stem[:-1] + "иев"
        else:
            family = stem + ("ев" if stem.endswith(("и", "е")) else "ов")
        given = chance.choice(lists["female" if sex == "f" else "male"])
        father = chance.choice(lists["father"])
        return Name(family + ("а" if sex == "f" else ""), given, father + ("қызы" if sex == "f" else "ұлы"))


def feminine(family: str) -> str:
    """The form of a surname that a woman bears; only Russian endings change."""
    if family.endswith(("ский", "цкий")):
        return family[:-2] + "ая"
    if family.endswith(("ный", "вой", "ской")):
        return family[:-2] + "ая"
    if family.endswith(("ов", "ёв", "ев", "ин", "ын")):
        return family + "а"
    return family


def birth_date(chance: Chance, today: date) -> date:
    """A birth date by the ages of those whom clinics see."""
    low, high = chance.choices(_RANGES, weights=_SHARES)[0]
    return today - timedelta(days=chance.randint(low * 366, high * 365 + 364))


def age_on(born: date, day: date) -> int:
    """Full years of age."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
