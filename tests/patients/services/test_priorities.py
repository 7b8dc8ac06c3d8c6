"""The urgency is judged by the receiving side: while it accepts, and at any time until the visit."""

from datetime import date

import pytest
import time_machine
from django.utils import timezone
from django.utils.translation import override

from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid
from cluster_portal.common.models import OutboxMessage
from cluster_portal.notifications.models import Notice
from patients.events import OFFER_TIMES
from patients.models import WaitingNorm, WaitlistEntry
from patients.models.referral import NO_DEADLINE
from patients.services.decisions import accept_referral
from patients.services.notices import tell_of_step
from patients.services.priorities import change_priority, words_of
from patients.states import JUDGED, ReferralState
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db

#: 1:00 on Wednesday, 8 April in Yuzhno-Sakhalinsk; still the 7th in UTC.
SENT = "2026-04-07T14:00:00+00:00"


@pytest.fixture
def pair():
    return patients.make_pair(triage=True)


@pytest.fixture
def sent(pair):
    """A referral that was sent in April, with the deadline that it got then: 14 working days without 1 May."""
    with time_machine.travel(SENT, tick=False):
        return pair.referral("submitted", submitted_at=timezone.now(), due_on=date(2026, 4, 28))


def fresh(referral):
    referral.refresh_from_db()
    return referral


def test_the_deadline_is_counted_anew_from_the_day_of_sending(pair, sent):
    with time_machine.travel("2026-04-20T03:00:00+00:00", tick=False):
        change_priority(
            pair.coordinator, referral_id=sent.pk, priority="urgent", comment=" Нарастает одышка "
        )
    assert (fresh(sent).state, sent.priority, sent.due_on) == ("submitted", "urgent", date(2026, 4, 9))
    step = sent.steps.latest("id")
    assert (step.action, step.comment) == ("change_priority", "Нарастает одышка")
    assert step.details == {"priority": ["planned", "urgent"], "due_on": ["2026-04-28", "2026-04-09"]}


def test_a_suspicion_shortens_it_and_taking_it_away_lengthens_it_again(pair, sent):
    change_priority(pair.coordinator, referral_id=sent.pk, suspicion="oncology", comment="Образование")
    assert (fresh(sent).suspicion, sent.due_on) == ("oncology", date(2026, 4, 13))
    change_priority(pair.coordinator, referral_id=sent.pk, suspicion="", comment="Не подтвердилось")
    assert (fresh(sent).suspicion, sent.priority, sent.due_on) == ("", "planned", date(2026, 4, 28))


def test_without_a_norm_the_deadline_goes_and_the_story_says_so(pair, sent):
    WaitingNorm.objects.exclude(priority="").delete()
    WaitingNorm.objects.update(priority="planned")
    change_priority(pair.coordinator, referral_id=sent.pk, priority="urgent", comment="Нарастает одышка")
    assert fresh(sent).due_on is None
    with override("ru"):
        assert words_of(sent.steps.latest("id").details).endswith("28.04 → срок не установлен.")


def test_accepting_may_change_the_suspicion_too(pair, sent):
    accept_referral(pair.coordinator, referral_id=sent.pk, suspicion="cardiovascular", comment="Тропонин")
    assert (fresh(sent).state, sent.suspicion, sent.due_on) == (
        "accepted", "cardiovascular", date(2026, 4, 13),
    )  # fmt: skip


def test_accepting_with_one_click_changes_neither(pair, sent):
    sent.suspicion = "oncology"
    sent.save(update_fields=["suspicion"])
    accept_referral(pair.coordinator, referral_id=sent.pk)
    assert (fresh(sent).suspicion, sent.steps.latest("id").details) == ("oncology", {})


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"priority": "urgent"}, "comment"),
        ({"suspicion": "oncology", "comment": "  "}, "comment"),
        ({"priority": "now", "comment": "!"}, "priority"),
        ({"suspicion": "plague", "comment": "!"}, "suspicion"),
        ({"comment": "Ничего"}, "priority"),
        ({"priority": "planned", "suspicion": "", "comment": "То же"}, "priority"),
    ],
)
def test_what_is_refused_stands_at_its_field(pair, sent, arguments, field):
    with pytest.raises(Invalid) as caught:
        change_priority(pair.coordinator, referral_id=sent.pk, **arguments)
    assert set(caught.value.errors) == {field}
    assert (fresh(sent).priority, sent.steps.count()) == ("planned", 0)


@pytest.mark.parametrize("state", ReferralState.values)
def test_until_the_visit_and_by_the_receiving_side_alone(pair, state):
    referral = pair.referral(state)
    arguments = {"referral_id": referral.pk, "priority": "urgent", "comment": "Хуже"}
    with pytest.raises(Forbidden):
        change_priority(pair.referrer, **arguments)
    if state in JUDGED:
        assert change_priority(pair.coordinator, **arguments).state == state
    elif state != "draft":
        with pytest.raises(IllegalTransition):
            change_priority(pair.coordinator, **arguments)


def test_a_booked_time_stays(pair):
    slot = pair.slot(clinics.at(9))
    referral = pair.referral("booked", slot=slot)
    change_priority(pair.coordinator, referral_id=referral.pk, priority="urgent", comment="Хуже")
    assert (fresh(referral).appointment_at, patients.taken_and_occupied(slot)) == (slot.start, (1, 1))


def test_on_the_waiting_list_the_place_moves_and_a_time_is_looked_for(pair):
    referral = pair.referral("waitlisted")
    before = WaitlistEntry.objects.get(referral=referral)
    change_priority(pair.coordinator, referral_id=referral.pk, priority="urgent", comment="Хуже")
    entry = WaitlistEntry.objects.get(referral=referral)
    assert entry.rank < before.rank and entry.due_order == fresh(referral).due_on < before.due_order
    assert OutboxMessage.objects.filter(task=OFFER_TIMES).exists()
    WaitingNorm.objects.all().delete()
    change_priority(pair.coordinator, referral_id=referral.pk, priority="planned", comment="Лучше")
    assert WaitlistEntry.objects.get(referral=referral).due_order == NO_DEADLINE


def test_the_referring_side_is_told_what_changed(pair, sent):
    change_priority(pair.coordinator, referral_id=sent.pk, priority="urgent", comment="Хуже")
    assert tell_of_step(sent.steps.latest("id").pk) == 1
    notice = Notice.objects.get()
    assert (notice.user_id, notice.kind) == (pair.referrer.user_id, "patients.change_priority")
    assert "планово → срочно" in notice.params["what"]["ru"] and "urgent" in notice.params["what"]["en"]
    accept_referral(pair.coordinator, referral_id=sent.pk, suspicion="oncology", comment="Образование")
    tell_of_step(sent.steps.latest("id").pk)
    what = Notice.objects.get(kind="patients.accept_changed").params["what"]
    assert "09.04 → 09.04" not in what["ru"] and "cancer" not in what["en"]
