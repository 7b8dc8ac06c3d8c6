"""Forms of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.forms.rows import RecordForm
from clinics.models import Clinic
from clinics.states import ClinicType
from cluster_portal.common.translated import columns
from cluster_portal.web.acts import ReasonForm, StepForm
from cluster_portal.web.forms import DateInput
from investors.forms.plots import ANY, words
from investors.models import Project, ProjectFigure, ProjectFunding, ProjectMilestone
from investors.project_states import FundingKind, ProjectState
from investors.selectors.projects import agreements_to_build
from investors.services.buildings import CLINIC_FIELDS
from investors.services.projects import FIELDS, FIGURE_FIELDS, FUNDING_FIELDS, MILESTONE_FIELDS
from investors.states import Direction

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor
    from investors.selectors.openings import Opening

_ROWS = forms.Textarea(attrs={"rows": 4})


class ProjectFilter(forms.Form):
    """The bar above the list of projects."""

    state = forms.ChoiceField(
        required=False, label=pgettext_lazy("project", "Phase"), choices=lambda: [ANY, *words(ProjectState)]
    )
    direction = forms.ChoiceField(
        required=False, label=_("Direction"), choices=lambda: [ANY, *words(Direction)]
    )
    late = forms.BooleanField(required=False, label=pgettext_lazy("project", "Milestones overdue"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="filter_%s")


class ProjectForm(RecordForm):
    """What is built under which agreement, and what the company promised."""

    agreement = forms.ModelChoiceField(
        queryset=None, label=pgettext_lazy("land", "Agreement"), empty_label=""
    )
    direction = forms.ChoiceField(choices=lambda: words(Direction))

    model, names = Project, FIELDS
    widgets = {"description_ru": _ROWS, "description_en": _ROWS, "description_kk": _ROWS}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance:
            # Under which agreement it is built stays.
            del self.fields["agreement"]
        else:
            self.fields["agreement"].queryset = agreements_to_build(actor)
            self.fields["agreement"].label_from_instance = lambda one: f"{one.number} · {one.investor.name}"
            self.order_fields(["agreement", *self.names])

    description_rows = property(lambda self: self.in_languages("description"))


class OpeningForm(RecordForm):
    """When a building opened, on which plots, and what the registry is told of the clinic in it."""

    opened_on = forms.DateField(
        label=pgettext_lazy("project", "Opened on"), required=False, widget=DateInput(),
        help_text=_("Empty means today."),
    )  # fmt: skip
    plots = forms.MultipleChoiceField(
        label=pgettext_lazy("project", "On which plots it stands"), widget=forms.CheckboxSelectMultiple
    )
    clinic = forms.ModelChoiceField(
        label=_("Clinic"), queryset=None, required=False, empty_label=pgettext_lazy("clinic", "a new one"),
        help_text=_("These clinics of the resident stand here already."),
    )  # fmt: skip

    model, names = Clinic, CLINIC_FIELDS
    # As the page asks, so does the list of what is wrong.
    field_order = ("opened_on", "plots", "clinic", "type")

    def __init__(self, *args: Any, opening: Opening, **kwargs: Any) -> None:
        kwargs["initial"] = opening.begins_with | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["plots"].choices = [(str(one.pk), f"№ {one.number}, {one.site}") for one in opening.plots]
        self.initial["plots"] = [str(one.pk) for one in opening.plots]
        if len(opening.plots) < 2:
            del self.fields["plots"]
        self.fields["clinic"].queryset = Clinic.objects.filter(pk__in=[one.pk for one in opening.clinics])
        if not opening.clinics:
            del self.fields["clinic"]
        blank = "" if opening.needs_clinic else _("no clinic")
        self.fields["type"] = forms.ChoiceField(
            label=self.fields["type"].label, required=opening.needs_clinic,
            choices=[("", blank), *words(ClinicType)],
        )  # fmt: skip
        if self.is_bound and not self.enters_clinic(opening.needs_clinic):
            for name in self.names:
                self.fields[name].required = False
        self.order_fields(self.field_order)

    def enters_clinic(self, needed: bool) -> bool:
        """Whether what was sent asks for a clinic that the registry has not yet."""
        return not self.data.get("clinic") and bool(needed or self.data.get("type"))

    def said(self) -> dict[str, Any]:
        """What the service takes."""
        told = self.cleaned_data
        clinic = told.get("clinic")
        enters = clinic is None and told["type"]
        return {
            "opened_on": told["opened_on"], "plot_ids": list(map(UUID, told["plots"])) if "plots" in told else None,
            "clinic_id": clinic and clinic.pk, "data": self.values() if enters else None,
        }  # fmt: skip

    name_rows = property(lambda self: self.in_languages("name"))
    short_name_rows = property(lambda self: self.in_languages("short_name"))
    city_rows = property(lambda self: self.in_languages("city"))
    address_rows = property(lambda self: self.in_languages("address"))


class CompleteForm(StepForm):
    """When everything was done."""

    completed_on = forms.DateField(
        label=pgettext_lazy("project", "Completed on"), required=False, widget=DateInput(),
        help_text=_("Empty means today."),
    )  # fmt: skip


class MilestoneForm(RecordForm):
    """What is to be reached, and by when."""

    model, names = ProjectMilestone, MILESTONE_FIELDS
    widgets = {"due_on": DateInput()}


class MilestoneTitleForm(RecordForm):
    """How a milestone is called; its day is moved with a reason."""

    model, names = ProjectMilestone, columns("title")


class MetForm(StepForm):
    """When it was reached."""

    met_on = forms.DateField(
        label=pgettext_lazy("milestone", "Reached on"), required=False, widget=DateInput(),
        help_text=_("Empty means today."),
    )  # fmt: skip


class MoveForm(ReasonForm):
    """To which day, and why."""

    due_on = forms.DateField(label=pgettext_lazy("milestone", "New day"), widget=DateInput())


class FigureForm(RecordForm):
    """What was made from the beginning up to a day."""

    model, names = ProjectFigure, FIGURE_FIELDS
    widgets = {"counted_on": DateInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["investment"].help_text = _("From the beginning of the project up to this day.")
        self.fields["source"].help_text = _("For instance: report of the company for the third quarter.")


class FundingForm(RecordForm):
    """Who pays how much."""

    kind = forms.ChoiceField(choices=lambda: words(FundingKind))

    model, names = ProjectFunding, FUNDING_FIELDS
