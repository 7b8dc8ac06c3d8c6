"""Named periods, on the days when they are easily wrong."""

import datetime as dt

import pytest

from cluster_portal.common.actor import Actor
from cluster_portal.reports.periods import PeriodParameters, days_of, moments_of

DAY = dt.date.fromisoformat
ACTOR = Actor(kind="user", time_zone="Asia/Sakhalin")


@pytest.mark.parametrize(
    ("period", "today", "since", "until"),
    [
        ("last_7", "2026-03-03", "2026-02-24", "2026-03-02"),
        ("last_30", "2026-01-10", "2025-12-11", "2026-01-09"),
        ("last_month", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("last_month", "2026-01-01", "2025-12-01", "2025-12-31"),
        ("last_quarter", "2026-01-01", "2025-10-01", "2025-12-31"),
        ("last_quarter", "2026-12-31", "2026-07-01", "2026-09-30"),
        ("last_year", "2026-01-01", "2025-01-01", "2025-12-31"),
        ("this_month", "2026-02-28", "2026-02-01", "2026-02-28"),
        ("this_quarter", "2026-06-30", "2026-04-01", "2026-06-30"),
        ("this_year", "2026-01-01", "2026-01-01", "2026-01-01"),
    ],
)
def test_named_periods(period, today, since, until):
    assert days_of(period, DAY(today)) == (DAY(since), DAY(until))


def test_the_day_is_the_askers(time_machine):
    # 2026-12-31 13:30 UTC is half an hour into the new year in Sakhalin.
    time_machine.move_to(dt.datetime(2026, 12, 31, 13, 30, tzinfo=dt.UTC))
    form = PeriodParameters({"period": "last_year"}, actor=ACTOR)
    assert form.is_valid()
    assert form.cleaned_data["until"] == DAY("2026-12-31")


def test_days_begin_at_midnight_there():
    begin, end = moments_of(DAY("2026-01-01"), DAY("2026-01-31"), "Asia/Sakhalin")
    assert begin.astimezone(dt.UTC) == dt.datetime(2025, 12, 31, 13, tzinfo=dt.UTC)
    assert end.astimezone(dt.UTC) == dt.datetime(2026, 1, 31, 13, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"period": "own"}, ["since", "until"]),
        ({"since": "2026-02-01"}, ["until"]),
        ({"since": "2026-02-01", "until": "2026-01-31"}, ["until"]),
        ({"since": "2021-02-01", "until": "2026-02-01"}, ["until"]),
        ({"since": "2021-02-01", "until": "2026-01-31"}, []),
        ({"since": "2024-02-29", "until": "2029-02-28"}, []),
        ({"period": "never"}, ["period"]),
    ],
)
def test_what_is_wrong_with_own_dates(data, fields):
    form = PeriodParameters(data, actor=ACTOR)
    assert form.is_valid() == (not fields)
    assert sorted(form.errors) == fields


def test_without_a_word_it_is_the_last_quarter():
    form = PeriodParameters({}, actor=ACTOR)
    assert form.is_valid()
    assert form.cleaned_data["period"] == "last_quarter"
