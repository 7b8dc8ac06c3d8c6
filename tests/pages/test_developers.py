"""The developers' page: what it lists is what there is, and what it shows to be pasted works."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys

import pytest
from django.utils import timezone

from cluster_portal.accounts import sandbox
from cluster_portal.accounts.services.clients import rotate_secret
from cluster_portal.api import scopes
from cluster_portal.common.actor import SYSTEM
from cluster_portal.demo.sandbox import make_sandbox
from cluster_portal.pages.selectors import developers
from patients.models import Booking, Referral
from patients.states import BookingState
from tests.factories import clinics, patients

#: What the tutorial asks of the machine on which it is pasted.
TOOLS = ("bash", "curl", "jq")


def page(client, language: str = "en") -> str:
    client.cookies["language"] = language
    answer = client.get("/developers/")
    assert answer.status_code == 200
    return answer.content.decode()


def examples(text: str, kind: str) -> list[str]:
    """The code of the page, as it is copied from there."""
    return [
        html.unescape(code)
        for code in re.findall(rf'<code data-example="{kind}">(.*?)</code>', text, re.DOTALL)
    ]


@pytest.mark.django_db
def test_the_lists_come_from_the_code(client):
    clinics.make_cluster()
    text = page(client)
    codes = {one.code for one in developers.failures()}
    assert {
        "slot_taken",
        "similar_patients",
        "idempotency_mismatch",
        "stale_version",
        "too_many_requests",
    } <= codes
    assert all(re.search(rf"<code>{code}</code>", text) for code in codes)
    told = {event.name for event in developers.events()}
    assert {"referrals", "slots", "nominations", "plots"} <= told and "notices" not in told
    assert all(f"<code>{name}</code>" in text for name in told)
    assert all(f"<code>{scope}</code>" in text for scope in scopes.ALL)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ru", "kk"])
def test_every_error_has_words_in_each_language(client, language):
    clinics.make_cluster()
    text = page(client, language)
    assert "Slot taken" not in text and len(text) < 400_000


@pytest.mark.django_db
def test_the_client_to_try_is_shown_by_a_demo_alone(client, settings):
    clinics.make_cluster()
    make_sandbox(clinics.make_organization().pk)
    for is_demo in (False, True):
        settings.DEMO = is_demo
        assert (sandbox.SECRET in page(client)) is is_demo
    assert "YOUR_CLIENT_ID" not in page(client)


@pytest.mark.django_db
def test_a_secret_that_was_changed_is_not_shown_once_it_is_dead(client, settings):
    settings.DEMO = True
    clinics.make_cluster()
    program = make_sandbox(clinics.make_organization().pk)
    rotate_secret(SYSTEM, client_id=program.pk)
    assert sandbox.SECRET in page(client), "for a day it is good beside the new one"
    program.refresh_from_db()
    program.previous_secret_until = timezone.now()
    program.save()
    text = page(client)
    assert sandbox.SECRET not in text and "YOUR_CLIENT_ID" in text


@pytest.mark.django_db
def test_home_and_footer_lead_here(client):
    clinics.make_cluster()
    assert client.get("/").content.decode().count('href="/developers/"') >= 2


@pytest.fixture
def demo(settings):
    """A demo with a free time that is booked at once."""
    settings.DEMO = True
    clinics.make_cluster(is_demo=True)
    pair = patients.make_pair()
    clinics.make_slots(pair.service, 2, first=clinics.at(3))
    make_sandbox(pair.source.organization_id)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="curl and jq are not here")
def test_what_is_shown_books_a_time(client, live_server, demo):
    text = page(client).replace("http://testserver", live_server.url)
    script = "set -euo pipefail\n" + "\n".join(examples(text, "sh"))
    pasted = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=90)
    assert pasted.returncode == 0, pasted.stdout + pasted.stderr
    assert "200" in pasted.stdout and re.search(r"(?i)idempotency-replayed: true", pasted.stdout), (
        pasted.stdout
    )
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 1, pasted.stdout
    (code,) = examples(text, "py")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=90)
    assert run.returncode == 0, run.stderr
    assert "booked" in run.stdout
    assert Referral.objects.filter(state="booked").count() == 2
