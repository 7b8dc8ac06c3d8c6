"""Programmes and intakes: who writes them, what is checked, the steps of their tables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.common.models import OutboxMessage
from cluster_portal.notifications.models import Notice
from tests.factories import clinics as make
from tests.factories import training as rows
from training.errors import NotPublished, SeatsTaken
from training.events import SESSION_CHANGED
from training.models import Intake, Programme
from training.selectors import programmes as selectors
from training.services import programmes as services
from training.services.session_notices import tell_of_session

pytestmark = pytest.mark.django_db


def programme_data(**fields):
    return {
        "title_ru": "Управление качеством", "host_ru": "Университет Утрехта", "country": "NL", "city_ru": "Утрехт",
        "format": "seminar", "language": "en", "hours": 16, "credits": 16,
    } | fields  # fmt: skip


def intake_data(**fields):
    first = timezone.localdate() + timedelta(days=60)
    return {
        "starts_on": first, "ends_on": first + timedelta(days=1), "time_zone": make.ZONE, "seats": 24,
        "nominate_by": make.at(30, 18),
    } | fields  # fmt: skip


def test_the_training_office_alone_writes(manager, office):
    with pytest.raises(Forbidden):
        services.add_programme(manager, data=programme_data())
    with pytest.raises(Forbidden):
        services.add_programme(make.make_actor("office"), data=programme_data())
    draft = services.add_programme(office, data=programme_data())
    # A draft is the offices' own.
    for actor in (manager, ANONYMOUS):
        with pytest.raises(NotFound):
            services.publish_programme(actor, programme_id=draft.pk)
    services.publish_programme(office, programme_id=draft.pk)
    with pytest.raises(Forbidden):
        services.update_programme(manager, programme_id=draft.pk, data={"hours": 20})
    assert selectors.programme_actions(manager, draft) == []
    draft.refresh_from_db()
    assert selectors.programme_actions(office, draft) == ["archive"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"credits": 17}, "credits"), ({"country": "ZZ"}, "country"), ({"language": "xx"}, "language"),
        ({"specialties": ["magic"]}, "specialties"), ({"hours": 0}, "hours"), ({"audience": ["king"]}, "audience"),
        ({"title_ru": " "}, "title_ru"), ({"state": "published"}, "state"), ({"cost": -1}, "cost"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_programme_is_told_at_the_field(office, wrong, field):
    with pytest.raises(Invalid) as caught:
        services.add_programme(office, data=programme_data(**wrong))
    assert list(caught.value.errors) == [field]
    assert not Programme.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends_on": timezone.localdate()}, "ends_on"), ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"nominate_by": make.at(61)}, "nominate_by"), ({"per_organization": 25}, "per_organization"),
        ({"seats": 0}, "seats"), ({"taken": 1}, "taken"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_intake_is_told_at_the_field(office, wrong, field):
    programme = rows.make_programme()
    with pytest.raises(Invalid) as caught:
        services.add_intake(office, programme_id=programme.pk, data=intake_data(**wrong))
    assert list(caught.value.errors) == [field]
    assert not Intake.objects.exists()


def test_an_intake_goes_through_its_states(office):
    programme = rows.make_programme(state="draft")
    intake = services.add_intake(office, programme_id=programme.pk, data=intake_data())
    with pytest.raises(NotPublished):
        services.open_intake(office, intake_id=intake.pk)
    services.publish_programme(office, programme_id=programme.pk)
    steps = (
        (services.open_intake, "open"), (services.close_intake, "closed"), (services.open_intake, "open"),
        (services.close_intake, "closed"), (services.start_intake, "running"), (services.finish_intake, "finished"),
    )  # fmt: skip
    for step, state in steps:
        assert step(office, intake_id=intake.pk).state == state
        accepts = selectors.visible_intakes(ANONYMOUS).filter(selectors.accepting()).exists()
        assert accepts is (state == "open")
    with pytest.raises(IllegalTransition):
        services.cancel_intake(office, intake_id=intake.pk, reason="Поздно")
    with pytest.raises(IllegalTransition):
        services.update_intake(office, intake_id=intake.pk, data={"seats": 30})


def test_after_the_deadline_nothing_is_open_whatever_the_state_says(office):
    late = rows.make_intake(nominate_by=timezone.now() - timedelta(minutes=1))
    assert not selectors.accepts(late) and not Intake.objects.filter(selectors.accepting()).exists()
    closed = services.close_intake(office, intake_id=late.pk)
    with pytest.raises(Invalid) as caught:
        services.open_intake(office, intake_id=closed.pk)
    assert list(caught.value.errors) == ["nominate_by"]


def test_seats_are_never_fewer_than_are_held(office):
    intake = rows.make_intake(taken=7)
    with pytest.raises(SeatsTaken) as caught:
        services.update_intake(office, intake_id=intake.pk, data={"seats": 6})
    assert (caught.value.field, caught.value.extra) == (None, {"taken": 7})
    assert services.update_intake(office, intake_id=intake.pk, data={"seats": 7}).free == 0


def test_a_cancelled_intake_says_why(office):
    intake = rows.make_intake()
    with pytest.raises(Invalid):
        services.cancel_intake(office, intake_id=intake.pk, reason=" ")
    cancelled = services.cancel_intake(office, intake_id=intake.pk, reason="Нет визы у лектора")
    assert (cancelled.state, cancelled.cancel_reason) == ("cancelled", "Нет визы у лектора")


def test_an_agenda_lies_within_the_intake(office):
    intake = rows.make_intake()
    first = intake.starts_on
    good = {"title_ru": "Показатели", "starts": make.at(first, 9), "ends": make.at(first, 10, 40)}
    session = services.add_session(office, intake_id=intake.pk, data=good)
    for wrong, field in (
        ({"ends": make.at(first, 9)}, "ends"), ({"starts": make.at(first - timedelta(days=1), 9)}, "starts"),
        ({"ends": make.at(first + timedelta(days=2), 9)}, "ends"), ({"title_ru": ""}, "title_ru"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            services.update_session(office, session_id=session.pk, data=wrong)
        assert list(caught.value.errors) == [field]
    rows.make_session(intake, 23)
    assert [[one.title for one in day.sessions] for day in selectors.agenda(intake)] == [
        ["Показатели", "Занятие в 23"]
    ]
    services.remove_session(office, session_id=session.pk)
    assert intake.sessions.count() == 1


def test_whoever_has_a_seat_hears_when_a_session_moves(office):
    intake = rows.make_intake(seats=5)
    own, alone = make.make_actor("referrer"), rows.make_specialist()
    manager = make.make_actor("manager", organization=alone.organization)
    with_account = rows.make_specialist(user_id=own.user_id)
    rows.make_nomination(with_account, intake, state="confirmed")
    rows.make_nomination(alone, intake, state="accepted")
    rows.make_nomination(intake=intake, state="submitted")
    session = rows.make_session(intake, 9, title_ru="Риски", title_en="Risks", room="Зал 1")
    data = {"starts": session.starts + timedelta(hours=2), "ends": session.ends + timedelta(hours=2)}
    # A new teacher is no reason to write to anybody.
    services.update_session(office, session_id=session.pk, data={"teacher": "И. Ким"})
    services.update_session(office, session_id=session.pk, data=data)
    messages = list(OutboxMessage.objects.filter(task=SESSION_CHANGED).values_list("payload", flat=True))
    relay()
    assert [tell_of_session(message) for message in messages] == [0]
    services.remove_session(office, session_id=session.pk)
    relay()
    heard = Notice.objects.filter(kind__startswith="training.session_").order_by("pk")
    kinds = {"training.session_move", "training.session_cancel"}
    assert {(notice.user_id, notice.kind) for notice in heard} == {
        (user, kind) for user in (own.user_id, manager.user_id) for kind in kinds
    }
    moved = heard.filter(kind="training.session_move").first()
    assert moved.params["session"] == {"ru": "Риски", "en": "Risks"}
    assert (moved.params["place"]["kk"], "11:00" in moved.params["when"]["ru"]) == ("Зал 1", True)


def test_of_a_session_that_is_over_nobody_hears(office):
    first = timezone.localdate() - timedelta(days=3)
    intake = rows.make_intake(
        starts_on=first, ends_on=first + timedelta(days=9), nominate_by=make.at(-30, 12)
    )
    session = rows.make_session(intake)
    services.update_session(office, session_id=session.pk, data={"room": "Зал 2"})
    assert not OutboxMessage.objects.filter(task=SESSION_CHANGED).exists()
