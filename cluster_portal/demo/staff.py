"""People of the demo: practitioners with their weekly hours, and users who sign in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from math import ceil
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.contrib.auth.hashers import make_password

from clinics.models import Membership, Practitioner, Qualification, Schedule, ScheduleException, ScheduleHours
from clinics.states import ExceptionReason, ServiceMode
from cluster_portal.accounts.models import User
from cluster_portal.demo.dictionaries import doctors
from cluster_portal.demo.people import Name, Names
from cluster_portal.demo.timetable import Plan

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.registry import Offer, Registry, Site
    from cluster_portal.demo.timetable import Timetable

#: The one password of all demo users. They exist only where PORTAL_DEMO is set.
PASSWORD = "kedrovka-demo-2026"  # noqa: S105 - shown on the sign-in page of the demo
MORNING, AFTERNOON = (time(9), time(12)), (time(14), time(17))
SHORT_MORNING, SHORT_AFTERNOON = (time(9), time(11)), (time(13), time(15))
#: Half-days a week that one doctor works, and how many times the expected visits they hold.
MOST_BLOCKS, ROOM = 8, 1.45
GROUPS = {"laboratory-tests": 4, "diabetes-school": 10, "heart-failure-school": 10, "antenatal-classes": 12}
GROUPS |= {"case-conference": 6, "haemodialysis": 6}


@dataclass(slots=True, eq=False)
class Clerk:
    """Somebody of the staff who writes referrals or decides on them; `user` is a demo user's key, where it is one."""

    name: str
    position: str
    user: str | None = None


class Staff:
    """Writes practitioners, schedules, users and memberships, and keeps who acts for whom.

    `load` is how many visits a week each service must expect, by its key.
    """

    def __init__(
        self, registry: Registry, timetable: Timetable, chance: Chance, load: dict[str, float]
    ) -> None:
        self.registry, self.timetable, self.chance, self.load = registry, timetable, chance, load
        facts = registry.facts
        self.names = Names(facts.names, facts.about["minorities"])
        self.doctors = doctors()
        self.referrers: dict[str, list[Clerk]] = {}
        self.coordinators: dict[str, list[Clerk]] = {}
        self._rows: dict[type, list] = {
            model: [] for model in (Practitioner, Qualification, Schedule, ScheduleHours, ScheduleException)
        }
        self._works_at: list = []

    def build(self) -> None:
        """Write everybody."""
        for site in self.registry.sites.values():
            if site.is_open:
                self._practitioners(site)
        for model, rows in self._rows.items():
            model.objects.bulk_create(rows, batch_size=1000)
        Practitioner.clinics.through.objects.bulk_create(self._works_at, batch_size=1000)
        self._users()

    def _practitioners(self, site: Site) -> None:
        """Doctors of each specialty, as many half-days as the site's patients need, at least one for each service."""
        about = self.registry.facts.about
        daily, story = about["daily"].get(site.key, []), about["story"]
        by_specialty: dict[str, list[Offer]] = {}
        for offer in site.offers:
            by_specialty.setdefault(offer.specialty, []).append(offer)
        for specialty, offers in by_specialty.items():
            turns = [offer for offer in offers for _block in range(self._blocks(site, offer))]
            number = -(-len(turns) // MOST_BLOCKS)
            if story["receiving"] == site.key and story["specialty"] == specialty:
                number = max(number, 4)
            for doctor in range(number):
                # The newest doctor of the story's specialty has a pattern that waits to be published.
                draft = doctor == 3 and number == 4
                own = [] if draft else turns[doctor::number]
                self._practitioner(site, own or offers[:1], daily if doctor == 0 else [], draft)
        for offer in site.offers:
            if [site.key, offer.type] == about["duty"] and offer.mode == ServiceMode.VISIT:
                around = {weekday: [(time(0), time(23, 59))] for weekday in range(1, 8)}
                person = self._person(site, [offer], duty=True)
                self._schedule(site, offer, *person, around, on_holidays=True, minutes=60)

    @staticmethod
    def _halves(site: Site) -> tuple[tuple[time, time], tuple[time, time]]:
        """Morning and afternoon; the small state clinics see referred patients for two hours."""
        short = site.level < 3 and site.member.ownership == "state"
        return (SHORT_MORNING, SHORT_AFTERNOON) if short else (MORNING, AFTERNOON)

    def _blocks(self, site: Site, offer: Offer) -> int:
        """Half-days a week for a service: what is expected, with room for weeks that are busier."""
        starts, ends = self._halves(site)[1]
        visits = (ends.hour - starts.hour) * 60 // offer.minutes * GROUPS.get(offer.type, 1)
        return max(1, ceil(self.load.get(offer.id, 0) * ROOM / max(visits, 1)))

    def _practitioner(self, site: Site, turns: list[Offer], daily: list[str], draft: bool) -> None:
        """One doctor who gives `turns`, a half-day each; services in `daily` also whenever the doctor is free."""
        offers = list(dict.fromkeys(turns))
        key, name = self._person(site, offers)
        morning, afternoon = self._halves(site)
        shift = self.chance.randrange(5)
        week = [(1 + (shift + number) % 5, half) for half in (morning, afternoon) for number in range(5)]
        hours: dict[str, dict[int, list[tuple[time, time]]]] = {offer.id: {} for offer in offers}
        for (weekday, half), offer in zip(week, turns, strict=False):
            hours[offer.id].setdefault(weekday, []).append(half)
        every_day = [o for o in site.offers if o.type in daily and o.specialty == offers[0].specialty]
        every_day = [o for o in every_day if o.mode != ServiceMode.TELEMEDICINE]
        if every_day:
            # Half of each day of the week that is still free, Saturday and Sunday too.
            busy = {weekday for weekday, _half in week[: len(turns)]}
            for index, weekday in enumerate(day for day in range(1, 8) if day > 5 or day not in busy):
                for number, half in enumerate((morning, afternoon) if weekday > 5 else (morning,)):
                    offer = every_day[(index + number) % len(every_day)]
                    hours.setdefault(offer.id, {}).setdefault(weekday, []).append(half)
        away = self._leave(site, key)
        for offer in site.offers:
            if hours.get(offer.id):
                self._schedule(site, offer, key, name, hours[offer.id], away=away, draft=draft)

    def _person(self, site: Site, offers: list[Offer], *, duty: bool = False) -> tuple[str, Name]:
        sex = "f" if self.chance.yes(0.62) else "m"
        abroad = site.member.ownership == "foreign"
        country = (
            site.member.country
            if abroad and self.chance.yes(0.8 if not site.is_far else 1)
            else self.registry.facts.country
        )
        name = self.names.of_doctor(self.chance, sex, country)
        titles = self.doctors[offers[0].specialty]
        position = {language: title[0].upper() + title[1:] for language, title in titles.items()}
        if " " not in titles["ru"] and not titles["ru"].startswith(("врач", "ЛОР")):
            position["ru"] = f"Врач-{titles['ru']}"
        if duty:
            position = {
                "ru": f"Дежурный {titles['ru']}",
                "en": f"Duty {titles['en']}",
                "kk": f"Кезекші {titles['kk']}",
            }
        key = self.registry.key()
        foreign = country not in ("RU", "KZ")
        languages = (
            site.languages
            if foreign
            else list(
                dict.fromkeys([site.languages[0], (self.registry.facts.country == "KZ" and "kk") or "ru"])
            )
        )
        year = self.registry.today.year
        until, since = year + self.chance.randint(1, 4), self.chance.randint(1988, year - 6)
        qualification = {
            "ru": f"Диплом {since} года, аккредитация до {until} года"
            if not foreign
            else f"Диплом {since} года, лицензия врача страны клиники",
            "en": f"Diploma of {since}, accredited until {until}"
            if not foreign
            else f"Diploma of {since}, licensed in the clinic's country",
            "kk": f"{since} жылғы диплом, {until} жылға дейін аккредиттелген"
            if not foreign
            else f"{since} жылғы диплом, клиника елінің лицензиясы",
        }
        self._rows[Practitioner].append(
            Practitioner(
                id=UUID(key), organization_id=UUID(site.member.id), family=name.family, given=name.given,
                patronymic=name.patronymic, name_latin=name.latin,
                **{f"position_{lang}": text for lang, text in position.items()},
                specialties=[offers[0].specialty], languages=languages,
                **{f"qualification_{lang}": text for lang, text in qualification.items()},
            )
        )  # fmt: skip
        self._works_at.append(
            Practitioner.clinics.through(practitioner_id=UUID(key), clinic_id=UUID(site.id))
        )
        self._qualify(UUID(key), offers[0].specialty, country, since, None if foreign else until)
        return key, name

    def _qualify(
        self, person: UUID, specialty: str, country: str, since: int, accredited_until: int | None
    ) -> None:
        """The papers behind the line on the public page: a diploma, then a national accreditation or a licence of the
        home country. Made of the person's key, so that nothing else of the demo depends on them.
        """
        about = self.registry.facts.schools[country]
        school = about["schools"][person.int % len(about["schools"])]
        papers = [("Диплом специалиста", school, since, None)]
        if accredited_until:
            last = date(accredited_until, 12, 31)
            papers.append(("Аккредитация специалиста", about["board"], accredited_until - 5, last))
        else:
            papers.append(("Лицензия врача", about["board"], since + 2, None))
        for document, institution, year, last in papers:
            pk = uuid5(person, document)
            self._rows[Qualification].append(
                Qualification(
                    id=pk, practitioner_id=person, specialty_id=specialty, document=document, country=country,
                    number=f"{country}-{pk.int % 10**7:07}", institution=institution, year=year, valid_until=last,
                )
            )  # fmt: skip

    def _leave(self, site: Site, practitioner: str) -> list[tuple[date, date]]:
        """One in twelve is away for some days of the weeks to come."""
        if not self.chance.yes(1 / 12):
            return []
        reason = self.chance.choice([ExceptionReason.LEAVE, ExceptionReason.LEAVE, ExceptionReason.TRAINING])
        first = self.registry.today + timedelta(days=self.chance.randint(18, 45))
        last = first + timedelta(days=self.chance.choice((4, 6, 13)))
        self._rows[ScheduleException].append(
            ScheduleException(
                id=UUID(self.registry.key()), practitioner_id=UUID(practitioner), clinic_id=UUID(site.id),
                first_day=first, last_day=last, reason=reason,
            )
        )  # fmt: skip
        return [(first, last)]

    def _schedule(
        self,
        site: Site,
        offer: Offer,
        practitioner: str,
        name: Name,
        hours: dict[int, list[tuple[time, time]]],
        *,
        away: list[tuple[date, date]] = (),
        on_holidays: bool = False,
        draft: bool = False,
        minutes: int = 0,
    ) -> None:
        if site.member.ownership == "foreign":
            shares = (0, 90, 10)
        elif site.member.ownership == "private":
            shares = (20, 70, 10)
        else:
            shares = (30, 60, 10) if site.level == 3 else (50, 40, 10)
        plan = Plan(
            id=self.registry.key(), offer=offer, practitioner=practitioner, name=name.short,
            room=str(self.chance.randint(1, 4) * 100 + self.chance.randint(1, 24)),
            minutes=minutes or offer.minutes, capacity=GROUPS.get(offer.type, 1), shares=shares,
            hours={weekday: sorted(halves) for weekday, halves in hours.items()}, on_holidays=on_holidays,
            published=not draft or not offer.plans, away=list(away),
        )  # fmt: skip
        offer.plans.append(plan)
        self.timetable.plans.append(plan)
        own, cluster, urgent = shares
        self._rows[Schedule].append(
            Schedule(
                id=UUID(plan.id), service_id=UUID(offer.id), practitioner_id=UUID(practitioner), room=plan.room,
                slot_minutes=plan.minutes, capacity=plan.capacity, share_own=own, share_cluster=cluster,
                share_urgent=urgent, release_hours=24, valid_from=self.registry.today - timedelta(days=400),
                works_on_holidays=on_holidays,
                published_at=self.registry.now - timedelta(days=400) if plan.published else None,
            )
        )  # fmt: skip
        for weekday, halves in plan.hours.items():
            self._rows[ScheduleHours] += [
                ScheduleHours(
                    id=UUID(self.registry.key()),
                    schedule_id=UUID(plan.id),
                    weekday=weekday,
                    starts=starts,
                    ends=ends,
                )
                for starts, ends in halves
            ]

    def _users(self) -> None:
        """The demo users of the facts, and invented colleagues who only appear as names in the stories."""
        users, memberships = [], []
        password = make_password(PASSWORD)
        for login in self.registry.facts.about["logins"]:
            key = self.registry.key()
            users.append(
                User(
                    id=UUID(key), email=login["email"], name=login["name"], position=login["position"],
                    language=login["language"], is_demo=True, password=password,
                )
            )  # fmt: skip
            for member, role in login["memberships"]:
                memberships.append(
                    Membership(
                        id=UUID(self.registry.key()), organization_id=UUID(self.registry.members[member].id),
                        user_id=UUID(key), role=role,
                    )
                )  # fmt: skip
                clerk = Clerk(login["name"], login["position"], key)
                if role == "referrer":
                    self.referrers.setdefault(member, []).append(clerk)
                elif role in ("coordinator", "manager"):
                    self.coordinators.setdefault(member, []).append(clerk)
        User.objects.bulk_create(users)
        Membership.objects.bulk_create(memberships)
        for site in self.registry.sites.values():
            self._colleagues(site)

    def _colleagues(self, site: Site) -> None:
        country = site.member.country
        for group, position, number in (
            (self.referrers, "Врач-терапевт", 3),
            (self.coordinators, "Координатор", 1),
        ):
            people = group.setdefault(site.member.key, [])
            while len(people) < number:
                name = self.names.of_doctor(self.chance, "f" if self.chance.yes(0.7) else "m", country)
                people.append(Clerk(f"{name.given} {name.family}", position))
