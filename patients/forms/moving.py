"""The plan in which patients are moved from closing times: a choice for each, and words for all of them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.services.moving import AT_MOST, CALL, MOVE, WAIT, Move

if TYPE_CHECKING:
    from django.http import QueryDict

#: The name of a row's choice is this and the booking's id; its value is an act, or the id of a slot.
PREFIX = "to-"


class PlanForm(forms.Form):
    """What is said about every row, and the rows themselves (`moves`)."""

    late_reason = forms.CharField(
        label=_("Why later than the norm?"), required=False, max_length=300,
        help_text=_("Kept with each patient whose new time lies beyond the waiting norm"),
    )  # fmt: skip
    comment = forms.CharField(
        label=_("Comment for the referring clinics"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.moves = read_moves(self.data)
        if not self.moves:
            raise forms.ValidationError(_("Please choose what to do with at least one patient."))
        return data


def read_moves(data: QueryDict) -> list[Move]:
    """The rows as they were sent, in their order; what makes no sense is left out, and stays in the queue."""
    moves = []
    for name, value in data.items():
        if not name.startswith(PREFIX) or len(moves) == AT_MOST:
            continue
        booking, slot = _uuid(name.removeprefix(PREFIX)), _uuid(value)
        if booking and (slot or value in (WAIT, CALL)):
            moves.append(Move(booking, MOVE if slot else value, slot))
    return moves


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
