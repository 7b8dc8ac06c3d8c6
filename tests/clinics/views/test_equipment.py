"""The pages of the register of equipment: filters, forms, labels, the page behind a label, constant costs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.models import Downtime, Equipment, Slot, Upkeep
from clinics.papers.labels import equipment_labels, scan_address
from clinics.services.places import take_place
from clinics.services.schedules import publish_schedule
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.ids import uuid7
from tests.documents.support import pages_of, text_of
from tests.factories import clinics as make
from tests.factories.records import make_room

pytestmark = pytest.mark.django_db

LIST = "/equipment/"


@pytest.fixture
def clinic():
    make.make_cluster()
    return make.make_clinic()


@pytest.fixture
def staff(client, clinic):
    client.force_login(make.make_member(Role.REFERRER, organization=clinic.organization))
    return client


@pytest.fixture
def unit(clinic):
    return make.make_equipment(clinic, serial="SN-77", place="112")


def at(name, unit, *args):
    return reverse(f"clinics:{name}", args=[unit.pk, *args])


def numbers(page):
    return [row["unit"].inventory_number for row in page.context["page"].items]


def form_of(clinic, **fields):
    return {"type": "ct", "inventory_number": "77-1", "clinic": str(clinic.pk), "state": "planned"} | fields


def test_the_list_is_the_organisations_own_and_the_office_sees_all(staff, client, unit):
    other = make.make_equipment()
    assert numbers(staff.get(LIST)) == [unit.inventory_number]
    client.force_login(make.make_member(Role.OFFICE))
    assert numbers(client.get(LIST)) == sorted([unit.inventory_number, other.inventory_number])


def test_each_filter_narrows(staff, clinic, unit):
    today = timezone.localdate()
    other = make.make_equipment(
        clinic, "mri", inventory_number="A-1", state="planned", programme_year=2026, model="Ёлка",
    )  # fmt: skip
    ending = make.make_equipment(clinic, inventory_number="A-2", warranty_until=today + timedelta(days=20))
    over = make.make_equipment(clinic, inventory_number="A-3", warranty_until=today - timedelta(days=3))
    for query, expected in (
        ("type=mri", [other]), ("state=planned", [other]), ("year=2026", [other]), ("q=елка", [other]),
        ("q=a-1", [other]), ("q=SN-77", [unit]), ("warranty=30", [ending]), ("warranty=over", [over]),
        (f"clinic={clinic.pk}&state=planned", [other]), ("state=planned&year=1999", [other]),
    ):  # fmt: skip
        assert numbers(staff.get(f"{LIST}?{query}")) == [row.inventory_number for row in expected], query


def test_the_list_costs_the_same_for_one_and_for_thirty(staff, clinic, unit, django_assert_num_queries):
    staff.get(LIST)
    with CaptureQueriesContext(connection) as caught:
        assert len(staff.get(LIST).context["page"]) == 1
    for n in range(29):
        make.make_equipment(clinic, "mri" if n % 2 else "ct", programme_year=2000 + n)
    with django_assert_num_queries(len(caught)):
        assert len(staff.get(LIST).context["page"]) == 30


def test_the_page_of_a_unit_costs_the_same_with_a_long_history(staff, unit, django_assert_num_queries):
    def live(times):
        for _n in range(times):
            began = timezone.now() - timedelta(days=400 - unit.downtimes.count())
            Downtime.objects.create(equipment=unit, starts=began, ends=began + timedelta(hours=2))
            Upkeep.objects.create(equipment=unit, kind="repair", done_on=began.date(), done_by="Сервис")
            make.make_schedule(make.make_service(unit.clinic, f"s{uuid7()}"), equipment=unit)

    live(1)
    staff.get(at("equipment_unit", unit))
    with CaptureQueriesContext(connection) as caught:
        staff.get(at("equipment_unit", unit))
    live(29)
    with django_assert_num_queries(len(caught)):
        assert len(staff.get(at("equipment_unit", unit)).context["record"].upkeep) == 30


def test_a_unit_is_entered_and_corrected(staff, clinic, unit):
    answer = staff.post(LIST + "new/", form_of(clinic, programme_year="2026", country="KR"))
    made = Equipment.objects.get(inventory_number="77-1")
    assert (answer.status_code, answer["Location"]) == (303, at("equipment_unit", made))
    assert (made.state, made.programme_year, made.country) == ("planned", 2026, "KR")
    address = at("equipment_edit", made)
    assert staff.get(address).context["form"]["programme_year"].value() == 2026
    assert staff.post(address, form_of(clinic, room="7")).status_code == 303
    made.refresh_from_db()
    assert (made.room, made.place, made.programme_year) == (None, "7", None)
    room = make_room(clinic, number="7")
    assert staff.post(address, form_of(clinic, room="каб. 7")).status_code == 303
    made.refresh_from_db()
    assert (made.room, made.place) == (room, "")
    assert staff.get(address).context["form"]["room"].value() == "7"


def test_what_was_typed_stays_when_it_is_refused(staff, clinic, unit):
    tomorrow = timezone.localdate() + timedelta(days=2)
    sent = form_of(clinic, inventory_number=unit.inventory_number, model="Енисей-3")
    for wrong, fields in (
        ({"ordered_on": tomorrow.isoformat()}, {"ordered_on"}), ({}, {"inventory_number"}), ({"type": ""}, {"type"}),
        ({"programme_year": "77"}, {"programme_year"}), ({"clinic": str(uuid7())}, {"clinic"}),
    ):  # fmt: skip
        answer = staff.post(LIST + "new/", sent | wrong)
        assert answer.status_code == 422 and set(answer.context["form"].errors) == fields, wrong
        assert "Енисей-3" in answer.content.decode()


def test_the_steps_on_the_page_are_those_of_the_table(staff, clinic):
    unit = make.make_equipment(clinic, state="ordered")
    page = staff.get(at("equipment_unit", unit)).content.decode()
    assert set(re.findall(r"/move/(\w+)/", page)) == {"deliver"}
    day = timezone.localdate() - timedelta(days=2)
    answer = staff.post(
        at("equipment_move", unit, "deliver"), {"on": day.isoformat(), "comment": "Складской акт"}
    )
    assert answer.status_code == 303
    page = staff.get(at("equipment_unit", unit)).content.decode()
    assert "Складской акт" in page and set(re.findall(r"/move/(\w+)/", page)) == {"commission"}
    refused = staff.post(at("equipment_move", unit, "write_off"), {"comment": "Сломан"})
    assert refused.status_code == 422 and refused.context["form"].errors


def test_a_fault_from_the_telephone_lists_who_has_to_be_moved(staff, clinic, unit, monkeypatch):
    from clinics import occupants

    monkeypatch.setattr(occupants, "_moving", lambda actor, clinic, who: f"/referrals/moving/?who={who}")
    schedule = make.make_schedule(
        make.make_service(clinic), hours=tuple((day, "09:00", "10:00") for day in range(1, 8)), equipment=unit,
        works_on_holidays=True,
    )  # fmt: skip
    publish_schedule(SYSTEM, schedule_id=schedule.pk)
    assert take_place(Slot.objects.filter(schedule=schedule, start__gt=timezone.now()).earliest("start").pk)
    scan = at("equipment_scan", unit)
    page = staff.get(scan).content.decode()
    # Two taps: what opens the part, and the button that sends it.
    form = re.search(r'<details class="scan__act scan__act--danger">.*?</details>', page, re.DOTALL).group()
    assert f'action="{at("equipment_move", unit, "report_fault")}"' in form and "required" not in form
    answer = staff.post(at("equipment_move", unit, "report_fault"), {"from": "scan"})
    assert (answer.status_code, answer["Location"]) == (303, scan)
    unit.refresh_from_db()
    assert unit.state == "in_repair"
    shown = staff.get(scan)
    assert shown.context["waiting"] == 1
    assert f"/referrals/moving/?who={schedule.practitioner_id}" in shown.content.decode()
    assert staff.post(at("equipment_move", unit, "return_to_work"), {"from": "scan"})["Location"] == scan
    assert staff.get(scan).context["waiting"] == 0


def test_a_service_is_noted_by_its_kind_alone(staff, unit):
    answer = staff.post(at("equipment_scan_upkeep", unit), {"kind": "maintenance"})
    assert (answer.status_code, answer["Location"]) == (303, at("equipment_scan", unit))
    line = unit.upkeep.get()
    assert (line.kind, line.done_on) == ("maintenance", make.day_of(timezone.now()))
    assert line.done_by.startswith("Дубова")
    assert staff.post(at("equipment_scan_upkeep", unit), {"kind": "dance"}).status_code == 400


def test_the_page_behind_a_label_asks_to_sign_in_and_leads_back(client, unit):
    answer = client.get(at("equipment_scan", unit))
    assert answer.status_code == 302 and at("equipment_scan", unit) in answer["Location"]


def test_labels_are_a_sheet_with_a_code_of_each_unit(staff, clinic, unit, settings):
    settings.PUBLIC_URL = "https://cluster.example"
    others = [make.make_equipment(clinic) for _n in range(24)]
    answer = staff.post(LIST + "labels/", {"row": [str(row.pk) for row in (unit, *others)]})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = text_of(answer.content)
    assert pages_of(answer.content) == 2
    assert all(row.inventory_number in text for row in (unit, *others)) and "SN-77" in text
    assert scan_address(unit.pk) == f"https://cluster.example/e/{unit.pk}/"


def test_labels_are_of_units_that_one_sees_and_not_of_too_many(staff, clinic, unit):
    actor = make.make_actor(Role.MANAGER, organization=clinic.organization)
    with pytest.raises(NotFound):
        equipment_labels(actor, [unit.pk, make.make_equipment().pk])
    with pytest.raises(Invalid):
        equipment_labels(actor, [uuid7() for _n in range(241)])
    assert staff.post(LIST + "labels/").status_code == 400


def test_the_programme_is_drawn_and_told(client, clinic):
    for year, state in ((2025, "commissioned"), (2026, "planned"), (2026, "delivered"), (2026, "in_repair")):
        make.make_equipment(clinic, state=state, programme_year=year)
    make.make_equipment(clinic)
    make.make_equipment(programme_year=2026)
    client.force_login(make.make_member(Role.MANAGER, organization=clinic.organization))
    page = client.get(LIST + "programme/")
    assert page.context["points"] == [(1, 1), (3, 2)]
    assert [(row.year, row.planned, row.delivered, row.awaited) for row in page.context["years"]] == [
        (2025, 1, 1, 0), (2026, 3, 2, 1),
    ]  # fmt: skip
    assert '<svg class="columns"' in page.content.decode()
    client.force_login(make.make_member(Role.OFFICE))
    assert client.get(LIST + "programme/").context["points"] == [(1, 1), (4, 3)]


def test_a_pattern_names_the_unit_that_it_needs(client, clinic, unit):
    client.force_login(make.make_member(Role.MANAGER, organization=clinic.organization))
    schedule = make.make_schedule(make.make_service(clinic))
    address = reverse("clinics:schedule_pattern", args=[schedule.pk])
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value not in (None, False)}
    sent |= {"clinic": clinic.pk, "equipment": unit.pk}
    assert client.post(address, sent).status_code == 303
    schedule.refresh_from_db()
    assert schedule.equipment_id == unit.pk
    page = client.get(at("equipment_unit", unit)).content.decode()
    assert schedule.practitioner.short_name in page
