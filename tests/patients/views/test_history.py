"""The history on a patient's card, and consents by REST."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import Consent, Referral
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


def history(client, pair, query=""):
    response = client.get(f"/patients/{pair.patient.pk}/{query}")
    assert response.status_code == 200
    return response


def test_everything_that_happened_stands_on_the_card(pair, referrer):
    done, waiting = pair.referral("completed"), pair.referral("waitlisted")
    outflow = patients.make_outflow(pair.patient, source=pair.source)
    patients.make_consent(pair.patient, "abroad", withdrawn_on=timezone.localdate())
    text = history(referrer, pair).content.decode()
    for part in (
        done.number, waiting.number, "Ритм синусовый", f"/outflow/{outflow.pk}/", "Центр Мешалкина",
        f"/patients/{pair.patient.pk}/consent/transfer.pdf", f"/outflow/new/?patient={pair.patient.pk}",
    ):  # fmt: skip
        assert part in text, part
    context = history(referrer, pair).context
    assert (context["total"], context["open_count"], context["filter"]) == (2, 1, None)
    assert [entry.referral_id for entry in context["waits"]] == [waiting.pk]


def test_a_reader_sees_their_own_part(pair, coordinator):
    pair.referral("accepted")
    stranger = patients.make_referral(pair.patient, state="accepted")
    patients.make_outflow(pair.patient, source=pair.source)
    response = history(coordinator, pair)
    assert response.context["total"] == 1 and response.context["outflows"] == []
    assert stranger.number not in response.content.decode()


def test_a_long_history_is_narrowed(pair, referrer):
    mri = clinics.make_service(pair.target, "mri")
    for n in range(9):
        pair.referral("completed" if n % 3 == 0 else "accepted", service=mri if n % 2 else pair.service)
    old = Referral.objects.order_by("pk").first()
    Referral.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=400))
    assert history(referrer, pair).context["filter"] is not None

    def count(query):
        return len(history(referrer, pair, f"?{query}").context["page"].items)

    assert count("") == 9
    assert count("show=open") == 6
    assert count("show=seen") == count("show=closed") == 3
    assert count("service_type=mri") == 4
    assert count(f"clinic={pair.target.pk}") == 9
    assert count(f"since={timezone.localdate() - timedelta(days=30)}") == 8
    assert count(f"until={timezone.localdate() - timedelta(days=30)}") == 1
    assert count("show=nonsense&service_type=nowhere&since=yesterday") == 9


def test_the_card_costs_the_same_with_one_referral_and_with_thirty(pair, referrer):
    def cost():
        history(referrer, pair)
        with CaptureQueriesContext(connection) as queries:
            history(referrer, pair, "?show=")
        return len(queries)

    pair.referral("waitlisted")
    pair.referral("completed")
    patients.make_outflow(pair.patient, source=pair.source)
    one = cost()
    for n in range(30):
        pair.referral(("waitlisted", "completed", "booked", "draft")[n % 4])
        patients.make_outflow(pair.patient, source=pair.source)
        patients.make_consent(pair.patient)
    assert cost() == one


def test_consents_by_rest_as_on_the_page(pair, referrer):
    address = f"/api/v1/patients/{pair.patient.pk}/consents/"
    today = clinics.day_of(timezone.now())
    given = referrer.post(
        address, {"kind": "abroad", "given_on": str(today), "country": "KR"}, content_type="application/json"
    )
    assert given.status_code == 201
    assert [row["kind"] for row in referrer.get(address).json()] == ["abroad", "transfer"]
    back = f"{address}{given.json()['id']}/withdraw/"
    early = {"withdrawn_on": str(today - timedelta(days=1))}
    refused = referrer.post(back, early, content_type="application/json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "withdrawn_on")
    withdrawn = referrer.post(back, {}, content_type="application/json")
    assert (withdrawn.status_code, withdrawn.json()["withdrawn_on"]) == (200, str(today))
    assert Consent.objects.get(kind="abroad").withdrawn_on == today
    other = patients.make_consent(patients.make_patient())
    assert (
        referrer.post(f"{address}{other.pk}/withdraw/", {}, content_type="application/json").status_code
        == 404
    )
