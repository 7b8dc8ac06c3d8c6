"""Forms of the registry's records: what may be typed. What may be done is the services' matter."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.forms.hours import HoursMixin
from clinics.models import ChangeRequest, Clinic, Organization
from clinics.selectors.records import label_of, office_fields, proposed_fields
from clinics.selectors.wording import country_choices, language_choices
from clinics.services.records import BEGINNINGS
from clinics.states import OrganizationStatus, Ownership, Sector
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.web.forms import ConstraintsAreTheServices, DateInput


@cache
def zones() -> list[tuple[str, str]]:
    """Time zones of the continents that clusters have members in."""
    names = sorted(
        name for name in available_timezones() if name.startswith(("Asia/", "Europe/", "America/"))
    )
    return [(name, name) for name in names]


class RecordForm(ConstraintsAreTheServices, forms.ModelForm):
    """A record of the registry. `values()` is what the services take; `seen` is the version that was read.

    With `proposes` it has only what an organisation may propose to change, and a note for the office.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note for the office"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        max_length=ChangeRequest._meta.get_field("note").max_length,
        help_text=_("Why it changes, and where the office can see that it is so"),
    )  # fmt: skip

    def __init__(self, *args: Any, proposes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        model = self._meta.model
        self.names = list((proposed_fields if proposes else office_fields)(model))
        for name in list(self.fields):
            if name in self.names:
                self.fields[name].label = label_of(model, name)
            elif name in office_fields(model) or (name == "note" and not proposes):
                del self.fields[name]
        self.fields["country"].widget = forms.Select(
            choices=[("", "—"), *country_choices(self.instance.country)]
        )
        for name in self.names:
            field = self.fields.get(name)
            if isinstance(field, forms.TypedChoiceField):
                field.choices = [(value, capfirst(label)) for value, label in field.choices]
        if self.instance.updated_at:
            self.initial["seen"] = self.instance.updated_at.isoformat()

    def in_languages(self, name: str) -> list[Any]:
        """The fields of a text in its three languages."""
        return [self[f"{name}_{language}"] for language in LANGUAGES]

    name_rows = property(lambda self: self.in_languages("name"))
    short_name_rows = property(lambda self: self.in_languages("short_name"))
    address_rows = property(lambda self: self.in_languages("address"))
    description_rows = property(lambda self: self.in_languages("description"))
    city_rows = property(lambda self: self.in_languages("city"))

    def values(self) -> dict[str, Any]:
        """What the services take as `data`."""
        return {name: self.cleaned_data[name] for name in self.names if name in self.cleaned_data}

    def version(self) -> datetime | None:
        """The version of the record that was on the page."""
        try:
            return datetime.fromisoformat(self.cleaned_data.get("seen") or "")
        except ValueError:
            return None

    def see(self, updated_at: datetime) -> None:
        """Take the record as it stands now for what is on the page."""
        self.data = self.data.copy()
        self.data["seen"] = updated_at.isoformat()


class ClinicForm(HoursMixin, RecordForm):
    """A site of care."""

    languages = forms.MultipleChoiceField(
        choices=language_choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    interpreters = forms.MultipleChoiceField(
        choices=language_choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    time_zone = forms.ChoiceField(choices=zones)

    class Meta:
        model = Clinic
        fields = tuple(name for name in office_fields(Clinic) if name != "opening_hours")
        widgets = {f"description_{code}": forms.Textarea(attrs={"rows": 3}) for code in LANGUAGES} | {
            "opened_on": DateInput
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_hours(self.instance.opening_hours)


class NewClinicForm(ClinicForm):
    """A site that is not on record yet."""

    # As the page asks, so does the list of what is wrong.
    field_order = ("organization", "status")

    organization = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organization.objects.exclude(status=OrganizationStatus.LEFT).order_by(
            "short_name_ru"
        ),
    )  # fmt: skip
    status = forms.ChoiceField(
        label=_("Status"), choices=[(step.value, capfirst(step.label)) for step in BEGINNINGS]
    )

    def values(self) -> dict[str, Any]:
        return super().values() | {"status": self.cleaned_data["status"]}


class OrganizationForm(RecordForm):
    """A legal member or partner of the cluster."""

    class Meta:
        model = Organization
        fields = office_fields(Organization)
        widgets = {"joined_on": DateInput}


class StatusForm(forms.Form):
    """A step of a site that needs nothing said."""


class OpenForm(StatusForm):
    """Since when a site sees patients."""

    opened_on = forms.DateField(label=_("Opened on"), widget=DateInput)


class CloseClinicForm(StatusForm):
    """When and why a site ended its work."""

    closed_on = forms.DateField(
        label=_("Last day of work"), widget=DateInput, help_text=_("Today, or a day that is past")
    )
    reason = forms.CharField(
        label=_("Why it is closed"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stands in the register, and at the times that are closed"),
    )  # fmt: skip


class OrganizationFilter(forms.Form):
    """The bar above the list of organisations. A value that makes no sense is left out, never an error page."""

    text = forms.CharField(label=_("Name or number"), required=False, max_length=100)
    sector = forms.ChoiceField(label=_("Sector"), required=False)
    ownership = forms.ChoiceField(label=_("Ownership"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        everything = ("", pgettext_lazy("filter", "Any"))
        for name, kind in (("sector", Sector), ("ownership", Ownership), ("status", OrganizationStatus)):
            self.fields[name].choices = [everything, *((v, capfirst(text)) for v, text in kind.choices)]
