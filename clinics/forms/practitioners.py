"""Forms of an organisation's people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.forms.licences import NONE, countries
from clinics.forms.premises import Labelled
from clinics.models import Practitioner, Qualification, Specialty
from clinics.selectors.practitioners import clinics_to_work_at
from clinics.selectors.wording import language_choices
from clinics.services.practitioners import FIELDS, PAPER
from cluster_portal.web.forms import DateInput

if TYPE_CHECKING:
    from clinics.models import Clinic, Organization


def _several(label: Any, *, required: bool = True) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, widget=forms.CheckboxSelectMultiple, required=required)


class PractitionerForm(Labelled):
    """Somebody who sees patients."""

    clinics = _several(_("Works at"))
    specialties = _several(_("Specialties"))
    languages = _several(_("Languages"), required=False)

    class Meta:
        model = Practitioner
        fields = FIELDS

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = clinics_to_work_at(organization)
        self.fields["clinics"].choices = [(str(clinic.pk), clinic.short_name) for clinic in places]
        rows = sorted(Specialty.objects.all(), key=lambda row: row.name)
        self.fields["specialties"].choices = [(row.pk, row.name) for row in rows]
        self.fields["languages"].choices = language_choices()
        for name, label in (("specialties", _("Specialties")), ("languages", _("Languages"))):
            self.fields[name].label = label
        if self.instance._state.adding:
            self.initial["clinics"] = [str(places[0].pk)] if len(places) == 1 else []
        else:
            self.initial["clinics"] = [str(pk) for pk in self.instance.clinics.values_list("pk", flat=True)]

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"clinic_ids": self.cleaned_data["clinics"]}


class QualificationForm(Labelled):
    """A diploma, a certificate, an accreditation."""

    class Meta:
        model = Qualification
        fields = PAPER
        widgets = {"valid_until": DateInput}
        help_texts = {
            "document": _("Diploma, certificate, accreditation of a specialist…"),
            "valid_until": _("The last day. Empty: without an end"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = self.fields["country"].label
        self.fields["country"] = forms.ChoiceField(label=label, choices=[NONE, *countries()])


class DismissForm(forms.Form):
    """The last day at work."""

    last_day = forms.DateField(label=_("Last day at work"), widget=DateInput)
    keep_booked = forms.BooleanField(
        label=_("Close the free times; move the booked patients afterwards"), required=False
    )


class PeopleFilter(forms.Form):
    """The bar above the list. A value that makes no sense is left out, never an error page."""

    q = forms.CharField(label=_("Surname or given name"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[
            ("", pgettext_lazy("filter", "Any")), ("working", _("Working")), ("on_leave", _("On leave")),
            ("leaving", _("Last day set")), ("left", _("Left")),
        ],
    )  # fmt: skip
    clinic = forms.ChoiceField(label=_("Clinic"), required=False)

    def __init__(self, *args: Any, clinics: list[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        own = [(str(clinic.pk), clinic.short_name) for clinic in clinics]
        self.fields["clinic"].choices = [("", pgettext_lazy("filter", "Any")), *own]
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
