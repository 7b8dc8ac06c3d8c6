"""The sums by day say what a count of every row says, whatever happened and however often they are refreshed."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from clinics.models import PlacesDay
from clinics.selectors.calendar import today_at
from clinics.selectors.measures import Period
from cluster_portal.common import summaries
from cluster_portal.common.models import ChangedMoment, SummaryState
from patients.models import Booking, DecisionDay, FlowDay, Referral, ReferralStep, SentDay, VisitDay, WaitDay
from patients.selectors import measures
from patients.selectors import summaries as counted
from patients.services.booking import book_referral, cancel_booking, reschedule_referral
from patients.services.decisions import accept_referral, redirect_referral, reject_referral, return_referral
from patients.services.drafts import submit_referral
from patients.states import BookingState
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db
TABLES = (SentDay, FlowDay, WaitDay, DecisionDay, VisitDay, PlacesDay)


@pytest.fixture
def pair():
    clinics.make_cluster()
    return patients.make_pair(triage=True)


def today():
    return today_at(clinics.ZONE)


def refresh():
    return {name: summaries.refresh(name) for name in summaries.names()}


def lines():
    """Every line of every summary, days and months."""
    found = {}
    for table in TABLES:
        columns = ("month", "day", *table.KEYS, *table.SUMS)
        found[table.__name__] = Counter(table.objects.values_list(*columns))
    return found


def rebuilt():
    """What a count of every row says."""
    for name in summaries.names():
        summaries.rebuild(name)
    return lines()


def sent(pair, state="submitted", ago=0, **fields):
    fields.setdefault("patient", patients.make_patient(pair.source.organization))
    patients.make_consent(fields["patient"])
    return pair.referral(state, submitted_at=at(-ago, 12), **fields)


def test_first_refresh_counts_everything_the_next_only_what_changed(pair):
    for ago in (0, 1, 40):
        sent(pair, ago=ago)
    assert refresh() == {"places": 0, "referrals": 3, "decisions": 0, "visits": 0}
    assert FlowDay.objects.filter(month=False).count() == 3
    # The marks from before the first count are still there; they do no harm.
    assert refresh() == {"places": 0, "referrals": 3, "decisions": 0, "visits": 0}
    assert refresh() == {"places": 0, "referrals": 0, "decisions": 0, "visits": 0}
    accept_referral(pair.coordinator, referral_id=Referral.objects.order_by("submitted_at")[0].pk)
    assert refresh()["referrals"] == 1
    oldest = FlowDay.objects.filter(month=False).earliest("day")
    assert (oldest.day, oldest.submitted, oldest.accepted) == (today() - timedelta(days=40), 0, 1)
    assert not ChangedMoment.objects.exists()


def test_every_step_of_a_referral_is_followed(pair):
    other = clinics.make_service(service_type=pair.service.service_type_id, booking_mode="triage")
    refresh()

    def agree():
        refresh()
        kept = lines()
        assert kept == rebuilt()

    draft = pair.referral("draft")
    submit_referral(pair.referrer, referral_id=draft.pk)
    agree()
    return_referral(pair.coordinator, referral_id=draft.pk, reason="tests_missing")
    agree()
    submit_referral(pair.referrer, referral_id=draft.pk)
    redirect_referral(pair.coordinator, referral_id=draft.pk, service_id=other.pk, comment="There")
    agree()
    assert FlowDay.objects.filter(month=False).get().target_organization == other.clinic.organization
    there = clinics.make_actor("coordinator", organization=other.clinic.organization)
    accept_referral(there, referral_id=draft.pk)
    slots = [clinics.make_slot(other, start=at(day)) for day in (2, 3, 4)]
    book_referral(pair.referrer, referral_id=draft.pk, slot_id=slots[0].pk)
    agree()
    assert VisitDay.objects.filter(month=False).get().ahead == 1
    assert PlacesDay.objects.filter(month=False, used=1).count() == 1
    reschedule_referral(pair.referrer, referral_id=draft.pk, slot_id=slots[1].pk)
    agree()
    cancel_booking(pair.referrer, referral_id=draft.pk, reason="patient_asked")
    agree()
    reject_referral(there, referral_id=draft.pk, reason="not_indicated")
    agree()
    flow = FlowDay.objects.filter(month=False).get()
    assert (flow.sent, flow.rejected, flow.was_returned, flow.booked) == (1, 1, 1, 0)
    found = {(row.action, row.reason): row.number for row in DecisionDay.objects.filter(month=False)}
    assert found == {
        ("return_for_info", "tests_missing"): 1, ("redirect", ""): 1, ("accept", ""): 1, ("reject", "not_indicated"): 1,
    }  # fmt: skip
    assert sum(row.called_off for row in VisitDay.objects.filter(month=False)) == 1
    assert sum(row.moved for row in VisitDay.objects.filter(month=False)) == 1


def test_sums_agree_with_a_count_made_another_way(pair):
    for n, state in enumerate(("submitted", "returned", "accepted", "waitlisted", "rejected", "cancelled")):
        sent(pair, state, ago=5 * n, due_on=today() - timedelta(days=4 - 2 * n))
    for n, state in enumerate(("booked", "in_care", "completed", "booked")):
        slot = pair.slot(at(3 - n, 8 + n))
        sent(pair, state, ago=10 + n, slot=slot, due_on=today() + timedelta(days=2))
    late = sent(pair, "completed", ago=30, slot=pair.slot(at(-1, 15)), due_on=today() - timedelta(days=9))
    no_show = sent(pair, "accepted", ago=3)
    patients.make_booking(no_show, pair.slot(at(-1, 17)), BookingState.NO_SHOW)
    for _ in range(2):
        ReferralStep.objects.create(
            referral=late, at=at(-28), action="return_for_info", reason="other",
            from_state="submitted", to_state="returned", organization=pair.target.organization,
        )  # fmt: skip
    refresh()

    rows = list(Referral.objects.exclude(submitted_at=None).select_related("appointment_clinic"))
    whole = Counter()
    waits = Counter()
    for row in rows:
        whole["sent"] += 1
        whole[row.state] += 1
        visit = row.appointment_at and today_at(clinics.ZONE, row.appointment_at)
        waiting = row.state in {"submitted", "returned", "accepted", "waitlisted", "booked"}
        seen = row.state in {"in_care", "completed"}
        if seen and row.due_on:
            whole["within_norm" if visit <= row.due_on else "breached"] += 1
        if waiting and row.due_on and row.due_on < today() and not (visit and visit <= row.due_on):
            whole["overdue"] += 1
            whole["breached"] += 1
        if seen:
            waits[(visit - today_at(clinics.ZONE, row.submitted_at)).days] += 1
        whole["was_returned"] += row.pk == late.pk
    lines_ = FlowDay.objects.filter(summaries.of_days(date(2020, 1, 1), date(2040, 1, 1)))
    sums = {name: sum(getattr(line, name) for line in lines_) for name in FlowDay.SUMS}
    assert sums == {name: whole[name] for name in FlowDay.SUMS}
    days_ = SentDay.objects.filter(month=False)
    assert {name: sum(getattr(line, name) for line in days_) for name in FlowDay.SUMS} == sums
    assert sums["overdue"] and sums["within_norm"] and sums["was_returned"] == 1
    kept = Counter()
    for line in WaitDay.objects.filter(month=False, days__isnull=False):
        kept[line.days] += line.number
    assert kept == waits
    visits = Counter(Booking.objects.values_list("state", flat=True))
    days = VisitDay.objects.filter(month=True)
    assert sum(line.came for line in days) == visits["arrived"] + visits["fulfilled"]
    assert sum(line.missed for line in days) == visits["no_show"] == 1
    assert sum(line.number for line in DecisionDay.objects.filter(month=True, action="return_for_info")) == 2


def test_any_period_is_read_from_months_and_days(pair):
    for ago in range(0, 120, 7):
        sent(pair, ago=ago)
    refresh()
    for first, last in ((100, 0), (90, 31), (64, 3), (20, 20), (119, 100), (10, 0), (400, 300)):
        period = Period(today() - timedelta(days=first), today() - timedelta(days=last))
        lines_ = FlowDay.objects.filter(summaries.of_days(period.first, period.last))
        expected = Referral.objects.filter(measures.submitted_in(period)).count()
        assert sum(line.sent for line in lines_) == expected, period


def test_whole_months_are_read_as_months():
    months = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    whole = dict(summaries.of_days(date(2026, 1, 1), date(2026, 3, 31)).children)
    assert whole == {"month": True, "day__in": months}
    none = dict(summaries.of_days(date(2026, 1, 2), date(2026, 2, 27)).children)
    assert none == {"month": False, "day__range": (date(2026, 1, 2), date(2026, 2, 27))}


def test_day_that_turns_makes_those_who_wait_late(pair, monkeypatch):
    waits = sent(pair, "accepted", ago=9, due_on=today())
    kept = sent(pair, "booked", ago=8, due_on=today(), slot=pair.slot(at(0, 23)))
    refresh()
    assert {line.overdue for line in FlowDay.objects.all()} == {0}
    tomorrow = today() + timedelta(days=1)
    monkeypatch.setattr(counted.Referrals, "today", lambda self: tomorrow)
    assert refresh()["referrals"] == 2
    late = FlowDay.objects.filter(month=False, overdue=1).get()
    assert late.day == today_at(clinics.ZONE, waits.submitted_at)
    assert FlowDay.objects.get(month=False, booked=1).day == today_at(clinics.ZONE, kept.submitted_at)
    assert WaitDay.objects.filter(month=False, days__isnull=True).get().breached == 1
    assert refresh()["referrals"] == 0
    assert SummaryState.objects.get(pk="referrals").today == tomorrow


def test_rows_that_go_leave_no_line(pair):
    referral = sent(pair, "accepted", ago=3)
    refresh()
    referral.steps.all().delete()
    Referral.objects.filter(pk=referral.pk).delete()
    refresh()
    assert not FlowDay.objects.exists()


def test_holds_and_drafts_mark_nothing(pair):
    refresh()
    draft = pair.referral("draft")
    patients.make_booking(draft, pair.slot(), BookingState.HELD)
    draft.reason = "More"
    draft.save()
    assert set(ChangedMoment.objects.values_list("summary", flat=True)) == {"places"}


def test_age_is_that_of_the_oldest(pair):
    assert summaries.as_of("referrals", "visits") is None
    refresh()
    first = SummaryState.objects.get(pk="referrals").as_of
    summaries.refresh("visits")
    assert summaries.as_of("referrals", "visits") == first


def test_command_rebuilds_what_came_past_the_triggers(pair, capsys):
    refresh()
    sent(pair, ago=2)
    ChangedMoment.objects.all().delete()
    refresh()
    assert not FlowDay.objects.exists()
    call_command("rebuild_summaries", "referrals")
    assert FlowDay.objects.filter(month=False).get().sent == 1
    assert "referrals: 1 days counted" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("rebuild_summaries", "nonsense")
