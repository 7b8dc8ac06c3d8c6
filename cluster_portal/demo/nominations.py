"""Who of the demo's specialists learned what, who learns now, and who is on the way to a seat."""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from cluster_portal.common.numbering import numbers
from training.models import Intake, Nomination, NominationStep, Specialist
from training.services.nominations import PREFIX, SEQUENCE
from training.services.offers import answer_by
from training.states import HOLDING, PLACED, IntakeState, NominationState, SpecialistState

if TYPE_CHECKING:
    from datetime import date

    from cluster_portal.demo.chance import Chance

_S = NominationState
#: What has become of the nominations of an intake, by its state: shares of its seats, those that hold one first.
BECAME = {
    IntakeState.FINISHED: (
        (_S.CERTIFIED, 0.78), (_S.COMPLETED, 0.04), (_S.INCOMPLETE, 0.04), (_S.WITHDRAWN, 0.05), (_S.REJECTED, 0.1),
    ),
    IntakeState.RUNNING: ((_S.IN_PROGRESS, 0.9), (_S.EXPIRED, 0.1), (_S.WITHDRAWN, 0.05)),
    IntakeState.CLOSED: (
        (_S.CONFIRMED, 0.5), (_S.ACCEPTED, 0.3), (_S.OFFERED, 0.2), (_S.WAITLISTED, 0.3), (_S.DECLINED, 0.1),
    ),
    IntakeState.OPEN: (
        (_S.CONFIRMED, 0.1), (_S.ACCEPTED, 0.15), (_S.OFFERED, 0.15), (_S.SHORTLISTED, 0.2), (_S.ENDORSED, 0.2),
        (_S.NOMINATED, 0.1), (_S.REJECTED, 0.05),
    ),
}  # fmt: skip
#: Who signs in learns now, has an offer to answer, and a certificate to show.
OF_WHO_SIGNS_IN = (_S.IN_PROGRESS, _S.OFFERED, _S.CERTIFIED)
#: Such seats are enough that even a small intake has somebody in them.
AT_LEAST = {_S.OFFERED: 1, _S.ENDORSED: 2, _S.WAITLISTED: 1}
#: The way to each state, as its story tells it; of what is past only the end is told.
WAY = (_S.NOMINATED, _S.ENDORSED, _S.SHORTLISTED, _S.OFFERED, _S.ACCEPTED, _S.CONFIRMED, _S.IN_PROGRESS)
ACTION = {
    _S.NOMINATED: "nominate", _S.ENDORSED: "endorse", _S.SHORTLISTED: "shortlist", _S.OFFERED: "offer",
    _S.ACCEPTED: "accept", _S.CONFIRMED: "confirm", _S.IN_PROGRESS: "begin", _S.CERTIFIED: "certify",
    _S.COMPLETED: "complete", _S.WAITLISTED: "wait", _S.WITHDRAWN: "withdraw", _S.REJECTED: "reject",
    _S.DECLINED: "decline", _S.EXPIRED: "expire", _S.INCOMPLETE: "fall_short",
}  # fmt: skip
WHY = {
    _S.WITHDRAWN: "Не с кем оставить отделение", _S.REJECTED: "Мест меньше, чем желающих",
    _S.DECLINED: "Не подошли даты", _S.INCOMPLETE: "Пропущена половина занятий",
}  # fmt: skip


class Register:
    """Nominations on their way into the tables. People take turns: who had one comes last, who was passed over keeps
    the place, so that as many as can be learn something.
    """

    def __init__(self, chance: Chance, now: datetime) -> None:
        self.chance, self.now = chance, now
        people = list(
            Specialist.objects.filter(state=SpecialistState.ACTIVE).select_related("user").order_by("id")
        )
        chance.shuffle(people)
        # Who signs in has the first turn.
        people.sort(key=lambda person: person.user_id is None)
        self.awaited = {person.pk: set(OF_WHO_SIGNS_IN) for person in people if person.user_id}
        self.turns = deque(people)
        self.busy: dict[UUID, list[tuple[date, date]]] = {}
        self.rows: list[Nomination] = []
        self.steps: list[NominationStep] = []
        self.serials: dict[int, object] = {}
        self.last = 0

    def fill(self, intakes: list[Intake]) -> None:
        """The nominations of every intake; its counter with them."""
        for intake in intakes:
            employers: Counter[UUID] = Counter()
            limit = intake.per_organization or intake.seats
            for state, share in BECAME.get(intake.state, ()):
                for _n in range(max(int(intake.seats * share), AT_LEAST.get(state, 0))):
                    if state in HOLDING and intake.taken >= intake.seats:
                        break
                    person = self._next(intake, employers, limit, state)
                    if person is None:
                        break
                    self._add(person, intake, state)
                    if state not in (_S.WITHDRAWN, _S.REJECTED, _S.DECLINED, _S.EXPIRED):
                        employers[person.organization_id] += 1

    def _next(self, intake: Intake, employers: Counter[UUID], limit: int, state: str) -> Specialist | None:
        programme = intake.programme
        for place, person in enumerate(self.turns):
            if person.user_id and state not in self.awaited[person.pk]:
                continue
            if programme.audience and person.grade not in programme.audience:
                continue
            if programme.specialties and person.specialty_id not in programme.specialties:
                continue
            if employers[person.organization_id] >= limit:
                continue
            if all(
                last < intake.starts_on or first > intake.ends_on
                for first, last in self.busy.get(person.pk, ())
            ):
                if person.user_id:
                    self.awaited[person.pk].remove(state)
                else:
                    del self.turns[place]
                    self.turns.append(person)
                return person
        return None

    def _add(self, person: Specialist, intake: Intake, state: str) -> None:
        self.busy.setdefault(person.pk, []).append((intake.starts_on, intake.ends_on))
        begun = min(intake.nominate_by, self.now) - timedelta(days=self.chance.randint(2, 20))
        nomination = Nomination(
            id=UUID(self.chance.key(begun)), number=self._number(begun.year), specialist=person,
            organization_id=person.organization_id, intake=intake, starts_on=intake.starts_on, ends_on=intake.ends_on,
            state=state, nominated_at=begun, end_reason=WHY.get(state, ""),
        )  # fmt: skip
        if state == _S.WAITLISTED:
            nomination.waiting_since = begun + timedelta(days=1)
        if state == _S.OFFERED:
            nomination.offer_until = answer_by(intake, self.now - timedelta(hours=self.chance.randint(1, 20)))
        if state in HOLDING:
            intake.taken += 1
        self.rows.append(nomination)
        self._tell(nomination, begun)

    def _number(self, year: int) -> str:
        serial, number = next(self.serials.setdefault(year, numbers(PREFIX, year, first=self.last + 1)))
        self.last = max(self.last, serial)
        return number

    def _tell(self, nomination: Nomination, begun: datetime) -> None:
        """The story of a nomination: each step of those that are live, the end of those that are over."""
        state = nomination.state
        live = nomination.intake.state != IntakeState.FINISHED
        passed = list(WAY[: WAY.index(state)]) if live and state in WAY else [_S.NOMINATED]
        if live and state == _S.WAITLISTED:
            passed = [_S.NOMINATED, _S.ENDORSED, _S.SHORTLISTED]
        before = _S.DRAFT
        began = datetime.combine(nomination.starts_on, time(9), ZoneInfo(nomination.intake.time_zone))
        for place, step in enumerate([*(one for one in passed if one != state), state]):
            at = began if step == _S.IN_PROGRESS else begun + timedelta(hours=7 * place)
            self.steps.append(
                NominationStep(
                    nomination=nomination, at=at, action=ACTION[step],
                    from_state=before, to_state=step, reason=WHY.get(step, ""),
                )
            )  # fmt: skip
            before = step

    def write(self, intakes: list[Intake]) -> int:
        """Everything into the tables; how many hold or held a seat."""
        Nomination.objects.bulk_create(self.rows, batch_size=2000)
        NominationStep.objects.bulk_create(self.steps, batch_size=4000)
        Intake.objects.bulk_update(intakes, ["taken"], batch_size=500)
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(%s, %s)", [SEQUENCE, max(self.last, 1)])
        return sum(row.state in PLACED for row in self.rows)


def fill_nominations(chance: Chance, now: datetime) -> int:
    """Nominations for every intake that was opened. Returns how many of them are or were seats."""
    register = Register(chance, now)
    # What is under way and ahead first, so that nobody's past keeps them from it.
    intakes = list(Intake.objects.select_related("programme").order_by("-starts_on", "id"))
    register.fill(intakes)
    return register.write(intakes)
