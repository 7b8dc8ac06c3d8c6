"""Webhooks from a change to the receiver: what is told to whom, signed, tried again, given up, sent again."""

import datetime as dt
import itertools

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from clinics.models import Clinic
from cluster_portal.api.errors import InsufficientScope
from cluster_portal.audit.models import Entry
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.webhooks import signing
from cluster_portal.webhooks.errors import AddressRefused, TooManySubscriptions
from cluster_portal.webhooks.models import Delivery, Subscription
from cluster_portal.webhooks.services import delivering, following
from cluster_portal.webhooks.services import subscriptions as services
from tests.factories import clinics, patients
from tests.webhooks.conftest import SYSTEM, URL, run

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(hours=24)
ALL = ("clinics.created", "clinics.updated", "clinics.no_longer_visible")


def test_a_change_arrives_signed_and_says_no_more_than_where_to_look(subscribe, receiver, settings) -> None:
    settings.PUBLIC_URL = "https://portal.example/"
    subscribe("clinics.created")
    clinic = clinics.make_clinic()
    run()
    [(message, told)] = receiver.got
    [delivery] = Delivery.objects.all()
    assert message == delivery.message == f"msg_{delivery.pk.hex}"
    assert told == {
        "type": "clinics.created",
        "timestamp": delivery.at.isoformat(),
        "data": {"id": str(clinic.pk), "url": f"https://portal.example/api/v1/clinics/{clinic.pk}/"},
    }
    assert delivery.state == "delivered"
    assert [(one["status"], one["answer"]) for one in delivery.tries] == [(200, "thanks")]
    run()
    assert len(receiver.got) == 1, "then nothing more"


def test_only_the_events_that_were_asked_for_and_only_what_the_program_may_see(subscribe, receiver) -> None:
    clinics.make_cluster()
    pair = patients.make_pair(triage=True)
    _actor, own = subscribe("referrals.created", organization=pair.source.organization)
    _actor, strange = subscribe("referrals.created", "referrals.updated", "referrals.no_longer_visible")
    receiver.status = 503
    referral = pair.referral("submitted")
    run()
    assert [one.row_id for one in own.deliveries.all()] == [str(referral.pk)]
    assert not strange.deliveries.exists()
    assert "referral" not in delivering.payload(own.deliveries.get())["data"], "a message is thin"


def test_who_loses_a_row_is_told_without_an_address(subscribe, receiver) -> None:
    clinic = clinics.make_clinic()
    subscribe(*ALL)
    Clinic.objects.filter(pk=clinic.pk).update(short_name_en="Other")
    Clinic.objects.filter(pk=clinic.pk).delete()
    run()
    told = [(one["type"], one["data"]["url"]) for _id, one in receiver.got]
    # Of a row that is gone by now, the feed says so once: its earlier change was of something nobody sees any more.
    assert told[-1] == ("clinics.no_longer_visible", None)


def test_a_receiver_that_is_away_for_a_day_gets_everything_once_it_is_back(
    subscribe, receiver, clock
) -> None:
    subscribe("clinics.created")
    receiver.status = 503
    start, made, ids = timezone.now(), [], set()
    for hour in range(0, 24, 2):
        made.append(str(clinics.make_clinic().pk))
        run(clock, start + dt.timedelta(hours=hour + 2))
        ids |= {one.message for one in Delivery.objects.all()}
    assert timezone.now() == start + DAY
    assert receiver.got == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"pending"}
    assert receiver.tried < 400, "a day of failing costs a try in minutes, not one in seconds"
    receiver.status = 200
    run(clock, start + 2 * DAY)
    assert sorted(told["data"]["id"] for _id, told in receiver.got) == sorted(made)
    assert {message for message, _told in receiver.got} == ids, "under the ids that they had from the start"
    assert len(receiver.got) == len(made)
    tried = receiver.tried
    run(clock, start + 4 * DAY)
    assert receiver.tried == tried, "then nothing more"


def test_pauses_grow_and_a_message_is_given_up_after_a_day(subscribe, receiver, clock, monkeypatch) -> None:
    monkeypatch.setattr(delivering, "REST", (0, 0))
    actor, _subscription = subscribe("clinics.created")
    receiver.status, receiver.text = 500, "broken"
    clinics.make_clinic()
    start = timezone.now()
    run(clock, start + 3 * DAY)
    [delivery] = Delivery.objects.all()
    assert delivery.state == "dead"
    moments = [dt.datetime.fromisoformat(one["at"]) for one in delivery.tries]
    pauses = [(b - a).total_seconds() for a, b in itertools.pairwise(moments)]
    for pause, base in zip(pauses, (*delivering.PAUSES, 21600, 21600), strict=False):
        assert base - 2 <= pause <= base * 1.1 + 2, pauses
    assert start + DAY <= moments[-1] <= start + DAY + dt.timedelta(hours=7)
    assert {(one["status"], one["answer"]) for one in delivery.tries} == {(500, "broken")}

    receiver.status = 200
    run()
    assert receiver.got == []
    services.resend_delivery(actor, delivery_id=delivery.pk)
    with pytest.raises(IllegalTransition):
        services.resend_delivery(actor, delivery_id=delivery.pk)
    run()
    [(message, _told)] = receiver.got
    assert message == delivery.message


def test_a_receiver_that_fails_is_asked_with_one_message_and_left_alone_for_a_while(
    subscribe, receiver, clock
) -> None:
    _actor, subscription = subscribe("clinics.created")
    receiver.status = 503
    for _ in range(15):
        clinics.make_clinic()
    following.follow()
    assert [delivering.deliver() for _ in range(2)] == [1, 0]
    clock.shift(delivering.REST[0])
    assert [delivering.deliver() for _ in range(2)] == [1, 0]
    subscription.refresh_from_db()
    assert subscription.failures == 2, "a round ends with its first failure"
    receiver.status = 200
    clock.shift(3600)
    assert [delivering.deliver() for _ in range(3)] == [1, 14, 0]


def test_old_messages_of_a_receiver_that_never_comes_back_are_given_up_too(
    subscribe, receiver, clock
) -> None:
    subscribe("clinics.created")
    receiver.status = 503
    for _ in range(20):
        clinics.make_clinic()
    run(clock, timezone.now() + 3 * DAY)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dead"}


def test_gone_means_gone(subscribe, receiver) -> None:
    _actor, subscription = subscribe("clinics.created")
    receiver.status = 410
    clinics.make_clinic()
    run()
    subscription.refresh_from_db()
    assert not subscription.is_enabled
    assert Delivery.objects.get().state == "dead"


def test_a_message_of_a_worker_that_died_is_sent_again_under_its_id(subscribe, receiver, clock) -> None:
    _actor, subscription = subscribe("clinics.created")
    clinics.make_clinic()
    following.follow()
    [lost] = delivering.take_due(SYSTEM, subscription_id=subscription.pk)
    assert delivering.deliver() == 0, "it is another worker's"
    clock.shift(delivering.LEASE + dt.timedelta(seconds=1))
    assert delivering.deliver() == 1
    assert [message for message, _told in receiver.got] == [lost.headers["webhook-id"]]


def test_for_a_day_both_secrets_fit(subscribe, receiver, clock) -> None:
    actor, subscription = subscribe("clinics.created")
    old = receiver.secret
    _subscription, new = services.rotate_secret(actor, subscription_id=subscription.pk)
    for secret in (old, new):
        receiver.secret = secret
        clinics.make_clinic()
        run()
    assert len(receiver.got) == 2
    clock.shift(DAY)
    receiver.secret = old
    clinics.make_clinic()
    following.follow()
    with pytest.raises(WebhookVerificationError):
        delivering.deliver()
    assert old.startswith("whsec_") and old != new
    subscription.refresh_from_db()
    assert new not in (subscription.secret, subscription.previous_secret)
    lines = Entry.objects.filter(table_name="webhooks_subscription").values_list("before", "after")
    written = {key for line in lines for side in line if side for key in side}
    assert "url" in written and not written & {"secret", "previous_secret"}


def test_what_was_changed_in_the_body_does_not_pass() -> None:
    secret, body = signing.new_secret(), b'{"type":"clinics.created"}'
    kept, now = signing.encrypt(secret), int(timezone.now().timestamp())
    headers = signing.headers([kept], message="msg_1", timestamp=now, body=body)
    assert Webhook(secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(body, headers)


def test_a_webhook_that_was_switched_off_goes_on_from_where_it_stopped(subscribe, receiver) -> None:
    actor, subscription = subscribe("clinics.created")
    services.switch_subscription(actor, subscription_id=subscription.pk, on=False)
    clinic = clinics.make_clinic()
    run()
    assert not Delivery.objects.exists()
    services.switch_subscription(actor, subscription_id=subscription.pk, on=True)
    run()
    assert [told["data"]["id"] for _id, told in receiver.got] == [str(clinic.pk)]


def test_a_restored_database_is_told_of_and_followed_from_its_end(subscribe, receiver) -> None:
    _actor, subscription = subscribe("clinics.created")
    Subscription.objects.filter(pk=subscription.pk).update(feed_server="another")
    clinics.make_clinic()
    run()
    run()
    assert [told["type"] for _id, told in receiver.got] == ["feed.restarted"]


def test_what_a_webhook_may_be(subscribe, place, monkeypatch) -> None:
    actor, subscription = subscribe("clinics.created", scopes=("clinics:read",))
    with pytest.raises(Invalid):
        services.create_subscription(actor, url=URL, events=["clinics.exploded"])
    with pytest.raises(Invalid):
        services.create_subscription(actor, url=URL, events=[])
    with pytest.raises(InsufficientScope):
        services.create_subscription(actor, url=URL, events=["referrals.created"])
    with pytest.raises(AddressRefused):
        services.create_subscription(actor, url="http://receiver.example/", events=["clinics.created"])
    with pytest.raises(Forbidden):
        services.create_subscription(clinics.make_actor("referrer"), url=URL, events=["clinics.created"])
    other, _theirs = subscribe("clinics.created")
    with pytest.raises(NotFound):
        services.rotate_secret(other, subscription_id=subscription.pk)
    monkeypatch.setattr(services, "MOST", 1)
    with pytest.raises(TooManySubscriptions):
        services.create_subscription(actor, url=URL, events=["clinics.created"])
    services.delete_subscription(actor, subscription_id=subscription.pk)
    assert not Subscription.objects.filter(pk=subscription.pk).exists()


def test_old_messages_are_deleted(subscribe, receiver, clock) -> None:
    subscribe("clinics.created")
    clinics.make_clinic()
    run()
    assert delivering.sweep() == 0
    clock.shift(delivering.KEEP_DELIVERED + dt.timedelta(minutes=1))
    assert delivering.sweep() == 1


def test_a_secret_that_cannot_be_read_holds_nobody_else_up(subscribe, receiver) -> None:
    (_one, broken), (_two, sound) = subscribe("clinics.created"), subscribe("clinics.created")
    Subscription.objects.filter(pk=broken.pk).update(secret="unreadable")
    clinics.make_clinic()
    run()
    assert {delivery.subscription_id for delivery in Delivery.objects.filter(state="delivered")} == {sound.pk}
    assert Delivery.objects.filter(state="pending", subscription=broken).exists()


def test_after_a_pause_of_a_month_it_begins_from_the_present_and_says_so(subscribe, receiver) -> None:
    actor, subscription = subscribe("clinics.created")
    services.switch_subscription(actor, subscription_id=subscription.pk, on=False)
    clinics.make_clinic()
    kept = dt.timedelta(days=30)
    for age, told in ((kept - DAY, ["clinics.created"]), (kept + DAY, ["feed.restarted"])):
        Delivery.objects.all().delete()
        receiver.got.clear()
        Subscription.objects.filter(pk=subscription.pk).update(
            followed_at=timezone.now() - age, is_enabled=True, feed_xid=subscription.feed_xid,
            feed_line=subscription.feed_line,
        )  # fmt: skip
        run()
        assert [one["type"] for _id, one in receiver.got] == told


def test_all_that_was_given_up_is_sent_again_at_once(subscribe, receiver) -> None:
    actor, subscription = subscribe("clinics.created")
    receiver.status = 410
    for _ in range(3):
        clinics.make_clinic()
    run()
    Delivery.objects.filter(state="pending").update(state="dead", next_try_at=None, ended_at=timezone.now())
    services.change_subscription(actor, subscription_id=subscription.pk, on=True)
    receiver.status = 200
    assert services.resend_given_up(actor, subscription_id=subscription.pk) == 3
    run()
    assert len(receiver.got) == 3
