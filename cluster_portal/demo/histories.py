"""What happened to each referral, step by step by the state table, up to now."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cluster_portal.demo.runs import Recipe, Run, Stop, dashed
from cluster_portal.demo.visits import Visits
from cluster_portal.demo.wording import fill
from patients.states import REFERRAL, ConsentKind, LinkKind, Priority, ReferralState

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_S = ReferralState
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Codes of the dictionaries of reasons, and how often each is given.
RETURN_REASONS = (
    ("tests_missing", "form_incomplete", "question_unclear", "consent_missing", "identity", "other"),
    (46, 20, 12, 8, 6, 8),
)
REJECT_REASONS = (
    ("inappropriate", "not_indicated", "prerequisites", "out_of_scope", "no_licence", "other"),
    (34, 28, 18, 10, 4, 6),
)
REDIRECT_REASONS = (("profile", "queue", "level"), (45, 30, 25))
CANCEL_REASONS = (
    ("patient_declined", "recovered", "died", "moved", "elsewhere", "mistake", "other"),
    (40, 16, 2, 8, 24, 6, 4),
)


class Histories(Visits):
    """Tells one referral after another. The visits themselves are told by `Visits`."""

    def tell(self, at: datetime, number: str, recipe: Recipe) -> Run:
        """A referral drafted at that moment; everything up to now is told and written."""
        need = recipe.need or self.demand.draw(at)
        clerk = recipe.clerk or self.chance.choice(self.staff.referrers[need.source.member.key])
        run = Run(
            self.chance.key(at), number, need, recipe, clerk, at, at, offer=need.offer, priority=need.priority
        )
        with suppress(Stop):
            self._begin(run)
        self.write(run)
        return run

    # Time -------------------------------------------------------------------------------------------------------

    def wait(self, run: Run, mean: timedelta, *, office: bool = False) -> None:
        """Let time pass, a span around `mean`; `office`: only while people work. Stops at the present."""
        # Who has a day to be seen on is dealt with in good time before it.
        at = run.clock + self.chance.span(mean / 3 if run.recipe.visit else mean)
        if office and not run.urgent:
            at = self.office_hours(at, run.need.source.zone)
        self.until(run, at)

    def until(self, run: Run, at: datetime) -> None:
        """Go on to that moment. A recipe with a goal is pressed into the time that there is."""
        if at > self.now:
            if not run.recipe.goal and not run.recipe.visit:
                raise Stop
            pressed = (self.now - run.clock) * self.chance.uniform(0.2, 0.6)
            at = run.clock + timedelta(seconds=int(pressed.total_seconds()))
        run.clock = at

    def office_hours(self, at: datetime, zone: ZoneInfo) -> datetime:
        """That moment, or the next at which people work."""
        local = at.astimezone(zone)
        if local.hour >= 18:
            local += DAY
        if local.hour >= 18 or local.hour < 8:
            local = local.replace(hour=8, minute=self.chance.randrange(5, 60))
        while local.weekday() > 4 and not self.chance.yes(0.15):
            local += DAY
        return local.astimezone(at.tzinfo)

    # Steps ------------------------------------------------------------------------------------------------------

    def step(
        self,
        run: Run,
        action: str,
        to: str,
        *,
        receiving: bool = False,
        reason: str = "",
        comment: str = "",
        details: dict[str, Any] | None = None,
    ) -> None:
        """One line of the story, by somebody of the side that acts. Stops where the recipe's goal is reached."""
        if action not in ("draft", "read"):
            REFERRAL.find(run.state, action, to)
        if receiving:
            member = run.offer.site.member
            clerk = self.chance.choice(self.staff.coordinators[member.key])
        else:
            member, clerk = run.need.source.member, run.clerk
        run.steps.append(
            (
                run.id,
                run.clock,
                action,
                run.state,
                to,
                member.id,
                clerk.user,
                clerk.name,
                reason,
                comment,
                details or {},
            )
        )
        if to != run.state:
            run.state, run.since = to, run.clock
        if run.recipe.goal == to and not (to == _S.ACCEPTED and action == "no_show"):
            raise Stop

    def says(self, action: str, reason: str = "") -> str:
        """Words for a comment."""
        texts = self.texts["comments"][action]
        return self.chance.choice(texts[reason] if reason else texts)

    # The way to an appointment ----------------------------------------------------------------------------------

    def _begin(self, run: Run) -> None:
        self.population.link(run.need.person, run.need.source.member, LinkKind.REFERRED, run.clock)
        self.step(run, "draft", _S.DRAFT)
        if not run.recipe.goal and self.chance.yes(0.02):
            self.wait(run, 2 * DAY)
            self.cancel(run, "mistake")
        self.until(run, run.clock + self.chance.minutes(3, 25))
        if not run.recipe.goal and self.chance.yes(0.04):
            self.wait(run, 16 * HOUR, office=True)
        run.anywhere = not run.offer.triage and not run.recipe.need and self.chance.yes(0.15)
        run.submitted = run.clock
        self.consents(run)
        site = run.offer.site
        run.due = self._deadline(run, run.clock)
        if not run.anywhere:
            self.population.link(run.need.person, site.member, LinkKind.RECEIVED, run.clock)
        self.step(run, "submit", _S.SUBMITTED if run.offer.triage else _S.ACCEPTED)
        if run.offer.triage:
            self._decide(run)
        self.arrange(run)

    def consents(self, run: Run) -> None:
        need, site = run.need, run.offer.site
        if site.member.key != need.source.member.key:
            self.population.consent(need.person, ConsentKind.TRANSFER, need.source.member, run.clock)
        if site.country != need.source.country:
            self.population.consent(
                need.person, ConsentKind.ABROAD, need.source.member, run.clock, site.country
            )

    def _decide(self, run: Run) -> None:
        """The receiving side's decision, after questions and changes of address, if any."""
        goal = run.recipe.goal
        for turn in range(3):
            slow = 5 if self.chance.yes(0.05) else 1
            hours = 0.5 if run.urgent else 3 if run.need.suspicion else 10 * slow
            self.wait(run, hours * HOUR, office=True)
            if goal == _S.RETURNED and not turn:
                outcome = "return"
            elif goal or run.recipe.steady or turn == 2:
                outcome = "accept"
            else:
                outcome = self.chance.choices(
                    ("accept", "return", "reject", "redirect"), weights=(83, 9, 4, 4)
                )[0]
            if outcome == "return":
                self._return(run)
            elif outcome == "reject":
                reason = self.chance.choices(REJECT_REASONS[0], weights=REJECT_REASONS[1])[0]
                self.step(
                    run,
                    "reject",
                    _S.REJECTED,
                    receiving=True,
                    reason=reason,
                    comment=self.says("reject", reason),
                )
                raise Stop
            elif outcome == "redirect" and self._redirect(run):
                continue
            else:
                self._judge(run)
                self.step(run, "accept", _S.ACCEPTED, receiving=True, comment=self.says("accept"))
                return

    def _judge(self, run: Run) -> None:
        """Now and then the receiving side finds a planned referral urgent; the deadline goes by that from the start."""
        if run.urgent or run.recipe.goal or run.recipe.steady or not self.chance.yes(0.03):
            return
        before, run.priority = run.due, Priority.URGENT.value
        run.due = self._deadline(run, run.submitted)
        details: dict[str, Any] = {"priority": [Priority.PLANNED.value, run.priority]}
        if run.due != before:
            details["due_on"] = [day and day.isoformat() for day in (before, run.due)]
        self.step(
            run, "change_priority", _S.SUBMITTED, receiving=True, comment=self.says("change_priority"),
            details=details,
        )  # fmt: skip
        self.until(run, run.clock + self.chance.minutes(2, 20))

    def _deadline(self, run: Run, at: datetime) -> date | None:
        """The last day by the norm that fits the referral, counted from that moment."""
        site = run.offer.site
        on = at.astimezone(site.zone).date()
        return self.norms.due(
            site.country, run.priority, run.need.suspicion, run.offer.specialty, run.offer.care_type, on
        )

    def _return(self, run: Run) -> None:
        reason = self.chance.choices(RETURN_REASONS[0], weights=RETURN_REASONS[1])[0]
        comment = self.says("return_for_info", reason)
        self.step(run, "return_for_info", _S.RETURNED, receiving=True, reason=reason, comment=comment)
        self.wait(run, 22 * HOUR, office=True)
        if self.chance.yes(0.12):
            self.cancel(run)
        self.step(run, "submit", _S.SUBMITTED)

    def _redirect(self, run: Run) -> bool:
        """Pass it on to another member that decides on the same service. False where there is none."""
        age = run.clock.year - run.need.person.born.year
        day = run.clock.date()
        others = [
            offer
            for offer in self.demand.offers[run.offer.type]
            if offer.triage and offer.site.member is not run.offer.site.member and not offer.site.is_far
            and offer.fits(age - 1, run.need.person.sex) and offer.fits(age, run.need.person.sex)
            and run.need.payment in offer.payments and offer.licensed(day)
        ]  # fmt: skip
        if not others:
            return False
        target, left = self.chance.choice(others), run.offer.site
        details = {"from": dashed(run.offer.id), "to": dashed(target.id), "clinic": target.site.name}
        reason = self.chance.choices(REDIRECT_REASONS[0], weights=REDIRECT_REASONS[1])[0]
        self.step(
            run, "redirect", _S.SUBMITTED, receiving=True, reason=reason, comment=self.says("redirect", reason),
            details=details,
        )  # fmt: skip
        run.left.append(left)
        run.offer = target
        self.consents(run)
        self.population.link(run.need.person, target.site.member, LinkKind.RECEIVED, run.clock)
        return True

    def cancel(self, run: Run, reason: str = "") -> None:
        reason = reason or self.chance.choices(CANCEL_REASONS[0], weights=CANCEL_REASONS[1])[0]
        self.end_booking(run, reason)
        self.step(run, "cancel", _S.CANCELLED, reason=reason, comment=self.says("cancel", reason))
        raise Stop

    # Words ------------------------------------------------------------------------------------------------------

    def reason_and_question(self, run: Run) -> tuple[str, str]:
        """The justification and the question, drawn from the case."""
        case, day = run.need.case, run.created.astimezone(run.need.source.zone).date()
        asked = self.findings.get(run.offer.type)
        words = case.kk if case.kk and run.need.person.kazakh and self.chance.yes(0.6) else None
        reason = words["reason"] if words else self.chance.choice(case.reason)
        question = asked["ask"] if asked and not words else words["question"] if words else case.question
        return fill(reason, self.chance, day), fill(question, self.chance, day)

    def conclusion(self, run: Run) -> tuple[str, str]:
        """What was found and what is advised, drawn from the case or, for an examination, from its usual findings."""
        case, day = run.need.case, run.clock.astimezone(run.offer.site.zone).date()
        found = self.findings.get(run.offer.type)
        if case.kk and run.need.person.kazakh and not found:
            return fill(case.kk["conclusion"], self.chance, day), fill(case.kk["advice"], self.chance, day)
        if found:
            return fill(
                self.chance.choice(found["found"]), self.chance, day
            ), "Консультация направившего врача с результатом."
        return fill(self.chance.choice(case.conclusion), self.chance, day), fill(
            case.advice, self.chance, day
        )
