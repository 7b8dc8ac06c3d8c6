"""Presence, journals, assessments, certificates: who counts, who does not, and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import InternalError, connection, transaction
from django.utils import timezone

from cluster_portal.common import numbering
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from tests.factories import clinics as make
from tests.factories import training as rows
from training import errors
from training.models import Attendance
from training.selectors import codes
from training.selectors.attendance import on_now, sheet
from training.selectors.certificates import credits_of, readiness, tell
from training.selectors.presence import standing_of
from training.services import attendance, certificates, learning, nominations, notices
from training.services.programmes import finish_intake, remove_session
from training.states import NominationState

PASSED = {"is_passed": True, "text": "Уверенно", "assessor": "Проф. Ли", "assessed_on": timezone.localdate()}


@pytest.fixture
def intake(hospital):
    """An intake that runs since yesterday: seven hours, six of them and five hours of time are asked for."""
    programme = rows.make_programme(presence_share=80, presence_minutes=300, host_organization=hospital)
    made = rows.make_intake(programme, begins=-1, days=2, state="running")
    for hour in range(9, 16):
        rows.make_session(made, hour)
    rows.make_session(made, 16, is_break=True)
    return made


@pytest.fixture
def learner(hospital, intake):
    """Somebody who learns there, with an account."""
    own = make.make_actor("specialist", organization=hospital)
    person = rows.make_specialist(hospital, user_id=own.user_id, name_latin="Vetrov Ilia")
    return own, rows.make_nomination(person, intake, "in_progress")


def note(office, intake, nomination, number):
    for session in list(intake.sessions.filter(is_break=False).order_by("starts"))[:number]:
        attendance.note_attendance(office, session_id=session.pk, present=[nomination.pk])


def missing(nomination):
    return list(standing_of(nomination.intake, [nomination])[nomination.pk].obstacles)


def test_presence_asks_for_checks_and_minutes(office, intake, learner):
    _own, nomination = learner
    note(office, intake, nomination, 5)
    standing = standing_of(intake, [nomination])[nomination.pk]
    assert (standing.presence.share, standing.presence.minutes) == (71, 300)
    assert list(standing.obstacles) == ["share", "not_completed", "not_assessed"]
    assert "71" in standing.obstacles["share"]
    note(office, intake, nomination, 6)
    assert missing(nomination) == ["not_completed", "not_assessed"]
    # Who comes in the last minutes of a session was at it, and not for all of it.
    Attendance.objects.filter(nomination=nomination).update(came_at=None)
    for check in Attendance.objects.filter(nomination=nomination).select_related("session"):
        check.came_at = check.session.ends - timedelta(minutes=10)
        check.save()
    assert missing(nomination)[0] == "minutes"


def test_nobody_has_missed_what_is_still_to_come(office, intake, learner):
    _own, nomination = learner
    note(office, intake, nomination, 5)
    start = timezone.now() + timedelta(hours=1)
    for hours in (0, 2):
        later = {"starts": start + timedelta(hours=hours), "ends": start + timedelta(hours=hours + 1)}
        rows.make_session(intake, **later)
    assert standing_of(intake, [nomination])[nomination.pk].presence.of == 7
    intake.state = "finished"
    assert standing_of(intake, [nomination])[nomination.pk].presence.of == 9


def test_a_list_adds_and_removes_only_what_it_says(office, hospital, intake, learner):
    _own, nomination = learner
    other = rows.make_nomination(rows.make_specialist(hospital), intake, "in_progress")
    waiting = rows.make_nomination(rows.make_specialist(hospital), intake, "accepted")
    session = intake.sessions.order_by("starts").first()
    key = {"session_id": session.pk}
    assert attendance.note_attendance(office, present=[nomination.pk, other.pk], **key) == {
        "added": 2,
        "removed": 0,
    }
    assert attendance.note_attendance(office, present=[other.pk], **key) == {"added": 0, "removed": 0}
    assert attendance.note_attendance(office, absent=[other.pk], **key) == {"added": 0, "removed": 1}
    assert {line.nomination: bool(line.check) for line in sheet(session)} == {nomination: True, other: False}
    with pytest.raises(Invalid):
        attendance.note_attendance(office, present=[waiting.pk], **key)
    with pytest.raises(Invalid):
        attendance.note_attendance(
            office, session_id=intake.sessions.get(is_break=True).pk, present=[other.pk]
        )
    with pytest.raises(Forbidden):
        attendance.note_attendance(make.make_actor("manager"), present=[other.pk], **key)
    with pytest.raises(errors.HasChecks):
        remove_session(office, session_id=session.pk)


def test_the_host_checks_and_assesses_and_other_employers_do_not(manager, hospital, intake, learner):
    own, _mine = learner
    guest = rows.make_nomination(rows.make_specialist(), intake, "in_progress")
    session = intake.sessions.order_by("starts").first()
    attendance.note_attendance(manager, session_id=session.pk, present=[guest.pk])
    learning.assess(manager, nomination_id=guest.pk, kind="mid_term", data=PASSED)
    assert on_now(manager, guest.pk)[0] == guest
    for stranger in (make.make_actor("manager"), own):
        with pytest.raises(NotFound):
            learning.assess(stranger, nomination_id=guest.pk, kind="final", data=PASSED)
    hidden = rows.make_nomination(rows.make_specialist(), intake, "shortlisted")
    with pytest.raises(NotFound):
        learning.assess(manager, nomination_id=hidden.pk, kind="final", data=PASSED)


def test_a_code_of_a_session_checks_in_once_and_in_time(intake, learner, monkeypatch):
    own, nomination = learner
    now = timezone.now()
    session = rows.make_session(intake, starts=now - timedelta(minutes=30), ends=now + timedelta(minutes=30))
    assert codes.read_session_code(codes.session_code(session.pk)) == session.pk
    for forged in ("x", codes.session_code(session.pk)[:-2] + "zz", codes.person_code(session.pk)):
        with pytest.raises(errors.CodeOutdated):
            codes.read_session_code(forged)
    monkeypatch.setattr(codes, "GOOD", timedelta(seconds=-1))
    with pytest.raises(errors.CodeOutdated):
        codes.read_session_code(codes.session_code(session.pk))
    first = attendance.check_in(own, session_id=session.pk)
    assert attendance.check_in(own, session_id=session.pk) == first
    assert (first.nomination, first.way, first.came_at is None) == (nomination, "code", False)
    past = intake.sessions.order_by("starts").first()
    with pytest.raises(errors.CheckInClosed):
        attendance.check_in(own, session_id=past.pk)
    with pytest.raises(errors.NotInIntake):
        attendance.check_in(make.make_actor("specialist"), session_id=session.pk)
    assert codes.read_person_code(codes.person_code(nomination.pk)) == nomination.pk
    assert codes.read_person_code("x") is None


def test_without_an_agenda_the_confirmed_journal_counts(office, hospital):
    own = make.make_actor("specialist", organization=hospital)
    person = rows.make_specialist(hospital, user_id=own.user_id)
    intake = rows.make_intake(
        rows.make_programme(presence_share=100, is_assessed=False), begins=-7, days=7, state="running"
    )
    nomination = rows.make_nomination(person, intake, "in_progress")
    key = {"nomination_id": nomination.pk}
    days = [intake.starts_on + timedelta(days=n) for n in range(7)]
    entries = [
        learning.write_journal(own, data={"day": day, "minutes": 360, "text": "Обходы"}, **key)
        for day in days
    ]
    assert missing(nomination) == ["share", "not_completed"]
    with pytest.raises(errors.DayWritten):
        learning.write_journal(own, data={"day": days[0], "minutes": 60, "text": "Ещё"}, **key)
    with pytest.raises(Invalid):
        learning.write_journal(
            own, data={"day": days[0] - timedelta(days=1), "minutes": 1, "text": "До"}, **key
        )
    with pytest.raises(Forbidden):
        learning.confirm_journal(own, entry_ids=[entries[0].pk], **key)
    assert learning.confirm_journal(office, entry_ids=[row.pk for row in entries], **key) == 7
    assert learning.confirm_journal(office, entry_ids=[row.pk for row in entries], **key) == 0
    with pytest.raises(errors.DayConfirmed):
        learning.write_journal(own, data={"text": "Иначе"}, entry_id=entries[0].pk, **key)
    assert missing(nomination) == ["not_completed"]


def test_an_intake_ends_and_whoever_fulfils_the_rule_is_certified(office, hospital, manager, intake, learner):
    own, nomination = learner
    absent = rows.make_nomination(rows.make_specialist(hospital), intake, "in_progress")
    note(office, intake, nomination, 7)
    finish_intake(office, intake_id=intake.pk)
    nomination.refresh_from_db()
    absent.refresh_from_db()
    assert (nomination.state, absent.state) == ("completed", "in_progress")
    with pytest.raises(Invalid):
        nominations.fail_nomination(office, nomination_id=absent.pk, reason=" ")
    nominations.fail_nomination(office, nomination_id=absent.pk, reason="Не пришёл")
    key = {"nomination_id": nomination.pk}
    with pytest.raises(errors.NotFulfilled) as caught:
        certificates.certify_nomination(office, **key)
    assert caught.value.extra == {"obstacles": ["not_assessed"]}
    learning.assess(office, kind="final", data=PASSED | {"is_passed": False}, **key)
    assert missing(nomination) == ["not_passed"]
    learning.assess(office, kind="final", data=PASSED, **key)
    ready = readiness(intake)
    assert (ready.ready, [row for row, _standing in ready.short]) == ([nomination], [absent])
    certificates.certify_nomination(office, **key)
    first = nomination.certificates.get()
    assert numbering.is_valid(first.number)
    assert (tell(first, "ru").name, tell(first, "en").name) == (
        nomination.specialist.full_name,
        "Vetrov Ilia",
    )
    assert credits_of([nomination.specialist_id]).recent == 16
    # What was issued stays as it was issued, whoever writes.
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE training_certificate SET content = '{}'")
    with pytest.raises(IllegalTransition):
        certificates.certify_nomination(office, **key)
    with pytest.raises(Forbidden):
        certificates.revoke_certificate(manager, reason="Наш", **key)
    certificates.revoke_certificate(office, reason="Ошибка в имени", **key)
    first.refresh_from_db()
    assert (first.revoke_reason, credits_of([nomination.specialist_id]).recent) == ("Ошибка в имени", 0)
    certificates.certify_nomination(office, **key)
    assert nomination.certificates.filter(revoked_at__isnull=True).get().number != first.number
    told = [
        notices.tell_of_step(step.pk) for step in nomination.steps.filter(action__in=("certify", "revoke"))
    ]
    # The person and the employer's manager, of each of the three steps, once.
    assert told == [2, 2, 2]
    assert set(Notice.objects.values_list("user", flat=True)) == {own.user_id, manager.user_id}
    assert NominationState(nomination.intake.nominations.get(pk=absent.pk).state) == "incomplete"


def test_papers_that_end_are_told_of_once_for_each_mark(hospital, manager, learner):
    own, nomination = learner
    today = timezone.localdate()
    rows.make_paper(nomination.specialist, days=20)
    rows.make_paper(rows.make_specialist(hospital), days=20)
    rows.make_paper(nomination.specialist, days=200)
    assert (notices.warn_of_papers(SYSTEM), notices.warn_of_papers(SYSTEM)) == (2, 0)
    assert set(Notice.objects.values_list("user", flat=True)) == {own.user_id, manager.user_id}
    nomination.specialist.papers.filter(valid_until__lt=today + timedelta(days=60)).update(
        valid_until=today + timedelta(days=5)
    )
    assert notices.warn_of_papers(SYSTEM) == 1
