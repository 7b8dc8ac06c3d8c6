"""The office compares two records, makes them one, and two again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.audit.models import Access
from cluster_portal.common.background import relay
from patients.models import DuplicatePair, Patient, PatientMerge
from patients.services.duplicates import find_duplicates
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


def make_twins(n=0):
    name = {"family": f"Ковалёва-{chr(1072 + n) * 7}", "given": "Мария", "sex": "f", "snils": ""}
    first = patients.make_patient(**name, phone="+7 924 100-20-30")
    second = patients.make_patient(**name, phone="+7 924 555-66-77")
    return first, second


@pytest.fixture
def actor(pair):
    return clinics.make_actor("office")


@pytest.fixture
def office(actor, sign_in):
    return sign_in(actor)


def test_from_the_list_to_one_record_and_back(pair, actor, office, sign_in):
    first, second = make_twins()
    assert office.post("/duplicates/find/").status_code == 303
    relay()
    found = DuplicatePair.objects.get(first=first)
    page = office.get("/duplicates/").content.decode()
    assert f"/duplicates/{found.pk}/" in page and first.family not in page
    assert not Access.objects.exists()
    compared = office.get(f"/duplicates/{found.pk}/")
    assert first.phone in compared.content.decode() and second.phone in compared.content.decode()
    assert set(Access.objects.values_list("subject_id", "purpose")) == {
        (first.pk, "merge"),
        (second.pk, "merge"),
    }
    # A choice that is missing is asked for, and what was chosen stays.
    answers = {"survivor": "first", "keep_phone": "second"}
    refused = office.post(f"/duplicates/{found.pk}/", answers)
    assert refused.status_code == 422 and set(refused.context["form"].errors) == {"keep_enp"}
    merged = office.post(f"/duplicates/{found.pk}/", answers | {"keep_enp": "first", "comment": "Звонок"})
    merge = PatientMerge.objects.get()
    assert merged["Location"] == f"/duplicates/merges/{merge.pk}/"
    assert Patient.objects.get(pk=first.pk).phone == "+7 924 555-66-77"
    assert office.get(f"/duplicates/{found.pk}/")["Location"] == merged["Location"]
    assert "Звонок" in office.get("/duplicates/merges/").content.decode()
    # The old address leads to the survivor; a program is told by a field.
    theirs = sign_in(clinics.make_actor("referrer", organization=second.registered_by))
    assert theirs.get(f"/patients/{second.pk}/")["Location"] == f"/patients/{first.pk}/"
    assert theirs.get(f"/api/v1/patients/{second.pk}/").json()["replaced_by"] == str(first.pk)
    assert theirs.get(f"/api/v1/patients/{first.pk}/").json()["replaced_by"] is None
    listed = theirs.get("/api/v1/patients/").json()["results"]
    assert [row["id"] for row in listed] == [str(first.pk)]
    refused = theirs.post(
        "/api/v1/referrals/", {"patient": str(second.pk)}, content_type="application/json"
    ).json()
    assert (refused["code"], refused["replaced_by"]) == ("patient_merged", str(first.pk))
    undone = office.post(f"/duplicates/merges/{merge.pk}/undo/")
    assert undone.status_code == 303
    assert theirs.get(f"/patients/{second.pk}/").status_code == 200
    assert Patient.objects.get(pk=first.pk).phone == "+7 924 100-20-30"


def test_what_stands_in_the_way_of_undoing_is_said(pair, actor, office):
    first, _second = make_twins()
    find_duplicates(actor)
    found = DuplicatePair.objects.get(first=first)
    office.post(
        f"/duplicates/{found.pk}/", {"survivor": "first", "keep_phone": "second", "keep_enp": "first"}
    )
    merge = PatientMerge.objects.get()
    Patient.objects.filter(pk=first.pk).update(phone="+7 000 000-00-00")
    page = office.get(f"/duplicates/merges/{merge.pk}/")
    assert len(page.context["conflicts"]) == 1
    blocked = office.post(f"/duplicates/merges/{merge.pk}/undo/")
    assert blocked.status_code == 409 and blocked.context["conflicts"] == page.context["conflicts"]
    assert PatientMerge.objects.get().undone_at is None


def test_two_people_are_not_asked_about_again(pair, actor, office):
    first, _second = make_twins()
    find_duplicates(actor)
    found = DuplicatePair.objects.get(first=first)
    assert office.post(f"/duplicates/{found.pk}/dismiss/")["Location"] == "/duplicates/"
    assert office.get("/duplicates/").context["page"].items == []
    assert office.post(f"/duplicates/{found.pk}/dismiss/")["Location"] == f"/duplicates/{found.pk}/"


def test_the_list_costs_the_same_with_one_pair_and_with_thirty(pair, actor, office):
    def cost():
        office.get("/duplicates/")
        with CaptureQueriesContext(connection) as queries:
            assert office.get("/duplicates/").status_code == 200
        return len(queries)

    make_twins()
    find_duplicates(actor)
    one = cost()
    for n in range(1, 30):
        make_twins(n)
    find_duplicates(actor)
    assert DuplicatePair.objects.count() >= 30
    assert cost() == one
