"""From an accepted referral to its conclusion: bookings, their changes, the visit; and the rows of it all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clinics.states import ServiceMode
from cluster_portal.demo.bulk import Table
from cluster_portal.demo.runs import Reservation, Stop, dashed
from patients.models import Booking, Conclusion, Referral, ReferralStep
from patients.states import BookingState, LinkKind, ReferralState

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.demand import Demand
    from cluster_portal.demo.norms import Norms
    from cluster_portal.demo.patients import Population
    from cluster_portal.demo.runs import Run
    from cluster_portal.demo.staff import Staff
    from cluster_portal.demo.timetable import Found, Timetable

_S, _B = ReferralState, BookingState
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CANCEL_BOOKING_REASONS = (
    ("patient_asked", "practitioner_away", "equipment", "transport", "mistake", "other"),
    (52, 16, 8, 16, 2, 6),
)
NO_SHOW_REASONS = (("not_known", "transport", "unwell", "refused", "other"), (56, 16, 14, 8, 6))
REFERRAL_COLUMNS = (
    "id created_at updated_at number patient_id state state_since source_organization_id source_clinic_id author_id "
    "referrer_name referrer_position service_type_id service_id target_clinic_id target_organization_id past_targets "
    "priority suspicion payment care_kind conditions diagnosis_code diagnosis_text reason question submitted_at due_on "
    "late_code late_reason appointment_at appointment_clinic_id no_shows conclusion_unread completed_at"
)
STEP_COLUMNS = (
    "referral_id at action from_state to_state organization_id user_id actor_name reason comment details"
)
BOOKING_COLUMNS = (
    "id created_at updated_at referral_id patient_id slot_id clinic_id organization_id start end state held_by_id "
    "held_until booked_by_id booked_at end_reason end_comment"
)
CONCLUSION_COLUMNS = (
    "id created_at updated_at referral_id text diagnosis_code diagnosis_text recommendations author_id "
    "practitioner_name read_at read_by_id"
)


class Visits:
    """The second half of the histories, and the tables that they fill.

    The first half, `Histories`, builds on it and gives it `wait`, `until`, `office_hours`, `step`, `says`, `cancel`,
    `consents` and the words.
    """

    def __init__(
        self,
        *,
        now: datetime,
        chance: Chance,
        timetable: Timetable,
        population: Population,
        demand: Demand,
        staff: Staff,
        norms: Norms,
        diagnoses: dict[str, str],
    ) -> None:
        self.now, self.chance, self.timetable, self.population = now, chance, timetable, population
        self.demand, self.staff, self.norms, self.diagnoses = demand, staff, norms, diagnoses
        facts = demand.registry.facts
        self.texts, self.findings = facts.texts, facts.findings
        self.referrals = Table(Referral, REFERRAL_COLUMNS)
        self.steps = Table(ReferralStep, STEP_COLUMNS)
        self.bookings = Table(Booking, BOOKING_COLUMNS)
        self.conclusions = Table(Conclusion, CONCLUSION_COLUMNS)
        #: Days from submission to the visit of the last months, by service.
        self.waits: dict[str, list[int]] = {}

    # Booking ----------------------------------------------------------------------------------------------------

    def arrange(self, run: Run) -> None:
        """Find a time, keep it or lose it, come or not; until the referral is closed."""
        goal, steady = run.recipe.goal, run.recipe.steady or bool(run.recipe.visit)
        if goal == _S.WAITLISTED or (not goal and not steady and self.chance.yes(0.07)):
            self.wait(run, 6 * HOUR, office=True)
            self.step(run, "wait", _S.WAITLISTED, comment=self.says("wait"))
            self.wait(run, 9 * DAY, office=True)
        for _turn in range(4):
            if not goal and not steady and run.state == _S.ACCEPTED and self.chance.yes(0.03):
                self.wait(run, 2 * DAY, office=True)
                self.cancel(run)
            soon = run.offer.triage is False and self.chance.yes(0.6)
            hours = 0.1 if soon else 0.5 if run.urgent else 4 if run.need.suspicion else 15
            self.wait(run, hours * HOUR, office=not soon)
            self._book(run)
            if self._until_visit(run, steady) and self._visit(run, steady):
                raise Stop
        self.wait(run, 3 * DAY)
        self.cancel(run)

    def _lead(self, run: Run) -> timedelta:
        """How far ahead the patient is given a time."""
        if run.urgent:
            return self.chance.span(HOUR)
        if run.need.suspicion:
            return self.chance.span(6 * HOUR)
        return self.chance.span(4 * DAY if self.chance.yes(0.93) else 16 * DAY)

    def _book(self, run: Run) -> None:
        wanted = run.recipe.visit or run.clock + self._lead(run)
        found = self._find(run, wanted)
        if found is None:
            # Nothing is free for weeks: the referral waits, or is given up once it has waited for very long.
            if self.now - run.clock > 40 * DAY:
                self.wait(run, 20 * DAY)
                self.cancel(run)
            raise Stop
        referring = self.chance.yes(0.55)
        self._occupy(run, found, "book", receiving=not referring)

    def _find(self, run: Run, wanted: datetime) -> Found | None:
        offers = [run.offer]
        if not run.offer.triage and run.recipe.visit is None:
            # A service that is booked directly may be booked at any other clinic that offers the same.
            age = run.clock.year - run.need.person.born.year
            offers += [
                offer for offer in self.demand.offers[run.offer.type][:12]
                if offer is not run.offer and not offer.triage and not offer.site.is_far
                and offer.fits(age - 1, run.need.person.sex) and offer.fits(age, run.need.person.sex)
                and run.need.payment in offer.payments and offer.site.town is run.offer.site.town
            ]  # fmt: skip
        tries = [(offer, wanted, 50) for offer in offers]
        if run.recipe.visit:
            # The day is given; the hour is only a wish.
            tries = [(run.offer, wanted, 1), (run.offer, wanted - 7 * HOUR, 1)]
        for offer, since, patience in tries:
            found = self.timetable.find(
                offer, at=run.clock, wanted=since, urgent=run.urgent, busy=run.need.person.busy, patience=patience,
                own=offer.site.member is run.need.source.member,
            )  # fmt: skip
            if found:
                return found
        return None

    def _occupy(
        self, run: Run, found: Found, action: str, *, receiving: bool, details: dict[str, Any] | None = None
    ) -> None:
        """Write the booking of a slot; the referral aims at its service from now on."""
        offer = found.plan.offer
        if offer is not run.offer:
            if offer.site.member is not run.offer.site.member and not (run.anywhere and not run.bookings):
                run.left.append(run.offer.site)
            run.offer = offer
        self.consents(run)
        slot = self.timetable.take(found)
        run.need.person.busy.append((found.start, found.end))
        late = run.due is not None and found.start.astimezone(offer.site.zone).date() > run.due
        run.late_code, run.late_reason = self.chance.choice(self.texts["late_reasons"]) if late else ("", "")
        told = {"at": found.start.isoformat(), "clinic": dashed(offer.site.id), "slot": dashed(slot)}
        user = run.clerk.user if not receiving else None
        run.bookings.append(
            Reservation(self.chance.key(run.clock), slot, found, _B.BOOKED, run.clock, user, run.clock)
        )
        self.population.link(run.need.person, offer.site.member, LinkKind.RECEIVED, run.clock)
        self.step(run, action, _S.BOOKED, receiving=receiving, details=(details or {}) | told)

    def end_booking(self, run: Run, reason: str, comment: str = "", state: str = _B.CANCELLED) -> None:
        """End the active booking, if there is one, and give the place back."""
        booking = run.booking
        if booking is None:
            return
        booking.state, booking.changed, booking.end_reason, booking.end_comment = (
            state,
            run.clock,
            reason,
            comment,
        )
        self.timetable.give_back(booking.found)
        run.need.person.busy.remove((booking.found.start, booking.found.end))

    def _until_visit(self, run: Run, steady: bool) -> bool:
        """Whether the booking holds until its day. Changes of mind happen in between."""
        booking = run.booking
        if steady or run.recipe.goal or booking.found.start - run.clock < 30 * HOUR:
            return True
        luck = self.chance.random()
        if luck > 0.13:
            return True
        ahead = (booking.found.start - DAY - run.clock).total_seconds()
        at = run.clock + timedelta(seconds=int(ahead * self.chance.random()))
        self.until(run, min(self.office_hours(at, run.need.source.zone), booking.found.start - HOUR))
        if luck < 0.05:
            return self._reschedule(run)
        if luck < 0.10:
            reason = self.chance.choices(CANCEL_BOOKING_REASONS[0], weights=CANCEL_BOOKING_REASONS[1])[0]
            comment = self.says("cancel_booking", reason)
            receiving = reason in ("practitioner_away", "equipment")
            self.end_booking(run, reason, comment)
            self.step(run, "cancel_booking", _S.ACCEPTED, receiving=receiving, reason=reason, comment=comment)
            return False
        self.cancel(run)
        return False

    def _reschedule(self, run: Run) -> bool:
        old = run.booking
        wanted = old.found.start + self.chance.span(5 * DAY)
        found = self._find(run, wanted)
        if found is not None:
            details = {
                "from": {"at": old.found.start.isoformat(), "clinic": dashed(old.found.plan.offer.site.id)}
            }
            self.end_booking(run, "rescheduled")
            self._occupy(run, found, "reschedule", receiving=self.chance.yes(0.4), details=details)
            run.steps[-1] = (*run.steps[-1][:9], self.says("reschedule"), run.steps[-1][10])
        return True

    # The visit --------------------------------------------------------------------------------------------------

    def _visit(self, run: Run, steady: bool) -> bool:
        """The day of the visit. True when the referral has come to its end, False when it needs another time."""
        found = run.booking.found
        # Until its day nothing happens any more; a recipe's pressing of time ends here.
        if found.start - 25 * timedelta(minutes=1) > self.now:
            raise Stop
        unmarked = self.now - found.start < 2 * DAY and self.chance.yes(0.04)
        if unmarked and run.recipe.goal != _S.IN_CARE and run.recipe.goal != _S.COMPLETED:
            raise Stop
        if not steady and not run.recipe.goal and self.chance.yes(0.055):
            return self._no_show(run)
        zone = found.plan.offer.site.zone
        begun = found.start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        came = max(found.start - self.chance.minutes(1, 25), begun.astimezone(found.start.tzinfo), run.clock)
        if came > self.now:
            raise Stop
        run.clock = came
        run.booking.state, run.booking.changed = _B.ARRIVED, came
        self.step(run, "arrive", _S.IN_CARE, receiving=True)
        self._complete(run)
        return True

    def _no_show(self, run: Run) -> bool:
        at = run.booking.found.end + self.chance.minutes(5, 120)
        if at > self.now:
            raise Stop
        run.clock = at
        run.no_shows += 1
        reason = self.chance.choices(NO_SHOW_REASONS[0], weights=NO_SHOW_REASONS[1])[0]
        comment = self.says("no_show", reason)
        self.end_booking(run, reason, comment, state=_B.NO_SHOW)
        self.step(run, "no_show", _S.ACCEPTED, receiving=True, reason=reason, comment=comment)
        if self.chance.yes(0.3):
            self.wait(run, 3 * DAY, office=True)
            self.cancel(run, "no_shows")
        return False

    def _complete(self, run: Run) -> None:
        booking = run.booking
        stay = booking.found.plan.offer.mode == ServiceMode.INPATIENT
        at = booking.found.end + (
            self.chance.minutes(3 * 1440, 9 * 1440) if stay else self.chance.minutes(2, 75)
        )
        if at > self.now:
            if run.recipe.goal != _S.COMPLETED:
                raise Stop
            at = max(run.clock, self.now - self.chance.minutes(1, 5))
        run.clock = run.completed = at
        booking.state, booking.changed = _B.FULFILLED, at
        run.unread = True
        self.waits.setdefault(run.offer.id, []).append((booking.found.start - run.submitted).days)
        text, advice = self.conclusion(run)
        row = [self.chance.key(at), at, at, run.id, text, run.need.case.icd, self.diagnoses[run.need.case.icd],
               advice, None, booking.found.plan.name, None, None]  # fmt: skip
        try:
            self.step(run, "complete", _S.COMPLETED, receiving=True)
            self._read(run, row)
        finally:
            self.conclusions.add(*row)

    def _read(self, run: Run, row: list[Any]) -> None:
        at = self.office_hours(run.clock + self.chance.span(15 * HOUR), run.need.source.zone)
        if at > self.now:
            raise Stop
        run.clock = at
        self.step(run, "read", _S.COMPLETED)
        run.unread = False
        row[2] = row[10] = at
        row[11] = run.clerk.user

    # Rows -------------------------------------------------------------------------------------------------------

    def write(self, run: Run) -> None:
        """The referral as it stands now, its steps and its bookings."""
        need, booking = run.need, run.booking
        fulfilled = next((b for b in run.bookings if b.state == _B.FULFILLED), None)
        visit = booking or fulfilled
        offer = None if run.anywhere and not run.bookings else run.offer
        reason, question = self.reason_and_question(run)
        changed = run.steps[-1][1]
        past = list(
            dict.fromkeys(
                UUID(site.member.id) for site in run.left if site.member is not run.offer.site.member
            )
        )
        self.referrals.add(
            run.id, run.created, changed, run.number, need.person.id, run.state, run.since, need.source.member.id,
            need.source.id, run.clerk.user, run.clerk.name, run.clerk.position, run.offer.type, offer and offer.id,
            offer and offer.site.id, offer and offer.site.member.id, past, run.priority, need.suspicion, need.payment,
            need.care_kind, need.conditions, need.case.icd, self.diagnoses[need.case.icd], reason, question,
            run.submitted, run.due, run.late_code if visit else "", run.late_reason if visit else "",
            visit.found.start if visit else None,
            visit.found.plan.offer.site.id if visit else None, run.no_shows, run.unread, run.completed,
        )  # fmt: skip
        for step in run.steps:
            self.steps.add(*step)
        for b in run.bookings:
            found = b.found
            self.bookings.add(
                b.id, b.made, b.changed, run.id, need.person.id, b.slot, found.plan.offer.site.id,
                found.plan.offer.site.member.id, found.start, found.end, b.state, None, None, b.by, b.made,
                b.end_reason, b.end_comment,
            )  # fmt: skip
