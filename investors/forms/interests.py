"""Forms of interests in plots, and of what one watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.rows import RecordForm
from cluster_portal.web import wording
from cluster_portal.web.forms import DateInput
from investors.forms.plots import ANY, words
from investors.models import Interest, InterestNote, SavedSearch
from investors.selectors.interests import land_people
from investors.services.interests import FIELDS, PLAN_FIELDS
from investors.states import Direction, InterestState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from investors.models import Investor, Plot


class InterestForm(RecordForm):
    """What a company wants, and which plots of those on offer."""

    company = forms.ModelChoiceField(queryset=None, label=_("Company"), empty_label=None)
    plots = forms.ModelMultipleChoiceField(
        queryset=None, label=_("Plots of land"), widget=forms.CheckboxSelectMultiple
    )
    direction = forms.ChoiceField(choices=lambda: words(Direction))
    field_order = ("company", "plots")

    model, names = Interest, FIELDS
    widgets = {"outline": forms.Textarea(attrs={"rows": 6})}

    def __init__(
        self, *args: Any, companies: Iterable[Investor], plots: Iterable[Plot], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = companies
        self.fields["plots"].queryset = plots
        self.fields["plots"].label_from_instance = told
        self.fields["outline"].help_text = _("What you want to build, in which stages, with which means.")
        self.order_fields(self.field_order)


def told(plot: Plot) -> str:
    """A plot among those to choose from."""
    area = wording.number(plot.area, 2)
    return f"№ {plot.number}, {plot.site.name}: {plot.get_direction_display()}, {area} {_('ha')}"


class PlanForm(RecordForm):
    """What is done next."""

    responsible = forms.ModelChoiceField(queryset=None, required=False, empty_label="—")

    model, names = Interest, PLAN_FIELDS
    widgets = {"next_on": DateInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].queryset = land_people()


class NoteForm(RecordForm):
    """What was said."""

    model, names = InterestNote, ("text",)
    widgets = {"text": forms.Textarea(attrs={"rows": 3})}


class InterestFilter(forms.Form):
    """The bar above the list of interests."""

    state = forms.ChoiceField(required=False, label=_("State"), choices=lambda: [ANY, *words(InterestState)])
    responsible = forms.ModelChoiceField(
        required=False, label=_("Responsible"), queryset=None, empty_label=ANY[1]
    )

    def __init__(self, data: Any = None, *, is_office: bool = False) -> None:
        super().__init__(data, auto_id="filter_%s")
        if is_office:
            self.fields["responsible"].queryset = land_people()
        else:
            del self.fields["responsible"]


class SearchForm(RecordForm):
    """A name for the filters that are set."""

    model, names = SavedSearch, ("name",)
