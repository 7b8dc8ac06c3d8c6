"""Whose a slot is: the rule in SQL and the rule in Python are one."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from django.utils import timezone

from clinics.models import Slot
from clinics.selectors.openness import (
    covering_licence,
    day_of,
    has_room,
    is_open_for,
    licensed_on_its_day,
    open_for,
)
from clinics.states import Audience, LicenceStatus, SlotState
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

PRIORITIES = ("emergency", "urgent", "planned")


@pytest.fixture
def every_kind_of_slot():
    """Each state, audience, release, time and closing, at one clinic."""
    service = make.make_service()
    now = timezone.now()
    for state, audience, released, past, closing in product(
        SlotState, Audience, (False, True), (False, True), (False, True)
    ):
        start = now + timedelta(hours=-2 if past else 2)
        make.make_slot(
            service,
            start=start,
            state=state,
            audience=audience,
            release_at=now + timedelta(minutes=-1 if released else 1),
            block_reason="leave" if closing or state == SlotState.BLOCKED else "",
        )
    return service


def test_sql_and_python_agree_on_every_slot(every_kind_of_slot):
    now = timezone.now()
    own = every_kind_of_slot.clinic.organization_id
    stranger = make.make_organization().pk
    slots = list(Slot.objects.all())
    assert len(slots) == 72
    for organization, priority in product((own, stranger, None), PRIORITIES):
        by_sql = set(Slot.objects.filter(open_for(organization, priority, now)).values_list("pk", flat=True))
        by_python = {slot.pk for slot in slots if is_open_for(slot, organization, priority, now)}
        assert by_sql == by_python, (organization, priority)


@pytest.mark.parametrize(
    ("audience", "released", "own", "priority", "is_open"),
    [
        (Audience.OWN, False, True, "planned", True),
        (Audience.OWN, True, True, "planned", True),
        (Audience.OWN, True, False, "planned", False),
        (Audience.OWN, True, False, "emergency", False),
        (Audience.CLUSTER, False, False, "planned", True),
        (Audience.CLUSTER, False, True, "planned", True),
        (Audience.CLUSTER, True, False, "planned", False),
        (Audience.CLUSTER, True, True, "planned", True),
        (Audience.URGENT, False, False, "planned", False),
        (Audience.URGENT, False, True, "planned", False),
        (Audience.URGENT, False, False, "urgent", True),
        (Audience.URGENT, False, False, "emergency", True),
        (Audience.URGENT, True, False, "planned", True),
    ],
)
def test_the_rule(audience, released, own, priority, is_open):
    service = make.make_service()
    now = timezone.now()
    slot = make.make_slot(
        service, audience=audience, release_at=now + timedelta(minutes=-1 if released else 1)
    )
    organization = service.clinic.organization_id if own else make.make_organization().pk
    assert is_open_for(slot, organization, priority, now) is is_open
    assert Slot.objects.filter(open_for(organization, priority, now)).exists() is is_open


def test_a_slot_full_of_lapsed_holds_has_room(bookings):
    full, lapsed, free = make.make_slots(make.make_service(), 3)
    Slot.objects.filter(pk__in=[full.pk, lapsed.pk]).update(taken=1)
    bookings(lapsed=lambda _now: [lapsed.pk])
    assert set(Slot.objects.filter(has_room())) == {lapsed, free}
    bookings()
    assert set(Slot.objects.filter(has_room())) == {free}


class TestLicence:
    DAY = date(2026, 11, 20)

    @pytest.mark.parametrize(
        ("fields", "covers"),
        [
            ({}, True),
            ({"valid_to": DAY}, True),
            ({"valid_to": DAY - timedelta(days=1)}, False),
            ({"valid_from": DAY + timedelta(days=1)}, False),
            ({"status": LicenceStatus.SUSPENDED}, False),
            ({"status": LicenceStatus.CANCELLED}, False),
            ({"activities": ["neurology"]}, False),
        ],
    )
    def test_valid_on_the_day_for_the_specialty(self, fields, covers):
        clinic = make.make_clinic()
        licence = make.make_licence(clinic, **fields)
        found = covering_licence(clinic.pk, "cardiology", self.DAY)
        assert found == (licence if covers else None)

    @pytest.mark.parametrize(
        ("start", "fields", "covers"),
        [
            # Midnight at the clinic, eleven hours ahead of UTC, is what divides the days.
            (datetime(2026, 3, 1, 12, 59, tzinfo=UTC), {"valid_to": date(2026, 3, 1)}, True),
            (datetime(2026, 3, 1, 13, 1, tzinfo=UTC), {"valid_to": date(2026, 3, 1)}, False),
            (datetime(2026, 3, 1, 12, 59, tzinfo=UTC), {"valid_from": date(2026, 3, 2)}, False),
            (datetime(2026, 3, 1, 13, 1, tzinfo=UTC), {"valid_from": date(2026, 3, 2)}, True),
            (datetime(2026, 3, 1, 1, tzinfo=UTC), {"status": LicenceStatus.SUSPENDED}, False),
            (datetime(2026, 3, 1, 1, tzinfo=UTC), {"activities": ["neurology"]}, False),
            (datetime(2026, 3, 1, 1, tzinfo=UTC), {"activities": ["neurology", "cardiology"]}, True),
        ],
    )
    def test_in_a_query_of_slots_it_is_the_same(self, start, fields, covers):
        service = make.make_service(make.make_clinic(time_zone="Asia/Sakhalin"), "cardiologist")
        service.clinic.licences.all().delete()
        make.make_licence(service.clinic, **fields)
        slot = make.make_slot(service, start=start)
        licensed = Slot.objects.annotate(licensed=licensed_on_its_day()).get(pk=slot.pk).licensed
        day = day_of(start, "Asia/Sakhalin")
        assert licensed is covers
        assert (covering_licence(service.clinic_id, "cardiology", day) is not None) is covers

    def test_of_several_the_one_that_lasts(self):
        clinic = make.make_clinic()
        make.make_licence(clinic, valid_to=self.DAY)
        endless = make.make_licence(clinic)
        make.make_licence(clinic, valid_to=self.DAY + timedelta(days=9))
        assert covering_licence(clinic.pk, "cardiology", self.DAY) == endless
