"""Tenders of the demo whose envelopes are open: one that is being judged, one awarded, one complete.

The bids, marks and grounds are invented, and marked so.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from clinics.models import Membership
from cluster_portal.accounts.roles import Role
from cluster_portal.demo.bid_files import open_files
from investors import sealing
from investors.models import Award, Evaluator, Score, Standing
from investors.selectors.evaluation import awaited_of
from investors.selectors.ranking import ranking
from investors.services.opening import about, sealed_of
from investors.states import TOGETHER, BidState, EvaluatorState, TenderState

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.accounts.models import User
    from cluster_portal.demo.chance import Chance
    from investors.models import Bid, Tender

ADMITTED = "Реестр, лицензии и отсутствие долгов подтверждены (демо)"
REFUSED = "Нет лицензии страны регистрации (демо)"
COMMENT = "Расчёты есть, сроки обоснованы (демо)"
GROUNDS = {
    "reasons_ru": "Наибольшая сумма баллов: подтверждённые вложения и обучение местных врачей (демо).",
    "reasons_en": "The most points: a sound investment and training for local doctors (demo).",
    "reasons_kk": "Ең көп балл: расталған инвестиция және жергілікті дәрігерлерді оқыту (демо).",
}
#: Who judges: the roles of those who sign in.
JUDGES = (Role.LAND, Role.OFFICE, Role.ANALYST)
#: Days from the opening to the award.
AWARDED = 14


def open_bids(chance: Chance, tender: Tender, bids: list[Bid]) -> None:
    """What happened to a tender from its opening on, as far as its state says."""
    at = tender.opening_at + timedelta(minutes=10)
    for minutes, part in enumerate(tender.key_parts.all()[:TOGETHER]):
        part.confirmed_at = at + timedelta(minutes=minutes)
        part.save(update_fields=["confirmed_at"])
    for number, bid in enumerate(bids):
        owner = sealing.owner_key(bid.investor_id.bytes)
        for envelope in bid.envelopes.all():
            text = sealing.read_as_owner(sealed_of(envelope), owner, about(envelope))
            envelope.opened, envelope.opened_at = json.loads(text), at + timedelta(minutes=1)
            envelope.save(update_fields=["opened", "opened_at"])
        open_files(bid)
        refused = number == len(bids) - 1 and number > 1
        bid.opened_at, bid.judged_at = at + timedelta(minutes=1), at + timedelta(days=2)
        bid.state = BidState.DISQUALIFIED if refused else BidState.QUALIFIED
        bid.judged = REFUSED if refused else ADMITTED
        bid.save(update_fields=["opened_at", "judged_at", "state", "judged"])
    judges = _judges()
    for number, user in enumerate(judges):
        _mark(chance, tender, user, number, at)
    if tender.state != TenderState.EVALUATION:
        _award(chance, tender, at)


def _judges() -> list[User]:
    rows = Membership.objects.filter(role__in=JUDGES, user__is_demo=True, is_active=True)
    known = {row.role: row.user for row in rows.select_related("user").order_by("-id")}
    return [known[role] for role in JUDGES if role in known]


def _mark(chance: Chance, tender: Tender, user: User, number: int, at: datetime) -> None:
    """Where the tender is being judged, the first is half through, the second has finished, the third is just named."""
    is_on = tender.state == TenderState.EVALUATION
    if is_on and number > 1:
        Evaluator.objects.create(tender=tender, user=user, name=user.name)
        return
    evaluator = Evaluator.objects.create(
        tender=tender, user=user, name=user.name, state=EvaluatorState.DECLARED, declared_at=at + timedelta(days=1)
    )  # fmt: skip
    awaited = awaited_of(tender)
    half = is_on and number == 0
    Score.objects.bulk_create(
        Score(
            id=UUID(chance.key(at)), evaluator=evaluator, bid_id=bid, criterion_id=criterion,
            value=chance.randint(55, 96), comment=COMMENT,
        )
        for bid, criterion in (awaited[: len(awaited) // 2] if half else awaited)
    )  # fmt: skip
    if not half:
        evaluator.state, evaluator.finished_at = EvaluatorState.FINISHED, at + timedelta(days=3 + number)
        evaluator.save()


def _award(chance: Chance, tender: Tender, at: datetime) -> None:
    places = ranking(tender)
    Standing.objects.bulk_create(
        Standing(id=UUID(chance.key(at)), bid_id=one.bid, rank=one.rank, total=one.total, marks=one.marks)
        for one in places
    )
    awarded = at + timedelta(days=AWARDED)
    Award.objects.create(
        id=UUID(chance.key(at)), tender=tender, bid_id=places[0].bid, awarded_at=awarded,
        standstill_until=awarded + timedelta(days=tender.standstill_days), **GROUNDS,
    )  # fmt: skip
