"""The patient's public page in a real browser: from the square code to the time and the place, for every eye."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cluster_portal.accounts.models import Attempt
from tests.factories import clinics, patients

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAY = "[name=birth_date]"
BUTTON = ".lookup-form button[type=submit]"


@pytest.mark.parametrize("width", [1440, 390])
def test_from_the_square_code_to_the_time(sit_down, shuts_nobody_out, width: int) -> None:
    clinics.make_cluster()
    pair = patients.make_pair()
    referral = pair.referral("booked")
    page = sit_down(None, width=width)
    page.goto(f"{reverse('patients:lookup')}?number={referral.number}")
    expect(page.locator("[name=number]")).to_have_value(referral.number)
    shuts_nobody_out(page)

    page.fill(DAY, "1901-01-01")
    page.click(BUTTON)
    expect(page.locator(".error-summary")).to_contain_text("Направления с таким номером")
    shuts_nobody_out(page)
    assert Attempt.objects.count() == 3

    page.fill(DAY, pair.patient.birth_date.isoformat())
    page.click(BUTTON)
    expect(page.locator(".lookup-answer")).to_contain_text(pair.target.name_ru)
    expect(page.locator("body")).not_to_contain_text(pair.patient.family)
    shuts_nobody_out(page)
