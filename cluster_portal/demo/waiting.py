"""The waiting list of the demo: who waits, what suits them, and why nothing has suited so far."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import OuterRef

from clinics.selectors.openness import day_of
from patients.models import Referral, ReferralStep, WaitlistEntry
from patients.models.referral import NO_DEADLINE
from patients.selectors.matching import RANKS, earliest_match, matched
from patients.services.entries import ENDS
from patients.states import DayPart, EntryEnd, ReferralState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from cluster_portal.demo.chance import Chance

#: For so many of those who wait a time is free: the first round offers it to them. For others nothing suits yet.
OFFERED = 8
WISHED = ("clinics", "weekdays", "parts", "latest_on")
WAY_HOURS, WAY_WEIGHTS = (2, 6, 12, 24, 48, 72), (10, 14, 16, 36, 16, 8)
NOTES = (
    "", "", "", "Едет с сопровождающим", "Зависит от расписания парома", "Звонить после 16:00", "Нужен пандус",
    "Работает вахтами", "Может приехать и завтра",
)  # fmt: skip


def fill_waiting_list(chance: Chance, now: datetime, referring: set[UUID]) -> int:
    """An entry for each time that a referral was put on the list; the wishes of those who wait suit no free time but
    for a few, the organisations in `referring` first. Returns how many wait.
    """
    entries = [_entry(chance, step) for step in _waits()]
    WaitlistEntry.objects.bulk_create(entries, batch_size=500)
    waiting = [entry for entry in entries if entry.ended_at is None]
    waiting.sort(key=lambda entry: (entry.source_organization_id not in referring, entry.since, entry.pk))
    loose: list[WaitlistEntry] = []
    for entry in waiting:
        if len(loose) < OFFERED and earliest_match(entry, now):
            loose.append(entry)
    _narrow(chance, [entry for entry in waiting if entry not in loose], now)
    return len(waiting)


def _waits() -> QuerySet[ReferralStep]:
    """Every step onto the list; `then` and `then_at` tell the step after it."""
    later = ReferralStep.objects.filter(referral=OuterRef("referral"), pk__gt=OuterRef("pk")).order_by("pk")
    waits = ReferralStep.objects.filter(action="wait").select_related("referral").order_by("referral", "pk")
    return waits.annotate(then=later.values("action")[:1], then_at=later.values("at")[:1])


def _entry(chance: Chance, step: ReferralStep) -> WaitlistEntry:
    referral: Referral = step.referral
    since = step.at
    ended: dict[str, Any] = {}
    if step.then:
        ended = {"ended_at": step.then_at, "end_reason": ENDS.get(step.then, EntryEnd.STOPPED)}
    elif referral.state != ReferralState.WAITLISTED:
        ended = {"ended_at": referral.state_since, "end_reason": EntryEnd.STOPPED}
    return WaitlistEntry(
        id=UUID(chance.key(since)), referral=referral, patient_id=referral.patient_id,
        service_type_id=referral.service_type_id, source_organization_id=referral.source_organization_id,
        rank=RANKS[referral.priority], due_order=referral.due_on or NO_DEADLINE, since=since,
        joined_by_id=step.user_id, notice_hours=chance.choices(WAY_HOURS, weights=WAY_WEIGHTS)[0],
        note=chance.choice(NOTES), **ended,
    )  # fmt: skip


def _narrow(chance: Chance, entries: list[WaitlistEntry], now: datetime) -> None:
    """Let the patients wish what is not free now: a clinic, days on which it is full, the hours after work.

    One question to the database for each round, not one for each patient.
    """
    wishes = {entry: _wishes(chance, entry, now) for entry in entries}
    while entries:
        for entry in entries:
            for name, value in next(wishes[entry]).items():
                setattr(entry, name, value)
        WaitlistEntry.objects.bulk_update(entries, WISHED, batch_size=500)
        suited = matched([entry.pk for entry in entries], now)
        entries = [entry for entry in entries if entry.pk in suited]


def _wishes(chance: Chance, entry: WaitlistEntry, now: datetime) -> Iterator[dict[str, Any]]:
    """What to try, the mildest first. The last one suits nothing: then the patient could come only before now."""
    target = entry.referral.target_clinic_id
    clinics = [target] if target and chance.yes(0.7) else []
    days = sorted(chance.sample(range(1, 6), 2))
    tried: list[dict[str, Any]] = [
        {"weekdays": days}, {"parts": [DayPart.EVENING.value]}, {"weekdays": days, "parts": [DayPart.MORNING.value]},
        {"weekdays": [6]}, {"weekdays": [6, 7]},
    ]  # fmt: skip
    chance.shuffle(tried)
    if target:
        tried += [wish | {"clinics": [target]} for wish in tried]
    free = {"clinics": clinics, "weekdays": [], "parts": []}
    for wish in [{}, *tried]:
        yield free | wish
    zone = entry.referral.source_clinic.time_zone
    yield free | tried[-1] | {"latest_on": day_of(now, zone) - timedelta(days=1)}
