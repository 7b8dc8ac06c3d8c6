"""The frame and the components in a real browser: nobody is shut out, the keyboard does it all, the policy holds."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from cluster_portal.accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [
    (1440, {"language": "ru"}),
    (390, {"language": "ru"}),
    (390, {"language": "kk"}),
    (390, {"language": "en"}),
    (1440, {"language": "ru", "contrast": "1"}),
]


@pytest.fixture(autouse=True)
def demo(settings: Any) -> None:
    settings.DEMO = True


@pytest.fixture
def open_page(page: Page, live_server: Any):
    """Opens an address at a width and collects what the browser complains about."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def go(path: str, width: int = 1440, **cookies: str) -> Page:
        page.set_viewport_size({"width": width, "height": 900})
        page.context.add_cookies(
            [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
        )
        page.goto(live_server.url + path)
        assert complaints == []
        return page

    return go


@pytest.mark.parametrize("path", ["/styleguide/", "/accounts/login/", "/accounts/password/reset/"])
def test_nobody_is_shut_out(open_page, path: str) -> None:
    for width, cookies in LOOKS:
        page = open_page(path, width, **cookies)
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(item["id"], item["nodes"][0]["html"]) for item in found] == [], (cookies, width)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (cookies, width)


def test_a_dialog_by_keyboard_alone(open_page) -> None:
    page = open_page("/styleguide/")
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Вернуть на доработку")
    expect(dialog).to_be_visible()
    dialog.get_by_role("radio").first.focus()
    page.keyboard.press("3")
    expect(dialog.get_by_role("radio", name="Неясен вопрос к врачу")).to_be_checked()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Клавиши")).to_be_visible()


def test_typing_is_never_taken_for_a_command(open_page) -> None:
    page = open_page("/styleguide/")
    page.get_by_label("Пациент или номер").click()
    page.keyboard.type("n?")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_arrows_walk_the_grid_of_times(open_page) -> None:
    page = open_page("/styleguide/")
    first = page.locator("[data-slots] button.slot").first
    first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.value").startswith("1-")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.value").startswith("1-")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.value").startswith("0-")


def test_a_menu_opens_and_closes_by_keyboard(open_page) -> None:
    page = open_page("/styleguide/")
    page.get_by_label("Ещё действия").press("Enter")
    expect(page.get_by_role("link", name="Написать клинике")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent").strip() == "Написать клинике"
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Написать клинике")).to_be_hidden()


def test_the_telephone_has_its_menu_and_bottom_bar(open_page) -> None:
    page = open_page("/styleguide/", 390)
    bar = page.locator(".bottom-bar")
    expect(bar).to_be_visible()
    assert bar.locator(".button").first.bounding_box()["height"] >= 44
    expect(page.locator("#sidebar")).not_to_be_in_viewport()
    page.get_by_role("link", name="Меню").click()
    expect(page.locator("#sidebar")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("#sidebar")).not_to_be_in_viewport()


@pytest.fixture
def lab(page: Page, live_server: Any, client: Client) -> Page:
    """A signed-in page with a type-ahead, a draft that saves itself and parts that change in place."""
    client.force_login(User.objects.create_user("lab@example.org", name="Анна Ким"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.goto(live_server.url + "/lab/")
    return page


@pytest.mark.urls("tests.web.urls")
def test_a_type_ahead_by_keyboard_alone(lab: Page) -> None:
    box = lab.get_by_role("combobox", name="Diagnosis")
    box.press_sequentially("i20")
    expect(lab.get_by_role("option")).to_have_count(2)
    found = Axe().run(lab, options={"runOnly": RULES}).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"]) for item in found] == []
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("I20.8 Другие формы стенокардии")
    assert lab.locator("input[name=code]").input_value() == "I20.8"
    box.press("Backspace")
    assert lab.locator("input[name=code]").input_value() == "", (
        "words that were changed are no longer the choice"
    )
    box.fill("I48")
    expect(lab.get_by_role("option", name="<b>Фибрилляция").first).to_be_visible()
    box.press("Escape")
    expect(lab.get_by_role("option")).to_have_count(0)
    box.fill("zzz")
    expect(lab.get_by_text("Ничего не найдено").first).to_be_visible()


@pytest.mark.urls("tests.web.urls")
def test_a_draft_saves_itself_and_parts_change_in_place(lab: Page) -> None:
    lab.get_by_label("Note").fill("text")
    expect(lab.get_by_text("saved text")).to_be_visible()
    lab.get_by_role("button", name="Swap").click()
    expect(lab.locator("#place")).to_have_text("after")
    expect(lab.locator("#announcer")).to_have_text("The list has changed")
    lab.get_by_role("button", name="Conflict").click()
    expect(lab.get_by_role("alert")).to_contain_text("Посмотрите и повторите")
    lab.get_by_role("alert").get_by_role("button").click()
    expect(lab.get_by_role("alert")).to_have_count(0)
    expect(lab.locator("#place")).to_have_text("after")


@pytest.mark.urls("tests.web.urls")
def test_a_lost_connection_is_said_in_words(lab: Page) -> None:
    lab.context.set_offline(True)
    lab.get_by_role("button", name="Swap").click()
    expect(lab.get_by_role("alert")).to_contain_text("Портал не ответил")
    lab.get_by_label("Note").fill("text")
    expect(lab.get_by_text("not saved")).to_be_visible()


def test_the_pages_read_without_scripts(browser: Any, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 900})
    page = context.new_page()
    page.goto(live_server.url + "/styleguide/")
    page.get_by_role("link", name="Меню").click()
    expect(page.locator("#sidebar")).to_be_in_viewport()
    page.goto(live_server.url + "/accounts/login/")
    page.locator("summary", has_text="Рус").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Sign in to the workspace")).to_be_visible()
    context.close()
