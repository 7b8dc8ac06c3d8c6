"""What people watch: plots one by one, and searches that mail what is new, each plot once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.background import enqueue
from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from cluster_portal.common.translated import current_language
from investors.errors import TooManySearches
from investors.events import SEARCH_FOUND
from investors.models import PlotWatch, SavedSearch, SearchHit
from investors.policies import plot_policy, search_policy, watch_policy
from investors.selectors.watching import fitting, search_of_letter, sign

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from cluster_portal.common.actor import Actor


@service
def watch_plot(actor: Actor, *, plot_id: uuid.UUID) -> None:
    """Hear of a plot's states from now on. Raises NotFound, Forbidden for whoever is no person."""
    watch_policy.require(actor, "create")
    plot = plot_policy.get(actor, "view", plot_id)
    PlotWatch.objects.bulk_create([PlotWatch(user_id=actor.user_id, plot=plot)], ignore_conflicts=True)


@service
def unwatch_plot(actor: Actor, *, plot_id: uuid.UUID) -> None:
    """Hear of it no more."""
    watch_policy.queryset(actor).filter(plot=plot_id).delete()


@service
def save_search(actor: Actor, *, name: str, asked: Mapping[str, str]) -> SavedSearch:
    """Hear of new plots that fit; those that are on offer now are known already.

    Raises Forbidden for whoever is no person, Invalid, TooManySearches.
    """
    search_policy.require(actor, "create")
    if search_policy.queryset(actor).count() >= SavedSearch.MOST:
        raise TooManySearches
    search = SavedSearch(user_id=actor.user_id, asked=dict(asked), language=current_language())
    fill(search, {"name": name}, ("name",))
    search.save(force_insert=True)
    _remember(search, [plot.pk for plot in fitting(search)])
    return search


@service
def remove_search(actor: Actor, *, search_id: uuid.UUID) -> None:
    """Hear of such plots no more. Raises NotFound."""
    search_policy.get(actor, "view", search_id, lock=True).delete()


@service
def stop_search(actor: Actor, *, token: str) -> None:
    """What the link in a letter does, whoever follows it; doing it twice changes nothing. Raises NotFound."""
    search = search_of_letter(token)
    if search is not None:
        search.delete()


@service
def look_for_new(actor: Actor, *, search_id: uuid.UUID) -> int:
    """Put a letter about what a search has newly found into the outbox. Returns how many plots.

    The plots are known and the letter is written in one transaction, so each plot is mailed once.
    """
    search = SavedSearch.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=search_id).first()
    if search is None:
        return 0
    new = _remember(search, [plot.pk for plot in fitting(search)])
    if new:
        enqueue(SEARCH_FOUND, {"search": str(search.pk), "plots": [str(pk) for pk in new]})
    return len(new)


def mail_search(search_id: str, plot_ids: Sequence[str]) -> bool:
    """Send the letter about new plots in its person's language. Returns whether it went out."""
    search = SavedSearch.objects.select_related("user").filter(pk=search_id, user__is_active=True).first()
    plots = list(
        plot_policy.queryset(ANONYMOUS).filter(pk__in=plot_ids).select_related("site").order_by("id")
    )
    if search is None or not plots:
        return False
    public = settings.PUBLIC_URL.rstrip("/")
    stop = public + reverse("investors:search_stop", args=[sign(search)])
    with translation.override(search.language):
        lines = [(plot, public + reverse("investors:plot", args=[plot.pk])) for plot in plots]
        context = {"search": search, "lines": lines, "stop": stop, "site": settings.SITE_NAME}
        subject = translation.gettext("New plots: %(search)s") % {"search": search.name}
        body = render_to_string("investors/mail/search.txt", context)
    EmailMessage(
        subject=" ".join(subject.split()), body=body, to=[search.user.email],
        headers={
            "Message-ID": f"<{search.pk}.{plots[-1].pk}@{urlsplit(public).hostname or 'portal'}>",
            "Content-Language": search.language, "Auto-Submitted": "auto-generated",
            # RFC 8058: mail programs have a button for it.
            "List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    ).send()  # fmt: skip
    return True


def _remember(search: SavedSearch, plot_ids: list[uuid.UUID]) -> list[uuid.UUID]:
    """Note what a search has found. Returns what it had not found before; the search is locked, or new."""
    known = set(search.hits.values_list("plot", flat=True))
    new = [pk for pk in plot_ids if pk not in known]
    SearchHit.objects.bulk_create((SearchHit(search=search, plot_id=pk) for pk in new), ignore_conflicts=True)
    return new
