"""The list to decide on in a real browser: by keys without leaving it, for screen readers, and without scripts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from patients.models import Diagnosis, Referral
from patients.services.decisions import accept_referral
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/referrals/in/triage/"
#: A busy machine takes its time; what is waited for comes or it does not.
expect.set_options(timeout=20_000)


@pytest.fixture
def pair():
    clinics.make_cluster()
    Diagnosis.objects.update_or_create(code="I48.0", defaults={"name_ru": "Фибрилляция предсердий"})
    return patients.make_pair(triage=True)


@pytest.fixture
def queue(pair):
    """Five people by their deadlines: the most urgent one first."""
    families = ("Ан", "Бойко", "Волков", "Гусев", "Дубова")
    return [
        pair.referral(
            "submitted",
            due_on=at(n).date(),
            patient=patients.make_patient(pair.source.organization, family=family),
        )
        for n, family in enumerate(families, 1)
    ]


def states(queue):
    by_id = dict(Referral.objects.values_list("pk", "state"))
    return [by_id[referral.pk] for referral in queue]


def row(page: Page, referral: Referral):
    return page.locator(f"#triage-{referral.pk}")


def link(page: Page, referral: Referral):
    return row(page, referral).locator("[data-row-link]")


def shows(page: Page, referral: Referral, left: int) -> None:
    """This one is open and has the focus, and the numbers say how many are left."""
    expect(link(page, referral)).to_be_focused()
    expect(row(page, referral)).to_have_class("edge is-selected")
    expect(page.locator("#triage-item")).to_contain_text(referral.number)
    expect(page.locator("#triage-count")).to_have_text(str(left))
    expect(page.locator("[data-triage] > li")).to_have_count(left)


def test_five_decisions_without_leaving_the_list(pair, queue, sit_down, shuts_nobody_out):
    page = sit_down(pair.coordinator)
    page.goto(LIST)
    page.evaluate("window.stayed = true")
    # The first key brings the focus to the one that is open, the next ones walk.
    page.keyboard.press("j")
    shows(page, queue[0], 5)
    page.keyboard.press("ArrowDown")
    shows(page, queue[1], 5)
    page.keyboard.press("k")
    shows(page, queue[0], 5)
    shuts_nobody_out(page)

    page.keyboard.press("a")
    shows(page, queue[1], 4)
    expect(page.locator("#announcer")).to_contain_text("Направление принято. Дальше: Бойко")
    expect(page.locator("[data-counter='in.triage']")).to_have_text("4")
    shuts_nobody_out(page)

    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Вернуть на доработку")
    expect(dialog).to_be_visible()
    shuts_nobody_out(page)
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Выберите причину")
    dialog.get_by_role("radio").first.focus()
    page.keyboard.press("1")
    dialog.get_by_role("textbox").fill("Сдайте креатинин и СКФ.")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    shows(page, queue[2], 3)

    # Back and forth: the act is done to the row that has the focus, whatever the pane shows yet.
    page.keyboard.press("j")
    page.keyboard.press("x")
    dialog = page.get_by_role("dialog", name="Отклонить направление")
    dialog.get_by_label("Нет показаний").check()
    page.keyboard.press("Control+Enter")
    shows(page, queue[4], 2)

    page.keyboard.press("k")
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog", name="Перенаправить в другую услугу")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    shows(page, queue[2], 2)
    page.keyboard.press("a")
    shows(page, queue[4], 1)
    assert page.evaluate("window.stayed")
    page.keyboard.press("a")
    expect(page.get_by_text("Всё разобрано")).to_be_visible()
    assert states(queue) == ["accepted", "returned", "accepted", "rejected", "accepted"]


def test_enter_reads_and_escape_comes_back_in_the_russian_layout_too(pair, queue, sit_down):
    page = sit_down(pair.coordinator)
    page.goto(LIST)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#triage-item [data-pane-head]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(link(page, queue[0])).to_be_focused()
    # «ф» lies where A does.
    page.evaluate(
        """document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {key: "ф", code: "KeyA", bubbles: true, cancelable: true}))"""
    )
    shows(page, queue[1], 4)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Клавиши")
    expect(keys).to_contain_text("перенаправить в другую услугу")
    # Nothing is decided behind an open dialog.
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    assert states(queue) == ["accepted", *["submitted"] * 4]


def test_another_priority_keeps_the_row_and_changes_its_deadline(pair, queue, sit_down):
    page = sit_down(pair.coordinator)
    page.goto(LIST)
    page.keyboard.press("j")
    page.keyboard.press("p")
    dialog = page.get_by_role("dialog", name="Изменить срочность")
    dialog.get_by_label("Экстренно").check()
    dialog.get_by_role("textbox").fill("Нарастает одышка.")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    expect(row(page, queue[0])).to_contain_text("Экстренно")
    expect(link(page, queue[0])).to_be_focused()
    expect(page.locator("#triage-count")).to_have_text("5")
    referral = Referral.objects.get(pk=queue[0].pk)
    assert (referral.state, referral.priority) == ("submitted", "emergency")
    assert referral.due_on == timezone.localdate(referral.submitted_at, ZoneInfo(clinics.ZONE))


def test_one_that_a_colleague_has_decided_goes_with_a_word(pair, queue, sit_down):
    page = sit_down(pair.coordinator)
    page.goto(LIST)
    page.keyboard.press("j")
    accept_referral(pair.coordinator, referral_id=queue[0].pk)
    page.keyboard.press("a")
    shows(page, queue[1], 4)
    expect(page.locator("#toasts")).to_contain_text("Ничего не изменилось")
    assert queue[0].steps.filter(action="accept").count() == 1


def test_several_are_accepted_at_once(pair, queue, sit_down, shuts_nobody_out):
    page = sit_down(pair.coordinator)
    page.goto(LIST)
    accept = page.get_by_role("button", name="Принять отмеченные")
    expect(accept).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.locator("[data-bulk-count]")).to_have_text("2")
    shuts_nobody_out(page)
    accept.click()
    expect(page.locator("#toasts")).to_contain_text("Готово: 2 направления")
    expect(page.locator("#triage-count")).to_have_text("3")
    assert states(queue) == ["accepted", "submitted", "accepted", "submitted", "submitted"]


def test_a_filtered_list_stays_filtered(pair, queue, sit_down):
    Referral.objects.filter(pk__in=[queue[1].pk, queue[3].pk]).update(priority="urgent")
    page = sit_down(pair.coordinator)
    page.goto(f"{LIST}?priority=urgent")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("#triage-count")).to_have_text("1")
    expect(page.locator("#triage-item")).to_contain_text(queue[3].number)
    assert states(queue)[1] == "accepted"


def test_without_scripts_every_act_is_a_form(pair, queue, sit_down):
    page = sit_down(pair.coordinator, java_script_enabled=False)
    page.goto(LIST)
    link(page, queue[1]).click()
    page.get_by_role("button", name="Принять", exact=True).first.click()
    expect(page.get_by_text("Направление принято.")).to_be_visible()
    page.get_by_role("group", name="Решение").get_by_role("link", name="Отклонить").click()
    page.get_by_label("Нет показаний").check()
    page.get_by_role("button", name="Отклонить").click()
    row(page, queue[0]).get_by_role("checkbox").check()
    row(page, queue[4]).get_by_role("checkbox").check()
    page.get_by_role("button", name="Принять отмеченные").click()
    expect(page.get_by_text("Готово: 2 направления")).to_be_visible()
    assert states(queue) == ["accepted", "accepted", "rejected", "submitted", "accepted"]


def test_on_a_telephone_the_list_and_the_referral_are_screens_of_their_own(
    pair, queue, sit_down, shuts_nobody_out
):
    page = sit_down(pair.coordinator, width=390)
    page.goto(LIST)
    shuts_nobody_out(page)
    link(page, queue[0]).click()
    page.wait_for_url(f"**{queue[0].pk}/")
    shuts_nobody_out(page)
    page.locator(".bottom-bar").get_by_role("button", name="Принять").click()
    page.wait_for_url(f"**{queue[1].pk}/")
    page.locator(".bottom-bar").get_by_role("link", name="Вернуть").click()
    dialog = page.get_by_role("dialog", name="Вернуть на доработку")
    dialog.get_by_role("radio").first.check()
    dialog.get_by_role("button", name="Вернуть").click()
    page.wait_for_url(f"**{queue[2].pk}/")
    assert states(queue)[:2] == ["accepted", "returned"]
