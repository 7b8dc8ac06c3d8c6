"""Rooms, beds, links and photographs by REST."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.client import MULTIPART_CONTENT
from django.test.utils import CaptureQueriesContext

from clinics.models import Clinic, ClinicPhoto, RoomClosure
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make
from tests.factories import records
from tests.files.samples import jpeg

pytestmark = pytest.mark.django_db

API = "/api/v1/"


@pytest.fixture
def clinic():
    make.make_cluster()
    return make.make_clinic()


@pytest.fixture
def program(clinic):
    return Caller(clinic.organization)


def test_a_clinic_s_own_program_keeps_its_rooms(program, clinic):
    made = program.post(f"{API}rooms/", {"clinic": str(clinic.pk), "number": "312", "kind": "procedure"})
    assert made.status_code == 201, made.content
    address = made["Location"]
    changed = program.patch(address, {"name_ru": "Перевязочная"}, headers={"If-Match": made["ETag"]})
    assert (changed.json()["names"]["ru"], changed.json()["kind"]) == ("Перевязочная", "procedure")
    assert_problem(
        program.post(f"{API}rooms/", {"clinic": str(clinic.pk), "number": "312"}), 400, "room_exists"
    )
    assert_problem(
        program.patch(address, {"number": "1"}, headers={"If-Match": made["ETag"]}), 412, "stale_version"
    )
    foreign = records.make_room()
    assert_problem(program.patch(f"{API}rooms/{foreign.pk}/", {"number": "1"}), 403, "forbidden")
    [row] = program.get(f"{API}rooms/?clinic={clinic.pk}").json()["results"]
    assert row["number"] == "312"


def test_a_room_is_closed_and_opened_again(program, clinic):
    room = records.make_room(clinic)
    days = {"first_day": make.at(2).date().isoformat(), "last_day": make.at(3).date().isoformat()}
    made = program.post(f"{API}rooms/{room.pk}/closures/", days | {"reason": "Ремонт"})
    assert made.status_code == 201, made.content
    [shown] = program.get(f"{API}rooms/{room.pk}/").json()["closures"]
    assert shown == made.json()
    closure = f"closures/{shown['id']}/"
    other = records.make_room(clinic)
    assert_problem(program.delete(f"{API}rooms/{other.pk}/{closure}"), 404, "not_found")
    assert program.delete(f"{API}rooms/{room.pk}/{closure}").status_code == 204
    assert not RoomClosure.objects.exists()


def test_beds_are_told_by_profile_and_day(program, clinic):
    body = {"clinic": str(clinic.pk), "profile": "therapy", "beds": 30, "valid_from": "2024-01-01"}
    first = program.post(f"{API}beds/", body)
    again = program.post(f"{API}beds/", body | {"beds": 32})
    assert (first.status_code, again.json()["id"], again.json()["beds"]) == (201, first.json()["id"], 32)
    assert Clinic.objects.get(pk=clinic.pk).beds == 32
    assert program.get(f"{API}beds/?profile=surgery").json()["results"] == []


def test_links_are_the_offices(program, clinic):
    link = records.make_link(make.make_clinic(), clinic)
    [row] = program.get(f"{API}clinic-links/?spoke={clinic.pk}").json()["results"]
    assert (row["id"], row["hub"]) == (str(link.pk), str(link.hub_id))
    assert_problem(program.delete(f"{API}clinic-links/{link.pk}/"), 403, "forbidden")


def test_photographs_are_sent_and_taken_away(program, clinic):
    body = {"clinic": str(clinic.pk), "caption_ru": "Вход", "file": SimpleUploadedFile("вход.jpg", jpeg())}
    made = program.post(f"{API}clinic-photos/", body, MULTIPART_CONTENT)
    assert made.status_code == 201, made.content
    address = made["Location"]
    picture = program.get(f"{address}file/")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert program.delete(address).status_code == 204
    assert not ClinicPhoto.objects.exists()


def test_the_lists_cost_the_same_for_one_and_for_thirty(program, clinic):
    costs = {}
    for total in (1, 30):
        for n in range(total if total == 1 else 29):
            room = records.make_room(clinic)
            records.make_closure(room)
            records.make_beds(clinic, valid_from=date(2020 + total, 1, 1) + timedelta(days=n))
            records.make_link(make.make_clinic(), clinic)
        for name in ("rooms", "beds", "clinic-links"):
            program.get(f"{API}{name}/")
            with CaptureQueriesContext(connection) as caught:
                assert len(program.get(f"{API}{name}/").json()["results"]) == total
            assert costs.setdefault(name, len(caught)) == len(caught)
