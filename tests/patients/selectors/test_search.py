"""The numbers that an organisation's own system gives: they find its patients, and tell nobody else anything."""

import pytest
from django.db import connection
from django.urls import reverse

from cluster_portal.accounts.models import User
from patients.models import PatientNumber
from patients.selectors.search import search_patients
from tests.api.support import Caller
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    """Two clinics, and a patient of both, whom each knows under a number of its own."""
    clinics.make_cluster()
    pair = patients.make_pair()
    patients.make_link(pair.patient, pair.target.organization)
    number(pair.patient, pair.source, "К-000123")
    number(pair.patient, pair.target, "4711")
    return pair


def number(patient, clinic, text):
    return PatientNumber.objects.create(patient=patient, organization=clinic.organization, number=text)


@pytest.mark.parametrize("text", ["К-000123", " К-000123 "])
def test_a_number_finds_its_patient_at_those_who_gave_it(pair, text):
    patients.make_patient(pair.source.organization)
    assert list(search_patients(pair.referrer, text)) == [pair.patient]
    assert list(search_patients(pair.coordinator, text)) == []


@pytest.mark.parametrize("text", ["К-00012", "К-0001234", "000123", "К 000123"])
def test_only_the_whole_number_counts(pair, text):
    assert list(search_patients(pair.referrer, text)) == []


def test_a_number_may_look_like_another_thing(pair):
    """Like an identifier, a day, a name: both that are meant are found."""
    other = patients.make_patient(pair.source.organization, birth_date="1980-05-17")
    number(pair.patient, pair.source, other.snils)
    number(pair.patient, pair.source, "17.05.1980")
    for text in (other.snils, "17.05.1980"):
        assert set(search_patients(pair.referrer, text)) == {pair.patient, other}


def test_a_number_opens_nobody(pair):
    """A patient who is no longer open to the organisation is not found by the number that it gave."""
    stranger = patients.make_patient(clinics.make_organization())
    number(stranger, pair.source, "К-9")
    assert list(search_patients(pair.referrer, "К-9")) == []


def test_the_search_goes_by_indexes(pair):
    """The number is looked up by its unique index, its patient by the key, beside the words of a name."""
    for n in range(200):
        number(pair.patient, pair.source, f"Ким {n}")
    patients.make_patient(pair.source.organization, family="Ким")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE patients_patientnumber")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = search_patients(pair.referrer, "Ким 1970-05-17").explain()
    assert "patient_number_unique" in plan
    assert "Seq Scan" not in plan


def test_pages_find_and_show_it(pair, client):
    client.force_login(User.objects.get(pk=pair.referrer.user_id))
    for page in (reverse("patients:list"), reverse("pages:search"), reverse("patients:referral_new")):
        assert pair.patient.full_name in client.get(page, {"q": "К-000123"}).content.decode(), page
    card = client.get(reverse("patients:detail", args=[pair.patient.pk])).content.decode()
    assert "К-000123" in card
    assert "4711" not in card


def test_work_lists_find_it(pair, client):
    client.force_login(User.objects.get(pk=pair.referrer.user_id))
    number(pair.patient, pair.source, "70112")
    referral = pair.referral("accepted")
    other = patients.make_referral(source=pair.source)
    page = client.get(reverse("patients:worklist", args=["out", "all"]), {"q": "70112"}).content.decode()
    assert referral.number in page
    assert other.number not in page


def test_programs_see_and_ask_for_their_own_numbers(pair):
    sender, receiver = Caller(pair.source.organization), Caller(pair.target.organization)
    other = patients.make_patient(pair.source.organization)
    own = {"organization": str(pair.source.organization.pk), "number": "К-000123"}
    assert sender.get(f"/api/v1/patients/{pair.patient.pk}/").json()["numbers"] == [own]
    assert sender.get(f"/api/v1/patients/{other.pk}/").json()["numbers"] == []
    theirs = receiver.get(f"/api/v1/patients/{pair.patient.pk}/").json()["numbers"]
    assert [line["number"] for line in theirs] == ["4711"]

    def found(caller, **asked):
        return [row["id"] for row in caller.get("/api/v1/patients/", asked).json()["results"]]

    assert found(sender, number="К-000123") == found(sender, q="К-000123") == [str(pair.patient.pk)]
    assert (
        found(sender, number="4711") == found(receiver, number="К-000123") == found(sender, number="") == []
    )
    assert found(sender, number="К-000123", birth_date="1900-01-01") == []
