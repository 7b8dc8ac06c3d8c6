"""The land balance, the tenders and the pipeline, counted against plain Python over the rows that were made."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

import pytest
import time_machine
from django.utils import translation

from cluster_portal.common.errors import Forbidden, Invalid
from investors.models import Interest, InterestMove, Plot
from investors.states import OFFERED, OPEN_INTEREST
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.investors.reports.support import ALLOWED, CODES, cost_of, told
from tests.reports.support import NOW, QUARTER, made, moment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reader():
    """Everything happens on the day on which the reports are made."""
    make.make_cluster()
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield


@pytest.mark.parametrize("code", CODES)
def test_who_may_run_them(code):
    """The land office, the cluster office and analysts; not a company's people, not other staff, not visitors."""
    for role in ALLOWED:
        made(make.make_actor(role), code)
    company = rows.actor_of(rows.make_investor())
    for actor in (company, make.make_actor("manager"), make.make_actor("coordinator")):
        with pytest.raises(Forbidden):
            made(actor, code)


def test_land_balance_by_direction_state_and_site():
    """Parts sum to the whole: 58.5 ha, of which 50 ha are for tenders; drafts and withdrawn plots are shared land."""
    site = rows.make_site(area=Decimal("58.5"))
    other = rows.make_site(area=3, name_ru="Ясное", name_en="Yasnoye")
    sown = [
        ("clinical", "published", "12.5"), ("clinical", "in_tender", "7.5"), ("rehabilitation", "reserved", "10"),
        ("educational", "allocated", "15"), ("pharmaceutical", "built", "5"), ("pharmaceutical", "draft", "2"),
        ("clinical", "withdrawn", "1"),
    ]  # fmt: skip
    for n, (direction, state, area) in enumerate(sown):
        rows.make_plot(site, at=(n, 0), direction=direction, state=state, area=Decimal(area))
    office = make.make_actor("land")
    found = made(office, "investors.land", site=str(site.pk))
    assert sum(row["area"] for row in found) == Decimal("58.5")
    assert sum(row["offered"] for row in found) == 50
    assert sum(row["plots"] for row in found) == 5
    plots = [plot for plot in Plot.objects.filter(site=site) if plot.state in OFFERED]
    for row in found[:-1]:
        mine = [plot for plot in plots if plot.get_direction_display().lower() == row["direction"].lower()]
        assert row["plots"] == len(mine) and row["area"] == row["offered"] == sum(p.area for p in mine)
        assert [row[state] for state in OFFERED] == [
            sum(plot.area for plot in mine if plot.state == state) for state in OFFERED
        ]
    assert found[-1]["direction"] == "Streets, park, networks" and found[-1]["area"] == Decimal("8.5")
    assert sum(row["area"] for row in made(office, "investors.land")) == Decimal("61.5")
    assert told(made(office, "investors.land", by="site"), "site", "plots", "area", "offered") == [
        (site.name, 5, Decimal("58.5"), 50), (other.name, 0, 3, 0),
    ]  # fmt: skip
    assert told(made(office, "investors.land", by="tenure"), "tenure", "offered") == [
        ("Lease", 50), ("Streets, park, networks", 0),
    ]  # fmt: skip
    with pytest.raises(Invalid):
        made(office, "investors.land", site=str(office.user_id))


def test_tenders_tell_nothing_of_sealed_bids():
    """Not even how many bids there are; after the opening participants, prices and the winner."""
    office, analyst = make.make_actor("office"), make.make_actor("analyst")
    plots = [rows.make_plot(at=(n, 0), price=1_000_000 * n, area=n) for n in range(1, 4)]
    common = {"version": 1, "published_at": moment(8, 1)}
    sealed = rows.make_tender(plots[0], at=moment(11, 1), state="bidding", **common)
    rows.make_bid(sealed, rows.make_investor())
    closed = rows.make_tender(plots[1], at=moment(9, 1), state="opening", **common)
    rows.make_bid(closed, rows.make_investor())
    won = rows.make_tender(plots[1], plots[2], at=moment(8, 2), state="awarded", **common)
    best = rows.make_opened_bid(won, price="6000000.00")
    rows.make_opened_bid(won, price="4000000.00")
    rows.make_opened_bid(won, state="disqualified", price="9000000.00")
    rows.make_award(best, awarded_at=moment(8, 31, 22))
    late = {"version": 1, "published_at": moment(10, 1, 0)}
    failed = rows.make_tender(plots[0], state="unsuccessful", end_reason="No bids", **late)
    rows.make_tender(plots[0])
    names = (
        "number",
        "plots",
        "area",
        "participants",
        "admitted",
        "price_start",
        "price_end",
        "growth",
        "days",
    )
    expected = [
        (sealed.number, 1, 1, None, None, 1_000_000, None, None, None),
        (closed.number, 1, 2, None, None, 2_000_000, None, None, None),
        (won.number, 2, 5, 3, 2, 5_000_000, 6_000_000, Decimal("0.2"), 30.5),
    ]
    for actor in (office, analyst):
        found = made(actor, "investors.tenders", **QUARTER)
        assert sorted(told(found, *names)) == sorted(expected)
        assert {row["winner"] for row in found} == {"", best.investor.name_en}
    assert told(made(office, "investors.tenders", state="unsuccessful"), *names[:5], "reason") == [
        (failed.number, 1, 1, 0, 0, "No bids")
    ]
    assert len(made(office, "investors.tenders")) == 4


def test_an_award_that_ended_tells_no_price():
    tender = rows.make_tender(version=1, state="awarded", published_at=moment(8, 1))
    bid = rows.make_opened_bid(tender)
    rows.make_award(bid, state="declined", ended_at=moment(9, 5), end_reason="No money")
    (row,) = made(make.make_actor("land"), "investors.tenders")
    assert (row["winner"], row["price_end"], row["days"], row["participants"]) == ("", None, None, 1)


def test_pipeline_by_stage_direction_country_person_and_month():
    """Against the same counts over the rows themselves."""
    keeper = make.make_actor("land")
    day = make.today()
    states = [*OPEN_INTEREST, *OPEN_INTEREST, "agreement", "agreement", "lost"]
    for n, state in enumerate(states):
        interest = rows.make_interest(
            rows.make_investor(country="IL" if n % 2 else "KR"), rows.make_plot(at=(n, 0)), state=state, jobs=n * 10,
            direction="clinical" if n % 3 else "educational", investment=n * 1_000_000 if n else None,
            next_on=day + timedelta(days=n - 4) if n != 3 else None,
            responsible_id=keeper.user_id if n < 5 else None,
        )  # fmt: skip
        Interest.objects.filter(pk=interest.pk).update(created_at=moment(7 + n % 3, 1 + n))
    found = made(keeper, "investors.pipeline")
    everything = list(Interest.objects.select_related("investor", "responsible"))
    assert sum(row["told"] for row in found) == len(everything) == len(states)
    assert [row["told"] for row in found] == [2, 2, 2, 2, 2, 1]
    keys = {
        "direction": lambda one: one.get_direction_display().lower(),
        "country": lambda one: {"IL": "israel", "KR": "south korea"}[one.investor.country],
        "responsible": lambda one: one.responsible.name.lower() if one.responsible else "nobody yet",
        "month": lambda one: str(date(2026, one.created_at.astimezone(NOW.tzinfo).month, 1)),
        "state": lambda one: one.get_state_display().lower(),
    }
    for by, key in keys.items():
        found = made(keeper, "investors.pipeline", by=by)
        assert Counter(key(one) for one in everything) == {str(row[by]).lower(): row["told"] for row in found}
        for row in found:
            mine = [one for one in everything if key(one) == str(row[by]).lower()]
            in_work = [one for one in mine if one.state in OPEN_INTEREST]
            agreed = [one for one in mine if one.state == "agreement"]
            assert (row["in_work"], row["agreed"]) == (len(in_work), len(agreed))
            assert row["conversion"] == len(agreed) / len(mine)
            assert row["overdue"] == sum(one.next_on is not None and one.next_on < day for one in in_work)
            assert row["without_step"] == sum(one.next_on is None for one in in_work)
            assert row["investment"] == sum(one.investment or 0 for one in in_work)
            assert row["jobs"] == sum(one.jobs or 0 for one in in_work)
            ages = [(NOW - one.created_at).total_seconds() / 86_400 for one in in_work]
            assert row["age"] == (pytest.approx(median(ages)) if ages else None)
    august = {"period": "own", "since": "2026-08-01", "until": "2026-08-31"}
    assert sum(row["told"] for row in made(keeper, "investors.pipeline", **august)) == 4
    with pytest.raises(Invalid):
        made(make.make_actor("analyst"), "investors.pipeline", by="responsible")


def test_interests_from_stage_to_stage():
    """Some skip a stage, one is lost and taken up again, one is lost for good after the meeting."""
    keeper, told_at = make.make_actor("land"), moment(8, 1)
    ways = [
        (), ("contacted",), ("contacted", "meeting", "terms", "agreement"), ("meeting", "terms"),
        ("contacted", "meeting", "lost"), ("contacted", "meeting", "lost", "contacted"), ("lost",),
    ]  # fmt: skip
    for n, way in enumerate(ways):
        interest = rows.make_interest(
            rows.make_investor(), rows.make_plot(at=(n, 0)), state=way[-1] if way else "new",
            lost_reason="Дорого" if way[-1:] == ("lost",) else "",
        )  # fmt: skip
        Interest.objects.filter(pk=interest.pk).update(created_at=told_at)
        at = told_at
        for was, becomes in pairwise(("new", *way)):
            since, at = at, at + timedelta(days=10 + n)
            InterestMove.objects.create(
                interest=interest, was=was, becomes=becomes, since=since, created_at=at
            )
    names = ("state", "reached", "here", "lost", "days")
    assert told(made(keeper, "investors.funnel"), *names) == [
        ("New", 7, 1, 1, 13.5), ("Contacted", 5, 2, 0, 14), ("Meeting", 4, 0, 1, 13.5), ("Terms", 2, 1, 0, 12),
        ("Agreement", 1, 1, 0, None),
    ]  # fmt: skip
    found = made(keeper, "investors.funnel")
    assert [row["of_told"] for row in found] == [1, 5 / 7, 4 / 7, 2 / 7, 1 / 7]
    assert [row["of_before"] for row in found] == [1, 5 / 7, 4 / 5, 2 / 4, 1 / 2]
    july = {"period": "own", "since": "2026-07-01", "until": "2026-07-31"}
    assert (
        told(made(keeper, "investors.funnel", **july), "reached", "of_told", "days") == [(0, None, None)] * 5
    )


@pytest.mark.parametrize(
    "code", ["investors.land", "investors.tenders", "investors.pipeline", "investors.funnel"]
)
def test_as_many_statements_for_thirty(code):
    office = make.make_actor("land")
    site = rows.make_site()

    def more(number, start=0):
        for n in range(start, start + number):
            plot = rows.make_plot(site, at=(n % 10, n // 10))
            tender = rows.make_tender(plot, version=1, state="awarded", published_at=moment(8, 1))
            rows.make_award(rows.make_opened_bid(tender))
            rows.make_interest(rows.make_investor(), plot)

    more(1)
    first = cost_of(office, code)
    more(29, 1)
    assert cost_of(office, code) == first
