"""A site from its plan to its closing, and what it consists of."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from clinics.errors import (
    LinkedInCircle,
    LinkExists,
    PhotoExists,
    RoomExists,
    SlotClosed,
    StrandedBookings,
    TooManyPhotos,
)
from clinics.models import BedCount, Clinic, ClinicPhoto, Slot
from clinics.selectors.premises import premises_of
from clinics.services.premises import (
    add_photo,
    create_room,
    link_clinics,
    remove_photo,
    set_beds,
    sum_beds,
    unlink_clinics,
    update_room,
)
from clinics.services.schedules import generate_slots
from clinics.services.sites import close_clinic, open_clinic, reopen_clinic, start_building
from clinics.states import ClinicStatus, SlotState
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, constraint_errors
from cluster_portal.files.errors import FileRefused
from tests.factories import clinics as make
from tests.factories.records import make_beds, make_link, make_photo, make_room
from tests.files.samples import jpeg, pdf, png, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return make.make_actor("office")


@pytest.fixture
def clinic():
    return make.make_clinic()


def today(days=0):
    return make.day_of(make.at(days, 12))


def test_a_site_is_planned_built_opened_closed_and_opened_again(office):
    clinic = make.make_clinic(status=ClinicStatus.PLANNED, planned_for="2026")
    assert start_building(office, clinic_id=clinic.pk).status == "under_construction"
    with pytest.raises(Invalid):
        open_clinic(office, clinic_id=clinic.pk, opened_on=today(1))
    opened = open_clinic(office, clinic_id=clinic.pk, opened_on=today(-3))
    assert (opened.status, opened.planned_for) == ("open", "")
    closed = close_clinic(office, clinic_id=clinic.pk, closed_on=today(), reason=" Переезд ")
    assert (closed.status, closed.close_reason) == ("closed", "Переезд")
    for step in (
        lambda: start_building(office, clinic_id=clinic.pk),
        lambda: open_clinic(office, clinic_id=clinic.pk, opened_on=today()),
        lambda: close_clinic(office, clinic_id=clinic.pk, closed_on=today(), reason="Ещё раз"),
    ):
        with pytest.raises(IllegalTransition):
            step()
    again = reopen_clinic(office, clinic_id=clinic.pk)
    assert (again.status, again.closed_on, again.close_reason) == ("open", None, "")


def test_the_database_knows_the_table_too(clinic):
    with pytest.raises(DatabaseError), transaction.atomic():
        Clinic.objects.filter(pk=clinic.pk).update(status=ClinicStatus.PLANNED)


@pytest.mark.parametrize(
    ("days", "reason", "field"),
    [(1, "Переезд", "closed_on"), (0, " ", "reason"), (-9, "Переезд", "closed_on")],
)
def test_closing_wants_a_day_that_has_come_and_words(office, clinic, days, reason, field):
    Clinic.objects.filter(pk=clinic.pk).update(opened_on=today(-5))
    with pytest.raises(Invalid) as caught:
        close_clinic(office, clinic_id=clinic.pk, closed_on=today(days), reason=reason)
    assert list(caught.value.errors) == [field]


def test_closing_ends_its_times_and_lists_the_booked_ones(office):
    service = make.make_service()
    clinic = service.clinic
    free, past = make.make_slot(service, start=make.at(2)), make.make_slot(service, start=make.at(-2))
    draft = make.make_slot(service, start=make.at(3), state=SlotState.DRAFT)
    booked = make.make_slot(service, start=make.at(4))
    Slot.objects.filter(pk=booked.pk).update(taken=1)
    with pytest.raises(StrandedBookings) as caught:
        close_clinic(office, clinic_id=clinic.pk, closed_on=today(), reason="Переезд")
    assert [row["slot"] for row in caught.value.extra["slots"]] == [str(booked.pk)]
    clinic.refresh_from_db()
    assert clinic.status == "open"
    kept = close_clinic(office, clinic_id=clinic.pk, closed_on=today(), reason="Переезд", keep_booked=True)
    assert kept.status == "open"
    states = dict(Slot.objects.values_list("pk", "state"))
    assert (states[free.pk], states[draft.pk], states[booked.pk]) == ("blocked", "blocked", "published")
    assert states[past.pk] == "published"
    # The last patient has been moved.
    Slot.objects.filter(pk=booked.pk).update(taken=0)
    assert close_clinic(office, clinic_id=clinic.pk, closed_on=today(), reason="Переезд").status == "closed"


def test_a_closed_clinic_takes_no_bookings_and_makes_no_times(office):
    schedule = make.make_schedule()
    clinic = schedule.service.clinic
    assert generate_slots(SYSTEM, schedule_id=schedule.pk)
    close_clinic(office, clinic_id=clinic.pk, closed_on=today(), reason="Переезд")
    Slot.objects.all().delete()
    assert generate_slots(SYSTEM, schedule_id=schedule.pk) == 0
    slot = make.make_slot(schedule.service, start=make.at(3))
    with pytest.raises(SlotClosed), transaction.atomic(), constraint_errors():
        Slot.objects.filter(pk=slot.pk).update(taken=1)


def test_beds_hold_from_their_day_and_the_record_sums_them(office, clinic):
    manager = make.make_actor("manager", organization=clinic.organization)
    set_beds(manager, clinic_id=clinic.pk, profile="therapy", beds=40, valid_from=today(-400))
    set_beds(manager, clinic_id=clinic.pk, profile="therapy", beds=30, valid_from=today(-10))
    set_beds(manager, clinic_id=clinic.pk, profile="surgery", beds=15, valid_from=today())
    set_beds(manager, clinic_id=clinic.pk, profile="surgery", beds=25, valid_from=today(5))
    version = clinic.updated_at
    clinic.refresh_from_db()
    assert clinic.beds == 45
    # A sum that follows from other rows is no new version of the record.
    assert clinic.updated_at == version
    lines = {line.profile: line for line in premises_of(manager, clinic).beds}
    assert [(row.beds) for row in lines["therapy"].past] == [40]
    assert (lines["surgery"].now.beds, [row.beds for row in lines["surgery"].coming]) == (15, [25])
    set_beds(manager, clinic_id=clinic.pk, profile="surgery", beds=17, valid_from=today())
    clinic.refresh_from_db()
    assert (clinic.beds, BedCount.objects.filter(profile="surgery").count()) == (47, 2)


def test_what_begins_to_hold_at_midnight_is_summed_up_by_night(clinic):
    untouched = make.make_clinic(beds=7)
    make_beds(clinic, beds=10, valid_from=today(-1))
    make_beds(clinic, beds=12, valid_from=today())
    make_beds(clinic, beds=14, valid_from=today(1))
    assert sum_beds(SYSTEM) == 1
    assert sum_beds(SYSTEM) == 0
    clinic.refresh_from_db()
    untouched.refresh_from_db()
    assert (clinic.beds, untouched.beds) == (12, 7)


def test_wrong_beds_are_said_at_their_field(office, clinic):
    with pytest.raises(Invalid) as caught:
        set_beds(office, clinic_id=clinic.pk, profile="magic", beds=-1, valid_from=today())
    assert caught.value.errors.keys() == {"profile", "beds"}


def test_rooms_keep_their_history(office, clinic):
    room = create_room(office, clinic_id=clinic.pk, data={"number": " 312 ", "kind": "consulting"})
    assert room.number == "312"
    with pytest.raises(RoomExists):
        create_room(office, clinic_id=clinic.pk, data={"number": "312"})
    with pytest.raises(Invalid):
        update_room(office, room_id=room.pk, data={"opened_on": today(), "closed_on": today(-1)})
    update_room(office, room_id=room.pk, data={"opened_on": None, "closed_on": today(-1)})
    create_room(office, clinic_id=clinic.pk, data={"number": "312", "name_ru": "После ремонта"})
    shown = premises_of(office, clinic)
    assert ([r.name_ru for r in shown.rooms], len(shown.former_rooms)) == (["После ремонта"], 1)


def test_links_make_no_circle(office):
    first, second, third = (make.make_clinic() for _n in range(3))
    link_clinics(office, hub_id=first.pk, spoke_id=second.pk)
    link = link_clinics(office, hub_id=second.pk, spoke_id=third.pk)
    with pytest.raises(LinkExists), transaction.atomic():
        link_clinics(office, hub_id=first.pk, spoke_id=second.pk)
    for hub, spoke in ((third, first), (second, first), (first, first)):
        with pytest.raises(LinkedInCircle), transaction.atomic():
            link_clinics(office, hub_id=hub.pk, spoke_id=spoke.pk)
    unlink_clinics(office, link_id=link.pk)
    link_clinics(office, hub_id=third.pk, spoke_id=first.pk)
    manager = make.make_actor("manager", organization=second.organization)
    with pytest.raises(Forbidden):
        link_clinics(manager, hub_id=third.pk, spoke_id=second.pk)


def test_photographs_are_checked_stripped_and_served(office, clinic, client):
    caption = {"caption_ru": "Главный вход"}
    noted = jpeg(exif=b"Exif\0\0secret place")
    photo = add_photo(office, clinic_id=clinic.pk, upload=upload("вход.jpg", noted), caption=caption)
    answer = client.get(reverse("clinics:photo", args=[photo.pk]))
    body = answer.getvalue()
    assert body.startswith(b"\xff\xd8") and b"secret" not in body
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in answer["Cache-Control"]
    html = client.get(reverse("clinics:detail", args=[clinic.pk])).content.decode()
    assert reverse("clinics:photo", args=[photo.pk]) in html and "Главный вход" in html
    with pytest.raises(PhotoExists):
        add_photo(office, clinic_id=clinic.pk, upload=upload("вход2.jpg", noted), caption=caption)
    with pytest.raises(Invalid):
        add_photo(office, clinic_id=clinic.pk, upload=upload("вход.png", png()), caption={})
    for name, content in (("план.pdf", pdf()), ("вирус.jpg", b"MZ"), ("пусто.jpg", b"")):
        with pytest.raises(FileRefused):
            add_photo(office, clinic_id=clinic.pk, upload=upload(name, content), caption=caption)
    remove_photo(office, photo_id=photo.pk)
    assert client.get(reverse("clinics:photo", args=[photo.pk])).status_code == 404


def test_photographs_have_an_end(office, clinic):
    for _n in range(ClinicPhoto.MOST):
        make_photo(clinic)
    with pytest.raises(TooManyPhotos):
        add_photo(office, clinic_id=clinic.pk, upload=upload("ещё.png", png()), caption={"caption_ru": "Ещё"})


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_of_premises_takes_four_queries(office, clinic, number, django_assert_num_queries):
    for n in range(number):
        make_room(clinic)
        make_beds(clinic, valid_from=today(-n))
        make_link(spoke=clinic)
        make_photo(clinic)
    with django_assert_num_queries(4):
        shown = premises_of(office, clinic)
        assert [len(part) for part in (shown.rooms, shown.hubs, shown.photos)] == [number] * 3
        assert [link.hub.short_name for link in shown.hubs]


def test_a_stranger_keeps_no_premises(clinic):
    stranger = make.make_actor("manager")
    room, photo = make_room(clinic), make_photo(clinic)
    for call in (
        lambda: create_room(stranger, clinic_id=clinic.pk, data={"number": "1"}),
        lambda: update_room(stranger, room_id=room.pk, data={"number": "1"}),
        lambda: set_beds(stranger, clinic_id=clinic.pk, profile="therapy", beds=1, valid_from=today()),
        lambda: add_photo(
            stranger, clinic_id=clinic.pk, upload=upload("a.png", png()), caption={"caption_ru": "а"}
        ),
        lambda: remove_photo(stranger, photo_id=photo.pk),
        lambda: close_clinic(stranger, clinic_id=clinic.pk, closed_on=today(), reason="Нет"),
    ):
        with pytest.raises(Forbidden):
            call()
