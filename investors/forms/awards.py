"""Forms of evaluators, and of the land office when it awards."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.web.acts import StepForm
from investors.selectors.evaluation import key_of
from investors.states import BEST_MARK

if TYPE_CHECKING:
    from investors.models import Bid, Criterion
    from investors.selectors.evaluation import Sheet


class EvaluatorForm(forms.Form):
    """Who is asked."""

    email = forms.EmailField(
        label=_("E-mail"), help_text=_("of somebody who has an account; nobody of a company that bids"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class AwardForm(StepForm):
    """Why this bid wins; published in both languages."""

    reasons_ru = forms.CharField(
        label=_("Grounds (ru)"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    reasons_en = forms.CharField(
        label=_("Grounds (en)"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class MarkField(forms.DecimalField):
    """A mark that is owed: a sheet may be saved without it, and is not finished before it is there."""

    def validate(self, value: Any) -> None:
        if value is not None:
            super().validate(value)


class MarksForm(forms.Form):
    """A mark and a comment for each admitted bid by each criterion that is not computed."""

    use_required_attribute = False

    def __init__(self, *args: Any, sheet: Sheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        for bid in sheet.bids:
            for criterion in sheet.owed:
                key = key_of(bid.pk, criterion.pk)
                given = sheet.marks.get(key)
                self.fields[key] = MarkField(
                    label=criterion.name, min_value=0, max_value=BEST_MARK, decimal_places=1,
                    initial=f"{float(given.value):g}" if given else "",
                    widget=forms.NumberInput(attrs={"step": "0.1", "inputmode": "decimal"}),
                )  # fmt: skip
                self.fields[f"{key}:why"] = forms.CharField(
                    label=pgettext_lazy("mark", "Comment"), max_length=500, required=False,
                    initial=given.comment if given else "",
                )  # fmt: skip

    def rows_of(self, bid: Bid) -> list[tuple[Criterion, Any, Any]]:
        """The fields of a bid: the mark, the comment."""
        keys = ((one, key_of(bid.pk, one.pk)) for one in self.sheet.owed)
        return [(one, self[key], self[f"{key}:why"]) for one, key in keys]

    def marks(self) -> dict[tuple[uuid.UUID, uuid.UUID], dict[str, Any]]:
        """What the services take."""
        return {
            (bid.pk, one.pk): {
                "value": self.cleaned_data.get(key_of(bid.pk, one.pk)),
                "comment": self.cleaned_data.get(f"{key_of(bid.pk, one.pk)}:why", ""),
            }
            for bid in self.sheet.bids
            for one in self.sheet.owed
        }
