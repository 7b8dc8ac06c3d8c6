"""The form of a webhook: where to, and what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cluster_portal.webhooks.selectors import KINDS, events_open_to

if TYPE_CHECKING:
    from cluster_portal.accounts.models import ApiClient

#: What a hospital's system usually wants to know.
USUAL = frozenset({"referrals.created", "referrals.updated", "bookings.created", "bookings.updated"})


class WebhookForm(forms.Form):
    """The address and the events; what the program's scopes do not open is not there to be chosen."""

    url = forms.CharField(
        label=_("Address of your program"), max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://his.example/hooks", "inputmode": "url"}),
        help_text=_("https, in the public network. Messages are sent there by POST."),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=_("Events"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Name at least one event.")},
    )  # fmt: skip

    def __init__(self, *args: Any, program: ApiClient, kept: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sources = events_open_to(program)
        # What was subscribed to when the scopes were wider can stay, or be taken away.
        names = dict.fromkeys([*self.sources, *kept])
        self.fields["events"].choices = [(name, name) for name in names]
        self.fields["events"].initial = [name for name in names if name in (kept or USUAL)]

    def event_rows(self) -> list[tuple[str, str, list[tuple[str, bool]]]]:
        """Each resource: its words, its name in the feed, its three events and whether they are ticked."""
        ticked = set(self["events"].value() or ())
        resources = {source.name: source for source in self.sources.values()}
        rows = [
            (
                capfirst(source.policy.model._meta.verbose_name_plural),
                name,
                [(f"{name}.{kind}", f"{name}.{kind}" in ticked) for kind in KINDS],
            )
            for name, source in resources.items()
        ]
        return sorted(rows)

    def other_events(self) -> list[str]:
        """Ticked events that the program's scopes do not open any more."""
        return [name for name in self["events"].value() or () if name not in self.sources]
