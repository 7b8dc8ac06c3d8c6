"""What a notice can say: apps register their kinds, a notice keeps a kind's name and the words to put in.

So a notice is read in the reader's language, whatever language it was caused in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, gettext

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Kind:
    """A sentence with named places (`%(number)s`), its icon and tone (good, urgent, danger, violet, accent or "").

    Neither the sentence nor what is put into it may name a patient: it goes out by e-mail.
    """

    name: str
    text: Any
    icon: str = "bell"
    tone: str = ""


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make kinds known; called in an app's `ready()`. A name can be taken once."""
    for kind in kinds:
        if _kinds.setdefault(kind.name, kind) != kind:
            raise ValueError(f"two kinds of notice named {kind.name!r}")


def kind_of(name: str) -> Kind:
    """The kind, or a plain one for a name that the code no longer knows."""
    return _kinds.get(name) or Kind(name, gettext("Something happened in the portal."))


def names() -> frozenset[str]:
    """Every registered name."""
    return frozenset(_kinds)


def render(name: str, params: Mapping[str, Any]) -> str:
    """The sentence in the active language. A word is a text, or a mapping of languages with Russian to fall back on."""
    language = (get_language() or "ru")[:2]
    words = {
        key: (value.get(language) or value.get("ru", "")) if isinstance(value, dict) else value
        for key, value in params.items()
    }
    return str(kind_of(name).text) % _Words(words)


class _Words(dict):
    """What is put into a sentence; a place that came into it later stays open in older notices."""

    def __missing__(self, key: str) -> str:
        return "…"
