"""Nominations: the way through the states, who may take which step, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone

from cluster_portal.common import numbering
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.common.models import OutboxMessage
from tests.factories import clinics as make
from tests.factories import training as rows
from training import errors
from training.events import MOVE_QUEUE
from training.models import Intake, Nomination
from training.selectors import nominations as selectors
from training.services import nominations as services
from training.services import offers
from training.services.certificates import certify_nomination
from training.services.preferences import rank_nominations
from training.services.programmes import cancel_intake, close_intake, start_intake, update_intake
from training.states import HOLDING

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(hospital):
    return rows.make_specialist(hospital, user=make.make_member("specialist", organization=hospital))


@pytest.fixture
def own(person, hospital):
    """The person, signed in."""
    return make.actor_of(person.user, hospital)


def state_of(nomination):
    return Nomination.objects.values_list("state", flat=True).get(pk=nomination.pk)


def taken(intake):
    """The counter, after it was compared with the nominations that hold a seat."""
    counter = Intake.objects.values_list("taken", flat=True).get(pk=intake.pk)
    assert counter == intake.nominations.filter(state__in=HOLDING).count()
    return counter


def test_the_whole_way_to_the_certificate(person, own, manager, office):
    programme = rows.make_programme(required_papers=["passport"], presence_share=0, is_assessed=False)
    intake = rows.make_intake(programme)
    draft = services.draft_nomination(own, specialist_id=person.pk, intake_id=intake.pk, motivation=" Хочу ")
    assert (draft.motivation, numbering.is_valid(draft.number), draft.number[:4]) == ("Хочу", True, "EDU-")
    key = {"nomination_id": draft.pk}
    assert selectors.available_actions(own, draft) == ["nominate", "withdraw"]
    services.put_forward(own, **key)
    with pytest.raises(Forbidden):
        services.endorse_nomination(own, **key)
    services.endorse_nomination(manager, **key)
    services.shortlist_nomination(office, **key)
    assert taken(intake) == 0
    offered = offers.offer_seat(office, **key)
    assert (offered.state, taken(intake)) == ("offered", 1)
    assert selectors.available_actions(own, offered) == ["accept", "decline", "withdraw"]
    offers.accept_offer(own, **key)
    with pytest.raises(errors.PapersMissing) as caught:
        services.confirm_nomination(office, **key)
    assert caught.value.extra == {"missing": ["passport"]}
    rows.make_paper(person, days=30)  # ends before the intake does
    with pytest.raises(errors.PapersMissing):
        services.confirm_nomination(office, **key)
    rows.make_paper(person, days=300)
    for step in (
        services.confirm_nomination, services.begin_nomination, services.complete_nomination,
        certify_nomination,
    ):  # fmt: skip
        done = step(office, **key)
    assert (done.state, taken(intake), selectors.available_actions(office, done)) == (
        "certified",
        1,
        ["revoke"],
    )
    story = [step.to_state for step in selectors.told(own, draft.pk).steps]
    assert story == [
        "certified", "completed", "in_progress", "confirmed", "accepted", "offered", "shortlisted", "endorsed",
        "nominated", "draft",
    ]  # fmt: skip


def test_an_employer_endorses_with_the_nomination_and_the_office_does_not(hospital, manager, office):
    first, second = rows.make_specialist(hospital), rows.make_specialist(hospital)
    intake = rows.make_intake()
    put = services.nominate_specialist(manager, specialist_id=first.pk, intake_id=intake.pk)
    assert put.state == "endorsed"
    assert (
        services.nominate_specialist(office, specialist_id=second.pk, intake_id=intake.pk).state
        == "nominated"
    )
    with pytest.raises(errors.AlreadyNominated):
        services.nominate_specialist(manager, specialist_id=first.pk, intake_id=intake.pk)
    stranger = make.make_actor("manager")
    with pytest.raises(NotFound):
        services.nominate_specialist(stranger, specialist_id=first.pk, intake_id=intake.pk)
    with pytest.raises(NotFound):
        offers.withdraw_nomination(stranger, nomination_id=put.pk, reason="чужая")


def test_whom_a_programme_is_not_for_is_not_nominated(hospital, manager):
    nurse = rows.make_specialist(hospital, grade="nurse")
    left = rows.make_specialist(hospital, state="left", left_on=timezone.localdate(), leave_reason="Переезд")
    for_chiefs = rows.make_intake(rows.make_programme(audience=["chief"]))
    for_surgeons = rows.make_intake(rows.make_programme(specialties=["surgery"]))
    anybody = rows.make_intake()
    for person, intake in ((nurse, for_chiefs), (nurse, for_surgeons), (left, anybody)):
        with pytest.raises(errors.NotEligible) as caught:
            services.nominate_specialist(manager, specialist_id=person.pk, intake_id=intake.pk)
        assert caught.value.field == "specialist"
        assert person not in selectors.candidates(manager, intake)
    assert selectors.candidates(manager, anybody) == [nurse]
    late = rows.make_intake(nominate_by=timezone.now() - timedelta(minutes=1))
    closed = rows.make_intake(state="closed")
    for intake in (late, closed):
        with pytest.raises(errors.NominationClosed):
            services.nominate_specialist(manager, specialist_id=nurse.pk, intake_id=intake.pk)
    with pytest.raises(NotFound):
        services.nominate_specialist(
            manager, specialist_id=nurse.pk, intake_id=rows.make_intake(state="planned").pk
        )


def test_an_employer_has_so_many_people_in_an_intake_and_no_more(hospital, manager, office):
    intake = rows.make_intake(per_organization=2)
    people = [rows.make_specialist(hospital) for _n in range(3)]
    first, _second = (
        services.nominate_specialist(manager, specialist_id=one.pk, intake_id=intake.pk) for one in people[:2]
    )
    with pytest.raises(errors.TooManyOfOne) as caught:
        services.nominate_specialist(manager, specialist_id=people[2].pk, intake_id=intake.pk)
    assert caught.value.extra == {"limit": 2}
    other = rows.make_specialist()
    assert (
        services.nominate_specialist(office, specialist_id=other.pk, intake_id=intake.pk).state == "nominated"
    )
    offers.withdraw_nomination(manager, nomination_id=first.pk, reason="Заболел")
    services.nominate_specialist(manager, specialist_id=people[2].pk, intake_id=intake.pk)


def test_nobody_holds_two_overlapping_placements(person, own, office):
    first, second = rows.make_intake(begins=60, days=5), rows.make_intake(begins=64, days=5)
    waiting = rows.make_intake(begins=62)
    a, b = (rows.make_nomination(person, intake, "offered") for intake in (first, second))
    c = rows.make_nomination(person, waiting, "waitlisted")
    later = rows.make_nomination(person, rows.make_intake(begins=90), "offered")
    offers.accept_offer(own, nomination_id=a.pk)
    # What overlaps is withdrawn with it; its seat is free again. What does not overlap stays.
    assert [state_of(one) for one in (a, b, c, later)] == ["accepted", "withdrawn", "withdrawn", "offered"]
    assert (taken(first), taken(second)) == (1, 0)
    with pytest.raises(errors.PlacedElsewhere):
        services.nominate_specialist(office, specialist_id=person.pk, intake_id=second.pk)
    # The database itself refuses what goes past the services.
    with pytest.raises(IntegrityError, match="nomination_overlap"), transaction.atomic():
        rows.make_nomination(person, second, "accepted")
    with pytest.raises(InternalError), transaction.atomic():
        Nomination.objects.filter(pk=b.pk).update(state="accepted")


def test_seats_are_never_more_than_there_are(hospital, office, manager):
    intake = rows.make_intake(seats=1)
    first, second, third = (
        rows.make_nomination(rows.make_specialist(hospital), intake, "shortlisted") for _n in range(3)
    )
    offers.offer_seat(office, nomination_id=first.pk)
    with pytest.raises(errors.NoSeat):
        offers.offer_seat(office, nomination_id=second.pk)
    assert (state_of(second), taken(intake)) == ("shortlisted", 1)
    for one in (third, second):
        services.waitlist_nomination(office, nomination_id=one.pk)
    # A seat that is declined goes to the waiting list at once, in its order.
    offers.decline_offer(manager, nomination_id=first.pk, reason="Нет замены в отделении")
    assert [state_of(one) for one in (first, second, third)] == ["declined", "waitlisted", "offered"]
    # More seats bring more offers.
    update_intake(office, intake_id=intake.pk, data={"seats": 2})
    assert (state_of(second), taken(intake)) == ("offered", 2)
    with pytest.raises(IntegrityError, match="intake_seats"), transaction.atomic():
        Intake.objects.filter(pk=intake.pk).update(taken=3)


def test_an_offer_lapses_by_the_clock_alone(person, own, hospital, office):
    intake = rows.make_intake(seats=1)
    offered = rows.make_nomination(
        person, intake, "offered", offer_until=timezone.now() - timedelta(seconds=1)
    )
    second, third = (
        rows.make_nomination(rows.make_specialist(hospital), intake, s) for s in ("waitlisted", "shortlisted")
    )
    with pytest.raises(errors.OfferLapsed):
        offers.accept_offer(own, nomination_id=offered.pk)
    assert selectors.available_actions(own, offered) == ["decline", "withdraw"]
    # Nobody has written it down; whoever needs the seat finds it free, and the queue comes first.
    services.waitlist_nomination(office, nomination_id=third.pk)
    assert [state_of(one) for one in (offered, second, third)] == ["expired", "offered", "waitlisted"]
    assert taken(intake) == 1
    assert offers.move_queue(office, intake_id=intake.pk) == 0


def test_days_off_do_not_count(hospital):
    intake = rows.make_intake(begins=90)
    friday = make.at(timezone.localdate().replace(year=2027, month=2, day=12), 15)
    until = offers.answer_by(
        Intake(starts_on=friday.date() + timedelta(days=60), time_zone=make.ZONE), friday
    )
    assert until == make.at(friday.date() + timedelta(days=4), 15)
    # Never past the beginning.
    soon = Intake(starts_on=friday.date() + timedelta(days=1), time_zone=make.ZONE)
    assert offers.answer_by(soon, friday) == make.at(friday.date() + timedelta(days=1), 0)
    assert intake.free == 10


def test_a_better_choice_that_is_offered_is_waited_for(person, hospital, own):
    better, other = rows.make_intake(), rows.make_intake(seats=1)
    offered = rows.make_nomination(person, better, "offered", choice=1)
    lower = rows.make_nomination(person, other, "waitlisted", choice=2)
    next_one = rows.make_nomination(rows.make_specialist(hospital), other, "waitlisted")
    assert offers.move_queue(make.make_actor("training"), intake_id=other.pk) == 1
    assert [state_of(one) for one in (lower, next_one)] == ["waitlisted", "offered"]
    offers.decline_offer(own, nomination_id=offered.pk, reason="Другие даты удобнее")
    offers.withdraw_nomination(make.make_actor("training"), nomination_id=next_one.pk, reason="Передумал")
    assert state_of(lower) == "offered"


def test_preferences_are_ranked(person, own, manager):
    a, b = (rows.make_nomination(person, rows.make_intake(), "endorsed") for _n in range(2))
    c = rows.make_nomination(person, rows.make_intake(), "waitlisted")
    rank_nominations(own, specialist_id=person.pk, order=[c.pk, a.pk])
    assert [Nomination.objects.get(pk=one.pk).choice for one in (a, b, c)] == [2, 3, 1]
    # Who was passed over for the sake of a better choice may not be any more.
    waiting = OutboxMessage.objects.filter(task=MOVE_QUEUE).values_list("payload", flat=True)
    assert list(waiting) == [{"intake": str(c.intake_id)}]
    rank_nominations(own, specialist_id=person.pk, order=[c.pk, a.pk])
    assert waiting.count() == 1
    with pytest.raises(Invalid):
        rank_nominations(manager, specialist_id=person.pk, order=[c.pk, c.pk])
    with pytest.raises(NotFound):
        rank_nominations(make.make_actor("manager"), specialist_id=person.pk, order=[])


def test_what_becomes_of_nominations_when_an_intake_begins_or_is_cancelled(hospital, office):
    intake = rows.make_intake()
    made = {
        state: rows.make_nomination(rows.make_specialist(hospital), intake, state)
        for state in ("nominated", "waitlisted", "offered", "accepted", "confirmed")
    }
    close_intake(office, intake_id=intake.pk)
    start_intake(office, intake_id=intake.pk)
    assert {state: state_of(one) for state, one in made.items()} == {
        **dict.fromkeys(made, "expired"), "confirmed": "in_progress",
    }  # fmt: skip
    assert taken(intake) == 1
    cancel_intake(office, intake_id=intake.pk, reason="Карантин")
    assert state_of(made["confirmed"]) == "withdrawn" and taken(intake) == 0


def test_every_step_out_of_turn_is_refused(person, office, manager):
    nomination = rows.make_nomination(person, rows.make_intake(), "rejected")
    for step in (services.endorse_nomination, offers.accept_offer):
        with pytest.raises(IllegalTransition):
            step(manager, nomination_id=nomination.pk)
    for step in (offers.offer_seat, services.confirm_nomination, services.waitlist_nomination):
        with pytest.raises(IllegalTransition):
            step(office, nomination_id=nomination.pk)
    live = rows.make_nomination(person, rows.make_intake(), "endorsed")
    with pytest.raises(Invalid):
        services.reject_nomination(office, nomination_id=live.pk, reason=" ")
    reader = make.make_actor("office")
    with pytest.raises(Forbidden):
        services.shortlist_nomination(reader, nomination_id=live.pk)
