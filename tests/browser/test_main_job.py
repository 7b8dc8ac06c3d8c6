"""The portal's main job in a real browser: a patient is referred to another clinic and booked there."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from patients.models import Booking, Diagnosis, Referral, WaitingNorm
from patients.services.booking import book_referral
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = ".combobox__list:not([hidden]) [role=option]"


@pytest.fixture
def pair():
    clinics.make_cluster()
    Diagnosis.objects.update_or_create(
        code="I48.0", defaults={"name_ru": "Пароксизмальная фибрилляция предсердий"}
    )
    if not WaitingNorm.objects.exists():
        WaitingNorm.objects.create(country="RU", days=14, valid_from=date(2020, 1, 1), source="ПГГ 2026–2028")
    pair = patients.make_pair()
    pair.patient.family, pair.patient.given, pair.patient.patronymic = "Тен", "Ирина", "Викторовна"
    pair.patient.save()
    return pair


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field of that name has the focus, as a person without a mouse does."""
    for _ in range(25):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"Tab never reaches {name}")


def test_from_the_patient_to_the_booking_by_keyboard_alone(pair, sit_down):
    for n in range(3):
        pair.slot(at(2, 9 + n))
    page = sit_down(pair.referrer)
    began = time.monotonic()
    page.goto("/referrals/out/all/")
    page.keyboard.press("n")
    page.wait_for_url("**/referrals/new/")
    # A typing error, and the words in the wrong order.
    page.keyboard.type("ирина тенн")
    expect(page.locator("[data-pick-list] button")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url("**/reason/")
    expect(page.locator("[name=diagnosis_code_text]")).to_be_focused()
    page.keyboard.type("мерц")
    page.keyboard.press("Control+a")
    page.keyboard.type("i48")
    page.wait_for_selector(LIST)
    page.keyboard.press("Enter")
    tab_to(page, "service_type_text")
    page.keyboard.type("кардиол")
    page.wait_for_selector(LIST)
    page.keyboard.press("Enter")
    tab_to(page, "reason")
    page.keyboard.type("Приступы сердцебиения с марта, шесть эпизодов за месяц.")
    tab_to(page, "referrer_name")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Черновик сохранён", timeout=10_000)
    page.keyboard.press("Enter")

    page.wait_for_url("**/time/")
    radio = page.locator("input[type=radio][data-href]:checked")
    for _ in range(60):
        page.keyboard.press("Tab")
        if radio.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("button.slot").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    onward = page.get_by_role("link", name="Дальше: подтверждение")
    expect(onward).to_be_focused()
    expect(page.locator("[data-countdown-text]").first).to_have_text(re.compile(r"^(9|10):\d\d$"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/confirm/")
    expect(page.get_by_role("button", name="Отправить и записать").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-toast]")).to_contain_text("пациент записан")
    took = time.monotonic() - began

    referral = Referral.objects.get()
    assert (referral.state, referral.appointment_at) == ("booked", at(2, 10))
    assert referral.reason.startswith("Приступы сердцебиения")
    assert took < 120, took


def prepared(pair, person, patient):
    """A draft that has its reason and waits for a time."""
    return patients.make_referral(
        patient, source=pair.source, service=pair.service, state="draft", author_id=person.user_id,
        reason="Приступы сердцебиения с марта.",
    )  # fmt: skip


def test_two_people_take_the_last_time_at_once(pair, sit_down, shuts_nobody_out):
    last = pair.slot(at(2, 9))
    colleague = clinics.make_actor(organization=pair.source.organization)
    other = patients.make_patient(pair.source.organization)
    patients.make_consent(other)
    mine, theirs = prepared(pair, pair.referrer, pair.patient), prepared(pair, colleague, other)
    first, second = sit_down(pair.referrer), sit_down(colleague)
    for page, referral in ((first, mine), (second, theirs)):
        page.goto(f"/referrals/{referral.pk}/time/")
        expect(page.locator(f"#slot-{last.pk}")).to_be_visible()
    # Three more times appear while both look at the last one.
    others = [pair.slot(at(3, 10 + n)) for n in range(3)]

    first.locator(f"#slot-{last.pk}").click()
    countdown = first.locator("[data-countdown-text]").first
    expect(countdown).to_be_visible()
    # It came with the answer to the click, and runs all the same.
    expect(countdown).not_to_have_text(countdown.inner_text())
    second.locator(f"#slot-{last.pk}").click()
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("только что заняли")
    expect(alert.get_by_role("button")).to_have_count(3)
    shuts_nobody_out(second)

    # One is booked; the other takes an alternative with one click and has lost nothing.
    first.get_by_role("link", name="Дальше: подтверждение").click()
    first.get_by_role("button", name="Отправить и записать").first.click()
    expect(first.locator("[data-toast]")).to_contain_text("пациент записан")
    alert.get_by_role("button").first.click()
    second.get_by_role("link", name="Дальше: подтверждение").click()
    expect(second.get_by_text("Приступы сердцебиения с марта.")).to_be_visible()
    second.get_by_role("button", name="Отправить и записать").first.click()
    expect(second.locator("[data-toast]")).to_contain_text("пациент записан")
    booked = Booking.objects.filter(state="booked").order_by("start")
    assert [booking.slot for booking in booked] == [last, others[0]]
    for slot in (last, others[0]):
        assert patients.taken_and_occupied(slot) == (1, 1)


def test_a_time_lost_at_the_last_step(pair, sit_down):
    """The hold lapsed while the phone rang, and another clinic was faster."""
    slot = pair.slot(at(2, 9))
    others = [pair.slot(at(2, 10 + n)) for n in range(3)]
    draft = prepared(pair, pair.referrer, pair.patient)
    page = sit_down(pair.referrer)
    page.goto(f"/referrals/{draft.pk}/time/")
    page.locator(f"#slot-{slot.pk}").click()
    page.get_by_role("link", name="Дальше: подтверждение").click()
    page.wait_for_url("**/confirm/")
    Booking.objects.update(held_until=at(-1))
    rival = patients.make_referral(source=pair.source, service=pair.service, state="accepted")
    book_referral(pair.coordinator, referral_id=rival.pk, slot_id=slot.pk)
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.get_by_role("button", name="Отправить и записать").first.click()
    assert answered.value.status == 409
    alert = page.get_by_role("alert")
    expect(alert.get_by_role("button")).to_have_count(3)
    alert.get_by_role("button").first.click()
    page.get_by_role("link", name="Дальше: подтверждение").click()
    page.get_by_role("button", name="Отправить и записать").first.click()
    expect(page.locator("[data-toast]")).to_contain_text("пациент записан")
    draft.refresh_from_db()
    assert draft.appointment_at == others[0].start


def test_without_javascript(pair, sit_down):
    slot = pair.slot(at(2, 9))
    page = sit_down(pair.referrer, java_script_enabled=False)
    page.goto("/referrals/new/")
    page.locator("#find").fill("тен ирина")
    page.get_by_role("button", name="Найти").click()
    page.get_by_role("button", name="Тен Ирина Викторовна").click()
    page.locator("[name=diagnosis_code_text]").fill("I48.0")
    page.locator("[name=service_type_text]").fill("консультация кардиолога")
    page.locator("[name=reason]").fill("Приступы сердцебиения с марта.")
    page.get_by_role("button", name="Дальше: клиника и время").first.click()
    page.locator(f"#slot-{slot.pk}").click()
    page.get_by_role("link", name="Дальше: подтверждение").click()
    page.get_by_role("button", name="Отправить и записать").first.click()
    expect(page.get_by_text("пациент записан")).to_be_visible()
    page.goto(f"/referrals/{Referral.objects.get().pk}/cancel_booking/")
    page.get_by_label("По просьбе пациента").check()
    page.get_by_role("button", name="Отменить запись").click()
    expect(page.get_by_text("Запись отменена.")).to_be_visible()


def test_arrivals_are_marked_with_one_click(pair, sit_down, shuts_nobody_out):
    referral = pair.referral("booked", slot=pair.slot(at(0, 0, 1)))
    page = sit_down(pair.coordinator)
    page.goto("/arrivals/")
    shuts_nobody_out(page)
    page.get_by_role("button", name="Пришёл : Тен И. В.", exact=True).click()
    expect(page.locator(f"#arrival-{referral.pk}")).to_contain_text("на приёме")
    expect(page.locator("#announcer")).to_contain_text("Тен")
    shuts_nobody_out(page)


def pages_of(pair):
    """Every page of patients and referrals, with somebody who may open it."""
    slots = [pair.slot(at(n, 10)) for n in (2, 3, 30)]
    patients.make_booking(
        pair.referral("accepted", patient=patients.make_patient(pair.source.organization)), slots[1]
    )
    by_state = {
        state: pair.referral(state) for state in ("draft", "returned", "submitted", "accepted", "completed")
    }
    by_state["booked"] = pair.referral("booked", slot=pair.slot(at(5, 9)))
    by_state["in_care"] = pair.referral("in_care", slot=pair.slot(at(6, 9)))
    draft, patient = by_state["draft"].pk, pair.patient.pk
    pair.referral("booked", slot=pair.slot(at(0, 23, 30)))
    held = prepared(pair, pair.referrer, pair.patient)
    patients.make_booking(held, pair.slot(at(7, 9)), "held", held_by_id=pair.referrer.user_id)
    out = [
        "/referrals/out/all/", "/referrals/out/drafts/", "/referrals/out/waitlisted/", "/referrals/new/?q=тен",
        "/referrals/new/?register=1", f"/referrals/{draft}/reason/", f"/referrals/{by_state['returned'].pk}/reason/",
        f"/referrals/{draft}/time/", f"/referrals/{held.pk}/time/", f"/referrals/{held.pk}/confirm/",
        f"/referrals/{by_state['booked'].pk}/time/", f"/referrals/{by_state['booked'].pk}/",
        f"/referrals/{by_state['completed'].pk}/", f"/referrals/{by_state['booked'].pk}/cancel/", "/patients/",
        f"/patients/{patient}/", f"/patients/{patient}/edit/", f"/patients/{patient}/consent/", "/patients/emergency/",
    ]  # fmt: skip
    submitted = by_state["submitted"].pk
    into = [
        "/referrals/in/all/", f"/referrals/in/triage/{submitted}/", "/referrals/in/triage/", f"/referrals/{submitted}/",
        f"/referrals/{submitted}/redirect/", f"/referrals/{submitted}/accept/", f"/referrals/{submitted}/reject/",
        f"/referrals/{by_state['in_care'].pk}/complete/", "/arrivals/",
        f"/clinics/?compare={pair.source.pk}&compare={pair.target.pk}&q=больница&open=1", "/clinics/?view=map",
        f"/clinics/compare/?compare={pair.source.pk}&compare={pair.target.pk}", f"/clinics/{pair.target.pk}/",
    ]  # fmt: skip
    return out, into


@pytest.mark.parametrize(
    ("width", "language", "contrast"),
    [(1440, "ru", False), (390, "kk", True)],
)
def test_nobody_is_shut_out_of_any_page(pair, sit_down, shuts_nobody_out, width, language, contrast):
    out, into = pages_of(pair)
    for actor, paths in ((pair.referrer, out), (pair.coordinator, into)):
        page = sit_down(actor, width=width, language=language, contrast=contrast)
        for path in paths:
            assert page.goto(path).status == 200, path
            shuts_nobody_out(page)


def test_errors_and_dialogs_shut_nobody_out(pair, sit_down, shuts_nobody_out):
    submitted = pair.referral("submitted")
    draft = prepared(pair, pair.referrer, pair.patient)
    page = sit_down(pair.coordinator, width=390)
    page.goto(f"/referrals/{submitted.pk}/")
    page.get_by_label("Другие действия").last.click()
    page.get_by_role("link", name="Отклонить направление").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    shuts_nobody_out(page)
    page.get_by_role("dialog").get_by_role("button", name="Отклонить").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    shuts_nobody_out(page)
    page = sit_down(pair.referrer)
    page.goto(f"/referrals/{draft.pk}/reason/")
    page.locator("[name=reason]").fill("")
    page.get_by_role("button", name="Дальше: клиника и время").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Обоснование")
    shuts_nobody_out(page)
    page.goto("/patients/new/")
    page.get_by_label("СНИЛС").fill("112-233-445 96")
    page.get_by_role("button", name="Зарегистрировать").click()
    expect(page.get_by_role("alert")).to_be_visible()
    shuts_nobody_out(page)
