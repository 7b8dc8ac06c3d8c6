"""Tenders of the demo: every plot that is in a tender belongs to one; a reserved and a given plot come from one too."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from clinics.models import Membership
from cluster_portal.accounts.roles import Role
from cluster_portal.common.numbering import numbers
from cluster_portal.demo.awards import open_bids
from cluster_portal.demo.bid_files import WITH_FILES, close_files
from cluster_portal.demo.facts import DATA, read_json
from cluster_portal.demo.staff import PASSWORD
from investors import sealing
from investors.models import Bid, Criterion, Investor, KeyPart, Plot, Tender, TenderPlot, TenderVersion
from investors.selectors.plots import in_order
from investors.services.bids import close_envelopes
from investors.services.opening import lock_up
from investors.services.tenders import PREFIX, SEQUENCE, said_by
from investors.states import InvestorState, PlotState, TenderState

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts

ORDER = ("ru", "en", "kk")
#: Titles, terms and criteria of tenders, each in three languages.
WORDS = DATA / "common" / "tenders.json"
#: Days before today on which questions began, and on which bids did.
BEGAN = {
    TenderState.OPENING: 41, TenderState.BIDDING: 16, TenderState.QUESTIONS: 3, TenderState.EVALUATION: 46,
    # The standstill runs for six days more.
    TenderState.AWARDED: 58, TenderState.COMPLETE: 150,
}  # fmt: skip
OPENED_ONES = (TenderState.EVALUATION, TenderState.AWARDED, TenderState.COMPLETE)
QUESTIONS, BIDS, OPENED, JUDGED = 10, 30, timedelta(hours=2), 21
#: Companies that bid in each, and the mark of those that are invented.
BIDDERS, MARK = 5, "(демо)"
#: Days that a tender of a plot with a clinic on it lies further back than one that was just completed.
YEARS_AGO = 1250
#: The guarantee: so much of a year's price of the plots.
GUARANTEE = Decimal("0.05")


def fill_tenders(chance: Chance, facts: Facts, now: datetime) -> int:
    """The tenders of the cluster, with their terms. Returns how many."""
    words = read_json(WORDS)
    plots = sorted(Plot.objects.filter(state=PlotState.IN_TENDER), key=lambda plot: in_order(plot.number))
    third = max(len(plots) // 3, 1)
    bidders = list(Investor.objects.filter(state=InvestorState.VERIFIED).order_by("id")[:BIDDERS])
    # Nobody whom the articles name wins or loses here.
    invented = [one for one in bidders if MARK in one.name_ru.lower().replace("demo", "демо")]
    free = list(Plot.objects.filter(state=PlotState.PUBLISHED).order_by("number")[:3])
    judged = free[2:]
    Plot.objects.filter(pk__in=[plot.pk for plot in judged]).update(state=PlotState.IN_TENDER)
    reserved, given = (
        list(Plot.objects.filter(state=state).order_by("number")[:1])
        for state in (PlotState.RESERVED, PlotState.ALLOCATED)
    )
    numbered = numbers(PREFIX, now.year)
    # Where a clinic stands by now the tender was years ago.
    opened = [
        about["plot"] for about in read_json(DATA / facts.cluster / "projects.json") if "clinic" in about
    ]
    long_ago = now - timedelta(days=YEARS_AGO)
    made = [
        _tender(chance, long_ago, words, serial, TenderState.COMPLETE, [plot])
        for plot, serial in zip(
            Plot.objects.filter(number__in=opened).order_by("number"), numbers(PREFIX, long_ago.year), strict=False
        )
    ] + [
        _tender(chance, now, words, next(numbered), state, offered)
        for state, offered in (
            (TenderState.OPENING, plots[:third]), (TenderState.BIDDING, plots[third : 2 * third]),
            (TenderState.QUESTIONS, plots[2 * third :]), (TenderState.DRAFT, free[:2]),
            (TenderState.EVALUATION, judged), (TenderState.AWARDED, reserved), (TenderState.COMPLETE, given),
        )
        if offered
    ]  # fmt: skip
    for tender in made:
        if tender.state in {TenderState.OPENING, TenderState.BIDDING, *OPENED_ONES}:
            bids = _bid(chance, tender, invented if tender.state in OPENED_ONES else bidders)
            if tender.state in OPENED_ONES:
                open_bids(chance, tender, bids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(%s, %s)", [SEQUENCE, len(made) + 9])
    return len(made)


def _tender(
    chance: Chance,
    now: datetime,
    words: dict,
    numbered: tuple[int, str],
    state: TenderState,
    plots: list[Plot],
) -> Tender:
    begin = (now - timedelta(days=BEGAN.get(state, -7))).replace(hour=7, minute=0)
    bids = begin + timedelta(days=QUESTIONS + BIDS)
    price = sum((plot.price or 0) for plot in plots)
    tender = Tender(
        id=UUID(chance.key(now)), number=numbered[1], state=state, guarantee=round(price * GUARANTEE, -4),
        questions_from=begin, questions_until=begin + timedelta(days=QUESTIONS), bids_until=bids,
        opening_at=bids + OPENED, evaluation_until=bids + timedelta(days=JUDGED),
        **{
            f"{name}_{code}": text.format(plots=", ".join(plot.number for plot in plots))
            for name in ("title", "terms") for code, text in zip(ORDER, words[name], strict=True)
        },
    )  # fmt: skip
    if state != TenderState.DRAFT:
        tender.published_at, tender.version = begin - timedelta(days=2), 1
    tender.save(force_insert=True)
    TenderPlot.objects.bulk_create(
        TenderPlot(id=UUID(chance.key(now)), tender=tender, plot=plot) for plot in plots
    )
    Criterion.objects.bulk_create(
        Criterion(
            id=UUID(chance.key(now)), tender=tender, position=position, weight=one["weight"],
            figure=one.get("figure", ""),
            **{f"name_{code}": text for code, text in zip(ORDER, one["name"], strict=True)},
        )
        for position, one in enumerate(words["criteria"], 1)
    )  # fmt: skip
    if tender.version:
        _appoint(tender)
        TenderVersion.objects.create(
            id=UUID(chance.key(now)), tender=tender, number=1, said=said_by(tender),
            published_at=tender.published_at,
        )  # fmt: skip
    return tender


def _appoint(tender: Tender) -> None:
    """Those who sign in for the land office and the cluster office open the bids; their code is the demo's password."""
    rows = Membership.objects.filter(role__in=(Role.LAND, Role.OFFICE), user__is_demo=True, is_active=True)
    people = dict.fromkeys(row.user for row in rows.select_related("user").order_by("role", "id"))
    public = sealing.keys_of(PASSWORD, tender.pk.bytes)[1]
    KeyPart.objects.bulk_create(
        KeyPart(tender=tender, user=user, official=str(user), public_key=public) for user in people
    )
    lock_up(tender)
    tender.save(update_fields=["opening_key"])


def _bid(chance: Chance, tender: Tender, bidders: list[Investor]) -> list[Bid]:
    """Each of the companies has submitted its two envelopes."""
    made = []
    for investor in bidders:
        offer = {
            "price": f"{round(float(tender.guarantee) * chance.uniform(20, 27), -5):.2f}",
            "investment": f"{chance.randint(9, 32) * 100_000_000}.00", "jobs": chance.randint(60, 420),
            "starts_on": (tender.evaluation_until + timedelta(days=chance.randint(90, 300))).date().isoformat(),
            "plan": "Клиника с дневным стационаром, врачи двух стран, обучение местных специалистов.",
        }  # fmt: skip
        eligibility = {"statement": f"{investor.name_ru}: реестр и лицензии приложены к записи компании."}
        bid = Bid(tender=tender, investor=investor, version=tender.version)
        bid.submitted_at = tender.questions_until + timedelta(
            days=chance.randint(1, 5), hours=chance.randint(1, 8)
        )
        contents = {"eligibility": eligibility | {"experience": ""}, "offer": offer}
        close_envelopes(tender, bid, contents)
        if tender.state == TenderState.EVALUATION and len(made) < WITH_FILES:
            files = close_files(tender, bid)
            close_envelopes(
                tender, bid, {kind: said | {"files": files[kind]} for kind, said in contents.items()}
            )
        made.append(bid)
    return made
