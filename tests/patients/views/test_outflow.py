"""The register of those sent outside the cluster, in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from patients.models import Outflow, Reason
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


def answers(**changes):
    return {
        "service_type": clinics.make_service_type().pk, "diagnosis_code": "I48.0", "country": "RU",
        "region": "Новосибирская область", "clinic_name": "Центр Мешалкина", "reason": "no_service", "payment": "vmp",
        "cost": "410000,50", "currency": "RUB", "sent_on": clinics.day_of(timezone.now()).isoformat(),
        "decided_by": "Врачебная комиссия",
    } | changes  # fmt: skip


def test_a_refused_referral_is_sent_outside(pair, referrer):
    referral = pair.referral("rejected")
    page = referrer.get(reverse("patients:referral", args=[referral.pk]))
    address = f"{reverse('patients:outflow_new')}?referral={referral.pk}"
    assert address in page.content.decode()
    form = referrer.get(address).context["form"]
    assert (form["service_type"].value(), form["diagnosis_code"].value()) == ("cardiologist", "I48.0")
    sent = answers(key=form["key"].value(), source_clinic=str(pair.source.pk))
    response = referrer.post(address, sent)
    outflow = Outflow.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/outflow/{outflow.pk}/")
    assert str(outflow.cost) == "410000.50"
    # The same form once more leads to the same entry.
    assert referrer.post(address, sent)["Location"] == f"/outflow/{outflow.pk}/"
    page = referrer.get(reverse("patients:referral", args=[referral.pk])).content.decode()
    assert f"/outflow/{outflow.pk}/" in page and address not in page
    assert pair.patient.full_name in referrer.get(f"/outflow/{outflow.pk}/").content.decode()


def test_what_was_typed_stays_when_it_is_refused(pair, referrer):
    address = f"{reverse('patients:outflow_new')}?patient={pair.patient.pk}"
    response = referrer.post(address, answers(region="", source_clinic=str(pair.source.pk)))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"region"}
    assert "Центр Мешалкина" in response.content.decode()


def test_it_is_changed_and_withdrawn(pair, referrer):
    outflow = patients.make_outflow(pair.patient, source=pair.source)
    address = reverse("patients:outflow_edit", args=[outflow.pk])
    assert referrer.get(address).context["form"]["region"].value() == "Новосибирская область"
    changed = answers(region="Москва", source_clinic=str(pair.source.pk))
    assert referrer.post(address, changed).status_code == 303
    outflow.refresh_from_db()
    assert outflow.region == "Москва"
    address = reverse("patients:outflow_withdraw", args=[outflow.pk])
    assert referrer.post(address, {"why": ""}).status_code == 422
    assert referrer.post(address, {"why": "Пациент остался"}).status_code == 303
    assert "Пациент остался" in referrer.get(f"/outflow/{outflow.pk}/").content.decode()
    assert referrer.get("/outflow/").context["page"].items == []


def test_the_form_offers_what_is_used_today_and_what_the_entry_says(pair, referrer):
    Reason.objects.filter(kind="send_outside", code="long_wait").update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )

    def offered(address):
        return [code for code, _name in referrer.get(address).context["form"].fields["reason"].choices]

    new = f"{reverse('patients:outflow_new')}?patient={pair.patient.pk}"
    assert offered(new) == ["no_service", "patient_choice", "equipment_down", "other"]
    old = patients.make_outflow(pair.patient, source=pair.source, reason="long_wait")
    edit = reverse("patients:outflow_edit", args=[old.pk])
    assert "long_wait" in offered(edit)
    same = answers(reason="long_wait", source_clinic=str(pair.source.pk))
    assert referrer.post(edit, same).status_code == 303
    for page in ("/outflow/?reason=long_wait", f"/outflow/{old.pk}/", f"/patients/{pair.patient.pk}/"):
        assert "долго ждать" in referrer.get(page).content.decode(), page


def test_the_office_reads_no_name_anywhere(pair, sign_in):
    referral = pair.referral("rejected")
    outflow = patients.make_outflow(
        pair.patient, source=pair.source, referral=referral, comment="Тайный комментарий",
        decided_by="Тайный врач",
    )  # fmt: skip
    office = sign_in(clinics.make_actor("office"))
    for address in ("/outflow/", f"/outflow/{outflow.pk}/", f"/outflow/?q={pair.patient.family}"):
        text = office.get(address).content.decode()
        body = text.split("<main", 1)[1].replace(f'value="{pair.patient.family}"', "")
        for secret in (pair.patient.family, referral.number, str(pair.patient.pk), "Тайный"):
            assert secret not in body, address
    api = office.get(f"/api/v1/outflow/{outflow.pk}/").json()
    assert (api["patient"], api["referral"], api["comment"], api["decided_by"]) == (None, None, "", "")
    assert office.get(f"/api/v1/outflow/?patient={pair.patient.pk}").json()["results"] == []


def test_the_list_costs_the_same_with_one_row_and_with_thirty(pair, referrer):
    def cost():
        referrer.get("/outflow/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert referrer.get("/outflow/?reason=no_service").status_code == 200
        return len(queries)

    patients.make_outflow(pair.patient, source=pair.source)
    one = cost()
    for _n in range(29):
        patients.make_outflow(patients.make_patient(pair.source.organization), source=pair.source)
    assert cost() == one


def test_a_program_enters_reads_changes_and_withdraws(pair, referrer):
    body = answers(patient=str(pair.patient.pk), cost="410000.50")
    created = referrer.post("/api/v1/outflow/", body, content_type="application/json")
    assert created.status_code == 201, created.json()
    address = created["Location"]
    assert created.json()["cost"] == "410000.50"
    assert (
        referrer.post("/api/v1/outflow/", body | {"nonsense": 1}, content_type="application/json").json()[
            "errors"
        ][0]["field"]
        == "nonsense"
    )
    changed = referrer.patch(address, {"region": "Москва"}, content_type="application/json")
    assert (changed.status_code, changed.json()["region"]) == (200, "Москва")
    for query, n in (("reason=no_service", 1), ("reason=other&reason=no_service", 1), ("reason=other", 0)):
        assert len(referrer.get(f"/api/v1/outflow/?{query}").json()["results"]) == n, query
    wrong = referrer.get("/api/v1/outflow/?reason=boredom")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "reason")
    wrong = referrer.patch(address, {"reason": "boredom"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "reason")
    bad = referrer.patch(address, {"sent_on": "2199-01-01"}, content_type="application/json")
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "sent_on")
    gone = referrer.post(f"{address}withdraw/", {"why": "Ошибка"}, content_type="application/json")
    assert gone.json()["withdrawn_at"]
    assert referrer.get("/api/v1/outflow/?withdrawn=false").json()["results"] == []
    open_one = pair.referral("accepted")
    refused = referrer.post(
        "/api/v1/outflow/", body | {"referral": str(open_one.pk)}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "still_open")
