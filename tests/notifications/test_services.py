"""Notices reach each person once, whatever is repeated or killed, and letters name nobody."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from cluster_portal.common import background
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.counting import count_together
from cluster_portal.common.errors import NotFound
from cluster_portal.common.models import OutboxMessage
from cluster_portal.notifications import kinds
from cluster_portal.notifications.models import Notice
from cluster_portal.notifications.selectors import countable, notices_of
from cluster_portal.notifications.services import mark_all_read, notify, open_notice, set_email, sweep
from tests.factories.clinics import actor_of, make_actor, make_member, make_organization, make_user

pytestmark = pytest.mark.django_db

KIND = kinds.Kind("tests.said", _("%(by)s accepted referral %(number)s"), "check", "good")


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    monkeypatch.setitem(kinds._kinds, KIND.name, KIND)


def say(users, key="cause:1", **fields):
    defaults = {"kind": KIND.name, "params": {"by": "ОКБ", "number": "SKH-26-0000001-X"}, "url": "/notices/"}
    return notify(SYSTEM, users=users, key=key, **defaults | fields)


def test_each_person_hears_once_of_a_cause():
    anna, boris = make_user(), make_user()
    assert say([anna.pk, boris.pk, anna.pk]) == 2
    assert say([anna.pk, boris.pk]) == 0
    assert say([anna.pk], key="cause:2") == 1
    assert Notice.objects.filter(user=anna).count() == 2
    assert OutboxMessage.objects.filter(task="notifications.mail").count() == 3


def test_letter_carries_number_and_link_in_the_readers_language():
    ivan = make_user(language="ru")
    john = make_user(language="en")
    with translation.override("kk"):
        say([ivan.pk, john.pk], params={"by": {"ru": "ОКБ", "en": "RCH"}, "number": "SKH-26-0000001-X"})
        background.relay()
    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert len(letters) == 2
    assert letters[john.email].subject == "RCH accepted referral SKH-26-0000001-X"
    assert "ОКБ" in letters[ivan.email].subject
    for letter in letters.values():
        notice = Notice.objects.get(user__email=letter.to[0])
        assert "SKH-26-0000001-X" in letter.subject
        assert f"/notices/{notice.pk}/" in letter.body
        assert str(notice.pk) in letter.extra_headers["Message-ID"]


def test_letter_goes_out_once_though_its_message_is_doubled():
    user = make_user()
    say([user.pk])
    message = OutboxMessage.objects.get(task="notifications.mail")
    OutboxMessage.objects.create(task=message.task, payload=message.payload)
    assert background.relay() == 2
    assert len(mail.outbox) == 1


def test_no_letter_where_it_is_not_wanted_or_was_read():
    quiet, quick, gone = make_user(), make_user(), make_user(is_active=False)
    set_email(actor_of(quiet, make_organization()), on=False)
    say([quiet.pk, quick.pk, gone.pk])
    open_notice(actor_of(quick, make_organization()), notice_id=Notice.objects.get(user=quick).pk)
    background.relay()
    assert mail.outbox == []
    assert Notice.objects.filter(mailed_at__isnull=False).count() == 0
    set_email(actor_of(quiet, make_organization()), on=True)
    say([quiet.pk], key="cause:2")
    background.relay()
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_worker_killed_after_sending_sends_again_under_the_same_id(monkeypatch):
    """What a kill undoes is repeated: the mark of sending and the message's own mark are one transaction."""
    user = make_user()
    say([user.pk])

    class Killed(BaseException):
        pass

    def dies(self, *args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(OutboxMessage, "save", dies)
        with pytest.raises(Killed):
            background.relay()
    assert Notice.objects.get(user=user).mailed_at is None
    assert background.relay() == 1
    assert background.relay() == 0
    assert Notice.objects.get(user=user).mailed_at is not None
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_of_what_was_rolled_back():
    user = make_user()
    with pytest.raises(RuntimeError), transaction.atomic():
        say([user.pk])
        raise RuntimeError
    assert not Notice.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_letter_that_fails_waits_and_comes_later(monkeypatch):
    user = make_user()
    say([user.pk])

    def refuse(self, *args, **kwargs):
        raise ConnectionRefusedError(f"for {user.email}")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", refuse)
        assert background.relay() == 1
    message = OutboxMessage.objects.get()
    assert message.done_at is None and message.attempts == 1
    assert user.email not in message.error
    OutboxMessage.objects.update(due_at=timezone.now())
    background.relay()
    assert len(mail.outbox) == 1


def test_reading_is_ones_own_business():
    organization = make_organization()
    mine, other = make_member(organization=organization), make_member(organization=organization)
    me, stranger = actor_of(mine, organization), actor_of(other, organization)
    say([mine.pk])
    say([mine.pk], key="cause:2")
    notice = notices_of(me).first()
    assert count_together(countable(me)) == {"notices.unread": 2}
    assert count_together(countable(stranger)) == {"notices.unread": 0}
    with pytest.raises(NotFound):
        open_notice(stranger, notice_id=notice.pk)
    assert open_notice(me, notice_id=notice.pk).read_at
    assert count_together(countable(me)) == {"notices.unread": 1}
    assert mark_all_read(stranger) == 0
    assert mark_all_read(me) == 1
    assert count_together(countable(me)) == {"notices.unread": 0}


def test_the_bell_costs_one_query(django_assert_num_queries):
    actor = make_actor()
    with django_assert_num_queries(1):
        count_together(countable(actor))


def test_unknown_kind_is_still_readable():
    user = make_user()
    say([user.pk], kind="gone.kind")
    assert Notice.objects.get().text


def test_old_notices_are_swept():
    user = make_user()
    say([user.pk])
    say([user.pk], key="cause:2")
    Notice.objects.filter(key="cause:1").update(created_at=timezone.now() - timedelta(days=181))
    assert sweep() == 1
    assert re.fullmatch("cause:2", Notice.objects.get().key)
