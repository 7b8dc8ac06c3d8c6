"""Every route × method × role: what opens, what is refused, and that a refusal says nothing of the row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse

from cluster_portal.common.actor import Actor
from cluster_portal.web import menu
from tests.factories.clinics import make_user
from tests.permissions import (
    table,
    table_advice,
    table_api,
    table_awards,
    table_equipment,
    table_fhir,
    table_groups,
    table_imports,
    table_investors,
    table_licences,
    table_projects,
    table_records,
    table_roadmap,
    table_roadshow,
    table_training,
)
from tests.permissions.roles import ANONYMOUS, FORBIDDEN, LOGIN, NOT_FOUND, OK, PEOPLE, ROLES, Line
from tests.permissions.routes import Route, routes
from tests.permissions.world import World

# The mark makes the test database; the world stands below each test's own transaction.
pytestmark = pytest.mark.django_db

LINES = [
    *table.PAGES, *table_advice.PAGES, *table_imports.PAGES, *table_licences.PAGES, *table_records.PAGES,
    *table_api.RESOURCES, *table_imports.RESOURCES, *table_licences.RESOURCES, *table_records.RESOURCES,
    *table_equipment.PAGES, *table_equipment.RESOURCES, *table_training.PAGES, *table_training.RESOURCES,
    *table_investors.PAGES, *table_investors.RESOURCES, *table_awards.PAGES,
    *table_awards.RESOURCES, *table_roadmap.PAGES, *table_roadmap.RESOURCES, *table_projects.PAGES,
    *table_projects.API, *table_fhir.RESOURCES,
    *table_groups.PAGES, *table_groups.RESOURCES, *table_roadshow.PAGES, *table_roadshow.RESOURCES,
]  # fmt: skip
ACCOUNT_PAGES = {*table.OPEN_ACCOUNT_PAGES, *table.SIGN_IN_STEPS, *table.OWN_ACCOUNT_PAGES}
ROUTES = list(routes())
ADMIN = [route for route in ROUTES if route.name.startswith("admin:")]
#: Answers to a writing request that was let in and found wanting.
LOOKED_AT = frozenset({400, 409, 412, 422, 428})


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[World]:
    """One world for all lines, undone at the end; each request is undone by itself.

    The menu's numbers stand on every page, on that of a refusal too: they are counted once for each who asks.
    """
    known: dict[Any, dict[str, int]] = {}
    count = menu.counters

    def counters(actor: Actor) -> dict[str, int]:
        key = (actor.user_id, actor.organization_id)
        if key not in known:
            known[key] = count(actor)
        return known[key]

    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(menu, "counters", counters)
        yield World()
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that leaves nothing; like a test case's own it counts as none for what must be outermost."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


def is_sign_in(response: HttpResponse) -> bool:
    """Whether the answer sends to a page where one signs in."""
    doors = (resolve_url(settings.LOGIN_URL), reverse("admin:login"))
    return response.status_code in {301, 302, 303} and response["Location"].partition("?")[0] in doors


def outcome(response: HttpResponse, method: str) -> str:
    """The answer in the words of the table; its status where the table has no word for it."""
    status = response.status_code
    if status == 401 or is_sign_in(response):
        return LOGIN
    if status in {403, 404}:
        return FORBIDDEN if status == 403 else NOT_FOUND
    return OK if status < 400 or (method != "GET" and status in LOOKED_AT) else str(status)


def failures(world: World, line: Line, roles: tuple[str, ...] = ROLES) -> list[str]:
    """What is not as the line says, a sentence for each role."""
    found = []
    for role in roles:
        with undone():
            response = world.ask(line, role)
            got, body = outcome(response, line.method), response.getvalue().decode(errors="replace")
        expected = line.outcomes[role]
        if got != expected:
            found.append(f"{line} as {role}: {got} ({response.status_code}) instead of {expected}")
        # What one has typed oneself may stand in the answer.
        given = (*world.named(line.query, role).values(), *world.named(line.body, role).values())
        sent = {value for value in given if isinstance(value, str)}
        hidden = [] if line.opens else [text for text in world.hidden_from(role) if text not in sent]
        shown = [text for text in hidden if text in body]
        if shown:
            found.append(f"{line} as {role}: shows {shown}")
    return found


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_role_meets_what_the_table_says(world: World, line: Line) -> None:
    found = failures(world, line)
    assert not found, "\n" + "\n".join(found)


def test_every_route_is_in_the_table_and_nothing_else() -> None:
    known = {line.name for line in LINES} | ACCOUNT_PAGES
    there = {route.name for route in ROUTES if route not in ADMIN}
    assert there - known == set(), "routes that the table does not list"
    assert known - there == set(), "lines without a route"


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r not in ADMIN and r.name not in ACCOUNT_PAGES], ids=lambda r: r.name
)
def test_every_method_of_a_route_is_in_the_table(route: Route) -> None:
    listed = {line.method for line in LINES if line.name == route.name}
    assert listed >= route.methods, f"{route.name}: {sorted(route.methods - listed)} is not listed"
    if route.methods:
        assert listed <= route.methods, f"{route.name}: {sorted(listed - route.methods)} is not there"


@pytest.mark.parametrize("name", sorted(ACCOUNT_PAGES))
def test_account_pages(world: World, name: str) -> None:
    at = table.OPEN_ACCOUNT_PAGES.get(name, {})
    is_open = name in table.OPEN_ACCOUNT_PAGES
    line = Line(name, "GET", {}, at=at)
    with undone():
        visitor = world.ask(line, ANONYMOUS)
        member = world.ask(line, "sender.referrer")
    assert visitor.status_code < 400 or is_open, visitor.status_code
    if name == "account_logout":
        return
    assert is_sign_in(visitor) is not is_open, f"{name} as a visitor: {visitor.status_code}"
    if name not in table.SIGN_IN_STEPS:
        assert not is_sign_in(member) and member.status_code < 500, f"{name}: {member.status_code}"


@pytest.mark.parametrize("route", ADMIN, ids=lambda r: r.name)
def test_the_admin_site_is_closed_to_all_but_its_staff(world: World, route: Route) -> None:
    address = "/" + route.pattern.replace("^", "").replace("$", "").replace(r"(?P<url>.*)", "any/thing")
    for old, new in (
        ("<path:object_id>", "1"), ("<path:content_type_id>", "1"),
        ("(?P<app_label>audit|accounts|account|mfa|usersessions)", "accounts"),
    ):  # fmt: skip
        address = address.replace(old, new)
    for role in (ANONYMOUS, *sorted(PEOPLE)):
        with undone():
            response = world.browsers[role].get(address)
        # Signing out leads whoever is not staff to the first page, which is closed.
        away = response.get("Location") == reverse("admin:index")
        assert is_sign_in(response) or away or response.status_code in {403, 404, 405}, f"{address} as {role}"


def test_the_admin_site_opens_for_its_staff(world: World) -> None:
    browser = Client()
    with undone():
        browser.force_login(make_user(is_staff=True, is_superuser=True))
        response = browser.get(reverse("admin:index"))
    assert response.status_code == 200
