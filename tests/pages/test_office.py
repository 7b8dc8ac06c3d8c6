"""The cluster on one screen: sums that agree with the reports, and nobody's record."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clinics.selectors.measures import Period
from cluster_portal.accounts.roles import Role
from cluster_portal.pages.selectors import office
from cluster_portal.pages.selectors.covering import FEW
from patients.selectors import reading
from patients.selectors.figures.scope import Scope
from patients.selectors.figures.waits import waits as waits_of_reports
from patients.states import BookingState
from tests.factories.clinics import (
    at,
    make_actor,
    make_cluster,
    make_licence,
    make_member,
    make_service,
    make_service_type,
    make_slot,
)
from tests.factories.patients import make_booking, make_pair, make_patient, make_referral
from tests.pages.support import CANARY, count_by_day, open_desk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cluster():
    return make_cluster()


def test_office_sees_sums_and_nobodys_record(client):
    pair = make_pair(triage=True)
    pair.patient.family = CANARY
    pair.patient.save()
    referral = pair.referral("submitted", due_on=timezone.localdate() - timedelta(days=3))
    pair.referral("completed", patient=make_patient(pair.source.organization), slot=pair.slot(at(0, 0)))
    make_licence(pair.target, "neurology", valid_to=timezone.localdate() + timedelta(days=9))
    user = make_member(Role.OFFICE)
    count_by_day()
    for period in ("", "?period=quarter", "?period=year", "?period=nonsense"):
        response = open_desk(client, user, period)
        text = response.content.decode()
        assert CANARY not in text
        assert referral.number not in text
        assert str(referral.pk) not in text
    state = response.context["state"]
    assert state.at is not None
    assert (state.overdue, state.open, state.sent, state.without_time) == (1, 1, 2, 1)
    assert state.matrix.total == 2 and state.matrix.flows[0][2] == 2
    assert [(line.name, line.part) for line in state.overdue_at] == [
        (pair.target.organization.short_name_ru, 1)
    ]
    assert len(state.licences) == 1
    assert state.lapsed_services == 0
    assert [(line.seen, line.late, line.judged) for line in state.waits] == [(1, 1, 2)]
    assert state.in_time == 0.5 and state.breached == 1
    assert (state.came, state.missed) == (1, 0)
    assert [(row["n"], row["late"]) for row in state.course] == [(2, 1)]


def test_office_is_told_while_nothing_has_been_counted(client):
    text = open_desk(client, make_member(Role.OFFICE), language="en").content.decode()
    assert "figures are being counted for the first time" in text


def test_office_matrix_sums_over_all_though_it_shows_the_busiest():
    for _ in range(12):
        make_referral(state="submitted")
    make_referral(state="submitted", target_clinic=None, target_organization=None, service=make_service())
    count_by_day()
    state = office.state_of_cluster(Period.of_last(30))
    assert state.matrix.total == 12 and state.sent == 13 and state.unaddressed == 1
    assert len(state.matrix.rows) == office.ROWS
    assert len(state.matrix.columns) == office.COLUMNS


def test_worst_waits_come_first_and_small_ones_last():
    for kind, late, kept in (("a", 3, 9), ("b", 8, 4), ("c", 1, 0)):
        service = make_service(service_type=make_service_type(kind).pk)
        for n in range(late + kept):
            due = timezone.localdate() + timedelta(days=-5 if n < late else 5)
            slot = make_slot(service, start=at(-1, 7) + timedelta(minutes=20 * n))
            make_referral(
                service=service, state="completed", submitted_at=at(-3 - n, 12), due_on=due, slot=slot
            )
    count_by_day()
    lines = office.state_of_cluster(Period.of_last(30)).waits
    assert [(line.late, line.judged) for line in lines] == [(8, 12), (3, 12), (1, 1)]
    # Submitted three to fourteen days ago, seen yesterday: two to thirteen days.
    assert (lines[0].half, round(lines[0].most, 1)) == (7.5, 11.9)


def test_screen_agrees_with_the_reports():
    office_actor = make_actor("office")
    for n in range(25):
        service = make_service()
        state = ("completed", "in_care", "accepted", "returned", "booked")[n % 5]
        slot = make_slot(service, start=at(-1 if n % 5 < 2 else 3, 8) + timedelta(minutes=20 * n))
        make_referral(
            service=service, state=state, submitted_at=at(-2 - n % 9, 12), slot=slot,
            due_on=timezone.localdate() + timedelta(days=n % 7 - 4),
        )  # fmt: skip
    count_by_day()
    state = office.state_of_cluster(Period.of_last(30))
    [(_name, *row)] = waits_of_reports(office_actor, Scope(state.period), ["service_type"])
    n, seen, waiting, _given, _booking, half, most, _norm, breaches, decided = row
    assert (state.sent, state.breached, state.within_norm + state.breached) == (n, breaches, decided)
    assert (seen, waiting) == (10, 15) and breaches
    totals = reading.waits(state.period)
    kept = Counter()
    for wait in totals:
        kept.update(wait.waits)
    assert reading.percentile(kept, 0.5) == half
    assert reading.percentile(kept, 0.9) == pytest.approx(most)


def test_percentiles_of_a_histogram_are_those_of_postgresql():
    values = [0, 0, 1, 3, 3, 3, 7, 20, 21, 100]
    with connection.cursor() as cursor:
        for fraction in (0, 0.1, 0.25, 0.5, 0.77, 0.9, 1):
            cursor.execute(
                "SELECT percentile_cont(%s) WITHIN GROUP (ORDER BY v) FROM unnest(%s) AS v",
                [fraction, values],
            )
            assert reading.percentile(Counter(values), fraction) == pytest.approx(cursor.fetchone()[0])
    assert reading.percentile({}, 0.5) is None
    assert reading.percentile({4: 1}, 0.9) == 4


def test_analyst_sees_the_figures_without_small_counts(client):
    pair = make_pair(triage=True)
    pair.patient.family = CANARY
    pair.patient.save()
    late = timezone.localdate() - timedelta(days=3)
    for n in range(7):
        pair.referral(
            "submitted", patient=make_patient(pair.source.organization), due_on=late if n < 3 else None
        )
    others = make_referral(state="submitted")
    slot = make_slot(pair.service, start=at(-1))
    make_booking(pair.referral("accepted"), slot, BookingState.NO_SHOW)
    count_by_day()
    response = open_desk(client, make_member(Role.ANALYST), language="en")
    state, text = response.context["state"], response.content.decode()
    assert CANARY not in text and "&lt; 5" in text
    assert (state.sent, state.overdue, state.missed, state.missed_share) == (9, FEW, FEW, None)
    assert state.overdue_at == [] and state.matrix.flows == [(*state.matrix.flows[0][:2], 8)]
    shown = {cell for _name, cells, _sum in state.matrix.rows for cell in cells if cell}
    assert shown == {8, FEW}
    assert others.number not in text
    assert all(value == FEW or value == 0 or value >= 5 for _v, _l, value in state.states)
    assert all(row["n"] == FEW or row["n"] >= 5 for row in state.course)
    # The office, asking for the same cached figures, sees all of them.
    whole = open_desk(client, make_member(Role.OFFICE)).context["state"]
    assert (whole.overdue, whole.missed) == (3, 1)


def test_panels_lead_to_their_reports(client):
    count_by_day()
    for role in (Role.OFFICE, Role.ANALYST):
        response = open_desk(client, make_member(role))
        assert set(response.context["behind"]) == {
            "waits",
            "flow",
            "refusals",
            "no_shows",
            "places",
            "licences",
            "outflow",
            "internships",
        }
        for address in response.context["behind"].values():
            assert client.get(address).status_code == 200
            assert f'href="{address}"' in response.content.decode()
