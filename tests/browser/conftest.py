"""People at their browsers: signed in, and listened to. Whatever the browser complains of fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as portal
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from cluster_portal.accounts.models import User
from cluster_portal.common.actor import Actor
from cluster_portal.web.context_processors import CONTRAST_COOKIE
from cluster_portal.web.middleware import ORGANIZATION_KEY

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def sit_down(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """`sit_down(actor, width=1440, language="ru")`: a browser of their own in which this person is signed in.

    `complaints` of the page collects what it must not do: errors in the console, requests that leave the machine.
    """
    contexts: list[BrowserContext] = []
    heard: list[str] = []

    def complain(message: Any) -> None:
        # Answers in words to what a form got wrong are errors to the browser only.
        expected = any(f"status of {status}" in message.text for status in (409, 422))
        # So does htmx tell of what was broken off because something newer was asked for.
        expected |= message.text.startswith(("htmx:afterRequest, ", "htmx:sendAbort, "))
        if message.type == "error" and not expected:
            heard.append(message.text)

    def listen(page: Page) -> None:
        page.on("console", complain)
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((live_server.url, "data:"))
                else heard.append(f"left the machine: {request.url}")
            ),
        )

    def open_for(
        actor: Actor | None = None,
        *,
        width: int = 1440,
        language: str = "ru",
        contrast: bool = False,
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, locale="ru-RU", **options
        )
        contexts.append(context)
        cookies = {portal.LANGUAGE_COOKIE_NAME: language, CONTRAST_COOKIE: str(int(contrast))}
        if actor is not None:
            client = Client()
            client.force_login(User.objects.get(pk=actor.user_id))
            session = client.session
            session[ORGANIZATION_KEY] = str(actor.organization_id)
            session.save()
            cookies[portal.SESSION_COOKIE_NAME] = client.cookies[portal.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
        )
        page = context.new_page()
        listen(page)
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert heard == []


@pytest.fixture
def shuts_nobody_out() -> Callable[[Page], None]:
    """Asserts that axe finds nothing on the page and that it does not have to be scrolled sideways."""

    def check(page: Page) -> None:
        # What is being asked for is dimmed, and fades back: neither is the page that people read.
        page.wait_for_function("!document.querySelector('.htmx-request, .is-loading')")
        page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {})))")
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(item["id"], item["nodes"][0]["html"]) for item in found] == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url

    return check
