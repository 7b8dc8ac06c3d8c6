"""What a clinic offers: taken up, described and given up by its manager, its program and the office."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clinics.errors import ServiceExists
from clinics.models import Service
from clinics.services.offering import offer_service, update_service
from cluster_portal.accounts.models import User
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

API = "/api/v1/services/"


@pytest.fixture
def clinic():
    make.make_cluster()
    make.make_service_type("echo")
    return make.make_clinic()


@pytest.fixture
def manager(clinic):
    return make.make_actor("manager", organization=clinic.organization)


def test_a_service_is_offered_once_in_a_mode_and_changed(manager, clinic):
    key = {"clinic_id": clinic.pk, "service_type": "echo"}
    offered = offer_service(manager, **key, data={"payments": ["oms", "oms"], "age_min": 18})
    assert (offered.payments, offered.age_min, offered.age_max, offered.is_active) == (["oms"], 18, 130, True)
    with pytest.raises(ServiceExists):
        offer_service(manager, **key, data={"payments": ["paid"]})
    other = offer_service(manager, **key, data={"payments": ["paid"], "mode": "telemedicine"})
    with pytest.raises(ServiceExists):
        update_service(manager, service_id=other.pk, data={"mode": "visit"})
    update_service(manager, service_id=other.pk, data={"price": Decimal("900.50"), "is_active": False})
    other.refresh_from_db()
    assert (other.mode, other.price, other.is_active) == ("telemedicine", Decimal("900.50"), False)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"payments": []}, "payments"), ({"payments": ["cash"]}, "payments"),
        ({"age_min": 60, "age_max": 18}, "age_max"),
        ({"price": Decimal(-1)}, "price"), ({"mode": "visits"}, "mode"), ({"sex": "x"}, "sex"),
        ({"clinic": "other"}, "clinic"), ({"comment_ru": "а" * 301}, "comment_ru"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(manager, clinic, wrong, field):
    with pytest.raises(Invalid) as caught:
        offer_service(manager, clinic_id=clinic.pk, service_type="echo", data={"payments": ["oms"]} | wrong)
    assert set(caught.value.errors) == {field}


def test_types_that_are_gone_and_clinics_of_others(manager, clinic):
    make.make_service_type("old", is_active=False)
    for code in ("old", "none"):
        with pytest.raises(Invalid) as caught:
            offer_service(manager, clinic_id=clinic.pk, service_type=code, data={"payments": ["oms"]})
        assert set(caught.value.errors) == {"service_type"}
    foreign = make.make_service(make.make_clinic())
    said = {"service_type": "echo", "data": {"payments": ["oms"]}}
    with pytest.raises((Forbidden, NotFound)):
        offer_service(manager, clinic_id=foreign.clinic_id, **said)
    with pytest.raises((Forbidden, NotFound)):
        update_service(manager, service_id=foreign.pk, data={"phone": "1"})
    with pytest.raises(Forbidden):
        offer_service(
            make.make_actor("referrer", organization=clinic.organization), clinic_id=clinic.pk, **said
        )


def test_the_manager_clicks_and_the_office_too(client, manager, clinic):
    client.force_login(User.objects.get(pk=manager.user_id))
    new = f"/registry/clinics/{clinic.pk}/services/new/"
    assert new in client.get("/my-clinic/").content.decode()
    refused = client.post(new, {"service_type": "echo", "comment_ru": "С контрастом", "age_max": "x"})
    assert refused.status_code == 422
    assert {"payments", "age_max", "mode"} <= set(refused.context["form"].errors)
    assert 'value="С контрастом"' in refused.content.decode()
    entered = {
        "service_type": "echo", "payments": ["oms", "paid"], "mode": "visit", "booking_mode": "triage",
        "age_min": "0", "age_max": "17", "price": "1200", "is_active": "on",
    }  # fmt: skip
    made = client.post(new, entered)
    assert (made.status_code, made["Location"]) == (303, f"/my-clinic/#site-{clinic.pk}")
    again = client.post(new, entered)
    assert again.status_code == 422 and "service_type" in again.context["form"].errors
    offered = Service.objects.get()
    assert (offered.payments, offered.booking_mode, offered.age_max) == (["oms", "paid"], "triage", 17)
    edit = f"/services/{offered.pk}/edit/"
    assert edit in client.get("/my-clinic/").content.decode()
    assert "service_type" not in client.get(edit).context["form"].fields
    client.force_login(make.make_member("office"))
    record = f"/registry/clinics/{clinic.pk}/"
    assert edit in client.get(record).content.decode()
    del entered["is_active"]
    assert client.post(edit, entered)["Location"] == record
    offered.refresh_from_db()
    assert not offered.is_active


def test_a_clinic_s_own_program_offers_and_changes(clinic):
    program = Caller(clinic.organization)
    body = {"clinic": str(clinic.pk), "service_type": "echo", "payments": ["oms"], "price": "15.50"}
    made = program.post(API, body)
    assert made.status_code == 201, made.content
    assert (made.json()["price"], made.json()["mode"], made.json()["is_active"]) == ("15.50", "visit", True)
    assert_problem(program.post(API, body), 400, "service_exists")
    address = made["Location"]
    changed = program.patch(address, {"is_active": False}, headers={"If-Match": made["ETag"]})
    assert changed.json()["is_active"] is False
    assert_problem(
        program.patch(address, {"phone": "1"}, headers={"If-Match": made["ETag"]}), 412, "stale_version"
    )
    assert_problem(program.patch(address, {"clinic": str(clinic.pk)}), 400, "invalid")
    assert_problem(Caller().patch(address, {"phone": "1"}), 403, "forbidden")
