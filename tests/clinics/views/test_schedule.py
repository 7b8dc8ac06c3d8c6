"""The schedule's pages: what is shown, what is refused, and that the count of queries stays."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinics.models import Schedule, ScheduleException, Slot
from clinics.occupants import Occupant
from clinics.services.places import take_place
from clinics.services.schedules import publish_schedule
from clinics.states import SlotState
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

SCHEDULE = "/schedule/"


@pytest.fixture
def schedule():
    """Reception every day, published."""
    every_day = tuple((day, "09:00", "11:00") for day in range(1, 8))
    schedule = make.make_schedule(hours=every_day, works_on_holidays=True)
    publish_schedule(SYSTEM, schedule_id=schedule.pk)
    return schedule


@pytest.fixture
def organization(schedule):
    return schedule.service.clinic.organization


@pytest.fixture
def staff(client, organization):
    """Signs somebody in with a role, in the organisation of the schedule or in another one."""

    def sign_in(*roles, stranger=False):
        client.force_login(make.make_member(*roles, organization=None if stranger else organization))
        return client

    return sign_in


def tomorrow(hour=9, minute=0):
    return make.at(1, hour, minute)


def form_of(schedule, **fields):
    """A whole pattern form, as the schedule stands."""
    data = {
        "clinic": schedule.service.clinic_id, "service": schedule.service_id, "room": "401",
        "practitioner": schedule.practitioner_id, "slot_minutes": 20, "capacity": 1, "share_own": 40,
        "share_cluster": 50, "share_urgent": 10, "release_hours": 24, "valid_from": schedule.valid_from.isoformat(),
        **{f"day{day}_1_starts": "09:00" for day in range(1, 8)},
        **{f"day{day}_1_ends": "11:00" for day in range(1, 8)},
        "works_on_holidays": "on",
    }  # fmt: skip
    return data | fields


class TestWeek:
    def test_the_grid_and_the_chosen_day(self, staff, schedule, bookings):
        slot = Slot.objects.get(start=tomorrow())
        take_place(slot.pk)
        bookings(rows=lambda _actor, _ids: [Occupant(slot.pk, "Тен И. В.", "Корсаков", "/referrals/1/")])
        day = make.day_of(tomorrow())
        page = staff(Role.COORDINATOR).get(SCHEDULE, {"day": day.isoformat()})
        html = page.content.decode()
        assert page.status_code == 200
        assert schedule.practitioner.short_name in html
        assert '<a href="/referrals/1/">Тен И. В.</a>' in html
        assert "занято 1 из 6" in html

    @pytest.mark.parametrize("number", [1, 20])
    def test_queries_do_not_grow(self, staff, schedule, number, django_assert_max_num_queries):
        for _n in range(number):
            other = make.make_schedule(schedule.service, make.make_practitioner(schedule.service.clinic))
            publish_schedule(SYSTEM, schedule_id=other.pk)
        client = staff(Role.COORDINATOR)
        client.get(SCHEDULE)
        with django_assert_max_num_queries(17):
            client.get(SCHEDULE)

    def test_colleagues_read_and_do_not_plan(self, staff):
        html = staff(Role.REFERRER).get(SCHEDULE).content.decode()
        assert reverse("clinics:schedule_leave") not in html

    def test_of_a_strangers_clinic_nothing_is_there(self, staff, schedule):
        client = staff(Role.COORDINATOR, stranger=True)
        assert client.get(SCHEDULE, {"clinic": schedule.service.clinic_id}).status_code == 404
        page = client.get(SCHEDULE)
        assert page.status_code == 200
        assert schedule.practitioner.short_name not in page.content.decode()

    @pytest.mark.parametrize(
        "query", ["day=x", "week=2026-99-99", "who=nobody", "specialty=nothing", "clinic="]
    )
    def test_damaged_addresses_show_the_week(self, staff, query):
        assert staff(Role.COORDINATOR).get(f"{SCHEDULE}?{query}").status_code == 200

    def test_without_a_clinic_it_says_what_to_do(self, staff):
        html = staff(Role.COORDINATOR, stranger=True).get(SCHEDULE).content.decode()
        assert "нет клиники в реестре" in html

    def test_visitors_are_asked_to_sign_in(self, client):
        page = client.get(SCHEDULE)
        assert page.status_code == 302
        assert "/accounts/login/" in page["Location"]


class TestPublish:
    def test_what_is_seen_is_published(self, staff, schedule):
        draft = make.make_slot(
            schedule.service, start=tomorrow(15), state=SlotState.DRAFT, practitioner=schedule.practitioner
        )
        client = staff(Role.COORDINATOR)
        week = make.day_of(draft.start).isoformat()
        assert "Опубликовать 1 слот" in client.get(SCHEDULE, {"week": week}).content.decode()
        page = client.post(
            reverse("clinics:schedule_publish"),
            {"clinic": schedule.service.clinic_id, "week": week},
            follow=True,
        )
        assert "Опубликован 1 слот" in page.content.decode()
        draft.refresh_from_db()
        assert draft.state == SlotState.PUBLISHED

    @pytest.mark.parametrize(
        ("role", "stranger", "status"), [(Role.REFERRER, False, 403), (Role.MANAGER, True, 404)]
    )
    def test_who_may_not(self, staff, schedule, role, stranger, status):
        data = {"clinic": schedule.service.clinic_id}
        page = staff(role, stranger=stranger).post(reverse("clinics:schedule_publish"), data)
        assert page.status_code == status


class TestClose:
    def data(self, schedule, **fields):
        return {
            "clinic": schedule.service.clinic_id, "practitioner": schedule.practitioner_id,
            "day": make.day_of(tomorrow()).isoformat(), "starts": "09:00", "ends": "10:00", "reason": "training",
        } | fields  # fmt: skip

    def test_a_part_of_the_day(self, staff, schedule):
        page = staff(Role.COORDINATOR).post(
            reverse("clinics:schedule_close"), self.data(schedule), follow=True
        )
        assert "Закрыто 3 слота" in page.content.decode()
        assert Slot.objects.filter(state=SlotState.BLOCKED, block_reason="training").count() == 3

    def test_patients_in_the_way_are_listed_and_nothing_typed_is_lost(self, staff, schedule, bookings):
        slot = Slot.objects.get(start=tomorrow(9, 20))
        take_place(slot.pk)
        bookings(rows=lambda _actor, _ids: [Occupant(slot.pk, "Тен И. В.", url="/referrals/1/")])
        client, data = staff(Role.COORDINATOR), self.data(schedule, comment="семинар")
        page = client.post(reverse("clinics:schedule_close"), data)
        html = page.content.decode()
        assert page.status_code == 422
        assert "Тен И. В." in html
        assert 'value="семинар"' in html
        assert not Slot.objects.filter(state=SlotState.BLOCKED).exists()
        client.post(reverse("clinics:schedule_close"), data | {"keep_booked": "1"})
        slot.refresh_from_db()
        assert (slot.state, slot.block_reason) == (SlotState.PUBLISHED, "семинар")
        assert Slot.objects.filter(state=SlotState.BLOCKED).count() == 2
        assert "под угрозой 1 запись" in client.get(SCHEDULE).content.decode()

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"ends": "08:00"}, "ends"), ({"reason": "other"}, "comment"), ({"reason": "xx"}, "reason"),
            ({"day": ""}, "day"), ({"practitioner": "xx"}, "practitioner"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_said_at_its_field(self, staff, schedule, fields, field):
        page = staff(Role.COORDINATOR).post(reverse("clinics:schedule_close"), self.data(schedule, **fields))
        assert page.status_code == 422
        assert field in page.context["form"].errors

    def test_one_time_opens_again(self, staff, schedule):
        client = staff(Role.COORDINATOR)
        client.post(reverse("clinics:schedule_close"), self.data(schedule))
        slot = Slot.objects.get(start=tomorrow())
        client.post(reverse("clinics:schedule_reopen"), {"slot": slot.pk})
        slot.refresh_from_db()
        assert slot.state == SlotState.PUBLISHED

    @pytest.mark.parametrize(
        ("role", "stranger", "status"), [(Role.REFERRER, False, 403), (Role.MANAGER, True, 404)]
    )
    def test_who_may_not(self, staff, schedule, role, stranger, status):
        client = staff(role, stranger=stranger)
        data = self.data(schedule)
        for name in ("clinics:schedule_close", "clinics:schedule_leave"):
            assert client.get(reverse(name), {"clinic": data["clinic"]}).status_code == status
            assert client.post(reverse(name), data).status_code == status
        slot = Slot.objects.first()
        assert client.post(reverse("clinics:schedule_reopen"), {"slot": slot.pk}).status_code == status
        assert client.post(reverse("clinics:schedule_reopen"), {"slot": "x"}).status_code == 404


class TestLeave:
    def data(self, schedule, **fields):
        day = make.day_of(tomorrow())
        return {
            "clinic": schedule.service.clinic_id, "practitioner": schedule.practitioner_id,
            "first_day": day.isoformat(), "last_day": (day + timedelta(days=2)).isoformat(), "reason": "leave",
        } | fields  # fmt: skip

    def test_days_close_and_open_again(self, staff, schedule):
        client = staff(Role.MANAGER)
        client.post(reverse("clinics:schedule_leave"), self.data(schedule))
        assert Slot.objects.filter(state=SlotState.BLOCKED).count() == 18
        html = client.get(reverse("clinics:schedule_patterns")).content.decode()
        exception = ScheduleException.objects.get()
        remove = reverse("clinics:schedule_leave_remove", args=[exception.pk])
        assert remove in html
        client.post(remove)
        assert not Slot.objects.filter(state=SlotState.BLOCKED).exists()

    def test_patients_in_the_way_are_listed(self, staff, schedule):
        take_place(Slot.objects.get(start=tomorrow(9, 20)).pk)
        page = staff(Role.MANAGER).post(reverse("clinics:schedule_leave"), self.data(schedule))
        assert page.status_code == 422
        assert "Мешает 1 запись" in page.content.decode()
        assert not ScheduleException.objects.exists()

    def test_a_stranger_does_not_find_it(self, staff, schedule):
        exception = ScheduleException.objects.create(
            practitioner=schedule.practitioner, clinic=schedule.service.clinic, reason="leave",
            first_day=make.day_of(tomorrow()), last_day=make.day_of(tomorrow()),
        )  # fmt: skip
        page = staff(Role.MANAGER, stranger=True).post(
            reverse("clinics:schedule_leave_remove", args=[exception.pk])
        )
        assert page.status_code == 404


class TestPatterns:
    def test_the_list_has_hours_and_numbers(self, staff, schedule):
        page = staff(Role.COORDINATOR).get(reverse("clinics:schedule_patterns"))
        html = page.content.decode()
        assert "пн, вт, ср, чт, пт, сб, вс 09:00–11:00" in html
        (row,) = page.context["patterns"]
        assert (
            row.published
            == Slot.objects.filter(start__gt=tomorrow(0)).count()
            + Slot.objects.filter(start__lt=tomorrow(0)).count()
        )

    @pytest.mark.parametrize("number", [1, 20])
    def test_queries_do_not_grow(self, staff, schedule, number, django_assert_max_num_queries):
        for _n in range(number):
            make.make_schedule(schedule.service, make.make_practitioner(schedule.service.clinic))
        client = staff(Role.COORDINATOR)
        client.get(reverse("clinics:schedule_patterns"))
        with django_assert_max_num_queries(12):
            client.get(reverse("clinics:schedule_patterns"))

    def test_a_new_one(self, staff, schedule):
        other = make.make_practitioner(schedule.service.clinic)
        data = form_of(schedule, practitioner=other.pk)
        page = staff(Role.COORDINATOR).post(reverse("clinics:schedule_pattern_new"), data, follow=True)
        assert "Шаблон создан" in page.content.decode()
        new = Schedule.objects.exclude(pk=schedule.pk).get()
        assert new.slots.filter(state=SlotState.DRAFT).exists()
        staff(Role.COORDINATOR).post(reverse("clinics:schedule_pattern_publish", args=[new.pk]))
        assert not new.slots.filter(state=SlotState.DRAFT).exists()

    def test_an_overlap_is_said_in_words(self, staff, schedule):
        page = staff(Role.COORDINATOR).post(reverse("clinics:schedule_pattern_new"), form_of(schedule))
        assert page.status_code == 422
        assert "уже ведёт приём" in page.content.decode()

    def test_changing_shows_what_stands(self, staff, schedule):
        html = (
            staff(Role.COORDINATOR)
            .get(reverse("clinics:schedule_pattern", args=[schedule.pk]))
            .content.decode()
        )
        assert 'name="day1_1_starts" value="09:00"' in html

    def test_a_change_that_strands_somebody_lists_them(self, staff, schedule):
        take_place(Slot.objects.get(start=tomorrow(10, 40)).pk)
        shorter = {f"day{day}_1_ends": "10:00" for day in range(1, 8)}
        url = reverse("clinics:schedule_pattern", args=[schedule.pk])
        page = staff(Role.COORDINATOR).post(url, form_of(schedule, **shorter))
        assert page.status_code == 422
        assert "Мешает 1 запись" in page.content.decode()
        assert Slot.objects.get(start=tomorrow(10, 40)).state == SlotState.PUBLISHED

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"share_own": 90}, "share_own"), ({"day1_1_ends": ""}, "day1_1_ends"),
            ({"day1_1_ends": "08:00"}, "day1_1_ends"), ({"slot_minutes": 1}, "slot_minutes"),
            ({"day1_2_starts": "10:00", "day1_2_ends": "12:00"}, None),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_said_at_its_field(self, staff, schedule, fields, field):
        page = staff(Role.COORDINATOR).post(
            reverse("clinics:schedule_pattern_new"), form_of(schedule, **fields)
        )
        assert page.status_code == 422
        assert (field or "__all__") in page.context["form"].errors

    def test_ending_one(self, staff, schedule):
        url = reverse("clinics:schedule_pattern_end", args=[schedule.pk])
        client = staff(Role.COORDINATOR)
        assert client.get(url).status_code == 200
        client.post(url, {"last_day": make.day_of(tomorrow()).isoformat()})
        schedule.refresh_from_db()
        assert schedule.valid_to == make.day_of(tomorrow())

    @pytest.mark.parametrize(
        ("role", "stranger", "status"), [(Role.REFERRER, False, 403), (Role.MANAGER, True, 404)]
    )
    def test_who_may_not(self, staff, schedule, role, stranger, status):
        client = staff(role, stranger=stranger)
        for name in ("clinics:schedule_pattern", "clinics:schedule_pattern_end"):
            assert client.get(reverse(name, args=[schedule.pk])).status_code == status
            assert client.post(reverse(name, args=[schedule.pk]), form_of(schedule)).status_code == status
        publish = reverse("clinics:schedule_pattern_publish", args=[schedule.pk])
        assert client.post(publish).status_code == status
