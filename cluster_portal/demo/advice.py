"""Questions to specialists in the demo: some wait, some are late, some are answered or became referrals."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F

from clinics.selectors.openness import day_of
from patients.models import Advice, AdvicePost, Referral
from patients.services.deadlines import add_working_days
from patients.states import AdviceState, ReferralState

if TYPE_CHECKING:
    from clinics.models import Clinic
    from cluster_portal.demo.chance import Chance

_A = AdviceState
#: So many questions of each state for every pair of organisations in the story, and as many again elsewhere.
OF_STATE = {_A.FREE: 4, _A.ASKED: 9, _A.ANSWERED: 7, _A.CLOSED: 8, _A.CONVERTED: 5, _A.DECLINED: 4}
#: How long ago they were asked, in hours.
AGO = {
    _A.FREE: (1, 40), _A.ASKED: (2, 130), _A.ANSWERED: (20, 260), _A.CLOSED: (200, 2400), _A.CONVERTED: (200, 1500),
    _A.DECLINED: (60, 1200),
}  # fmt: skip
ASKS = (
    "Прошу совета: нужно ли направлять на очный приём или можно скорректировать лечение на месте?",
    "Какие обследования сделать до направления, чтобы пациент не ездил дважды?",
    "Подскажите тактику: терапия без эффекта третью неделю, показатели прилагаю в тексте.",
    "Нужна ли госпитализация, или достаточно наблюдения по месту жительства?",
    "Можно ли продолжать назначенную схему вместе с антикоагулянтом?",
)  # fmt: skip
ANSWERS = (
    "Приём пока не нужен. Продолжите схему, контроль через две недели; при ухудшении направляйте сразу.",
    "Сделайте ЭКГ, общий и биохимический анализ крови; с результатами направьте к нам.",
    "Показана консультация очно. Направляйте, возьмём в ближайшие дни.",
    "Достаточно наблюдения. Отмените второй препарат и проверьте давление в течение недели.",
)
#: Why one is declined, by the code of its reason.
COMMENTS = {
    "other_specialty": "Вопрос к эндокринологу.",
    "needs_visit": "Без осмотра сказать нельзя, направьте на приём.",
    "not_enough": "Пришлите анализы и выписку.",
}


def fill_advice(chance: Chance, now: datetime, own: set[UUID]) -> int:
    """Ask questions about patients who were referred between the same clinics. Returns how many."""
    rows = (
        Referral.objects.filter(service__isnull=False, submitted_at__isnull=False, reason__gt="")
        .exclude(target_organization=F("source_organization"))
        .select_related("source_clinic", "target_clinic", "author")
        .order_by("id")
    )
    sent, received = rows.filter(source_organization__in=own), rows.filter(target_organization__in=own)
    # Between two of the demo's own organisations a referral stands in both.
    ours = list({row.pk: row for row in (*sent[:400], *received[:400])}.values())
    others = list(rows.exclude(source_organization__in=own)[:400])
    questions, posts, used = [], [], set()
    for pool in (ours, others):
        for state, number in OF_STATE.items():
            fit = [
                row
                for row in pool
                if row.pk not in used
                and (state != _A.CONVERTED or row.state not in (ReferralState.DRAFT, ReferralState.CANCELLED))
            ]
            for referral in chance.sample(fit, min(number, len(fit))):
                used.add(referral.pk)
                advice, lines = _question(chance, referral, state, now)
                questions.append(advice)
                posts += lines
    Advice.objects.bulk_create(questions)
    AdvicePost.objects.bulk_create(posts)
    # `auto_now_add` says when the demo was loaded.
    for row in [*questions, *posts]:
        type(row).objects.filter(pk=row.pk).update(created_at=row.told_at)
    return len(questions)


def _question(
    chance: Chance, referral: Referral, state: str, now: datetime
) -> tuple[Advice, list[AdvicePost]]:
    low, high = AGO[state]
    at = now - timedelta(minutes=chance.randint(low * 60, high * 60))
    if state == _A.CONVERTED:
        # It was asked some days before the referral was begun.
        at = referral.created_at - timedelta(hours=chance.randint(20, 90))
    answered = at + timedelta(minutes=chance.randint(60, min(low * 60, 2400) + 61))
    answered = min(answered, now, referral.created_at if state == _A.CONVERTED else now)
    ended = min(answered + timedelta(hours=chance.randint(1, 30)), now)
    free = state == _A.FREE
    clinic = referral.source_clinic if free else referral.target_clinic
    due = add_working_days(day_of(at, clinic.time_zone), 3, clinic.country)
    advice = Advice(
        id=UUID(chance.key(at)), patient_id=referral.patient_id, state=state,
        state_since={_A.FREE: at, _A.ASKED: at, _A.ANSWERED: answered, _A.DECLINED: answered}.get(state, ended),
        source_organization_id=referral.source_organization_id, source_clinic_id=referral.source_clinic_id,
        to_any=free, service_id=None if free else referral.service_id, service_type_id=referral.service_type_id,
        target_clinic_id=None if free else clinic.pk,
        target_organization_id=None if free else referral.target_organization_id,
        diagnosis_code=referral.diagnosis_code, diagnosis_text=referral.diagnosis_text, due_on=due,
        author_id=referral.author_id, author_name=referral.referrer_name, key=UUID(chance.key(at)),
        referral=referral if state == _A.CONVERTED else None,
        decline_reason=chance.choice(list(COMMENTS)) if state == _A.DECLINED else "",
    )  # fmt: skip
    advice.told_at = at
    lines = [
        _line(
            chance,
            advice,
            "ask",
            f"{referral.reason}\n\n{chance.choice(ASKS)}",
            at,
            read=state not in (_A.FREE, _A.ASKED),
        )
    ]
    if free and chance.yes(0.5):
        # A clinic took it and gave it back: it waits for another one.
        taken = at + (min(at + timedelta(hours=5), now) - at) / 2
        lines += [
            _line(chance, advice, "take", "", taken, read=True, by=referral.target_clinic),
            _line(chance, advice, "give_back", "", min(taken + timedelta(minutes=40), now), read=chance.yes(0.5),
                  by=referral.target_clinic, reason="specialist_away"),
        ]  # fmt: skip
    if state == _A.DECLINED:
        lines.append(
            _line(
                chance,
                advice,
                "decline",
                COMMENTS[advice.decline_reason],
                answered,
                read=chance.yes(0.5),
                reason=advice.decline_reason,
            )
        )
    elif state not in (_A.FREE, _A.ASKED):
        lines.append(
            _line(chance, advice, "answer", chance.choice(ANSWERS), answered, read=state != _A.ANSWERED)
        )
    if state in (_A.CLOSED, _A.CONVERTED):
        lines.append(
            _line(chance, advice, "close" if state == _A.CLOSED else "convert", "", ended, read=True)
        )
    return advice, lines


def _line(
    chance: Chance,
    advice: Advice,
    action: str,
    text: str,
    at: datetime,
    *,
    read: bool,
    by: Clinic | None = None,
    reason: str = "",
) -> AdvicePost:
    """A line of the thread; `by` is the clinic that answers, where the question is not its any more."""
    asks = by is None and action not in ("answer", "decline")
    by = by or advice.target_clinic
    sides = (advice.source_organization_id, by and by.organization_id)
    post = AdvicePost(
        id=UUID(chance.key(at)), advice=advice, action=action, organization_id=sides[not asks],
        addressee_id=sides[asks], author_id=advice.author_id if asks else None,
        author_name=advice.author_name if asks else by.short_name_ru, text=text, reason=reason,
        key=UUID(chance.key(at)), read_at=at + timedelta(minutes=9) if read else None,
    )  # fmt: skip
    post.told_at = at
    return post
