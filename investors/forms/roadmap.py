"""Forms of the roadmap."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.forms.rows import RecordForm
from cluster_portal.web.acts import ReasonForm
from cluster_portal.web.forms import DateInput
from investors.forms.plots import ANY, words
from investors.models import RoadmapItem
from investors.selectors.roadmap import owners
from investors.services.roadmap import EDIT_FIELDS, FIELDS
from investors.states import Funding, RoadmapSection, RoadmapState


class RoadmapFilter(forms.Form):
    """The bar above the roadmap."""

    section = forms.ChoiceField(
        required=False, label=pgettext_lazy("roadmap", "Goal"), choices=lambda: [ANY, *words(RoadmapSection)]
    )
    state = forms.ChoiceField(required=False, label=_("State"), choices=lambda: [ANY, *words(RoadmapState)])
    owner = forms.ModelChoiceField(required=False, label=_("Responsible"), queryset=None, empty_label=ANY[1])
    overdue = forms.BooleanField(required=False, label=pgettext_lazy("roadmap", "Overdue only"))

    def __init__(self, data: Any = None, *, chosen: Any) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["owner"].queryset = chosen
        self.fields["owner"].label_from_instance = lambda one: one.short_name


class ItemForm(RecordForm):
    """A new item; of one that stands the end is not here: it is moved by postponing."""

    section = forms.ChoiceField(choices=lambda: words(RoadmapSection))
    owner = forms.ModelChoiceField(queryset=None)
    funding = forms.MultipleChoiceField(
        required=False, choices=lambda: words(Funding), widget=forms.CheckboxSelectMultiple
    )
    needs = forms.ModelMultipleChoiceField(
        queryset=None, required=False, label=_("Waits for"), widget=forms.CheckboxSelectMultiple
    )

    model, names = RoadmapItem, FIELDS
    widgets = {"begins_on": DateInput(), "ends_on": DateInput()}

    def __init__(self, *args: Any, items: Any, **kwargs: Any) -> None:
        if instance := kwargs.get("instance"):
            self.names = EDIT_FIELDS
            kwargs["initial"] = {"needs": list(instance.links.values_list("needed_id", flat=True))}
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners()
        self.fields["owner"].label_from_instance = lambda one: one.short_name
        self.fields["needs"].queryset = items
        self.order_fields([*self.names, "needs"])

    def wanted(self) -> list[Any]:
        """The keys of what the item waits for."""
        return [one.pk for one in self.cleaned_data["needs"]]


class PostponeForm(ReasonForm):
    """Until when, and why."""

    ends_on = forms.DateField(label=pgettext_lazy("roadmap", "New day of the end"), widget=DateInput())


class FacilitiesForm(forms.Form):
    """How many facilities are promised, by when, and where that is published."""

    value = forms.IntegerField(
        label=pgettext_lazy("roadmap", "Facilities promised"), min_value=1, max_value=100_000
    )
    due_year = forms.IntegerField(
        label=pgettext_lazy("roadmap", "By the end of the year"), min_value=2000, max_value=2100
    )
    source_date = forms.DateField(label=pgettext_lazy("roadmap", "Published on"), widget=DateInput())
    source = forms.CharField(label=pgettext_lazy("roadmap", "Where it was published"), max_length=300)
