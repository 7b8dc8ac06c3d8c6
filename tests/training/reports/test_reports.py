"""The reports of training, counted against rows that are made by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cluster_portal.common.errors import Forbidden, Invalid
from cluster_portal.reports.columns import HIDDEN
from tests.factories import clinics as make
from tests.factories import training as rows
from tests.reports.support import NOW, QUARTER, made, moment
from training.selectors.figures.papers import lacking
from training.selectors.papers import missing_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reader():
    """Everything happens on the day on which the reports are made."""
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield


def told(found, *names):
    return [tuple(row[name] for name in names) for row in found]


def test_internships_against_the_target(hospital, office, manager):
    """People by programme, country, employer; each once; what is left out for those who may not recognise anybody."""
    target = rows.make_target(people=20, first_year=2026, last_year=2027)
    private = make.make_organization(ownership="private")
    abroad, home = rows.make_programme(title_en="Abroad"), rows.make_programme(title_en="Home", country="RU")
    there, here = rows.make_intake(abroad, begins=-30), rows.make_intake(home, begins=-30)
    for _n in range(5):
        rows.make_nomination(rows.make_specialist(hospital), there, "certified")
    rows.make_nomination(rows.make_specialist(private), there, "in_progress")
    again = rows.make_specialist(private)
    rows.make_nomination(again, here, "completed")
    rows.make_nomination(again, rows.make_intake(abroad, begins=5), "confirmed")
    rows.make_nomination(rows.make_specialist(private), there, "accepted")
    code, counts = "training.internships", ("people", "completed", "in_progress", "confirmed", "share")
    assert told(made(office, code), "programme", *counts) == [
        ("Abroad", 6, 5, 1, 0, 0.3), ("Home", 1, 1, 0, 0, 0.05),
    ]  # fmt: skip
    assert told(made(office, code, by="country"), "country", "people") == [("Netherlands", 6), ("Russia", 1)]
    assert told(made(office, code, by="employer"), "employer", "people") == [
        (hospital.short_name, 5), (private.short_name, 2),
    ]  # fmt: skip
    assert told(made(office, code, by="specialty"), "people", "share") == [(7, 0.35)]
    assert told(made(office, code, target="all"), "people", "share") == [(6, None), (1, None)]
    assert told(made(manager, code), "programme", *counts) == [("Abroad", 5, 5, 0, 0, 0.25)]
    # Six with one told would tell the other: the larger part is left out as well, and the share.
    assert told(made(make.make_actor("analyst"), code), *counts) == [
        (6, HIDDEN, None, 0, None), (None, None, 0, 0, None),
    ]  # fmt: skip
    with pytest.raises(Forbidden):
        made(make.make_actor("coordinator", organization=hospital), code)
    with pytest.raises(Invalid):
        made(office, code, target=str(hospital.pk))
    target.delete()
    assert told(made(office, code), "people", "share") == [(6, None), (1, None)]


def test_papers_missing_by_intake(hospital, office, manager):
    """What is missing or ends too early, of those with a seat or of all; the database and the page say the same."""
    abroad = rows.make_programme(title_en="Abroad", required_papers=["passport", "visa"])
    soon, later = rows.make_intake(abroad, begins=20), rows.make_intake(abroad, begins=90)
    nothing, short, ready = (rows.make_specialist(hospital) for _n in range(3))
    for person, days in ((short, 10), (ready, 300)):
        rows.make_paper(person)
        rows.make_paper(person, "visa", days=days)
    made_of = [rows.make_nomination(person, soon, "accepted") for person in (nothing, short, ready)]
    waits = rows.make_nomination(rows.make_specialist(), later, "endorsed")
    rows.make_nomination(nothing, rows.make_intake(abroad, begins=-40), "accepted")
    rows.make_nomination(nothing, rows.make_intake(begins=200), "accepted")
    code, shown = "training.papers", ("starts_on", "days_left", "specialist", "missing", "papers")
    first = (soon.starts_on, (soon.starts_on - make.today()).days)
    assert told(made(office, code), *shown) == [
        (*first, nothing.full_name, 2, "passport for travel, visa"), (*first, short.full_name, 1, "visa"),
    ]  # fmt: skip
    assert told(made(office, code, who="nominated"), "number") == [
        (made_of[0].number,),
        (made_of[1].number,),
        (waits.number,),
    ]
    assert told(made(office, code, who="nominated", intake=str(later.pk)), "number") == [(waits.number,)]
    assert len(made(manager, code, who="nominated")) == 2
    everybody = {row.pk for row in lacking(office, seated=False)}
    assert everybody == {pk for pk, missing in missing_of([*made_of, waits]).items() if missing}
    with pytest.raises(Forbidden):
        made(make.make_actor("analyst"), code)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            number = len(made(office, code))
        return len(queries), number

    before = cost()
    for _n in range(5):
        rows.make_nomination(rows.make_specialist(hospital), soon, "confirmed")
    assert cost() == (before[0], before[1] + 5)


def test_certificates_issued(hospital, office, manager):
    """In the period, by the cluster's day; revoked ones earn nothing; one by one only for those who may know people."""
    programme = rows.make_programme(title_en="Abroad", credits=10)
    intake = rows.make_intake(programme, begins=-90)

    def issue(at, person=None, **fields):
        nomination = rows.make_nomination(person or rows.make_specialist(hospital), intake, "certified")
        return rows.make_certificate(nomination, issued_at=at, **fields)

    revoked = {"revoked_at": moment(10, 1), "revoke_reason": "Опечатка"}
    made_of = [issue(moment(7, 1, 0)), issue(moment(9, 30, 23), **revoked)]
    issue(moment(6, 30, 23))
    issue(moment(10, 1, 0))
    other = issue(moment(8, 5), rows.make_specialist())
    code, counts = "training.certificates", ("issued", "revoked", "credits")
    assert told(made(office, code, **QUARTER), "programme", *counts) == [("Abroad", 3, 1, 20)]
    by_month = made(office, code, by="month", **QUARTER)
    assert told(by_month, "month", *counts) == [
        (date(2026, 7, 1), 1, 0, 10), (date(2026, 8, 1), 1, 0, 10), (date(2026, 9, 1), 1, 1, 0),
    ]  # fmt: skip
    assert told(made(office, code, by="country", **QUARTER), "country", "issued") == [("Netherlands", 3)]
    assert told(made(manager, code, by="employer", **QUARTER), "employer", "issued") == [
        (hospital.short_name, 2)
    ]
    one_by_one = made(office, code, by="certificate", **QUARTER)
    assert told(one_by_one, "number", "credits", "reason") == [
        (made_of[0].number, 10, ""), (other.number, 10, ""), (made_of[1].number, 0, "Опечатка"),
    ]  # fmt: skip
    analyst = make.make_actor("analyst")
    assert told(made(analyst, code, by="specialty", **QUARTER), *counts) == [(None, None, None)]
    with pytest.raises(Invalid):
        made(analyst, code, by="certificate", **QUARTER)


def test_use_of_rooms(hospital, office, manager, django_assert_num_queries):
    """Hours open, closed, booked and taught; what is cut at the ends of the period; what came to nothing."""
    site = make.make_clinic(hospital)
    hours = {str(day): ["08:00", "18:00"] for day in range(1, 6)}
    hall = rows.make_teaching_room(site, name_en="A hall", kind="hall", opening_hours=hours)
    rows.make_teaching_room(site, name_en="Gone", closed_on=date(2026, 7, 1))
    session = rows.make_session(rows.make_intake(begins=-120))
    hour = timedelta(hours=1)
    # Wednesday, the first of July.
    rows.make_room_booking(
        hall, starts=moment(7, 1), ends=moment(7, 1, 13), state="taken_up", session=session
    )
    rows.make_room_booking(hall, starts=moment(7, 2), ends=moment(7, 2, 12))
    rows.make_room_booking(hall, starts=moment(7, 1, 0) - hour, ends=moment(7, 1, 0) + hour)
    # From Friday noon to Monday morning: six open hours on Friday, one on Monday.
    rows.make_room_booking(hall, starts=moment(7, 3, 12), ends=moment(7, 6, 9), state="blocked")
    for n, state in enumerate(("pending", "rejected", "cancelled", "cancelled", "released")):
        rows.make_room_booking(hall, starts=moment(7, 8, 8 + n), ends=moment(7, 8, 9 + n), state=state)
    rows.make_room_booking(hall, starts=moment(8, 1), ends=moment(8, 1, 12))
    july = {"period": "own", "since": "2026-07-01", "until": "2026-07-31"}
    code = "training.rooms"
    first, gone = made(office, code, **july)
    assert first | {"share": round(first["share"], 4)} == {
        "clinic": site.short_name, "room": "A hall", "kind": "Conference hall", "capacity": 30, "opened": 230,
        "closed": 7, "used": 6, "taught": 3, "share": round(6 / 223, 4), "bookings": 2, "rejected": 1, "cancelled": 2,
        "released": 1,
    }  # fmt: skip
    assert told([gone], "room", "opened", "used", "share") == [("Gone", 0, 0, None)]
    assert told(made(make.make_actor("analyst"), code, kind="hall", **july), "room") == [("A hall",)]
    with pytest.raises(Forbidden):
        made(manager, code)
    with django_assert_num_queries(2):
        made(office, code, **july)
