"""Messages between the two clinics of a referral."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from clinics.models import Membership
from cluster_portal.accounts.models import User
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from patients.errors import MessageKeyTaken, NobodyThere
from patients.models import Message
from patients.selectors.messages import threads
from patients.selectors.worklists import countable
from patients.services.messages import read_messages, write_message
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    clinics.make_cluster()
    return patients.make_pair(triage=True)


@pytest.fixture
def referral(pair):
    patient = patients.make_patient(pair.source.organization)
    return patients.make_referral(patient, state="submitted", service=pair.service, source=pair.source)


@pytest.fixture
def sender(referral):
    return clinics.make_actor("referrer", organization=referral.source_organization)


@pytest.fixture
def receiver(referral):
    return clinics.make_actor("coordinator", organization=referral.target_organization)


def unread(actor):
    rows = countable(actor).get("messages.unread")
    return rows.count() if rows is not None else 0


def test_a_word_and_its_answer(referral, sender, receiver):
    write_message(sender, referral_id=referral.pk, text=" Нужны ли снимки? ")
    assert (unread(sender), unread(receiver)) == (0, 1)
    assert threads(receiver, unread=True).get().unread == 1
    # Who answers has read.
    write_message(receiver, referral_id=referral.pk, text="Да, пожалуйста.")
    assert (unread(sender), unread(receiver)) == (1, 0)
    first, second = Message.objects.order_by("created_at")
    assert (first.text, first.read_by_id) == ("Нужны ли снимки?", receiver.user_id)
    assert second.addressee_id == referral.source_organization_id
    assert read_messages(sender, referral_id=referral.pk) == 1
    assert read_messages(sender, referral_id=referral.pk) == 0
    assert list(threads(sender, unread=True)) == []
    assert threads(sender).get().last_text == "Да, пожалуйста."


def test_the_other_sides_people_hear_of_it_and_not_of_what(referral, sender, receiver, mailoutbox):
    write_message(sender, referral_id=referral.pk, text="Аллергия на йод")
    relay()
    notices = Notice.objects.filter(kind="patients.message")
    assert receiver.user_id in {notice.user_id for notice in notices}
    assert sender.user_id not in {notice.user_id for notice in notices}
    assert all(referral.number in notice.text for notice in notices)
    assert mailoutbox
    assert not any("йод" in letter.body for letter in mailoutbox)


def test_what_was_read_meanwhile_is_no_news(referral, sender, receiver):
    write_message(sender, referral_id=referral.pk, text="Нужны ли снимки?")
    read_messages(receiver, referral_id=referral.pk)
    relay()
    assert not Notice.objects.filter(kind="patients.message").exists()


def test_sent_twice_it_is_there_once(referral, sender):
    key = uuid.uuid4()
    sent = {
        write_message(sender, referral_id=referral.pk, text="Нужны ли снимки?", key=key).pk for _n in range(2)
    }
    assert len(sent) == Message.objects.count() == 1


def test_a_key_of_the_other_sides_message_is_refused_in_words(referral, sender, receiver):
    key = uuid.uuid4()
    write_message(sender, referral_id=referral.pk, text="Нужны ли снимки?", key=key)
    with pytest.raises(MessageKeyTaken):
        write_message(receiver, referral_id=referral.pk, text="Да.", key=key)


@pytest.mark.parametrize("text", ["", "  \n ", "я" * 4001])
def test_an_empty_or_endless_text_is_refused(referral, sender, text):
    with pytest.raises(Invalid) as caught:
        write_message(sender, referral_id=referral.pk, text=text)
    assert list(caught.value.errors) == ["text"]


def test_a_draft_has_nobody_on_the_other_side(pair):
    patient = patients.make_patient(pair.source.organization)
    draft = patients.make_referral(patient, state="draft", service=pair.service, source=pair.source)
    with pytest.raises(NobodyThere):
        write_message(
            clinics.make_actor("referrer", organization=pair.source.organization),
            referral_id=draft.pk, text="Есть кто?",
        )  # fmt: skip


def test_strangers_neither_read_nor_write(referral, sender):
    stranger = clinics.make_actor("manager")
    write_message(sender, referral_id=referral.pk, text="Нужны ли снимки?")
    for call in (
        lambda: write_message(stranger, referral_id=referral.pk, text="?"),
        lambda: read_messages(stranger, referral_id=referral.pk),
    ):
        with pytest.raises(NotFound):
            call()
    assert list(threads(stranger)) == []


def test_who_passed_it_on_reads_along_and_writes_no_more(referral, sender, receiver):
    write_message(sender, referral_id=referral.pk, text="Нужны ли снимки?")
    other = clinics.make_service()
    referral.past_targets = [referral.target_organization_id]
    referral.target_organization, referral.target_clinic = other.clinic.organization, other.clinic
    referral.save()
    with pytest.raises(Forbidden):
        write_message(receiver, referral_id=referral.pk, text="Мы передали его дальше")


@pytest.fixture
def browser(client, receiver):
    client.force_login(User.objects.get(pk=receiver.user_id))
    return client


def test_the_page_shows_writes_and_marks(browser, referral, sender, receiver):
    write_message(sender, referral_id=referral.pk, text="<b>Нужны</b> ли снимки?")
    page = browser.get(reverse("patients:referral", args=[referral.pk])).text
    assert "&lt;b&gt;Нужны&lt;/b&gt; ли снимки?" in page
    answer = browser.post(
        reverse("patients:message_write", args=[referral.pk]), {"text": "Да.", "key": str(uuid.uuid4())}
    )
    assert answer["Location"].endswith("#messages")
    assert unread(receiver) == 0
    part = browser.post(
        reverse("patients:message_write", args=[referral.pk]),
        {"text": "И анализы."},
        headers={"HX-Request": "true"},
    ).text
    assert "<html" not in part
    assert "И анализы." in part
    assert "И анализы." in browser.get(reverse("patients:messages")).text


def test_a_refused_text_stays(browser, referral):
    text = "я" * 4001
    response = browser.post(reverse("patients:message_write", args=[referral.pk]), {"text": text})
    assert response.status_code == 422
    assert text in response.text
    assert 'role="alert"' in response.text


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_asks_the_same_number_of_questions(browser, pair, django_assert_max_num_queries, many):
    author = clinics.make_actor("referrer", organization=pair.source.organization)
    for _n in range(many):
        patient = patients.make_patient(pair.source.organization)
        made = patients.make_referral(patient, state="submitted", service=pair.service, source=pair.source)
        write_message(author, referral_id=made.pk, text="Нужны ли снимки?")
    browser.get(reverse("patients:messages"))
    with django_assert_max_num_queries(6):
        page = browser.get(reverse("patients:messages")).text
    assert page.count("Нужны ли снимки?") == many


def test_by_rest(client, referral, sender, receiver):
    client.force_login(User.objects.get(pk=sender.user_id))
    address = f"/api/v1/referrals/{referral.pk}/messages/"
    body = {"text": "Нужны ли снимки?", "key": str(uuid.uuid4())}
    first = client.post(address, body, content_type="application/json")
    assert first.status_code == 201
    assert client.post(address, body, content_type="application/json").json()["id"] == first.json()["id"]
    client.force_login(User.objects.get(pk=receiver.user_id))
    assert [row["text"] for row in client.get(address).json()] == ["Нужны ли снимки?"]
    assert client.post(f"{address}read/", {}, content_type="application/json").json() == {"read": 1}


def test_membership_is_needed(referral, receiver):
    Membership.objects.filter(user_id=receiver.user_id).delete()
    from cluster_portal.common.actor import resolve_actor

    nobody = resolve_actor(user=User.objects.get(pk=receiver.user_id))
    assert unread(nobody) == 0
