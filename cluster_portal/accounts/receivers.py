"""What accounts add to the pages' frame: the language and the organisation of a person, and the people of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from cluster_portal.accounts import selectors
from cluster_portal.common.actor import resolve_actor
from cluster_portal.web.middleware import ORGANIZATION_KEY
from cluster_portal.web.sign_in import DemoLogin, register_demo_logins
from cluster_portal.web.signals import language_chosen

if TYPE_CHECKING:
    from collections.abc import Iterator


@receiver(language_chosen)
def remember_language(user: Any, language: str, **_kwargs: Any) -> None:
    """A signed-in person reads the portal in this language on every device from now on."""
    if user.is_authenticated and user.language != language:
        user.language = language
        user.save(update_fields=["language"])


@receiver(user_logged_in)
def remember_organization(request: Any, user: Any, **_kwargs: Any) -> None:
    """A session works for one organisation from its start, so that the loss of it does not pass unseen."""
    organization = resolve_actor(user=user).organization_id
    if organization and ORGANIZATION_KEY not in request.session:
        request.session[ORGANIZATION_KEY] = str(organization)


@register_demo_logins
def demo_people() -> Iterator[DemoLogin]:
    """The people of the demo with the organisation that each one acts for."""
    for user in selectors.demo_users():
        yield DemoLogin(user.email, user.name, user.position, resolve_actor(user=user).organization_name)
