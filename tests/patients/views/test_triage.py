"""The list to decide on: one click an item, the next one follows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.accounts.roles import Role
from patients.models import Referral
from tests.factories import clinics
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db


def test_the_list_with_the_first_one_open_beside_it(pair, coordinator):
    late = pair.referral(
        "submitted", due_on=at(-1).date(), priority="urgent", reason="Боли при ходьбе до 100 метров."
    )
    calm = pair.referral("submitted", due_on=at(9).date())
    answer = coordinator.get("/referrals/in/triage/")
    assert [row.id for row in answer.context["page"]] == [late.pk, calm.pk]
    page = answer.content.decode()
    assert "Боли при ходьбе" in page and "просрочено" in page
    item = coordinator.get(f"/referrals/in/triage/{calm.pk}/").content.decode()
    assert f"/referrals/in/triage/{late.pk}/" in item and "2 из 2" in item


def test_accepting_goes_on_to_the_next(pair, coordinator):
    first, second = (pair.referral("submitted", due_on=at(n).date()) for n in (1, 2))
    answer = coordinator.post(f"/referrals/{first.pk}/accept/", {"next": "triage"})
    assert answer.url == f"/referrals/in/triage/{second.pk}/"
    answer = coordinator.post(
        f"/referrals/{second.pk}/reject/", {"next": "triage", "reason": "not_indicated"}
    )
    assert answer.url == "/referrals/in/triage/"
    assert "Всё разобрано" in coordinator.get(answer.url).content.decode()
    assert set(Referral.objects.values_list("state", flat=True)) == {"accepted", "rejected"}


def test_one_decided_meanwhile_leads_to_its_page(pair, coordinator):
    referral = pair.referral("accepted")
    assert coordinator.get(f"/referrals/in/triage/{referral.pk}/").url == f"/referrals/{referral.pk}/"


def test_what_is_missing_is_named(pair, coordinator):
    pair.patient.consents.all().delete()
    referral = pair.referral("submitted", reason="коротко", question="")
    page = coordinator.get(f"/referrals/in/triage/{referral.pk}/").content.decode()
    assert "не хватает 3" in page and "очень короткое" in page and "не внесено" in page


def test_a_registrar_reads_but_does_not_decide(pair, sign_in):
    referral = pair.referral("submitted")
    registrar = sign_in(clinics.make_actor(Role.REFERRER, organization=pair.target.organization))
    page = registrar.get(f"/referrals/in/triage/{referral.pk}/").content.decode()
    assert referral.number in page and "/accept/" not in page
    assert registrar.post(f"/referrals/{referral.pk}/accept/").status_code == 403


def test_strangers(pair, sign_in):
    referral = pair.referral("submitted")
    stranger = sign_in(clinics.make_actor(Role.COORDINATOR))
    assert stranger.get(f"/referrals/in/triage/{referral.pk}/").status_code == 404
    assert referral.number not in stranger.get("/referrals/in/triage/").content.decode()


def test_thirty_cost_what_one_does(pair, coordinator):
    referral = pair.referral("submitted")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert coordinator.get(f"/referrals/in/triage/{referral.pk}/").status_code == 200
        return len(queries)

    cost()
    one = cost()
    for _ in range(30):
        pair.referral("submitted")
    assert cost() == one
