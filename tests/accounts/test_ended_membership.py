"""Who has left an organisation does nothing in its name, and nothing in another's name by mistake."""

import pytest
from django.test import Client

from clinics.models import Membership
from clinics.states import OrganizationStatus
from patients.models import Patient
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

ME, REGISTER = "/api/v1/me/", "/patients/new/"
BODY = {"family": "Пак", "given": "Мария", "birth_date": "1980-05-17", "sex": "f"}


def deactivate(organization) -> None:
    Membership.objects.filter(organization=organization).update(is_active=False)


def leave(organization) -> None:
    organization.status = OrganizationStatus.LEFT
    organization.save()


@pytest.fixture(params=[deactivate, leave])
def end(request):
    return request.param


@pytest.fixture
def person():
    """Somebody of two organisations, who signed in for the first of them."""
    make.make_cluster()
    browser = Client(headers={"Accept-Language": "en"})
    browser.cookies["language"] = "en"
    browser.first, browser.second = make.make_organization(), make.make_organization()
    user = make.make_member(organization=browser.first)
    make.make_member(organization=browser.second, user=user)
    browser.force_login(user)
    return browser


def works_for(browser) -> str:
    return browser.get(ME).json()["organization"]["id"]


def test_a_form_is_not_sent_for_another_organisation(person, end):
    end(person.first)
    refused = person.post(REGISTER, BODY)
    assert refused.status_code == 403
    assert "You no longer belong" in refused.content.decode()
    assert not Patient.objects.exists()
    # Sent again it is looked at, for the organisation that the page now names.
    assert works_for(person) == str(person.second.pk)
    assert person.post(REGISTER, BODY).status_code == 422


def test_a_page_says_for_whom_one_works_now(person, end):
    assert works_for(person) == str(person.first.pk)
    end(person.first)
    page = person.get(REGISTER)
    assert page.status_code == 200 and "You no longer belong" in page.content.decode()
    assert works_for(person) == str(person.second.pk)
    assert "You no longer belong" not in person.get(REGISTER).content.decode()


def test_the_api_refuses_too_until_somebody_has_looked(person, end):
    end(person.first)
    for _ in range(2):
        assert_problem(person.post("/api/v1/patients/", BODY, "application/json"), 403, "membership_ended")
    assert not Patient.objects.exists()
    assert works_for(person) == str(person.second.pk)
    assert person.post("/api/v1/patients/", BODY, "application/json").status_code == 201


def test_who_belongs_to_nobody_any_more_is_let_in_nowhere(person, end):
    end(person.first)
    end(person.second)
    assert person.get("/patients/").status_code == 403
    assert person.post(REGISTER, BODY).status_code == 403
    assert_problem(person.post("/api/v1/patients/", BODY, "application/json"), 403, "forbidden")
    assert_problem(person.get("/api/v1/patients/"), 403, "forbidden")
    assert not Patient.objects.exists()


def test_one_can_still_sign_out_and_choose(person, end):
    end(person.first)
    wrong = person.post("/accounts/organization/", {"organization": str(person.first.pk)})
    assert wrong.status_code == 404
    right = person.post("/accounts/organization/", {"organization": str(person.second.pk)})
    assert right.status_code == 302
    assert person.post("/accounts/logout/").status_code == 302
    assert person.get(ME).status_code == 401


def test_a_program_of_an_organisation_that_ended_is_nobody(end):
    caller = Caller()
    assert caller.get(ME).status_code == 200
    end(caller.organization)
    assert_problem(caller.get(ME), 401, "invalid_token")
    assert_problem(caller.post("/api/v1/patients/", BODY), 401, "invalid_token")


def test_a_stored_answer_is_not_repeated_to_who_has_left(end):
    caller = Caller()
    key = {"Idempotency-Key": "same"}
    assert caller.post("/api/v1/patients/", BODY, headers=key).status_code == 201
    end(caller.organization)
    assert_problem(caller.post("/api/v1/patients/", BODY, headers=key), 401, "invalid_token")


def test_a_person_switched_off_is_out_of_pages_and_api(person):
    from cluster_portal.accounts.models import User

    User.objects.update(is_active=False)
    answer = person.get("/patients/")
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    assert person.post(REGISTER, BODY).status_code in {302, 401}
    assert_problem(person.post("/api/v1/patients/", BODY, "application/json"), 401, "not_signed_in")
    assert not Patient.objects.exists()
