"""Forms of calendars to subscribe to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.selectors.feeds import people_of, rooms_of

if TYPE_CHECKING:
    from clinics.models import Clinic

PERSON, ROOM = "person:", "room:"


class FeedForm(forms.Form):
    """Whose calendar it is to be."""

    calendar = forms.ChoiceField(label=_("Calendar"), required=False)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(f"{PERSON}{row.pk}", f"{row.short_name}, {row.position}") for row in people_of(clinic)]
        rooms = [(f"{ROOM}{room}", room) for room in rooms_of(clinic)]
        self.fields["calendar"].choices = [
            ("", _("The whole clinic")), (_("Practitioners"), people), (_("Rooms"), rooms),
        ]  # fmt: skip

    def whose(self) -> dict[str, Any]:
        """Arguments of `open_feed`."""
        chosen = self.cleaned_data["calendar"]
        if chosen.startswith(PERSON):
            return {"practitioner_id": UUID(chosen.removeprefix(PERSON))}
        return {"room": chosen.removeprefix(ROOM)} if chosen else {}
