"""Investors of the demo: companies that the articles name, invented ones beside them, what they want.

Only the names of the organisations are true; their numbers, people and projects are invented, and marked so.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle, pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cluster_portal.accounts.models import User
from cluster_portal.accounts.roles import Role
from cluster_portal.demo.facts import DATA, read_json
from cluster_portal.demo.identifiers import kazakh_bin, ogrn
from investors.models import (
    BeneficialOwner,
    Interest,
    InterestMove,
    InterestNote,
    InterestPlot,
    Investor,
    InvestorMember,
    Plot,
)
from investors.selectors.funnel import STAGES
from investors.states import ON_OFFER, InterestState, InvestorState, MemberRole

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts

LOGIN = "investor@demo.example"
ORDER = ("ru", "en", "kk")
#: What the land office does next with an interest in each state.
NEXT = {
    InterestState.NEW: "", InterestState.CONTACTED: "Позвонить и назначить встречу",
    InterestState.MEETING: "Встреча на площадке", InterestState.TERMS: "Согласовать срок аренды",
    InterestState.AGREEMENT: "", InterestState.LOST: "",
}  # fmt: skip


def fill_investors(chance: Chance, facts: Facts, now: datetime) -> int:
    """The companies of the cluster's facts with their people and interests. Returns how many companies."""
    users = {user.email: user for user in User.objects.filter(is_demo=True)}
    officer = next(iter(User.objects.filter(is_demo=True, memberships__role=Role.LAND)), None)
    plots = cycle(Plot.objects.filter(state__in=ON_OFFER).order_by("site", "number"))
    rows: dict[type, list[Any]] = {
        model: []
        for model in (
            Investor,
            BeneficialOwner,
            InvestorMember,
            Interest,
            InterestPlot,
            InterestNote,
            InterestMove,
        )
    }
    for serial, about in enumerate(read_json(DATA / facts.cluster / "investors.json")):
        investor = _investor(chance, about, serial, now, officer)
        rows[Investor].append(investor)
        rows[BeneficialOwner].append(
            BeneficialOwner(
                id=UUID(chance.key(now)), investor=investor, name="Владелец (демо)", country=investor.country,
                share=Decimal(100),
            )
        )  # fmt: skip
        person = users[LOGIN]
        rows[InvestorMember].append(
            InvestorMember(id=UUID(chance.key(now)), investor=investor, user=person, role=MemberRole.OWNER)
            if about.get("login")
            else InvestorMember(
                id=UUID(chance.key(now)), investor=investor, user=_person(chance, serial, now)
            )
        )
        if state := about.get("interest"):
            interest = Interest(
                id=UUID(chance.key(now)), investor=investor, author=rows[InvestorMember][-1].user,
                direction=about["direction"], outline=about["outline"], jobs=about["jobs"], state=state,
                next_step=NEXT[state], responsible=officer if state != InterestState.NEW else None,
                next_on=now.date() + timedelta(days=3 + serial) if NEXT[state] else None,
                lost_reason="Не подошёл срок аренды" if state == InterestState.LOST else "",
            )  # fmt: skip
            rows[Interest].append(interest)
            rows[InterestMove] += _way(interest, serial, now)
            rows[InterestPlot].append(InterestPlot(interest=interest, plot=next(plots)))
            if officer and NEXT[state]:
                rows[InterestNote].append(
                    InterestNote(
                        interest=interest, author=officer, text="Запросили состав проекта и сроки (демо)"
                    )
                )
    for model, made in rows.items():
        model.objects.bulk_create(made)
    for interest in rows[Interest]:
        first = min((one.since for one in rows[InterestMove] if one.interest is interest), default=now)
        Interest.objects.filter(pk=interest.pk).update(created_at=first)
    return len(rows[Investor])


def _way(interest: Interest, serial: int, now: datetime) -> list[InterestMove]:
    """How an interest came to its stage: some days at each before."""
    states = STAGES[: STAGES.index(interest.state) + 1] if interest.state in STAGES else STAGES[:2]
    if interest.state == InterestState.LOST:
        states = (*states, InterestState.LOST)
    at, moves = now - timedelta(days=2 + serial), []
    for was, becomes in reversed(list(pairwise(states))):
        since = at - timedelta(days=5 + (serial * 3 + len(moves) * 4) % 9)
        moves.append(
            InterestMove(
                interest=interest, was=was, becomes=becomes, since=since, created_at=at,
                reason=interest.lost_reason if becomes == InterestState.LOST else "",
            )
        )  # fmt: skip
        at = since
    return moves


def _investor(
    chance: Chance, about: dict[str, Any], serial: int, now: datetime, officer: User | None
) -> Investor:
    state = about["state"]
    decided = state in (InvestorState.VERIFIED, InvestorState.REFUSED)
    numbers = {
        "RU": lambda: ogrn(700 + serial, "77"),
        "KZ": lambda: kazakh_bin(700 + serial, date(2009, 3, 1)),
    }
    return Investor(
        id=UUID(chance.key(now)), country=about["country"], state=state, activity=about["activity"],
        register_number=numbers.get(about["country"], lambda: f"DEMO-{serial + 1:04}")(),
        contact_name="Контактное лицо (демо)", contact_email=f"company{serial + 1}@demo.example",
        submitted_at=None if state == InvestorState.NEW else now - timedelta(days=5 + serial),
        decided_at=now - timedelta(days=2) if decided else None, decided_by=officer if decided else None,
        reason="Нет выписки из реестра" if state == InvestorState.REFUSED else "",
        **{f"name_{code}": name for code, name in zip(ORDER, about["name"], strict=True)},
    )  # fmt: skip


def _person(chance: Chance, serial: int, now: datetime) -> User:
    """Somebody invented who cannot sign in."""
    user = User(
        id=UUID(chance.key(now)),
        email=f"company{serial + 1}@demo.example",
        name=f"Представитель {serial + 1} (демо)",
    )
    user.set_unusable_password()
    user.save(force_insert=True)
    return user
