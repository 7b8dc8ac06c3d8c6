"""What the demo's learners did: who was there, what the hosts said of them, certificates, what it cost."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from cluster_portal.common.numbering import compose
from training.models import (
    Assessment,
    Attendance,
    Certificate,
    Expense,
    IntakeSession,
    JournalEntry,
    Nomination,
)
from training.selectors.presence import Presence
from training.services.certificates import PREFIX, content_of
from training.states import AssessmentKind, ExpenseKind, Format, IntakeState, NominationState, Way

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance
    from training.models import Intake

_S = NominationState
LEARNT = (_S.IN_PROGRESS, _S.COMPLETED, _S.CERTIFIED, _S.INCOMPLETE)
SAID = (
    "Уверенно владеет методикой.",
    "Работал самостоятельно, замечаний нет.",
    "Освоил программу полностью.",
)
DAYS = (
    "Утренний обход, разбор историй болезни",
    "Операционная: ассистенция",
    "Приём с наставником",
    "Симуляционный класс",
)
ASSESSOR, ISSUER = "Руководитель стажировки", "Учебный отдел кластера"
WHY_REVOKED = "В фамилии была ошибка: выдан новый сертификат"
#: Days of journals, intakes with a budget, certificates that were issued anew: so many of each, the latest ones.
JOURNAL_DAYS, BUDGETS, REVOKED = 120, 14, 2
COSTS = (
    (ExpenseKind.FEE, "Обучение группы"),
    (ExpenseKind.TRAVEL, "Проезд"),
    (ExpenseKind.LODGING, "Проживание"),
)


class Learning:
    """Rows on their way into the tables."""

    def __init__(self, chance: Chance, now: datetime) -> None:
        self.chance, self.now = chance, now
        self.sessions: dict[UUID, list[IntakeSession]] = defaultdict(list)
        for session in IntakeSession.objects.filter(is_break=False, starts__lt=now).order_by("starts", "id"):
            self.sessions[session.intake_id].append(session)
        self.checks: list[Attendance] = []
        self.days: list[JournalEntry] = []
        self.assessments: list[Assessment] = []
        self.certificates: list[Certificate] = []
        self.expenses: list[Expense] = []
        self.numbers: set[str] = set()

    def fill(self) -> None:
        """Everybody who learns or has learned."""
        rows = Nomination.objects.filter(state__in=LEARNT).select_related("specialist", "intake__programme")
        budgets: dict[UUID, tuple[Intake, int]] = {}
        for nomination in rows.order_by("-starts_on", "id"):
            self._one(nomination)
            intake = nomination.intake
            budgets[intake.pk] = (intake, budgets.get(intake.pk, (intake, 0))[1] + 1)
        for intake, people in list(budgets.values())[:BUDGETS]:
            self._cost(intake, people)

    def _one(self, nomination: Nomination) -> None:
        state, intake = nomination.state, nomination.intake
        programme, sessions = intake.programme, self.sessions[intake.pk]
        missed = len(sessions) // 2 if state == _S.INCOMPLETE else int(self.chance.yes(0.15))
        attended = sessions[: max(len(sessions) - missed, 0)]
        for session in attended:
            way = Way.CODE if self.chance.yes(0.6) else Way.HAND
            self.checks.append(Attendance(session=session, nomination=nomination, way=way, at=session.starts))
        if intake.state == IntakeState.RUNNING:
            self._assess(nomination, AssessmentKind.MID_TERM, min(intake.ends_on, self.now.date()))
        elif (
            state in (_S.CERTIFIED, _S.COMPLETED)
            and programme.is_assessed
            and self.chance.yes(1 if state == _S.CERTIFIED else 0.5)
        ):
            self._assess(nomination, AssessmentKind.FINAL, intake.ends_on)
        if programme.format == Format.INTERNSHIP and len(self.days) < JOURNAL_DAYS:
            self._journal(nomination)
        if state == _S.CERTIFIED:
            minutes = sum(int((one.ends - one.starts).total_seconds() // 60) for one in attended)
            self._certify(
                nomination, Presence(len(attended), len(sessions), minutes, programme.presence_share, 0)
            )

    def _assess(self, nomination: Nomination, kind: str, day: object) -> None:
        self.assessments.append(
            Assessment(
                id=UUID(self.chance.key(self.now)), nomination=nomination, kind=kind, is_passed=True,
                text=self.chance.choice(SAID), assessor=ASSESSOR, assessed_on=day,
            )
        )  # fmt: skip

    def _journal(self, nomination: Nomination) -> None:
        day, over = nomination.starts_on, min(nomination.ends_on, self.now.date() - timedelta(days=1))
        for _n in range(10):
            if day > over:
                break
            confirmed = nomination.state == _S.CERTIFIED
            self.days.append(
                JournalEntry(
                    id=UUID(self.chance.key(self.now)), nomination=nomination, day=day, minutes=360,
                    text=self.chance.choice(DAYS), confirmed_at=self.now if confirmed else None,
                    confirmed_by=ASSESSOR if confirmed else "",
                )
            )  # fmt: skip
            day += timedelta(days=3 if day.weekday() == 4 else 1)

    def _certify(self, nomination: Nomination, presence: Presence) -> None:
        after = datetime.combine(nomination.ends_on + timedelta(days=3), time(3), self.now.tzinfo)
        issued = min(after, self.now)
        revoked = len(self.certificates) < 2 * REVOKED and len(self.certificates) % 2 == 0
        for again in range(1 + revoked):
            certificate = Certificate(
                id=UUID(self.chance.key(issued)), number=self._number(issued.year), nomination=nomination,
                credits=nomination.intake.programme.credits, earned_on=nomination.ends_on,
                content=content_of(nomination, presence), issued_at=issued, issuer=ISSUER,
            )  # fmt: skip
            if revoked and not again:
                certificate.revoked_at, certificate.revoke_reason = self.now - timedelta(days=1), WHY_REVOKED
            self.certificates.append(certificate)

    def _number(self, year: int) -> str:
        """As `services.certificates.new_number`, drawn from this stream."""
        while True:
            try:
                number = compose(PREFIX, year, self.chance.randrange(10**7))
            except ValueError:
                continue
            if number not in self.numbers:
                self.numbers.add(number)
                return number

    def _cost(self, intake: Intake, people: int) -> None:
        fee = intake.programme.cost or Decimal(0)
        for (kind, title), share in zip(COSTS, (1, 0.4, 0.3), strict=True):
            planned = Decimal(int(float(fee) * people * share / 1000) * 1000)
            spent = (
                None
                if intake.state == IntakeState.RUNNING and kind != ExpenseKind.FEE
                else (planned * self.chance.randint(90, 108) / 100)
            )
            self.expenses.append(
                Expense(
                    id=UUID(self.chance.key(self.now)), intake=intake, kind=kind, title=title, planned=planned,
                    spent=spent, spent_on=intake.starts_on if spent is not None else None,
                )
            )  # fmt: skip

    def write(self) -> int:
        """Everything into the tables; how many certificates."""
        for rows in (self.checks, self.days, self.assessments, self.certificates, self.expenses):
            if rows:
                type(rows[0]).objects.bulk_create(rows, batch_size=4000)
        return len(self.certificates)


def fill_learning(chance: Chance, now: datetime) -> int:
    """Presence, journals, assessments, certificates, budgets. Returns how many certificates."""
    learning = Learning(chance, now)
    learning.fill()
    return learning.write()
