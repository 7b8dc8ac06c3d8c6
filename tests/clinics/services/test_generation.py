"""Slots from weekly patterns: shares, holidays, exceptions, summer time."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from clinics.errors import PractitionerBusy
from clinics.models import CalendarDay, ScheduleException, Slot
from clinics.selectors.calendar import cut, days_off
from clinics.services.generation import WEEKS_AHEAD, deal
from clinics.services.schedules import generate_slots, publish_schedule
from clinics.states import Audience, SlotState
from clinics.tasks import extend_schedules
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Forbidden, NotFound
from tests.factories import clinics as make

# Monday noon in Yuzhno-Sakhalinsk; no public holiday in the nine weeks that follow. Far ahead: the database takes no
# bookings for times that have passed by its own clock.
MONDAY = datetime(2040, 8, 27, 1, 0, tzinfo=UTC)


@given(
    number=st.integers(0, 200),
    shares=st.tuples(st.integers(0, 100), st.integers(0, 100)).filter(lambda pair: sum(pair) <= 100),
)
def test_shares_are_dealt_whole_in_order_and_never_more_than_one_off(number, shares):
    own, cluster = shares
    urgent = 100 - own - cluster
    dealt = deal(number, own=own, cluster=cluster, urgent=urgent)
    assert len(dealt) == number
    assert dealt == sorted(dealt, key=[Audience.OWN, Audience.CLUSTER, Audience.URGENT].index)
    for audience, share in ((Audience.OWN, own), (Audience.CLUSTER, cluster), (Audience.URGENT, urgent)):
        assert abs(dealt.count(audience) - number * share / 100) < 1


class TestCut:
    """Visits by the wall clock."""

    def test_a_remainder_is_left_out(self):
        times = list(cut(date(2026, 9, 7), time(9), time(10, 10), 20, make.ZONE))
        assert [start.astimezone(ZoneInfo(make.ZONE)).strftime("%H:%M") for start, _end in times] == [
            "09:00", "09:20", "09:40",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("day", "visits"),
        [(date(2026, 3, 28), 12), (date(2026, 3, 29), 9), (date(2026, 10, 25), 15)],
        ids=["ordinary day", "the night has no third hour", "the night has two of them"],
    )
    def test_across_summer_time_no_visit_is_shorter(self, day, visits):
        times = list(cut(day, time(1), time(5), 20, "Europe/Berlin"))
        assert len(times) == visits
        assert all(end - start == timedelta(minutes=20) for start, end in times)
        assert all(one[1] == following[0] for one, following in pairwise(times))

    def test_the_wall_clock_stays_when_the_offset_changes(self):
        winter = next(cut(date(2026, 3, 27), time(9), time(10), 20, "Europe/Berlin"))[0]
        summer = next(cut(date(2026, 3, 30), time(9), time(10), 20, "Europe/Berlin"))[0]
        assert (winter.hour, summer.hour) == (8, 7)


@pytest.mark.django_db
class TestGenerate:
    def test_publishing_makes_slots_up_to_the_horizon_at_once(self):
        schedule = make.make_schedule()
        actor = make.make_actor(Role.COORDINATOR, organization=schedule.service.clinic.organization)
        with time_machine.travel(MONDAY, tick=False):
            schedule.valid_from = date(2040, 8, 1)
            schedule.save()
            made = publish_schedule(actor, schedule_id=schedule.pk)
        slots = Slot.objects.filter(schedule=schedule)
        # Today's reception (09:00–13:00) is over but for its last hour: 12:00 has begun.
        assert made == slots.count() == 2 + 12 * (2 * WEEKS_AHEAD)
        assert set(slots.values_list("state", flat=True)) == {SlotState.PUBLISHED}
        first = slots.order_by("start").first()
        assert first.start == MONDAY + timedelta(minutes=20)
        assert first.release_at == first.start - timedelta(hours=24)
        assert (first.clinic, first.organization) == (
            schedule.service.clinic,
            schedule.service.clinic.organization,
        )

    def test_doing_it_again_changes_nothing(self):
        schedule = make.make_schedule()
        generate_slots(SYSTEM, schedule_id=schedule.pk)
        before = set(Slot.objects.values_list("pk", "start", "state"))
        assert generate_slots(SYSTEM, schedule_id=schedule.pk) == 0
        assert extend_schedules() == 0
        assert set(Slot.objects.values_list("pk", "start", "state")) == before

    def test_a_blocked_slot_is_not_made_again(self):
        schedule = make.make_schedule()
        generate_slots(SYSTEM, schedule_id=schedule.pk)
        Slot.objects.update(state=SlotState.BLOCKED)
        assert generate_slots(SYSTEM, schedule_id=schedule.pk) == 0

    def test_drafts_before_publishing_and_published_ones_after(self):
        schedule = make.make_schedule()
        with time_machine.travel(MONDAY, tick=False):
            schedule.valid_from = date(2040, 8, 1)
            schedule.save()
            generate_slots(SYSTEM, schedule_id=schedule.pk)
            assert not Slot.objects.exclude(state=SlotState.DRAFT).exists()
            publish_schedule(SYSTEM, schedule_id=schedule.pk)
        with time_machine.travel(MONDAY + timedelta(weeks=1), tick=False):
            assert extend_schedules() == 24
        assert not Slot.objects.exclude(state=SlotState.PUBLISHED).exists()

    def test_public_holidays_are_left_out_unless_the_pattern_or_the_calendar_says_otherwise(self):
        with time_machine.travel(datetime(2026, 4, 27, 0, tzinfo=UTC), tick=False):
            schedule = make.make_schedule(hours=((5, "09:00", "10:00"),), valid_from=date(2026, 4, 27))
            generate_slots(SYSTEM, schedule_id=schedule.pk)
            days = {make.day_of(start) for start in Slot.objects.values_list("start", flat=True)}
            assert date(2026, 5, 1) not in days  # Spring and Labour Day, a Friday
            assert date(2026, 5, 8) in days
            CalendarDay.objects.create(country="RU", day=date(2026, 5, 1), is_working=True)
            assert generate_slots(SYSTEM, schedule_id=schedule.pk) == 3
            schedule.works_on_holidays = True
            schedule.save()
            assert generate_slots(SYSTEM, schedule_id=schedule.pk) == 3  # 12 June, Russia Day

    def test_a_day_off_by_decree(self):
        CalendarDay.objects.create(country="RU", day=date(2026, 9, 9), note="указ губернатора")
        assert days_off("RU", date(2026, 9, 7), date(2026, 9, 11)) == {date(2026, 9, 9): "указ губернатора"}

    def test_exceptions_are_left_out(self):
        with time_machine.travel(MONDAY, tick=False):
            schedule = make.make_schedule(valid_from=date(2040, 8, 1))
            ScheduleException.objects.create(
                practitioner=schedule.practitioner, clinic=schedule.service.clinic, reason="leave",
                first_day=date(2040, 9, 5), last_day=date(2040, 9, 12),
            )  # fmt: skip
            generate_slots(SYSTEM, schedule_id=schedule.pk)
            days = {make.day_of(start) for start in Slot.objects.values_list("start", flat=True)}
        assert not days & {date(2040, 9, 5), date(2040, 9, 10), date(2040, 9, 12)}
        assert {date(2040, 9, 3), date(2040, 9, 17)} <= days

    @time_machine.travel(MONDAY, tick=False)
    def test_a_busy_practitioner_is_said_in_words_and_left_out_by_night(self):
        schedule = make.make_schedule(hours=((1, "09:00", "12:00"),))
        other = make.make_schedule(
            schedule.service, schedule.practitioner, hours=((1, "11:30", "13:00"), (2, "09:00", "10:00"))
        )
        generate_slots(SYSTEM, schedule_id=schedule.pk)
        with pytest.raises(PractitionerBusy) as caught:
            generate_slots(SYSTEM, schedule_id=other.pk)
        assert schedule.practitioner.short_name in str(caught.value)
        assert not Slot.objects.filter(schedule=other).exists()
        # Mondays from 12:10 on (11:30 and 11:50 overlap), today's 12:10 still ahead; Tuesdays whole.
        assert generate_slots(SYSTEM, schedule_id=other.pk, strict=False) == 2 * 9 + 3 * WEEKS_AHEAD

    def test_who_may(self):
        schedule = make.make_schedule()
        organization = schedule.service.clinic.organization
        with pytest.raises(Forbidden):
            publish_schedule(
                make.make_actor(Role.REFERRER, organization=organization), schedule_id=schedule.pk
            )
        with pytest.raises(NotFound):
            publish_schedule(make.make_actor(Role.MANAGER), schedule_id=schedule.pk)
        with pytest.raises(NotFound):
            publish_schedule(make.make_actor(Role.OFFICE), schedule_id=schedule.pk)
