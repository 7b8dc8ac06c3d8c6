"""Who is referred from where to where, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import cos, exp, hypot, radians
from typing import TYPE_CHECKING

from clinics.states import Payment, ServiceMode
from cluster_portal.demo.chance import Wheel
from cluster_portal.demo.people import age_on
from patients.states import CareKind, Conditions, Priority, Suspicion

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Case
    from cluster_portal.demo.patients import Person, Population
    from cluster_portal.demo.registry import Offer, Registry, Site

OWNERSHIP = {"state": 1.0, "private": 0.35, "foreign": 0.12}
LEVELS = {3: 6.0, 2: 2.0, 1: 0.8}
#: How often a case that may be one is marked as a suspicion.
SUSPECTED = {Suspicion.ONCOLOGY: 0.3, Suspicion.CARDIOVASCULAR: 0.12}
#: Needs drawn to learn what each service must expect.
SAMPLE = 5000
DAY_HOSPITAL = frozenset({"chemotherapy", "haemodialysis"})
#: From here on a patient rather talks by video than travels, in kilometres from the central town.
FAR = 250


@dataclass(slots=True, eq=False)
class Need:
    """One need of care: somebody, at some clinic, referred for some reason to some service."""

    source: Site
    person: Person
    case: Case
    offer: Offer
    priority: str
    suspicion: str
    payment: str

    @property
    def care_kind(self) -> str:
        if self.offer.care_type in ("inpatient", "high_tech"):
            return CareKind.SPECIALISED
        return CareKind.PALLIATIVE if self.offer.type == "palliative-care" else CareKind.PRIMARY

    @property
    def conditions(self) -> str:
        if self.offer.type in DAY_HOSPITAL:
            return Conditions.DAY_HOSPITAL
        return Conditions.INPATIENT if self.offer.mode == ServiceMode.INPATIENT else Conditions.OUTPATIENT


class Demand:
    """Draws needs by the size of clinics, the ages of patients and the ways between towns."""

    def __init__(self, registry: Registry, population: Population, chance: Chance) -> None:
        self.registry, self.population, self.chance = registry, population, chance
        self.cases = registry.facts.cases
        self.offers: dict[str, list[Offer]] = {}
        for offer in registry.offers:
            if offer.site.is_open:
                self.offers.setdefault(offer.type, []).append(offer)
        self._busy = registry.facts.about["busy"]
        self._centre = registry.facts.towns[registry.facts.about["central_town"]]
        self._by_person: dict[tuple[str, int], Wheel] = {}
        self._targets: dict[tuple[str, str, int, str], Wheel | None] = {}
        self._sources = self._weigh_sources()

    def _weigh_sources(self) -> Wheel:
        """Clinics that refer: by their patients; the specialised ones, which pass patients on, a tenth of it all."""
        sites, weights = [], []
        total = len(self.population.people)
        for site in self.registry.sites.values():
            own = len(self.population.by_site.get(site.key, ()))
            passing = 0.004 * total if site.is_open and not own and not site.is_far else 0
            if own or passing:
                sites.append(site)
                weights.append(own + passing)
        return Wheel(sites, weights)

    def load(self, at: datetime, a_week: float) -> dict[str, float]:
        """How many of `a_week` referrals go to each service, by its key; from a sample."""
        drawn = Counter(self.draw(at).offer.id for _number in range(SAMPLE))
        return {key: count * a_week / SAMPLE for key, count in drawn.items()}

    def draw(self, at: datetime) -> Need:
        """Any need of the region."""
        while True:
            source = self._sources.turn(self.chance)
            person = self.chance.choice(self.population.by_site.get(source.key) or self.population.people)
            need = self._need(source, person, at)
            if need:
                return need

    def draw_from(self, source: Site, at: datetime, member: str | None = None) -> Need | None:
        """A need of one clinic's patients, to any other or to `member`."""
        pool = self.population.by_site.get(source.key) or self.population.people
        for _try in range(60):
            need = self._need(source, self.chance.choice(pool), at)
            target = need and need.offer.site.member.key
            if need and target != source.member.key and member in (None, target):
                return need
        return None

    def draw_to(self, offer: Offer, at: datetime, source: Site | None = None) -> Need | None:
        """A need that this service answers, from `source` or from anywhere else."""
        cases = [case for case in self.cases if offer.type in case.services]
        if not cases:
            return None
        wheel = Wheel(cases, [case.weight * case.services[offer.type] for case in cases])
        for _try in range(400):
            person = self.chance.choice(
                (self.population.by_site.get(source.key) if source else None) or self.population.people
            )
            case = wheel.turn(self.chance)
            age = age_on(person.born, at.date())
            if _befalls(case, person.sex, age) and offer.fits(age, person.sex):
                return self._made(source or person.home, person, case, offer)
        return None

    def _need(self, source: Site, person: Person, at: datetime) -> Need | None:
        age = age_on(person.born, at.date())
        cases = self._cases_of(person.sex, age)
        if not cases:
            return None
        case, kind = cases.turn(self.chance)
        wheel = self._targets_of(source, kind, age, person.sex)
        if not wheel:
            return None
        offer = wheel.turn(self.chance)
        if not offer.licensed(at.date()):
            return None
        return self._made(source, person, case, offer)

    def _made(self, source: Site, person: Person, case: Case, offer: Offer) -> Need:
        chance = self.chance
        suspicion, priority = "", Priority.PLANNED
        # Where a doctor sees patients once a week nobody sends what cannot wait, or hardly ever.
        days = self._days(offer)
        if days > 2 or chance.yes(0.04):
            suspicion = case.suspicion if case.suspicion and chance.yes(SUSPECTED[case.suspicion]) else ""
        if days > 4 or chance.yes(0.05):
            priority = chance.choices(list(Priority), weights=(1, 19, 80))[0]
        return Need(source, person, case, offer, priority.value, suspicion, self._payment(offer))

    @staticmethod
    def _days(offer: Offer) -> int:
        """On how many days of the week somebody sees patients there."""
        return len({weekday for plan in offer.plans for weekday in plan.hours})

    def _payment(self, offer: Offer) -> str:
        offered = offer.payments
        likely = {
            Payment.OMS: 20, Payment.VMP: 40, Payment.DMS: 2, Payment.PAID: 4, Payment.INTERGOVERNMENTAL: 3
        }  # fmt: skip
        return self.chance.choices(offered, weights=[likely[payment] for payment in offered])[0].value

    def _cases_of(self, sex: str, age: int) -> Wheel:
        key = (sex, age)
        if key not in self._by_person:
            pairs, weights = [], []
            for case in self.cases:
                if _befalls(case, sex, age):
                    for kind, weight in case.services.items():
                        if kind in self.offers:
                            pairs.append((case, kind))
                            weights.append(case.weight * weight)
            self._by_person[key] = Wheel(pairs, weights)
        return self._by_person[key]

    def _targets_of(self, source: Site, kind: str, age: int, sex: str) -> Wheel | None:
        # Services draw the line at 14 and at 18 years; between those all ages have the same choice.
        key = (source.key, kind, (age >= 14) + (age >= 18), sex)
        if key not in self._targets:
            offers = [offer for offer in self.offers[kind] if offer.fits(age, sex)]
            weights = [self._pull(source, offer) for offer in offers]
            self._targets[key] = Wheel(offers, weights) if offers else None
        return self._targets[key]

    def _pull(self, source: Site, offer: Offer) -> float:
        """How likely a clinic sends its patients to a service."""
        site = offer.site
        pull = LEVELS[site.level] * OWNERSHIP[site.member.ownership] * self._busy.get(site.key, 1.0)
        if site.member.key == source.member.key:
            pull *= 0.5
        if offer.mode == ServiceMode.TELEMEDICINE:
            return pull * (2.5 if self.kilometres(source, self._centre) > FAR else 0.2)
        return pull * max(exp(-self.kilometres(source, site.town) / 180), 0.35 if site.level == 3 else 0.002)

    @staticmethod
    def kilometres(source: Site, town: object) -> float:
        """The straight way between a clinic's town and another town (short distances; the earth taken as flat)."""
        here = source.town
        across = (here.lon - town.lon) * cos(radians((here.lat + town.lat) / 2))
        return 111.2 * hypot(here.lat - town.lat, across)


def _befalls(case: Case, sex: str, age: int) -> bool:
    return case.sex in ("", sex) and case.ages[0] <= age <= case.ages[1] and case.weight > 0
