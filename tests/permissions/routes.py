"""Every route that the portal answers, as its resolver knows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic.edit import ProcessFormView

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Route:
    """A name (with its namespaces; `admin:` and the pattern where it has none), the pattern, the view."""

    name: str
    pattern: str
    view: Any

    @property
    def methods(self) -> frozenset[str]:
        """The methods that its view handles; empty where only calling it would tell (a function)."""
        actions = getattr(self.view, "actions", None)
        if actions is not None:
            # The first request adds HEAD to them.
            return frozenset(method.upper() for method in METHODS if method in actions)
        view = getattr(self.view, "view_class", None) or getattr(self.view, "cls", None)
        if view is None:
            return frozenset()
        return frozenset(
            method.upper()
            for method in METHODS
            # Django's form views take PUT for POST.
            if method in view.http_method_names
            and getattr(view, method, None)
            not in (None, getattr(ProcessFormView, method, None) if method == "put" else None)
        )


def routes(
    resolver: URLResolver | None = None, spaces: tuple[str, ...] = (), before: str = ""
) -> Iterator[Route]:
    """All of them, in the order in which the resolver tries them."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield Route(":".join([*spaces, entry.name or pattern]), pattern, entry.callback)
        else:
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from routes(entry, inner, pattern)
