"""Pages of presence, results, certificates and calendars."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from tests.factories import clinics as make
from tests.factories import training as rows
from training.errors import NotInIntake
from training.models import Attendance, Certificate, Expense, Programme, TrainingFeed
from training.selectors import codes
from training.services.certificates import CHECKS

pytestmark = pytest.mark.django_db
PASSED = {"is_passed": "yes", "text": "Уверенно", "assessor": "Проф. Ли", "assessed_on": timezone.localdate()}


@pytest.fixture
def staff(client, hospital):
    client.force_login(make.make_member("training", organization=hospital))
    return client


@pytest.fixture
def intake(hospital):
    """An intake of today with a session that is on now; nothing but a final assessment is asked for."""
    made = rows.make_intake(
        rows.make_programme(presence_share=0), begins=-1, days=3, state="running", seats=40
    )
    now = timezone.now()
    rows.make_session(made, starts=now - timedelta(minutes=5), ends=now + timedelta(minutes=40))
    return made


@pytest.fixture
def learner(hospital, intake):
    """Who learns there, in a browser of their own."""
    user = make.make_member("specialist", organization=hospital)
    nomination = rows.make_nomination(rows.make_specialist(hospital, user=user), intake, "in_progress")
    browser = Client()
    browser.force_login(user)
    return browser, nomination


def cost(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_telephone_checks_in_through_sign_in_once_whatever_is_sent_again(learner, intake):
    _browser, nomination = learner
    session = intake.sessions.get()
    telephone = Client()
    scanned = telephone.get(f"/attend/{codes.session_code(session.pk)}/")
    address = f"/attend/session/{session.pk}/"
    assert (scanned.status_code, scanned["Location"]) == (303, address)
    assert "/login" in telephone.get(address)["Location"]
    telephone.force_login(nomination.specialist.user)
    page = telephone.get(address)
    assert page.status_code == 200 and "<script" not in page.text and len(page.content) < 4000
    for _again in range(2):
        assert telephone.post(address).status_code == 303
    assert Attendance.objects.get().way == "code"
    assert "отмечены" in telephone.get(address, headers={"accept-language": "ru"}).text
    assert telephone.get("/attend/forged/").status_code == 409


def test_without_a_code_nobody_checks_in(learner, intake):
    browser, _nomination = learner
    address = f"/attend/session/{intake.sessions.get().pk}/"
    assert browser.get(address).status_code == 200
    assert browser.post(address).status_code == 409
    # Whoever has no seat there is told so before pressing anything.
    stranger = Client()
    stranger.force_login(make.make_member("manager", organization=make.make_organization()))
    assert type(stranger.get(address).context["error"]) is NotInIntake
    assert not Attendance.objects.exists()


def test_a_host_finds_what_it_teaches_and_where(learner, intake, hospital):
    host = make.make_organization()
    Programme.objects.filter(pk=intake.programme_id).update(host_organization=host)
    session = intake.sessions.get()
    rows.make_intake(rows.make_programme(host_organization=host), state="planned")
    room = rows.make_teaching_room(make.make_clinic(hospital))
    rows.make_room_booking(room, session=session, state="confirmed")
    teacher, employer = Client(), Client()
    teacher.force_login(make.make_member("manager", organization=host))
    employer.force_login(make.make_member("manager", organization=hospital))
    assert [one.pk for one, _tone in teacher.get("/nominations/").context["taught"]] == [intake.pk]
    assert employer.get("/nominations/").context["taught"] == []
    assert teacher.get(f"/training/intakes/{intake.pk}/learning/").context["sessions"] == [(session, True)]
    for page in (f"/training/sessions/{session.pk}/attendance/", f"/training/sessions/{session.pk}/code/"):
        assert room.name in teacher.get(page).text
    assert room.name in learner[0].get("/my-training/").text


def test_the_teacher_shows_a_code_scans_a_person_and_ticks_a_list(staff, learner, intake, hospital):
    browser, nomination = learner
    session, other = (
        intake.sessions.get(),
        rows.make_nomination(rows.make_specialist(hospital), intake, "confirmed"),
    )
    wall = staff.get(f"/training/sessions/{session.pk}/code/", headers={"hx-request": "true"})
    assert "<svg" in wall.text and "<html" not in wall.text
    person = f"/attend/person/{codes.person_code(nomination.pk)}/"
    assert browser.get(person).status_code == 403
    assert staff.post(person, {"session": session.pk}).status_code == 303
    sheet = f"/training/sessions/{session.pk}/attendance/"
    # The list was opened before the telephone's check: what it did not show stays.
    assert staff.post(sheet, {"row": [other.pk]}).status_code == 303
    assert Attendance.objects.count() == 2
    staff.post(sheet, {"row": [other.pk], "was": [other.pk, nomination.pk]})
    assert Attendance.objects.get().nomination == other
    late = rows.make_session(
        intake, starts=timezone.now() + timedelta(hours=9), ends=timezone.now() + timedelta(hours=10)
    )
    assert staff.post(f"/training/sessions/{late.pk}/attendance/", {"row": [other.pk]}).status_code == 422


def test_the_office_follows_an_intake_to_its_certificates(staff, learner, intake):
    _browser, nomination = learner
    address = f"/nominations/{nomination.pk}/"
    wrong = staff.post(f"{address}assess/final/", PASSED | {"assessed_on": "2001-01-01"})
    assert wrong.status_code == 422 and list(wrong.context["form"].errors) == ["assessed_on"]
    assert staff.post(f"{address}assess/final/", PASSED).status_code == 303
    day = {"day": timezone.localdate(), "minutes": 360, "text": "Обход"}
    assert staff.post(f"{address}journal/new/", day).status_code == 303
    entry = nomination.journal.get()
    assert staff.post(f"{address}journal/confirm/", {"row": entry.pk}).status_code == 303
    assert staff.post(f"{address}journal/{entry.pk}/", day).status_code == 422
    assert staff.post(f"{address}certify/").status_code == 409 or not Certificate.objects.exists()
    assert staff.post(f"{address}complete/").status_code == 303
    page = staff.get(f"/training/intakes/{intake.pk}/learning/")
    assert page.context["found"].ready == 1
    assert staff.post(f"/training/intakes/{intake.pk}/certificates/").status_code == 303
    assert staff.post(f"{address}certify/").status_code == 303
    certificate = Certificate.objects.get()
    for language in ("ru", "kk", "en"):
        sheet = staff.get(f"/certificates/{certificate.pk}/?language={language}")
        assert sheet["Content-Type"] == "application/pdf" and sheet.content.startswith(b"%PDF")
    assert certificate.number in staff.get(address).text


def test_expenses_are_written_and_summed(staff, intake):
    address = f"/training/intakes/{intake.pk}/expenses/"
    form = {"kind": "fee", "title": "Обучение", "planned": "90000", "spent": "95000"}
    assert list(staff.post(f"{address}new/", form).context["form"].errors) == ["spent_on"]
    assert staff.post(f"{address}new/", form | {"spent_on": timezone.localdate()}).status_code == 303
    line = Expense.objects.get()
    assert staff.get(f"{address}{line.pk}/").context["form"].initial["title"] == "Обучение"
    assert staff.get(address).context["budget"].over == 5000


def test_anybody_compares_a_certificate_and_nobody_walks_through_them(client, learner):
    _browser, nomination = learner
    certificate = rows.make_certificate(nomination)
    typed = client.get("/verify/", {"number": certificate.number.lower().replace("-", " ")})
    assert (typed.status_code, typed["Location"]) == (303, f"/verify/{certificate.number}/")
    page = client.get(typed["Location"])
    assert "Образцова Нина" in page.text and page["Cache-Control"] == "private, no-store"
    for unknown in ("CRT-26-0000001-1", "СЛОВА", certificate.number[:-1] + "*"):
        answer = client.get(f"/verify/{unknown}/")
        assert answer.status_code == 404 and "Образцова" not in answer.text
    Certificate.objects.update(revoked_at=timezone.now(), revoke_reason="Ошибка в имени")
    assert "Ошибка в имени" in client.get(f"/verify/{certificate.number}/").text
    for _n in range(CHECKS):
        last = client.get("/verify/CRT-26-0000001-1/")
    assert last.status_code == 429 and int(last["Retry-After"]) > 0
    elsewhere = client.get(f"/verify/{certificate.number}/", REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 200


def test_ones_own_page_and_calendar(learner, intake):
    browser, nomination = learner
    rows.make_certificate(nomination)
    page = browser.get("/my-training/")
    shown = page.context["files"][0]
    assert shown["coming"][0]["code"].startswith("<svg") and len(shown["own"].sessions) == 1
    assert (page.context["credits"].recent, len(shown["own"].certificates)) == (16, 1)
    address = urlsplit(browser.post("/my-training/").context["address"]).path
    calendar = Client().get(address)
    assert calendar["Content-Type"].startswith("text/calendar")
    assert len(Calendar.from_ical(calendar.content).walk("VEVENT")) == 1
    assert Client().get(address, headers={"if-none-match": calendar["ETag"]}).status_code == 304
    browser.post("/my-training/")
    assert Client().get(address).status_code == 404
    browser.post("/my-training/", {"revoke": "1"})
    assert not TrainingFeed.objects.filter(revoked_at__isnull=True).exists()
    public = Client().get(f"/programmes/intakes/{intake.pk}/agenda.ics")
    [event] = Calendar.from_ical(public.content).walk("VEVENT")
    assert event.start == intake.sessions.get().starts.replace(microsecond=0)


def test_pages_of_an_intake_cost_the_same_for_many(staff, learner, intake, hospital):
    session = intake.sessions.get()
    pages = (
        f"/training/intakes/{intake.pk}/learning/", f"/training/sessions/{session.pk}/attendance/",
        f"/training/intakes/{intake.pk}/expenses/",
    )  # fmt: skip
    rows.make_expense(intake)
    staff.get(pages[0])  # what is remembered from then on
    few = [cost(staff, page) for page in pages]
    for _n in range(29):
        nomination = rows.make_nomination(rows.make_specialist(hospital), intake, "in_progress")
        Attendance.objects.create(session=session, nomination=nomination)
        rows.make_expense(intake, nomination=nomination)
    assert [cost(staff, page) for page in pages] == few
