"""Actions: a page or a dialog asks, a plain form does it, a refusal stands at its field, a second click is harmless."""

import pytest

from patients.models import Diagnosis, Referral
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def state(referral):
    return Referral.objects.values_list("state", flat=True).get(pk=referral.pk)


@pytest.mark.parametrize(
    ("begins", "action", "data", "ends"),
    [
        ("submitted", "accept", {}, "accepted"),
        ("submitted", "accept", {"priority": "urgent", "comment": "ЭКГ плохая"}, "accepted"),
        ("submitted", "return_for_info", {"reason": "tests_missing", "comment": "Креатинин"}, "returned"),
        ("submitted", "reject", {"reason": "not_indicated"}, "rejected"),
        ("booked", "cancel_booking", {"reason": "equipment"}, "accepted"),
    ],
)
def test_the_receiving_side_acts(pair, coordinator, begins, action, data, ends):
    referral = pair.referral(begins)
    address = f"/referrals/{referral.pk}/{action}/"
    asked = coordinator.get(address)
    assert asked.status_code == 200 and referral.number in asked.content.decode()
    dialog = coordinator.get(address, **HTMX).content.decode()
    assert dialog.lstrip().startswith("<dialog") and "<html" not in dialog
    answer = coordinator.post(address, data)
    assert (answer.status_code, answer.url) == (303, f"/referrals/{referral.pk}/")
    assert state(referral) == ends
    # The second click of a double one, and a colleague who was slower.
    again = coordinator.post(address, data, follow=True)
    assert again.status_code == 200
    assert "Ничего не изменилось" in again.content.decode()
    assert state(referral) == ends
    if action != "accept":
        assert coordinator.get(address, follow=True).redirect_chain


def test_a_coded_reason_is_needed_and_other_needs_words(pair, coordinator):
    referral = pair.referral("submitted")
    address = f"/referrals/{referral.pk}/reject/"
    nothing = coordinator.post(address, {"comment": "что-то напечатано"})
    assert nothing.status_code == 422
    assert nothing.context["form"].errors["reason"] == ["Выберите причину."]
    assert "что-то напечатано" in nothing.content.decode()
    other = coordinator.post(address, {"reason": "other"}, **HTMX)
    assert other.status_code == 422
    assert other.context["form"].errors["comment"]
    assert other.content.decode().lstrip().startswith("<dialog")
    assert state(referral) == "submitted"


def test_another_priority_asks_why(pair, coordinator):
    referral = pair.referral("submitted")
    answer = coordinator.post(f"/referrals/{referral.pk}/accept/", {"priority": "urgent"})
    assert answer.status_code == 422 and answer.context["form"].errors["comment"]


def test_redirecting_to_another_clinic(pair, coordinator, sign_in):
    referral = pair.referral("submitted")
    other = clinics.make_service(None, "neurologist")
    address = f"/referrals/{referral.pk}/redirect/"
    bad = coordinator.post(address, {"service": "нет такой", "comment": "туда"})
    assert bad.context["form"].errors["service"]
    silent = coordinator.post(address, {"service": str(other.pk), "comment": ""})
    assert silent.context["form"].errors["comment"]
    assert (
        coordinator.post(address, {"service": str(other.pk), "comment": "Это к неврологу"}).status_code == 303
    )
    assert Referral.objects.get(pk=referral.pk).target_clinic == other.clinic
    # Who passed it on goes on seeing it, and can do nothing more.
    page = coordinator.get(f"/referrals/{referral.pk}/").content.decode()
    assert "Перенаправлено" in page and "accept/" not in page


def test_the_visit_and_its_conclusion(pair, coordinator, referrer):
    Diagnosis.objects.update_or_create(code="I48.0", defaults={"name_ru": "Фибрилляция предсердий"})
    referral = pair.referral("booked", slot=pair.slot(at(0, 0, 5)))
    assert coordinator.post(f"/referrals/{referral.pk}/arrive/").status_code == 303
    address = f"/referrals/{referral.pk}/complete/"
    assert pair.coordinator.name in coordinator.get(address).content.decode()
    short = coordinator.post(address, {"text": "ок", "diagnosis_code": "I48.0"})
    assert short.status_code == 422 and short.context["form"].errors["text"]
    wrong = coordinator.post(address, {"text": "Ритм синусовый, наблюдение.", "diagnosis_code": "XX"})
    assert wrong.context["form"].errors["diagnosis_code"] and "Ритм синусовый" in wrong.content.decode()
    done = coordinator.post(address, {"text": "Ритм синусовый, наблюдение.", "diagnosis_code": "i48.0"})
    assert done.status_code == 303
    assert "Ритм синусовый" in referrer.get(f"/referrals/{referral.pk}/").content.decode()


def test_arriving_on_another_day_is_not_offered_and_not_done(pair, coordinator):
    referral = pair.referral("booked", slot=pair.slot(at(2)))
    assert "arrive/" not in coordinator.get(f"/referrals/{referral.pk}/").content.decode()
    answer = coordinator.post(f"/referrals/{referral.pk}/arrive/")
    assert answer.status_code == 422
    assert state(referral) == "booked"


@pytest.mark.parametrize(
    "action", ["accept", "return_for_info", "redirect", "reject", "arrive", "no_show", "complete"]
)
def test_the_other_side_may_not(pair, referrer, sign_in, action):
    referral = pair.referral("submitted")
    address = f"/referrals/{referral.pk}/{action}/"
    assert referrer.get(address).status_code == 403
    data = {"reason": "other", "comment": "x", "text": "x" * 20, "diagnosis_code": "I48.0", "service": "x"}
    assert referrer.post(address, data).status_code in (403, 422)
    stranger = sign_in(clinics.make_actor())
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, data).status_code == 404
    assert state(referral) == "submitted"


def test_addresses_that_are_no_actions(pair, referrer):
    referral = pair.referral("draft")
    assert referrer.get(f"/referrals/{referral.pk}/nonsense/").status_code == 404
    assert referrer.get(f"/referrals/{referral.pk}/book/").url == f"/referrals/{referral.pk}/time/"
    assert referrer.get(f"/referrals/{referral.pk}/edit/").url == f"/referrals/{referral.pk}/reason/"
    assert referrer.post(f"/referrals/{referral.pk}/book/", {"slot_id": "x"}).status_code == 404


def test_a_referral_is_taken_back_with_its_time(pair, referrer):
    slot = pair.slot()
    referral = pair.referral("booked", slot=slot)
    assert referrer.post(f"/referrals/{referral.pk}/cancel/", {"reason": "recovered"}).status_code == 303
    assert state(referral) == "cancelled"
    assert patients.taken_and_occupied(slot) == (0, 0)
