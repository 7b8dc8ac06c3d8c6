"""Webhooks' pages: made with a secret that is seen once, looked after, their messages sent again."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from cluster_portal.accounts.roles import Role
from cluster_portal.webhooks.models import Delivery, Subscription
from tests.factories.clinics import make_client, make_cluster, make_member, make_organization
from tests.factories.webhooks import make_delivery, make_webhook

pytestmark = pytest.mark.django_db
PAGE = "/webhooks/"
FORM = {"url": "https://his.example/hooks", "events": ["clinics.updated", "clinics.created"]}


@pytest.fixture
def own():
    make_cluster()
    return make_organization()


@pytest.fixture
def program(own):
    return make_client(own, name="HIS", allowed_scopes=["clinics:read"])


@pytest.fixture
def manager(client, own):
    client.force_login(make_member(Role.MANAGER, organization=own))
    client.cookies["language"] = "en"
    return client


def secret_in(answer) -> str:
    return re.search(r"<code>(whsec_[^<]+)<", answer.content.decode())[1]


def test_a_webhook_is_made_and_its_secret_seen_once(manager, program) -> None:
    new = f"/programs/{program.pk}/webhooks/new/"
    text = manager.get(new).content.decode()
    assert "clinics.updated" in text and "referrals.updated" not in text, "what its scopes open, and no more"
    made = manager.post(new, FORM)
    hook = Subscription.objects.get()
    assert made.status_code == 200 and made["Cache-Control"] == "no-store"
    assert (hook.client, set(hook.events)) == (program, set(FORM["events"]))
    first, second = secret_in(made), secret_in(manager.post(f"{PAGE}{hook.pk}/rotate/"))
    assert first != second
    page = manager.get(f"{PAGE}{hook.pk}/").content.decode()
    assert "whsec_" not in page and "the one before signs too until" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "https://192.168.0.7/hooks"}, "only to https addresses in the public network"),
        ({"url": "http://his.example/hooks"}, "only to https addresses in the public network"),
        ({"events": []}, "Name at least one event"),
        ({"events": ["referrals.updated"]}, "not one of the available choices"),
    ],
)
def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(manager, program, change, words) -> None:
    refused = manager.post(f"/programs/{program.pk}/webhooks/new/", FORM | change)
    text = refused.content.decode()
    assert refused.status_code == 422 and words in text
    assert f'value="{(FORM | change)["url"]}"' in text
    assert not Subscription.objects.exists()


def test_it_is_edited_stopped_let_go_on_and_deleted(manager, program) -> None:
    hook = make_webhook(program.pk)
    edited = {"url": "https://other.example/", "events": ["clinics.created"]}
    assert manager.post(f"{PAGE}{hook.pk}/edit/", edited).status_code == 303
    hook.refresh_from_db()
    assert (hook.url, hook.events) == ("https://other.example/", ["clinics.created"])
    for act, on in (("stop", False), ("resume", True)):
        manager.post(f"{PAGE}{hook.pk}/{act}/")
        hook.refresh_from_db()
        assert hook.is_enabled is on
    assert manager.post(f"{PAGE}{hook.pk}/explode/").status_code == 404
    manager.post(f"{PAGE}{hook.pk}/delete/")
    assert not Subscription.objects.exists()


def test_messages_are_shown_with_their_tries_and_sent_again(manager, program) -> None:
    hook = make_webhook(program.pk)
    tries = [{"at": timezone.now().isoformat(), "status": 503, "answer": "<b>broken"}]
    dead, other = make_delivery(hook, tries=tries), make_delivery(hook)
    page = f"{PAGE}{hook.pk}/"
    text = manager.get(f"{page}?state=dead").content.decode()
    assert "503" in text and "&lt;b&gt;broken" in text
    for words in ("on its way again", "on its way already"):
        sent = manager.post(f"/webhook-messages/{dead.pk}/resend/", follow=True)
        assert words in sent.content.decode()
    manager.post(f"{page}resend/")
    assert set(Delivery.objects.values_list("pk", "state")) == {(dead.pk, "pending"), (other.pk, "pending")}
    assert manager.get(f"{page}?state=nothing").status_code == 404


def test_those_of_other_organisations_are_not_there(manager, program) -> None:
    theirs = make_webhook(make_client(make_organization()).pk)
    mine = make_webhook(program.pk)
    text = manager.get(PAGE).content.decode()
    assert f"{PAGE}{mine.pk}/" in text and f"{PAGE}{theirs.pk}/" not in text
    assert manager.get(f"{PAGE}{theirs.pk}/").status_code == 404
    assert manager.post(f"/programs/{theirs.client_id}/webhooks/new/", FORM).status_code == 404


def test_the_cost_of_the_pages_is_constant(manager, own, program, django_assert_max_num_queries) -> None:
    hook = make_webhook(program.pk)
    for rows in (1, 24):
        for _n in range(rows):
            make_delivery(hook)
            make_webhook(make_client(own).pk)
        for address in (PAGE, f"{PAGE}{hook.pk}/"):
            manager.get(address)
            with django_assert_max_num_queries(16):
                assert manager.get(address).status_code == 200
