"""Who hears of a step, once, and without any patient's name."""

import json

import pytest
from django.core import mail

from clinics.states import OrganizationStatus
from cluster_portal.accounts.roles import Role
from cluster_portal.common import background
from cluster_portal.common.models import OutboxMessage
from cluster_portal.notifications.models import Notice
from patients.events import REFERRAL_MOVED
from patients.models import Referral, ReferralStep
from patients.services import booking, decisions, drafts
from patients.services.notices import TOLD, tell_of_step
from patients.states import REFERRAL, ReferralState
from tests.factories.clinics import make_actor, make_clinic, make_member, make_service
from tests.factories.patients import make_consent, make_pair

pytestmark = pytest.mark.django_db

CANARY = "Канарейкин"


def heard(user_id):
    return list(
        Notice.objects.filter(user=user_id).order_by("created_at", "id").values_list("kind", flat=True)
    )


@pytest.fixture
def pair():
    pair = make_pair(triage=True)
    patient = pair.patient
    patient.family, patient.given, patient.patronymic = CANARY, f"{CANARY}имя", f"{CANARY}отчество"
    patient.save()
    return pair


def draft(pair, **fields):
    return pair.referral(author_id=pair.referrer.user_id, **fields)


def test_new_referral_reaches_coordinators_and_managers(pair):
    manager = make_member(Role.MANAGER, organization=pair.target.organization)
    registrar = make_member(Role.REFERRER, organization=pair.target.organization)
    both = make_member(Role.COORDINATOR, Role.MANAGER, organization=pair.target.organization)
    referral = draft(pair)
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    background.relay()
    assert heard(pair.coordinator.user_id) == heard(manager.pk) == heard(both.pk) == ["patients.submit"]
    assert heard(registrar.pk) == heard(pair.referrer.user_id) == []
    notice = Notice.objects.get(user=manager)
    assert referral.number in notice.text
    assert str(referral.pk) in notice.url
    assert notice.organization_id == pair.target.organization_id


def test_decisions_reach_the_author(pair):
    referral = draft(pair)
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    decisions.return_referral(
        pair.coordinator, referral_id=referral.pk, reason="tests_missing", comment=f"{CANARY}: нет ЭКГ"
    )
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    decisions.accept_referral(pair.coordinator, referral_id=referral.pk)
    booking.book_referral(pair.coordinator, referral_id=referral.pk, slot_id=pair.slot().pk)
    booking.cancel_booking(pair.coordinator, referral_id=referral.pk, reason="equipment")
    decisions.reject_referral(pair.coordinator, referral_id=referral.pk, reason="not_indicated")
    background.relay()
    assert heard(pair.referrer.user_id) == [
        "patients.return_for_info", "patients.accept", "patients.book", "patients.cancel_booking", "patients.reject",
    ]  # fmt: skip
    assert heard(pair.coordinator.user_id) == ["patients.submit", "patients.completed_again"]


def test_what_the_referring_side_does_with_a_time_reaches_the_clinic(pair):
    referral = draft(pair)
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    decisions.accept_referral(pair.coordinator, referral_id=referral.pk)
    booking.book_referral(pair.referrer, referral_id=referral.pk, slot_id=pair.slot().pk)
    decisions.cancel_referral(pair.referrer, referral_id=referral.pk, reason="recovered")
    background.relay()
    assert heard(pair.coordinator.user_id) == ["patients.submit", "patients.book", "patients.cancel"]


def test_redirected_referral_tells_the_author_and_the_other_clinic(pair):
    other = make_clinic()
    coordinator = make_actor(Role.COORDINATOR, organization=other.organization)
    service = make_service(other, booking_mode="triage")
    referral = draft(pair)
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    decisions.redirect_referral(
        pair.coordinator, referral_id=referral.pk, service_id=service.pk, comment="Ваш профиль"
    )
    background.relay()
    assert heard(pair.referrer.user_id) == ["patients.redirect"]
    assert other.short_name_ru in Notice.objects.get(user=pair.referrer.user_id).text
    assert heard(coordinator.user_id) == ["patients.redirected_to_us"]


def test_directly_booked_service_is_news_only_when_booked():
    pair = make_pair()
    referral = draft(pair)
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    background.relay()
    assert heard(pair.coordinator.user_id) == []
    booking.book_referral(pair.referrer, referral_id=referral.pk, slot_id=pair.slot().pk)
    background.relay()
    assert heard(pair.coordinator.user_id) == ["patients.book"]


def test_author_who_left_is_replaced_by_colleagues(pair):
    colleague = make_member(Role.REFERRER, organization=pair.source.organization)
    referral = draft(pair)
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    colleague_only = pair.source.organization.memberships.filter(user=pair.referrer.user_id)
    colleague_only.update(is_active=False)
    decisions.accept_referral(pair.coordinator, referral_id=referral.pk)
    background.relay()
    assert heard(colleague.pk) == ["patients.accept"]
    assert heard(pair.referrer.user_id) == []


def test_nobody_of_an_organisation_that_left_the_cluster_hears(pair):
    referral = draft(pair)
    pair.target.organization.status = OrganizationStatus.LEFT
    pair.target.organization.save()
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    background.relay()
    assert heard(pair.coordinator.user_id) == []


def test_inside_one_organisation_the_others_hear_and_the_doer_does_not(pair):
    clinic = make_clinic(pair.source.organization)
    service = make_service(clinic, booking_mode="triage")
    coordinator = make_actor(Role.COORDINATOR, organization=pair.source.organization)
    referral = draft(pair, service=service)
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    decisions.accept_referral(coordinator, referral_id=referral.pk)
    background.relay()
    assert heard(coordinator.user_id) == ["patients.submit"]
    assert heard(pair.referrer.user_id) == ["patients.accept"]


def test_nothing_that_is_kept_or_mailed_names_the_patient(pair):
    """The canary: the patient's name and identifiers are in no notice, no message of the outbox, no letter."""
    referral = draft(pair)
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    decisions.return_referral(
        pair.coordinator, referral_id=referral.pk, reason="other", comment=f"Где {CANARY}?"
    )
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    decisions.accept_referral(pair.coordinator, referral_id=referral.pk)
    booking.book_referral(pair.referrer, referral_id=referral.pk, slot_id=pair.slot().pk)
    background.relay()
    assert len(mail.outbox) >= 4
    kept = json.dumps(
        [*Notice.objects.values("params", "url", "kind", "key"), *OutboxMessage.objects.values("payload", "error")],
        ensure_ascii=False, default=str,
    )  # fmt: skip
    sent = "".join(f"{letter.subject}{letter.body}{letter.extra_headers}" for letter in mail.outbox)
    for secret in (CANARY, pair.patient.snils, pair.patient.enp, referral.diagnosis_code):
        assert secret not in kept
        assert secret not in sent


def test_told_again_nobody_hears_twice(pair):
    referral = draft(pair)
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)
    message = OutboxMessage.objects.get(task=REFERRAL_MOVED, payload__action="submit")
    OutboxMessage.objects.create(task=message.task, payload=message.payload)
    background.relay()
    assert heard(pair.coordinator.user_id) == ["patients.submit"]
    assert len(mail.outbox) == 1
    assert tell_of_step(message.payload["step"]) == 0


@pytest.mark.django_db(transaction=True)
def test_worker_killed_on_the_way_tells_once_in_the_end(monkeypatch):
    pair = make_pair(triage=True)
    referral = draft(pair)
    drafts.submit_referral(pair.referrer, referral_id=referral.pk)

    class Killed(BaseException):
        pass

    def dies(self, *args, **kwargs):
        assert Notice.objects.exists()
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(OutboxMessage, "save", dies)
        with pytest.raises(Killed):
            background.relay(limit=1)
    assert not Notice.objects.exists()
    background.relay()
    assert heard(pair.coordinator.user_id) == ["patients.submit"]
    assert len(mail.outbox) == 1


#: Steps that nobody takes: the portal's own, on the waiting list.
PORTALS_OWN = {"offer", "offer_lapsed", "offer_withdrawn"}
#: Steps that leave the state as it is, and are in no table.
BESIDE = {"attach"}


def test_every_told_action_is_an_action_of_the_state_table_or_the_portals_own():
    assert set(REFERRAL.actions) >= TOLD - PORTALS_OWN - BESIDE
    assert PORTALS_OWN <= TOLD


def test_step_that_is_gone_or_silent_is_nobodys_news(pair):
    assert tell_of_step(10**9) == 0
    step = ReferralStep.objects.create(
        referral=draft(pair), at=Referral.objects.latest("created_at").created_at, action="draft",
        to_state=ReferralState.DRAFT,
    )  # fmt: skip
    assert tell_of_step(step.pk) == 0
    make_consent(pair.patient)
