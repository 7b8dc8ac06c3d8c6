"""Forms of the land office for tenders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.forms.rows import RecordForm
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.web import wording
from cluster_portal.web.forms import DateTimeInput
from investors.forms.office import DocumentForm
from investors.forms.plots import words
from investors.models import Question, Tender, TenderDocument
from investors.services.questions import ANSWER
from investors.services.tenders import CRITERION_FIELDS, FIELDS, MOMENTS, MOST_CRITERIA
from investors.states import Figure, TenderState, Waits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from investors.models import Plot


#: What is entered of a criterion.
PARTS = (*LANGUAGES, "weight", "figure")


def _languages(position: int) -> dict[str, str]:
    """What the name of a criterion is called in each language; short, as three stand in a row."""
    words = (_("in Russian"), _("in English"), _("in Kazakh"))
    return {code: f"{position}. {word}" for code, word in zip(LANGUAGES, words, strict=True)}


class TenderForm(RecordForm):
    """A tender whole: its words, plots, dates and criteria. `fixed` leaves the plots as they are."""

    plots = forms.TypedMultipleChoiceField(
        label=_("Plots"), required=False, widget=forms.CheckboxSelectMultiple, coerce=str
    )
    # Never sent: what is wrong with the criteria together stands here.
    criteria = forms.CharField(label=_("Criteria"), required=False, widget=forms.HiddenInput)

    model, names = Tender, FIELDS
    widgets = {
        **dict.fromkeys(MOMENTS, DateTimeInput()),
        **{f"terms_{code}": forms.Textarea(attrs={"rows": 10}) for code in LANGUAGES},
    }

    def __init__(
        self, *args: Any, plots: Sequence[Plot] = (), criteria: Sequence[Any] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {str(plot.pk): plot for plot in plots}
        self.fields["plots"].choices = [
            (
                key,
                f"№ {plot.number} · {wording.number(plot.area, 2)} {_('ha')} · {plot.get_direction_display()}",
            )
            for key, plot in self.offered.items()
        ]
        for position in range(1, MOST_CRITERIA + 1):
            row = criteria[position - 1] if position <= len(criteria) else None
            for code, label in _languages(position).items():
                self.fields[f"criterion_{position}_{code}"] = forms.CharField(
                    label=label, max_length=200, required=False,
                    initial=row and getattr(row, f"name_{code}"),
                )  # fmt: skip
            self.fields[f"criterion_{position}_weight"] = forms.IntegerField(
                label=_("weight, %"), min_value=1, max_value=100, required=False, initial=row and row.weight
            )
            self.fields[f"criterion_{position}_figure"] = forms.ChoiceField(
                label=pgettext_lazy("criterion", "computed from"), required=False, initial=row and row.figure,
                choices=[("", pgettext_lazy("criterion", "evaluators' marks")), *words(Figure)],
            )  # fmt: skip
        offset = wording.utc_offset(timezone.localtime())
        for name in MOMENTS:
            self.fields[name].help_text = _("By your clock, %(zone)s") % {"zone": offset}

    terms_rows = property(lambda self: self.in_languages("terms"))
    moment_rows = property(lambda self: [self[name] for name in MOMENTS])

    @property
    def criteria_shown(self) -> int:
        """So many rows of criteria stand open: those that are filled in, and some to fill; all with a mistake."""
        if any(name.startswith("criterion_") for name in self.errors):
            return MOST_CRITERIA
        filled = [
            position for position, row in enumerate(self.criterion_rows, 1) if any(f.value() for f in row)
        ]
        return max([3, *filled])

    @property
    def criterion_rows(self) -> list[list[Any]]:
        """The fields of each criterion; the names first."""
        return [
            [self[f"criterion_{position}_{part}"] for part in PARTS]
            for position in range(1, MOST_CRITERIA + 1)
        ]

    def values(self) -> dict[str, Any]:
        found = super().values() | {"criteria": self._criteria()}
        if self.offered:
            found["plots"] = [self.offered[key] for key in self.cleaned_data["plots"]]
        return found

    def _criteria(self) -> list[dict[str, Any]]:
        rows = []
        for position in range(1, MOST_CRITERIA + 1):
            parts = [self.cleaned_data.get(f"criterion_{position}_{part}") for part in PARTS]
            if any(parts):
                rows.append(dict(zip(CRITERION_FIELDS, parts, strict=True)))
        return rows


class TermsForm(TenderForm):
    """New terms of a published tender, with the reason."""

    reason_ru = forms.CharField(label=_("What changed, and why (ru)"), max_length=300, required=False)
    reason_en = forms.CharField(label=_("What changed, and why (en)"), max_length=300, required=False)

    reason_rows = property(lambda self: [self["reason_ru"], self["reason_en"]])

    def reason(self) -> dict[str, str]:
        """What the service takes beside `data`."""
        return {name: self.cleaned_data[name] for name in ("reason_ru", "reason_en")}


class QuestionForm(forms.Form):
    """What somebody wants to know."""

    text = forms.CharField(
        label=_("Your question"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("It is published with its answer, without your name."),
    )  # fmt: skip


class AnswerForm(RecordForm):
    """The answer, for everybody."""

    model, names = Question, ANSWER
    widgets = {name: forms.Textarea(attrs={"rows": 6}) for name in ANSWER}


class TenderDocumentForm(DocumentForm):
    """A paper of a tender."""

    model = TenderDocument


class StateFilter(forms.Form):
    """The bar above the office's list."""

    state = forms.ChoiceField(label=_("State"), required=False)
    waits = forms.ChoiceField(label=pgettext_lazy("tender", "Waits for"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["state"].choices = [("", pgettext_lazy("filter", "Any")), *words(TenderState)]
        self.fields["waits"].choices = [("", pgettext_lazy("filter", "Any")), *words(Waits)]
