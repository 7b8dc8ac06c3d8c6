"""Work for those who sign in with one click: every queue holds something, and some of it is late."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cluster_portal.demo.runs import Recipe
from patients.states import Priority, ReferralState

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.demand import Demand, Need
    from cluster_portal.demo.registry import Offer, Registry, Site
    from cluster_portal.demo.staff import Clerk, Staff

_S = ReferralState
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# goal, how many, hours ago from … to, priority (empty: as it comes)
REFERRER = (
    (_S.DRAFT, 3, (1, 40), ""),
    (_S.RETURNED, 3, (20, 70), ""),
    (_S.SUBMITTED, 4, (1, 50), ""),
    (_S.SUBMITTED, 1, (540, 620), Priority.PLANNED),
    (_S.ACCEPTED, 6, (8, 90), ""),
    (_S.ACCEPTED, 2, (560, 680), Priority.PLANNED),
    (_S.WAITLISTED, 5, (60, 300), Priority.PLANNED),
    (_S.BOOKED, 8, (20, 150), ""),
    (_S.COMPLETED, 5, (150, 340), ""),
)
COORDINATOR = (
    (_S.SUBMITTED, 8, (1, 60), Priority.PLANNED),
    (_S.SUBMITTED, 4, (1, 20), Priority.URGENT),
    (_S.SUBMITTED, 2, (540, 640), Priority.PLANNED),
    (_S.RETURNED, 3, (20, 80), ""),
    (_S.ACCEPTED, 6, (20, 100), ""),
    (_S.WAITLISTED, 4, (80, 340), Priority.PLANNED),
    (_S.IN_CARE, 2, (100, 200), ""),
)


class Story:
    """Makes the recipes of the story, each with the moment at which the referral was drafted.

    `share`: how much of it there is room for; in a very small demo the queues are short.
    """

    def __init__(
        self, registry: Registry, demand: Demand, staff: Staff, chance: Chance, now: datetime, share: float
    ) -> None:
        self.registry, self.demand, self.staff, self.chance, self.now = registry, demand, staff, chance, now
        self.share, self.zone = share, ZoneInfo(registry.facts.time_zone)
        self.about = registry.facts.about["story"]

    def recipes(self) -> list[tuple[datetime, Recipe]]:
        """All of them, in the order of their telling."""
        made: list[tuple[datetime, Recipe]] = []
        for login in self.registry.facts.about["logins"]:
            for member, role in login["memberships"]:
                main = member in (self.about["referring"], self.about["receiving"])
                share = self.share if main else self.share / 2
                sites = [
                    s
                    for s in self.registry.sites.values()
                    if s.member.key == member and s.is_open and s.offers
                ]
                if not sites:
                    continue
                if role == "referrer":
                    clerk = next(c for c in self.staff.referrers[member] if c.name == login["name"])
                    made += self._referrer(sites[0], clerk, share)
                elif role == "coordinator":
                    made += self._coordinator(sites[0], share)
                    made += self._visits(sites[0], max(round(16 * share), 3))
        return made

    def _referrer(self, site: Site, clerk: Clerk, share: float) -> list[tuple[datetime, Recipe]]:
        made = []
        for goal, count, hours, priority in REFERRER:
            for _number in range(max(1, round(count * share))):
                at = self._ago(hours)
                need = self._need_from(site, at, goal)
                if need:
                    made.append((at, self._recipe(goal, need, priority, clerk)))
        return made

    def _need_from(self, site: Site, at: datetime, goal: str) -> Need | None:
        """A need of the site's patients that can be in the state wished for; every second one goes to the receiving
        clinic of the story."""
        receiving = self.about["receiving"]
        member = receiving if self.chance.yes(0.5) and site.member.key != receiving else None
        for _try in range(12):
            need = self.demand.draw_from(site, at, member)
            if need and self._can(goal, need.offer):
                return need
        return None

    def _coordinator(self, site: Site, share: float) -> list[tuple[datetime, Recipe]]:
        made = []
        for goal, count, hours, priority in COORDINATOR:
            offers = [offer for offer in self._of_story(site) if self._can(goal, offer)]
            for _number in range(max(1, round(count * share))):
                at = self._ago(hours)
                need = self.demand.draw_to(self.chance.choice(offers), at) if offers else None
                if need and need.source.member is not site.member:
                    visit = self._today(self.chance.randint(-30, -6)) if goal == _S.IN_CARE else None
                    recipe = self._recipe(goal, need, priority)
                    recipe.visit = visit
                    made.append((at, recipe))
        return made

    def _visits(self, site: Site, number: int) -> list[tuple[datetime, Recipe]]:
        """Patients who come today, from early on, and on the days after it, fewer and fewer."""
        made = []
        daily = self.registry.facts.about["daily"].get(site.key, [])
        wanted = [offer for offer in site.offers if offer.type in daily] + self._of_story(site)
        for ahead in range(15):
            weekday = (self._today(12, site) + ahead * DAY).astimezone(site.zone).isoweekday()
            offers = [o for o in wanted if any(weekday in plan.hours and plan.published for plan in o.plans)]
            for turn in range(max(number - ahead // 2, 1) if offers else 0):
                at = self._ago((110, 230))
                need = self.demand.draw_to(self.chance.choice(offers), at)
                if need:
                    visit = self._today(7.5 + turn * 10 / number, site) + ahead * DAY
                    made.append((at, Recipe(visit=visit, need=need, steady=True)))
        return made

    def _of_story(self, site: Site) -> list[Offer]:
        """The services of the story's specialty; where the site has none with a schedule, all that it has."""
        planned = [offer for offer in site.offers if offer.plans]
        return [offer for offer in planned if offer.specialty == self.about["specialty"]] or planned

    @staticmethod
    def _can(goal: str, offer: Offer) -> bool:
        """Whether a referral to the service can be in that state now."""
        return offer.triage if goal in (_S.SUBMITTED, _S.RETURNED) else True

    @staticmethod
    def _recipe(goal: str, need: Need, priority: str, clerk: Clerk | None = None) -> Recipe:
        if priority:
            need.priority = priority
            need.suspicion = "" if priority == Priority.PLANNED else need.suspicion
        return Recipe(goal=goal, need=need, clerk=clerk, steady=True)

    def _ago(self, hours: tuple[int, int]) -> datetime:
        """A moment between so many and so many hours ago, in the daytime of the cluster if it can be."""
        at = self.now - timedelta(minutes=self.chance.randint(hours[0] * 60, hours[1] * 60))
        local = at.astimezone(self.zone)
        day = local.replace(hour=self.chance.randint(8, 17)).astimezone(at.tzinfo)
        return at if 8 <= local.hour < 18 or day > self.now - HOUR else day

    def _today(self, hour: float, site: Site | None = None) -> datetime:
        """That hour of today by the clock of a site; negative hours are hours before now."""
        if hour < 0:
            return self.now + timedelta(hours=hour)
        zone = site.zone if site else self.now.tzinfo
        local = self.now.astimezone(zone)
        return datetime.combine(local.date(), time(0), zone).astimezone(self.now.tzinfo) + timedelta(
            hours=hour
        )
