"""Days and hours as a clinic's own calendar has them."""

from datetime import UTC, date, datetime, time

import pytest

from clinics.models import Clinic
from clinics.selectors.calendar import days, hours_on, monday_of, open_until, start_of, today_at


def test_days_begin_at_the_clinics_own_midnight():
    assert start_of(date(2026, 11, 22), "Asia/Sakhalin") == datetime(2026, 11, 21, 13, tzinfo=UTC)
    assert today_at("Asia/Sakhalin", datetime(2026, 11, 21, 13, tzinfo=UTC)) == date(2026, 11, 22)
    assert today_at("Europe/Moscow", datetime(2026, 11, 21, 13, tzinfo=UTC)) == date(2026, 11, 21)


def test_weeks_and_days():
    assert monday_of(date(2026, 11, 22)) == monday_of(date(2026, 11, 16)) == date(2026, 11, 16)
    assert list(days(date(2026, 2, 27), date(2026, 3, 1))) == [
        date(2026, 2, 27),
        date(2026, 2, 28),
        date(2026, 3, 1),
    ]
    assert list(days(date(2026, 3, 1), date(2026, 2, 27))) == []


@pytest.mark.parametrize(
    ("hour", "until"),
    [(7, None), (8, time(20)), (19, time(20)), (20, None)],
    ids=["early", "opens", "open", "closes"],
)
def test_open_now_by_its_own_clock(hour, until):
    clinic = Clinic(time_zone="Asia/Sakhalin", opening_hours={"5": ["08:00", "20:00"]})
    # 20 November 2026 is a Friday.
    now = datetime(2026, 11, 20, (hour - 11) % 24, tzinfo=UTC).replace(day=19 if hour < 11 else 20)
    assert open_until(clinic, now) == until
    assert hours_on(clinic, date(2026, 11, 20)) == (time(8), time(20))
    assert hours_on(clinic, date(2026, 11, 21)) is None
