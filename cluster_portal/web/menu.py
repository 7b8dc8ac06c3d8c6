"""The workspace's menu: apps register their items and one counting function each."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.urls import NoReverseMatch, reverse

from cluster_portal.common.counting import count_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

log = logging.getLogger(__name__)

#: How old a counter in the menu may be, in seconds. A person's own change shows at once.
COUNTER_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the menu.

    `roles` who sees it (empty: everybody signed in); `alone`: only those who hold no role at all; `waiting`: only while
    its number is not nought; `order` sorts the lines; `kwargs` go to the URL; `counter` is the key of its number, to
    which those of `plus` are added; `alert` shows the number as a red badge; `prefix` marks the line as current on
    every page below that path; `children` are the queues below it. A line whose URL does not exist is left out.
    """

    label: Any
    url_name: str
    icon: str = ""
    roles: frozenset[str] = frozenset()
    order: int = 100
    kwargs: dict[str, Any] = field(default_factory=dict)
    counter: str = ""
    plus: tuple[str, ...] = ()
    alert: bool = False
    alone: bool = False
    waiting: bool = False
    prefix: str = ""
    children: tuple[Item, ...] = ()


@dataclass(slots=True)
class Line:
    """An item as one reader sees it."""

    item: Item
    url: str
    children: list[Line]
    count: int | None = None
    current: bool = False
    open: bool = False

    label = property(lambda self: self.item.label)
    icon = property(lambda self: self.item.icon)
    alert = property(lambda self: self.item.alert)


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A page of the public shell's navigation; those of one `group` share a menu, and a column of the footer."""

    label: Any
    url_name: str
    order: int = 100
    group: Any = ""


_items: list[Item] = []
_public: list[PublicPage] = []
_counters: dict[str, Callable[[Actor], dict[str, int]]] = {}
_countable: dict[str, Callable[[Actor], dict[str, QuerySet]]] = {}


def register(*items: Item) -> None:
    """Add lines to the menu; called in an app's `ready()`."""
    _items.extend(item for item in items if item not in _items)


def register_public(*pages: PublicPage) -> None:
    """Add pages to the navigation of the public shell."""
    _public.extend(page for page in pages if page not in _public)


def public_pages() -> list[PublicPage]:
    """The public navigation, in order."""
    return sorted(_public, key=lambda page: page.order)


def register_counters(app: str, count: Callable[[Actor], dict[str, int]]) -> None:
    """`count(actor)` answers all of one app's numbers by key, in as few queries as it can."""
    _counters[app] = count


def register_countable(app: str, queries: Callable[[Actor], dict[str, QuerySet]]) -> None:
    """`queries(actor)` answers an app's numbers as queries: those of all apps are counted in one statement."""
    _countable[app] = queries


def _key(app: str, actor: Actor) -> str:
    return f"menu:{app}:{actor.organization_id}:{actor.user_id}"


def counters(actor: Actor) -> dict[str, int]:
    """Every number of the menu. Cached for COUNTER_SECONDS; a cache that is away costs queries, not the page."""
    if not actor.is_authenticated:
        return {}
    keys = {app: _key(app, actor) for app in (*_counters, *_countable)}
    try:
        known = cache.get_many(keys.values())
    except Exception:
        log.warning("The cache does not answer; counting without it", exc_info=True)
        known = None
    numbers: dict[str, int] = {}
    fresh: dict[str, dict[str, int]] = {}
    for app, count in _counters.items():
        found = (known or {}).get(keys[app])
        if found is None:
            found = fresh[keys[app]] = count(actor)
        numbers.update(found)
    fresh |= _count(actor, [app for app in _countable if (known or {}).get(keys[app]) is None], keys)
    for app in _countable:
        numbers.update(fresh.get(keys[app]) or (known or {}).get(keys[app]) or {})
    if fresh and known is not None:
        cache.set_many(fresh, COUNTER_SECONDS)
    return numbers


def _count(actor: Actor, apps: list[str], keys: dict[str, str]) -> dict[str, dict[str, int]]:
    """The countable numbers of `apps`, by their keys in the cache."""
    queries = {app: _countable[app](actor) for app in apps}
    numbers = count_together({name: rows for wanted in queries.values() for name, rows in wanted.items()})
    return {keys[app]: {name: numbers[name] for name in wanted} for app, wanted in queries.items()}


def forget_counters(actor: Actor) -> None:
    """Count again at the actor's next page: they have just changed something."""
    try:
        cache.delete_many([_key(app, actor) for app in (*_counters, *_countable)])
    except Exception:
        log.warning("The cache does not answer; counters may be old", exc_info=True)


def _lines(items: Iterable[Item], actor: Actor, numbers: dict[str, int]) -> list[Line]:
    lines = []
    for item in sorted(items, key=lambda item: item.order):
        if (item.roles and not actor.has(*item.roles)) or (item.alone and actor.roles):
            continue
        try:
            url = reverse(item.url_name, kwargs=item.kwargs or None)
        except NoReverseMatch:
            continue
        counted = [numbers[key] for key in (item.counter, *item.plus) if key in numbers]
        count = sum(counted) if counted else None
        if item.waiting and not count:
            continue
        lines.append(Line(item, url, _lines(item.children, actor, numbers), count))
    return lines


def build(actor: Actor, path: str) -> list[Line]:
    """The menu of `actor`; the line that fits `path` best is marked as current, its parent as open."""
    if not actor.is_authenticated:
        return []
    lines = _lines(_items, actor, counters(actor))
    best, best_length, best_parent = None, 0, None
    for line in lines:
        for candidate in (line, *line.children):
            for start in {candidate.url, candidate.item.prefix} - {"", "/"}:
                exact = path == start
                if (exact or path.startswith(start)) and len(start) + exact > best_length:
                    best, best_length = candidate, len(start) + exact
                    best_parent = line if candidate is not line else None
    if best:
        best.current = True
    if best_parent:
        best_parent.open = True
    return lines
