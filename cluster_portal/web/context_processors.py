"""What both shells need, worked out only when a template asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property

from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.web import menu

if TYPE_CHECKING:
    from django.http import HttpRequest

    from cluster_portal.common.actor import Actor

#: The name of each language in itself: in full, and as the switch shows it.
LANGUAGE_NAMES = {"ru": ("Русский", "Рус"), "kk": ("Қазақша", "Қаз"), "en": ("English", "Eng")}

CONTRAST_COOKIE = "contrast"


@dataclass(slots=True)
class PublicEntry:
    """A page of the public navigation, or a group of them, which has no address."""

    label: Any
    url: str = ""
    current: bool = False
    children: list[PublicEntry] = field(default_factory=list)


class Shell:
    """The frame of a page: menu with counters, languages, contrast, notices, public navigation."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def actor(self) -> Actor:
        return getattr(self._request, "actor", ANONYMOUS)

    @cached_property
    def menu(self) -> list[menu.Line]:
        # A page that belongs to a list at another address names that list (`request.menu_path`).
        return menu.build(self.actor, getattr(self._request, "menu_path", self._request.path))

    @cached_property
    def notices(self) -> int:
        """Unread notices of the reader."""
        return menu.counters(self.actor).get("notices.unread", 0)

    @cached_property
    def public_nav(self) -> list[PublicEntry]:
        """The public pages that exist; those of a group stand in it, where its first one would."""
        entries: dict[str, PublicEntry] = {}
        for page in menu.public_pages():
            try:
                url = reverse(page.url_name)
            except NoReverseMatch:
                continue
            link = PublicEntry(page.label, url, self._request.path.startswith(url))
            if not page.group:
                entries[page.url_name] = link
                continue
            group = entries.setdefault(str(page.group), PublicEntry(page.group))
            group.children.append(link)
            group.current |= link.current
        return list(entries.values())

    @property
    def languages(self) -> list[tuple[str, str, str, bool]]:
        """(code, name in full, short name, is it in use), in the order of the settings."""
        now = getattr(self._request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
        return [(code, *LANGUAGE_NAMES[code], code == now) for code, _name in settings.LANGUAGES]

    @property
    def language(self) -> str:
        return getattr(self._request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)

    @property
    def contrast(self) -> bool:
        """Whether the reader switched to high contrast."""
        return self._request.COOKIES.get(CONTRAST_COOKIE) == "1"

    @property
    def here(self) -> str:
        """Where a switch comes back to: this page, or the start page after a form was sent."""
        return self._request.get_full_path() if self._request.method == "GET" else self._request.path

    @property
    def demo(self) -> bool:
        return settings.DEMO

    @property
    def base(self) -> str:
        """The shell of a page that both visitors and staff read (errors, styleguide)."""
        return "base_workspace.html" if self.actor.is_authenticated else "base_public.html"


def shell(request: HttpRequest) -> dict[str, object]:
    """`shell` (see Shell) and `actor` for every template."""
    return {"shell": Shell(request), "actor": getattr(request, "actor", ANONYMOUS)}
