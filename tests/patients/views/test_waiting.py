"""The waiting list on the pages: joining it, answering an offer, the queue and the reason of each place."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cluster_portal.common.errors import Invalid
from cluster_portal.jobs import runner
from cluster_portal.jobs.models import Job
from cluster_portal.reports.services.asking import find_report
from patients.models import Booking, Referral, WaitlistEntry
from patients.selectors.waitlist import standing
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db


def waiting(pair, due=10, **fields):
    person = patients.make_patient(pair.source.organization)
    patients.make_consent(person)
    due_on = timezone.localdate() + timedelta(days=due)
    return pair.referral("waitlisted", patient=person, due_on=due_on, **fields)


def test_the_form_asks_what_suits_and_the_page_says_it(pair, referrer):
    referral = pair.referral("accepted")
    address = f"/referrals/{referral.pk}/wait/"
    form = referrer.get(address).content.decode()
    assert pair.target.short_name in form
    answer = referrer.post(
        address,
        {"weekdays": ["1", "3"], "parts": ["morning"], "notice_hours": "48", "clinics": [str(pair.target.pk)],
         "note": "едет с сопровождающим"},
    )  # fmt: skip
    assert answer.status_code == 303
    entry = WaitlistEntry.objects.get(referral=referral)
    assert (entry.weekdays, entry.parts, entry.notice_hours) == ([1, 3], ["morning"], 48)
    page = referrer.get(f"/referrals/{referral.pk}/").content.decode()
    assert "Место 1 из 1" in page and "едет с сопровождающим" in page and "пн, ср" in page


def test_what_makes_no_sense_is_said_at_the_field_and_kept(pair, referrer):
    referral = pair.referral("accepted")
    answer = referrer.post(
        f"/referrals/{referral.pk}/wait/",
        {"earliest_on": "2030-02-02", "latest_on": "2030-02-01", "notice_hours": "6", "note": "вахта"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "errorlist" in page and "Последний день" in page
    assert "вахта" in page
    referral.refresh_from_db()
    assert referral.state == "accepted"


def test_the_form_of_a_waiting_referral_holds_its_wishes(pair, referrer):
    referral = waiting(pair)
    WaitlistEntry.objects.update(weekdays=[5], notice_hours=5, note="после обеда")
    page = referrer.get(f"/referrals/{referral.pk}/change_preferences/").content.decode()
    assert 'value="5" id="change_preferences_weekdays_4" checked' in page.replace('checked=""', "checked")
    assert "после обеда" in page
    assert '<option value="5" selected' in page


def test_an_offer_is_taken_by_one_button(pair, referrer, coordinator):
    referral = waiting(pair)
    slot = clinics.make_slot(pair.service, start=at(3, 10))
    patients.make_offer(referral, slot)
    address = f"/referrals/{referral.pk}/"
    page = referrer.get(address).content.decode()
    assert "data-countdown" in page and f"{address}decline_offer/" in page
    theirs = coordinator.get(address).content.decode()
    assert f"{address}accept_offer/" not in theirs
    assert referrer.post(f"{address}accept_offer/").status_code == 303
    referral.refresh_from_db()
    assert (referral.state, referral.appointment_at) == ("booked", slot.start)
    # A second click is told how it stands.
    assert referrer.post(f"{address}accept_offer/").status_code == 303


def test_an_offer_is_declined_with_a_reason(pair, referrer):
    referral = waiting(pair)
    patients.make_offer(referral, clinics.make_slot(pair.service, start=at(3, 10)))
    address = f"/referrals/{referral.pk}/decline_offer/"
    assert referrer.post(address, {}).status_code == 422
    assert referrer.post(address, {"reason": "way", "comment": ""}).status_code == 303
    page = referrer.get(f"/referrals/{referral.pk}/").content.decode()
    assert "пациент не сможет добраться" in page


def test_a_late_offer_asks_why_on_the_page_and_in_the_dialog(pair, referrer):
    referral = waiting(pair, due=0)
    patients.make_offer(referral, clinics.make_slot(pair.service, start=at(3, 10)))
    address = f"/referrals/{referral.pk}/"
    assert 'name="late_reason"' in referrer.get(address).content.decode()
    assert referrer.post(f"{address}accept_offer/", {}).status_code == 422
    assert referrer.post(f"{address}accept_offer/", {"late_reason": "раньше мест нет"}).status_code == 303


def test_a_list_row_leads_to_the_offer(pair, referrer):
    referral = waiting(pair)
    patients.make_offer(referral, clinics.make_slot(pair.service, start=at(3, 10)))
    page = referrer.get("/referrals/out/waitlisted/").content.decode()
    assert "Ответить" in page and "время предложено до" in page


def test_the_page_of_times_declines_what_is_offered_and_lets_nothing_go(pair, referrer, coordinator):
    referral = waiting(pair)
    offer = patients.make_offer(referral, pair.slot(at(3, 9)))
    page = referrer.get(f"/referrals/{referral.pk}/time/")
    text = page.content.decode()
    assert f"/referrals/{referral.pk}/decline_offer/" in text and 'name="release"' not in text
    hours, minutes, _seconds = page.context["held"]["left"].split(":")
    assert (hours, minutes) in {("23", "59"), ("24", "00")}
    assert page.context["held"]["fraction"] > 0.9
    theirs = coordinator.get(f"/referrals/{referral.pk}/time/").content.decode()
    assert "decline_offer" not in theirs and 'name="release"' not in theirs
    past = timezone.now() - timedelta(minutes=1)
    Booking.objects.filter(pk=offer.booking_id).update(held_until=past)
    Referral.objects.filter(pk=referral.pk).update(offer_until=past)
    over = referrer.get(f"/referrals/{referral.pk}/time/").content.decode()
    assert "decline_offer" not in over and 'name="release"' not in over


class TestTheQueue:
    @pytest.fixture
    def queue(self, pair):
        """Four of the pair's patients and one of a stranger, in the order of the queue."""
        stranger = clinics.make_clinic()
        theirs = patients.make_patient(stranger.organization, family="Скрытова")
        due = timezone.localdate() + timedelta(days=10)
        now = timezone.now()
        return [
            waiting(pair, due=30, priority="urgent"),
            waiting(pair, due=3),
            waiting(pair, due=10, state_since=now - timedelta(days=2)),
            patients.make_referral(
                theirs, state="waitlisted", service=clinics.make_service(), source=stranger, due_on=due,
                state_since=now - timedelta(days=1),
            ),
            waiting(pair, due=10, state_since=now),
        ]  # fmt: skip

    def test_the_order_and_its_reasons(self, queue, coordinator):
        answer = coordinator.get("/referrals/waiting/")
        rows = answer.context["rows"]
        assert [row["referral_id"] for row in rows] == [r.pk if n != 3 else None for n, r in enumerate(queue)]
        assert [str(row["why"]) for row in rows] == [
            "спросят первым", "менее срочно, чем у предыдущего", "срочность та же, срок позже",
            "срочность и срок те же, ждёт меньше", "срочность и срок те же, ждёт меньше",
        ]  # fmt: skip
        page = answer.content.decode()
        assert "Скрытова" not in page and queue[3].number not in page
        assert "пациент другой клиники" in page

    def test_the_file_is_the_list_and_tells_no_stranger(self, queue, coordinator):
        page = coordinator.get("/referrals/waiting/")
        answer = coordinator.post(page.context["export"].url, {"file_format": "csv"})
        assert answer.status_code == 303
        assert runner.run_next()
        job = Job.objects.get()
        assert (job.state, job.error) == ("done", "")
        text = default_storage.open(job.file).read().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
        shown = page.context["rows"]
        assert [row[0] for row in rows] == [str(n) for n in range(1, 6)]
        assert [row[1] for row in rows] == [row["number"] or "" for row in shown]
        assert [row[12] for row in rows] == [str(row["why"]) for row in shown]
        assert [row[2] for row in rows if row[1]] == [row["patient"] for row in shown if row["seen"]]
        assert rows[3][1:4] == ["", "пациент другой клиники", ""]
        assert "Скрытова" not in text and queue[3].number not in text

    def test_the_file_has_those_whom_the_page_leaves_out(self, queue, pair, monkeypatch, coordinator):
        monkeypatch.setattr("patients.selectors.waitlist.SHOWN", 2)
        page = coordinator.get("/referrals/waiting/")
        assert (len(page.context["rows"]), page.context["hidden"]) == (2, 3)
        report = find_report(pair.coordinator, "patients.waiting")
        asked = report.check(pair.coordinator, {"service": queue[0].service_type_id})
        assert len(list(report.rows(pair.coordinator, asked))) == 5

    def test_the_file_of_a_service_that_is_not_ones_own_is_refused(self, queue):
        stranger = clinics.make_actor("coordinator")
        with pytest.raises(Invalid) as caught:
            find_report(stranger, "patients.waiting").check(stranger, {"service": queue[0].service_type_id})
        assert list(caught.value.errors) == ["service"]

    def test_thirty_lines_of_the_file_cost_what_one_does(self, pair):
        report = find_report(pair.coordinator, "patients.waiting")

        def cost(lines):
            with CaptureQueriesContext(connection) as queries:
                asked = report.check(pair.coordinator, {"service": entry.service_type_id})
                assert len(list(report.rows(pair.coordinator, asked))) == lines
            return len(queries)

        entry = waiting(pair)
        cost(1)
        one = cost(1)
        for n in range(29):
            waiting(pair, due=n)
        assert cost(30) == one

    def test_the_place_and_why_others_go_first(self, queue, pair):
        last = standing(queue[4].waitlist.get())
        assert (last.place, last.total, last.urgent, last.deadline, last.longer) == (5, 5, 1, 1, 2)
        assert standing(queue[0].waitlist.get()).place == 1

    def test_whoever_gives_and_sends_nothing_of_it_sees_no_queue(self, queue, sign_in):
        stranger = sign_in(clinics.make_actor("coordinator"))
        answer = stranger.get(f"/referrals/waiting/?service={queue[0].service_type_id}")
        assert answer.context["rows"] == []

    def test_thirty_rows_cost_what_one_does(self, pair, coordinator):
        waiting(pair)
        coordinator.get("/referrals/waiting/")
        with CaptureQueriesContext(connection) as one:
            coordinator.get("/referrals/waiting/")
        for n in range(29):
            waiting(pair, due=n)
        with CaptureQueriesContext(connection) as thirty:
            page = coordinator.get("/referrals/waiting/").content.decode()
        assert len(thirty) == len(one)
        assert page.count('class="first"') == 30
