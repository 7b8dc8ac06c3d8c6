"""Choosing a clinic and a time: filters, the grid, the hold, booking and moving."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.common.errors import IllegalTransition
from patients.models import Booking, Referral
from patients.services.booking import book_referral
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def address(referral):
    return f"/referrals/{referral.pk}/time/"


def names(answer):
    return [card.clinic.pk for card in answer.context["cards"]]


def test_clinics_side_by_side_the_earliest_first(pair, referrer):
    referral = pair.referral("draft")
    far = clinics.make_service(clinics.make_clinic(lat=49.2, lon=143.1), "cardiologist")
    clinics.make_slot(far, start=at(1))
    pair.slot(at(3))
    answer = referrer.get(address(referral))
    assert names(answer) == [far.clinic_id, pair.target.pk]
    assert names(referrer.get(address(referral) + "?f=1&sort=near")) == [pair.target.pk, far.clinic_id]
    assert names(referrer.get(address(referral) + "?f=1&km=2")) == [pair.target.pk]


def test_filters_narrow_and_count(pair, referrer):
    referral = pair.referral("draft")
    paid = clinics.make_service(
        clinics.make_clinic(languages=["ru", "ko"], wheelchair=True), "cardiologist", payments=["paid"]
    )
    remote = clinics.make_service(None, "cardiologist", mode="telemedicine")
    answer = referrer.get(address(referral))
    assert paid.clinic_id not in names(answer)  # the referral's own payment is asked for at first
    assert len(names(referrer.get(address(referral) + "?f=1"))) == 3
    assert names(referrer.get(address(referral) + "?f=1&payment=paid&language=ko")) == [paid.clinic_id]
    assert names(referrer.get(address(referral) + "?f=1&mode=telemedicine")) == [remote.clinic_id]
    assert names(referrer.get(address(referral) + "?f=1&wheelchair=1")) == [paid.clinic_id]
    nothing = referrer.get(address(referral) + "?f=1&in_time=1")
    assert names(nothing) == []
    assert "Показать все клиники" in nothing.content.decode()
    lines = {line.value: line.count for line in answer.context["facets"]["payment"]}
    assert lines == {"oms": 2, "paid": 3}


def test_a_service_for_others_is_not_offered(pair, referrer):
    referral = pair.referral("draft")
    children = clinics.make_service(None, "cardiologist", age_max=17)
    women = clinics.make_service(None, "cardiologist", sex="f")
    shown = names(referrer.get(address(referral) + "?f=1"))
    assert children.clinic_id not in shown and women.clinic_id not in shown


def said(answer):
    assert names(answer) == []
    return answer.context["nothing"]


def test_nobody_sees_this_patient_and_the_page_says_why(pair, referrer):
    """Age and sex are named with the clinics that they shut out; the filters are not blamed."""
    referral = pair.referral("draft")
    pair.service.age_max = 17
    pair.service.save()
    clinics.make_service(None, "cardiologist", age_max=14)
    nothing = said(referrer.get(address(referral)))
    assert nothing.title == "Ни одна клиника не принимает этого пациента по этой услуге"
    assert "2 клиники не принимают пациентов старше 17 лет" in nothing.text
    assert str(referral.service_type.name) in nothing.text and "фильтр" not in nothing.text.lower()
    assert [link["url"] for link in nothing.links] == [f"/referrals/{referral.pk}/reason/"]
    clinics.make_service(None, "cardiologist", sex="f")
    assert "1 клиника принимает только женщин" in said(referrer.get(address(referral))).text


def test_too_young_in_three_languages(pair, referrer):
    patient = patients.make_patient(birth_date=at(-800).date())
    referral = pair.referral("draft", patient=patient)
    pair.service.age_min = 3
    pair.service.save()
    words = {
        "ru": "1 клиника не принимает пациентов младше 3 лет",
        "en": "1 clinic sees nobody younger than 3 years",
        "kk": "1 клиника 3 жасқа",
    }
    for language, expected in words.items():
        referrer.cookies["language"] = language
        answer = referrer.get(address(referral))
        assert expected in said(answer).text, language


def test_nobody_offers_the_service(pair, referrer):
    referral = pair.referral("draft")
    pair.service.is_active = False
    pair.service.save()
    assert said(referrer.get(address(referral))).title == "Эту услугу сейчас не оказывает ни одна клиника"


def test_filters_that_hide_all_name_themselves(pair, referrer):
    """Each filter that alone stands in the way has a button that drops it, with how many clinics it shows."""
    referral = pair.referral("draft")
    nothing = said(referrer.get(address(referral) + "?f=1&language=ko"))
    assert [link["label"] for link in nothing.links] == ["Любой язык: 1 клиника", "Показать все клиники"]
    assert names(referrer.get(nothing.links[0]["url"])) == [pair.target.pk]
    both = said(referrer.get(address(referral) + "?f=1&language=ko&wheelchair=1"))
    assert [link["label"] for link in both.links] == ["Показать все клиники"]
    assert names(referrer.get(both.links[0]["url"])) == [pair.target.pk]


def test_those_who_see_others_are_named_below(pair, referrer):
    referral = pair.referral("draft")
    clinics.make_service(None, "cardiologist", age_max=17)
    answer = referrer.get(address(referral))
    assert names(answer) == [pair.target.pk]
    assert "1 клиника не принимает пациентов старше 17 лет" in answer.content.decode()


def test_the_page_costs_the_same_with_many_clinics(pair, referrer):
    referral = pair.referral("draft")
    pair.slot()

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert referrer.get(address(referral)).status_code == 200
        return len(queries)

    cost()
    one = cost()
    for n in range(12):
        clinics.make_slot(clinics.make_service(None, "cardiologist"), start=at(1 + n))
    assert cost() == one <= 16


def test_free_taken_and_late_times(pair, referrer):
    referral = pair.referral("draft")
    free, taken, late = pair.slot(at(1, 9)), pair.slot(at(1, 10), taken=1), pair.slot(at(40, 9))
    page = referrer.get(address(referral)).content.decode()
    assert f'value="{free.pk}"' in page and f'value="{taken.pk}"' not in page
    assert "занято:" in page
    week = late.start.date() - timedelta(days=1)
    page = referrer.get(address(referral) + f"?f=1&service={pair.service.pk}&week={week}").content.decode()
    assert "slot--late" in page and "позже нормы" in page
    assert referrer.get(address(referral) + "?week=nonsense").status_code == 200


def test_a_time_is_kept_and_let_go(pair, referrer):
    referral, slot = pair.referral("accepted"), pair.slot()
    fragment = referrer.post(address(referral), {"slot": str(slot.pk), "query": "f=1"}, **HTMX)
    assert fragment.status_code == 200
    text = fragment.content.decode()
    assert "data-countdown" in text and "<html" not in text and "slot--chosen" in text
    assert Booking.objects.get().state == "held"
    released = referrer.post(address(referral), {"release": "1", "query": ""}, **HTMX).content.decode()
    assert "data-countdown" not in released
    assert patients.taken_and_occupied(slot) == (0, 0)


def test_booking_what_is_kept(pair, referrer):
    referral, slot = pair.referral("accepted"), pair.slot()
    referrer.post(address(referral), {"slot": str(slot.pk), "query": ""})
    answer = referrer.post(address(referral), {"slot": str(slot.pk), "book": "1", "query": ""})
    assert answer.url == f"/referrals/{referral.pk}/"
    assert Referral.objects.get(pk=referral.pk).state == "booked"


def test_a_taken_time_answers_with_three_others(pair, referrer):
    referral, slot = pair.referral("accepted"), pair.slot()
    others = [pair.slot(at(1, 10 + n)) for n in range(3)]
    patients.make_booking(
        pair.referral("accepted", patient=patients.make_patient(pair.source.organization)), slot
    )
    answer = referrer.post(address(referral), {"slot": str(slot.pk), "query": ""})
    assert answer.status_code == 409
    assert [str(one.pk) for one in others] == [o["slot"] for o in answer.context["alternatives"]]
    assert "только что заняли" in answer.content.decode()
    # htmx swaps 422 in, and shows the same.
    assert referrer.post(address(referral), {"slot": str(slot.pk), "query": ""}, **HTMX).status_code == 422


def test_moving_to_another_clinic(pair, referrer):
    old = pair.slot(at(2))
    referral = pair.referral("booked", slot=old)
    new = clinics.make_slot(clinics.make_service(None, "cardiologist"), start=at(3))
    page = referrer.get(address(referral) + f"?f=1&service={new.service_id}&slot={new.pk}").content.decode()
    assert "Перенести на это время" in page
    assert Booking.objects.get(state="booked").slot == old  # looking is not moving
    answer = referrer.post(
        address(referral), {"slot": str(new.pk), "move": "1", "query": "", "comment": "ближе"}
    )
    assert answer.url == f"/referrals/{referral.pk}/"
    assert patients.taken_and_occupied(old) == (0, 0)
    assert Referral.objects.get(pk=referral.pk).target_clinic == new.clinic


def test_a_late_time_asks_why_in_its_field(pair, referrer):
    referral, slot = pair.referral("accepted", due_on=at(1).date()), pair.slot(at(20))
    referrer.post(address(referral), {"slot": str(slot.pk), "query": ""})
    answer = referrer.post(address(referral), {"slot": str(slot.pk), "book": "1", "query": ""})
    assert answer.status_code == 409 and answer.context["form"].errors["late_code"]
    assert 'name="late_code"' in answer.content.decode() and 'name="late_reason"' in answer.content.decode()
    other = {"slot": str(slot.pk), "book": "1", "late_code": "other", "query": ""}
    answer = referrer.post(address(referral), other)
    assert answer.status_code == 400 and answer.context["form"].errors["late_reason"]
    answer = referrer.post(
        address(referral), {"slot": str(slot.pk), "book": "1", "late_code": "transport", "query": ""}
    )
    assert answer.status_code == 303


def test_what_can_have_no_time_says_so(pair, referrer, coordinator):
    for state in ("submitted", "in_care", "completed", "rejected", "cancelled"):
        referral = pair.referral(state)
        for answer in (referrer.get(address(referral)), referrer.post(address(referral), {"slot": "x"})):
            assert answer.url == f"/referrals/{referral.pk}/"
    draft = pair.referral("draft")
    assert coordinator.get(address(draft)).status_code == 404


def test_nonsense_breaks_nothing(pair, referrer):
    referral = pair.referral("accepted")
    assert referrer.post(address(referral), {"slot": "nonsense", "query": ""}).status_code == 400
    gone = referrer.post(
        address(referral), {"slot": "00000000-0000-7000-8000-000000000000", "query": "service=1&week=x"}
    )
    assert gone.status_code in (404, 409)
    assert referrer.get(address(referral) + "?km=99&sort=zzz&service=1&slot=2&payment=qq").status_code == 200


def test_both_sides_may_book(pair, coordinator):
    referral, slot = pair.referral("accepted"), pair.slot()
    coordinator.post(address(referral), {"slot": str(slot.pk), "query": ""})
    assert (
        coordinator.post(address(referral), {"slot": str(slot.pk), "book": "1", "query": ""}).status_code
        == 303
    )
    other = pair.slot(at(4))
    with pytest.raises(IllegalTransition):
        book_referral(pair.coordinator, referral_id=referral.pk, slot_id=other.pk)
