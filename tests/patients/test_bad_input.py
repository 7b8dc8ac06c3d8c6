"""Bad input through both doors: a clear error at the right field, in the reader's language; nothing lost or done."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cluster_portal.accounts.models import User
from patients.models import Booking, Diagnosis, Patient, Referral
from tests.api.support import Caller, assert_problem
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db

PERSON = {
    "family": "Тен", "given": "Инна", "birth_date": "1984-02-29", "sex": "f", "snils": "112-233-445 95",
    "language": "ru",
}  # fmt: skip
#: What is wrong, at which field.
WRONG = [
    ({"snils": "112-233-445 96"}, "snils"),
    ({"snils": "11223344595٣"}, "snils"),
    ({"enp": "8451 9991 2289 9991"}, "enp"),
    ({"birth_date": "2999-01-01"}, "birth_date"),
    ({"birth_date": "29.02.1985"}, "birth_date"),
    ({"family": ""}, "family"),
    ({"sex": "x"}, "sex"),
    ({"phone": "позвоните мне"}, "phone"),
    ({"family": "Тен\x00"}, "family"),
]
TEN_MEGABYTES = 10 * 1024 * 1024


@pytest.fixture
def pair():
    clinics.make_cluster()
    Diagnosis.objects.update_or_create(code="I48.0", defaults={"name_ru": "Фибрилляция предсердий"})
    return patients.make_pair()


@pytest.fixture
def browser(pair) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=pair.referrer.user_id))
    return client


@pytest.fixture
def caller(pair) -> Caller:
    return Caller(pair.source.organization)


def errors_of(response) -> dict[str, str]:
    """field → text of a problem."""
    return {error["field"]: error["detail"] for error in response.json()["errors"]}


class TestPatient:
    @pytest.mark.parametrize(("wrong", "field"), WRONG, ids=str)
    def test_on_the_page_what_was_typed_stays(self, browser, wrong, field):
        before = Patient.objects.count()
        response = browser.post("/patients/new/", PERSON | wrong)
        assert response.status_code == 422
        form = response.context["form"]
        assert field in form.errors
        assert set(form.errors) == {field}
        assert "Инна" in response.content.decode()
        assert Patient.objects.count() == before

    @pytest.mark.parametrize(("wrong", "field"), WRONG, ids=str)
    def test_by_the_api(self, caller, wrong, field):
        before = Patient.objects.count()
        person = {key: value for key, value in PERSON.items() if key != "language"} | wrong
        response = caller.post("/api/v1/patients/", person)
        assert response.status_code == 400
        assert set(errors_of(response)) == {field}
        assert Patient.objects.count() == before

    def test_in_the_reader_s_language(self, browser, caller):
        wrong = PERSON | {"snils": "112-233-445 96"}
        texts = set()
        for language in ("ru", "en", "kk"):
            browser.cookies["language"] = language
            page = browser.post("/patients/new/", wrong)
            (text,) = page.context["form"].errors["snils"]
            answer = caller.post("/api/v1/patients/", wrong, headers={"Accept-Language": language})
            assert errors_of(answer)["snils"] == str(text)
            texts.add(str(text))
        assert len(texts) == 3

    def test_an_unknown_field_is_refused_by_the_api_and_ignored_by_the_page(self, browser, caller, pair):
        organization = str(pair.target.organization_id)
        response = caller.post(
            "/api/v1/patients/", PERSON | {"registered_by": organization, "is_generated": True}
        )
        assert set(errors_of(response)) == {"registered_by", "is_generated"}
        browser.post("/patients/new/", PERSON | {"registered_by": organization, "is_generated": "on"})
        patient = Patient.objects.get(snils="11223344595")
        assert patient.registered_by_id == pair.source.organization_id
        assert not patient.is_generated


class TestBody:
    @pytest.mark.parametrize("body", ["{", "", "[1, 2", '{"family": }', "\x00", "{'family': 'x'}"])
    def test_broken_json(self, caller, body):
        problem = caller.post("/api/v1/patients/", body).json()
        assert problem["status"] == 400
        assert not Patient.objects.filter(family="x").exists()

    def test_ten_megabytes_by_the_api(self, caller):
        response = caller.post("/api/v1/patients/", PERSON | {"allergies": "я" * TEN_MEGABYTES})
        assert_problem(response, 413, response.json()["code"])

    def test_ten_megabytes_on_the_page(self, browser):
        before = Patient.objects.count()
        response = browser.post("/patients/new/", PERSON | {"allergies": "z" * TEN_MEGABYTES})
        assert response.status_code in {400, 413}
        assert len(response.content) < 200_000
        assert Patient.objects.count() == before

    def test_thousands_of_fields(self, browser):
        response = browser.post("/patients/new/", PERSON | {f"f{n}": "1" for n in range(3000)})
        assert response.status_code == 400


class TestBooking:
    """The same refusals for the same slot, whichever door."""

    @pytest.fixture
    def referral(self, pair):
        return pair.referral("accepted", due_on=None)

    def refused(self, browser, caller, referral, slot):
        """The code of the API's answer; the page shows its text and books nothing either."""
        answer = caller.post(f"/api/v1/referrals/{referral.pk}/book/", {"slot": str(slot.pk)})
        assert answer.status_code == 409, answer.content
        page = browser.post(
            f"/referrals/{referral.pk}/time/", {"slot": str(slot.pk), "book": "1"}, follow=True
        )
        assert page.status_code in {200, 409, 422}
        referral.refresh_from_db()
        assert referral.state == "accepted"
        assert not Booking.objects.filter(referral=referral).exists()
        return answer.json()["code"]

    def test_a_slot_in_the_past(self, browser, caller, pair, referral):
        slot = pair.slot(timezone.now() - timedelta(hours=1))
        assert self.refused(browser, caller, referral, slot) == "slot_closed"

    def test_a_lapsed_licence(self, browser, caller, pair, referral):
        pair.target.licences.update(valid_to=timezone.now().date() - timedelta(days=1))
        assert self.refused(browser, caller, referral, pair.slot()) == "licence_lapsed"

    def test_a_slot_that_is_taken(self, browser, caller, pair, referral):
        slot = pair.slot()
        patients.make_booking(patients.make_referral(state="accepted", service=pair.service), slot)
        assert self.refused(browser, caller, referral, slot) == "slot_taken"

    def test_another_service(self, browser, caller, pair, referral):
        slot = clinics.make_slot(clinics.make_service(pair.target, "mri"))
        assert self.refused(browser, caller, referral, slot) == "wrong_service"

    @pytest.mark.parametrize("key", ["", "no-uuid", "00000000-0000-0000-0000-000000000000", "' OR 1=1"])
    def test_a_slot_that_is_none(self, browser, caller, referral, key):
        answer = caller.post(f"/api/v1/referrals/{referral.pk}/book/", {"slot": key})
        assert answer.status_code in {400, 404}
        page = browser.post(f"/referrals/{referral.pk}/time/", {"slot": key, "book": "1"})
        assert page.status_code < 500
        assert not Booking.objects.filter(referral=referral).exists()

    def test_the_same_request_twice(self, caller, pair, referral):
        slot = {"slot": str(pair.slot().pk)}
        address = f"/api/v1/referrals/{referral.pk}/book/"
        once = caller.post(address, slot, headers={"Idempotency-Key": "one-piece-of-work"})
        again = caller.post(address, slot, headers={"Idempotency-Key": "one-piece-of-work"})
        assert (once.status_code, again.status_code) == (200, 200)
        assert once.json() == again.json()
        without_key = caller.post(address, slot)
        assert_problem(without_key, 409, "illegal_transition")
        assert Booking.objects.filter(referral=referral).count() == 1


class TestDraft:
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"diagnosis_code": "кашель"}, "diagnosis_code"),
            ({"diagnosis_code": "Z99.99"}, "diagnosis_code"),
            ({"priority": "soon"}, "priority"),
            ({"service_type": "no-such-type"}, "service_type"),
            ({"state": "booked"}, "state"),
            ({"number": "SKH-26-0000001-X"}, "number"),
        ],
        ids=str,
    )
    def test_by_the_api(self, caller, pair, wrong, field):
        response = caller.post("/api/v1/referrals/", {"patient": str(pair.patient.pk)} | wrong)
        assert response.status_code == 400
        assert field in errors_of(response)
        assert not Referral.objects.exists()
