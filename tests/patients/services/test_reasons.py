"""Coded reasons are kept by the cluster: what may be chosen, what must be explained, what gives a time back."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from cluster_portal.audit.selectors import history
from cluster_portal.common.errors import Invalid
from patients.models import Booking, Reason
from patients.selectors.reasons import Names, choices
from patients.services.booking import cancel_booking
from patients.services.decisions import (
    cancel_referral,
    redirect_referral,
    reject_referral,
    return_referral,
)
from patients.services.visits import mark_no_show
from tests.factories import clinics, patients
from tests.factories.patients import active_bookings, taken_and_occupied

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return patients.make_pair(triage=True)


def a_reason(kind="reject", code="duplicate", **fields):
    return Reason.objects.create(
        kind=kind, code=code, **{"name_ru": "повторное", "name_en": "a duplicate"} | fields
    )


def refused(service, actor, referral, field, **arguments):
    with pytest.raises(Invalid) as caught:
        service(actor, referral_id=referral.pk, **arguments)
    assert set(caught.value.errors) == {field}
    return str(caught.value.errors[field][0])


class TestWhatMayBeChosen:
    def test_a_reason_that_the_cluster_adds_works_at_once(self, pair):
        a_reason()
        referral = pair.referral("submitted")
        reject_referral(pair.coordinator, referral_id=referral.pk, reason="duplicate")
        assert referral.steps.latest("id").reason == "duplicate"

    def test_one_that_ended_is_refused_in_its_own_words_and_keeps_its_name(self, pair):
        today = timezone.localdate()
        reason = a_reason(valid_to=today)
        with override("ru"):
            assert [r.code for r in choices("reject")][-1] == "duplicate"
            Reason.objects.filter(pk=reason.pk).update(valid_to=today - timedelta(days=1))
            assert "duplicate" not in [r.code for r in choices("reject")]
            text = refused(
                reject_referral, pair.coordinator, pair.referral("submitted"), "reason", reason="duplicate"
            )
            assert "больше не используется" in text
            assert Names()("reject", "duplicate") == "повторное"

    def test_one_that_has_not_begun_is_refused(self, pair):
        a_reason(valid_from=timezone.localdate() + timedelta(days=1))
        refused(reject_referral, pair.coordinator, pair.referral("submitted"), "reason", reason="duplicate")

    def test_words_are_compulsory_where_the_dictionary_says_so(self, pair):
        referral = pair.referral("submitted")
        Reason.objects.filter(kind="return_for_info", code="tests_missing").update(needs_comment=True)
        for words in ("", "  "):
            refused(
                return_referral, pair.coordinator, referral, "comment", reason="tests_missing", comment=words
            )
        Reason.objects.filter(kind="return_for_info", code="tests_missing").update(needs_comment=False)
        return_referral(pair.coordinator, referral_id=referral.pk, reason="tests_missing")

    def test_the_order_is_the_dictionary_s(self):
        a_reason(position=1)
        assert choices("reject")[0].code == "duplicate"

    def test_names_are_in_the_reader_s_language_and_unknown_codes_stand_for_themselves(
        self, django_assert_num_queries
    ):
        with override("kk"), django_assert_num_queries(1):
            names = Names()
            assert names("reject", "not_indicated") == "көрсетілімі жоқ"
            assert names("reject", "from_another_age") == "from_another_age"
            assert names.of_ended_booking("no_licence") == "бұған лицензия жоқ"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"valid_from": timezone.localdate(), "valid_to": timezone.localdate() - timedelta(days=1)},
            {"kind": "return_for_info", "cancels_appointment": True},
            {"code": "other"},
        ],
    )
    def test_the_database_keeps_nonsense_out(self, wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            a_reason(**wrong)

    def test_the_dictionary_is_journalled(self):
        reason = a_reason()
        reason.needs_comment = True
        reason.save()
        assert [entry.operation for entry in history(reason)] == ["INSERT", "UPDATE"]


class TestActsThatMayBeReasoned:
    def test_no_show_with_and_without(self, pair):
        for reason in ("", "transport"):
            referral = pair.referral("booked", slot=pair.slot(clinics.at(0, 0)))
            mark_no_show(pair.coordinator, referral_id=referral.pk, reason=reason)
            booking = Booking.objects.get(referral=referral)
            assert (booking.state, booking.end_reason) == ("no_show", reason)
            assert referral.steps.latest("id").reason == reason

    def test_no_show_with_nonsense_changes_nothing(self, pair):
        referral = pair.referral("booked", slot=pair.slot(clinics.at(0, 0)))
        refused(mark_no_show, pair.coordinator, referral, "reason", reason="nonsense")
        refused(mark_no_show, pair.coordinator, referral, "comment", reason="other")
        assert [booking.state for booking in active_bookings(referral)] == ["booked"]

    def test_redirecting_keeps_the_code(self, pair):
        other, referral = clinics.make_service(), pair.referral("submitted")
        arguments = {"service_id": other.pk, "comment": "Это к ним"}
        refused(redirect_referral, pair.coordinator, referral, "reason", reason="nonsense", **arguments)
        redirect_referral(pair.coordinator, referral_id=referral.pk, reason="profile", **arguments)
        assert referral.steps.latest("id").reason == "profile"


class TestGivingTheTimeBack:
    @pytest.fixture
    def booked(self, pair):
        slot = pair.slot(clinics.at(3))
        return pair.referral("booked", slot=slot), slot

    @pytest.mark.parametrize(
        ("service", "reason", "state"),
        [(reject_referral, "no_licence", "rejected"), (cancel_referral, "recovered", "cancelled")],
    )
    def test_the_place_is_free_the_moment_the_referral_is_closed(self, pair, booked, service, reason, state):
        referral, slot = booked
        at = referral.appointment_at
        actor = pair.coordinator if service is reject_referral else pair.referrer
        service(actor, referral_id=referral.pk, reason=reason, comment="Так решено")
        referral.refresh_from_db()
        assert (referral.state, referral.appointment_at, referral.appointment_clinic) == (state, None, None)
        assert taken_and_occupied(slot) == (0, 0)
        booking = Booking.objects.get(referral=referral)
        assert (booking.state, booking.end_reason, booking.end_comment) == ("cancelled", reason, "Так решено")
        assert datetime.fromisoformat(referral.steps.latest("id").details["freed"]) == at

    @pytest.mark.parametrize("service", [reject_referral, cancel_referral])
    def test_a_reason_that_does_not_say_so_takes_no_time_away(self, pair, booked, service):
        referral, slot = booked
        kind = "reject" if service is reject_referral else "cancel"
        actor = pair.coordinator if service is reject_referral else pair.referrer
        a_reason(kind=kind)
        with override("en"):
            assert "cancel the booking first" in refused(
                service, actor, referral, "reason", reason="duplicate"
            )
        referral.refresh_from_db()
        assert (referral.state, taken_and_occupied(slot)) == ("booked", (1, 1))
        cancel_booking(actor, referral_id=referral.pk, reason="mistake")
        service(actor, referral_id=referral.pk, reason="duplicate")

    def test_of_a_booked_one_only_those_that_do_are_offered(self):
        offered = {reason.code for reason in choices("reject", booked=True)}
        assert offered == {reason.code for reason in choices("reject")} - {"prerequisites"}

    def test_without_a_time_the_flag_asks_for_nothing(self, pair):
        referral = pair.referral("submitted")
        reject_referral(pair.coordinator, referral_id=referral.pk, reason="prerequisites")
        assert referral.steps.latest("id").details == {}
