import uuid

import pytest
from django.core.cache import cache

from cluster_portal.accounts.models import User
from cluster_portal.common.actor import ANONYMOUS, Actor
from cluster_portal.web import menu
from cluster_portal.web.menu import Item


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu, "_items", [])
    monkeypatch.setattr(menu, "_counters", {})
    monkeypatch.setattr(menu, "_countable", {})


def actor(*roles: str) -> Actor:
    return Actor(
        kind="user", user_id=uuid.uuid4(), name="А", organization_id=uuid.uuid4(), roles=frozenset(roles)
    )


def labels(lines: list[menu.Line]) -> list[str]:
    return [line.label for line in lines]


def test_lines_are_sorted_and_a_missing_page_is_left_out() -> None:
    menu.register(
        Item("Second", "account_logout", order=2),
        Item("Nowhere", "no:such-page", order=0),
        Item("First", "account_login", order=1),
    )
    assert labels(menu.build(actor(), "/")) == ["First", "Second"]


def test_a_line_is_for_its_roles_only() -> None:
    menu.register(Item("Office", "account_login", roles=frozenset({"office"})))
    assert labels(menu.build(actor("office"), "/")) == ["Office"]
    assert menu.build(actor("referrer"), "/") == []


def test_strangers_have_no_menu() -> None:
    menu.register(Item("All", "account_login"))
    assert menu.build(ANONYMOUS, "/") == []
    assert menu.counters(ANONYMOUS) == {}


def test_registering_twice_shows_a_line_once() -> None:
    for _ in range(2):
        menu.register(Item("One", "account_login"))
    assert labels(menu.build(actor(), "/")) == ["One"]


def test_the_best_fitting_line_is_current_and_its_parent_open() -> None:
    child = Item("Reset", "account_reset_password")
    menu.register(Item("Account", "account_login", prefix="/accounts/", children=(child,)))
    (line,) = menu.build(actor(), "/accounts/password/reset/")
    assert (line.current, line.open, line.children[0].current) == (False, True, True)
    (line,) = menu.build(actor(), "/accounts/something/")
    assert (line.current, line.children[0].current) == (True, False)


def test_all_counters_of_an_app_come_from_one_call_and_are_kept() -> None:
    calls = []

    def count(who: Actor) -> dict[str, int]:
        calls.append(who)
        return {"a": 1, "b": 2}

    menu.register_counters("app", count)
    menu.register(Item("A", "account_login", counter="a"), Item("B", "account_logout", counter="b"))
    me, other = actor(), actor()
    for _ in range(3):
        assert [line.count for line in menu.build(me, "/")] == [1, 2]
    assert len(calls) == 1
    menu.build(other, "/")
    assert len(calls) == 2
    menu.forget_counters(me)
    menu.build(me, "/")
    assert len(calls) == 3


@pytest.mark.django_db
def test_countable_numbers_of_all_apps_are_one_statement(django_assert_num_queries) -> None:
    people = User.objects.all()
    menu.register_countable("one", lambda who: {"a": people})
    menu.register_countable("two", lambda who: {"b": people.filter(email="nobody@x.example")})
    User.objects.create(email="somebody@x.example", name="А")
    me = actor()
    with django_assert_num_queries(1):
        assert menu.counters(me) == {"a": 1, "b": 0}
    with django_assert_num_queries(0):
        assert menu.counters(me) == {"a": 1, "b": 0}
    menu.forget_counters(me)
    with django_assert_num_queries(1):
        menu.counters(me)


def test_a_cache_that_is_away_costs_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ConnectionError

    menu.register_counters("app", lambda who: {"a": 5})
    for name in ("get_many", "set_many", "delete_many"):
        monkeypatch.setattr(cache, name, broken, raising=False)
    assert menu.counters(actor()) == {"a": 5}
    menu.forget_counters(actor())
