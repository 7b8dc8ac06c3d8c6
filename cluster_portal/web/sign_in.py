"""The sign-in page's list of demo people. Who they are is known above this layer, which registers a provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A demo person: `email` is what the sign-in form sends (as `user`), the rest is shown."""

    email: str
    name: str
    role: Any
    organization: str


_providers: list[Callable[[], Iterable[DemoLogin]]] = []


def register_demo_logins(provider: Callable[[], Iterable[DemoLogin]]) -> Callable[[], Iterable[DemoLogin]]:
    """Decorator: the function lists the demo people; it is asked only where the demo is on."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def demo_logins() -> list[DemoLogin]:
    """The demo people, none outside the demo."""
    return [login for provider in _providers for login in provider()] if settings.DEMO else []
