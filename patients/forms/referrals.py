"""Forms of the new-referral flow and of the actions of a referral."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.states import Payment
from cluster_portal.web.forms import Combobox, DateInput
from patients.forms.late import LateFields
from patients.selectors import dictionaries
from patients.states import CareKind, Conditions, ConsentKind, Priority, Suspicion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clinics.models import Clinic
    from patients.models import Referral


def _capitals(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(value, capfirst(label)) for value, label in choices]


def _diagnosis_text(code: str) -> str:
    name = dictionaries.diagnosis_name(code)
    return f"{code} {name}" if name else code


def _service_text(code: str) -> str:
    found = dictionaries.find_service_type(code)
    return found.name if found else code


class DiagnosisField(forms.CharField):
    """An ICD-10 code, typed or chosen. What was typed may be a code in any shape, or `I48.0 Name`."""

    def __init__(self, **kwargs: Any) -> None:
        widget = Combobox(
            reverse_lazy("patients:find_diagnoses"), _diagnosis_text, attrs=kwargs.pop("attrs", None)
        )
        super().__init__(max_length=400, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        value = super().clean(value)
        return dictionaries.code_of(value.split(" ")[0]) if value else ""


class ServiceTypeField(forms.CharField):
    """A service of the nomenclature, typed or chosen. Cleaned to the ServiceType, or None."""

    def __init__(self, **kwargs: Any) -> None:
        widget = Combobox(reverse_lazy("patients:find_service_types"), _service_text, min_chars=0)
        super().__init__(max_length=300, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if not value:
            return None
        found = dictionaries.find_service_type(value)
        if found is None:
            # Typed without choosing: one service of that name is what was meant.
            named = dictionaries.find_service_types(value, limit=2)
            found = (
                named[0] if named and (len(named) == 1 or named[0].name.lower() == value.lower()) else None
            )
        if found is None:
            raise forms.ValidationError(_("Please choose a service from the list."))
        return found


class ReasonForm(forms.Form):
    """Why and for what: the second step. A draft may leave any of it for later; going on may not."""

    diagnosis_code = DiagnosisField(
        label=_("Diagnosis (ICD-10)"),
        help_text=_("Type a code or a word of the name"),
        attrs={"autofocus": True},
    )
    service_type = ServiceTypeField(
        label=_("Service"), help_text=_("What the patient needs; the clinic is chosen in the next step")
    )
    priority = forms.ChoiceField(label=_("Priority"), widget=forms.RadioSelect, initial=Priority.PLANNED)
    suspicion = forms.ChoiceField(label=_("Suspicion"), widget=forms.RadioSelect, required=False)
    payment = forms.ChoiceField(label=_("Payment"), widget=forms.RadioSelect, initial=Payment.OMS)
    reason = forms.CharField(
        label=_("Justification"), max_length=5000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Complaints, history, what was found and done"),
    )  # fmt: skip
    question = forms.CharField(
        label=_("Question to the specialist"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    referrer_name = forms.CharField(label=_("Referring doctor"), max_length=200)
    referrer_position = forms.CharField(label=_("Position"), max_length=200, required=False)
    conditions = forms.ChoiceField(label=_("Conditions of care"))
    care_kind = forms.ChoiceField(label=_("Kind of care"))
    source_clinic = forms.ChoiceField(label=_("Referring clinic"))

    def __init__(self, *args: Any, clinics: list[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clinics = {str(clinic.pk): clinic for clinic in clinics}
        self.fields["priority"].choices = _capitals(
            (value, label) for value, label in reversed(Priority.choices)
        )
        self.fields["suspicion"].choices = [
            ("", pgettext_lazy("suspicion", "none")), (Suspicion.ONCOLOGY, _("cancer")),
            (Suspicion.CARDIOVASCULAR, _("cardiovascular disease")),
        ]  # fmt: skip
        self.fields["payment"].choices = _capitals(Payment.choices)
        self.fields["conditions"].choices = _capitals(Conditions.choices)
        self.fields["care_kind"].choices = _capitals(CareKind.choices)
        self.fields["source_clinic"].choices = [
            (pk, clinic.short_name) for pk, clinic in self._clinics.items()
        ]
        if len(self._clinics) == 1:
            self.fields["source_clinic"].widget = forms.HiddenInput()

    @staticmethod
    def initial_of(referral: Referral) -> dict[str, Any]:
        """What the form shows for a draft."""
        found = {name: getattr(referral, name) for name in ReasonForm.base_fields}
        found["service_type"] = referral.service_type_id or ""
        found["source_clinic"] = str(referral.source_clinic_id)
        return found

    def data_for_service(self) -> dict[str, Any]:
        """Arguments of `update_draft`, of the fields that are good."""
        data = {name: value for name, value in self.cleaned_data.items() if name in self.fields}
        if "source_clinic" in data:
            data["source_clinic"] = self._clinics[data["source_clinic"]]
        if "diagnosis_code" in data:
            data["diagnosis_text"] = dictionaries.diagnosis_name(data["diagnosis_code"])[:300]
        return data


class NewConsentForm(forms.Form):
    """The consent that has to be on record before data leave the organisation, asked for where it is missing.

    `abroad` says what is asked: the transfer, the transfer to another country, or both. `needed` makes the answer
    compulsory; before the clinic is chosen it is not.
    """

    prefix = "consent"

    signed = forms.BooleanField(
        label=_("The patient has signed the consent to the transfer of data"), required=False
    )
    signed_abroad = forms.BooleanField(
        label=_("The patient has signed the consent to the transfer of data to another country"),
        required=False,
    )
    given_on = forms.DateField(label=_("Signed on"), widget=DateInput, required=False)
    paper = forms.CharField(
        label=_("Paper"),
        max_length=200,
        required=False,
        help_text=_("Number of the form, or where it is kept"),
    )

    def __init__(self, *args: Any, missing: Iterable[str], needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needed = needed
        asked = {"signed": ConsentKind.TRANSFER, "signed_abroad": ConsentKind.ABROAD}
        self.asked = {name: kind for name, kind in asked.items() if kind in set(missing)}
        for name in set(asked) - set(self.asked):
            del self.fields[name]
        self.fields["given_on"].initial = timezone.localdate
        self.fields["given_on"].widget.attrs["max"] = timezone.localdate().isoformat()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name in self.asked:
            if self.needed and not data.get(name):
                self.add_error(name, _("Without this consent the referral cannot be sent."))
        if (
            any(data.get(name) for name in self.asked)
            and not data.get("given_on")
            and "given_on" not in self.errors
        ):
            self.add_error("given_on", _("Please fill in this field."))
        return data

    def consents(self) -> list[dict[str, Any]]:
        """Arguments of `record_consent`, for what was ticked."""
        signed = {"given_on": self.cleaned_data["given_on"], "paper": self.cleaned_data["paper"]}
        return [{"kind": kind, **signed} for name, kind in self.asked.items() if self.cleaned_data[name]]


class ConfirmForm(LateFields):
    """The last word: the time that is kept, and why it comes later than the norm where it does."""

    slot = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def late(self) -> dict[str, str]:
        """Arguments of the services that give a time."""
        return {name: self.cleaned_data[name] for name in ("late_code", "late_reason")}


class BookForm(ConfirmForm):
    """Booking or moving an accepted referral: the comment goes into its story."""

    comment = forms.CharField(label=_("Comment"), max_length=2000, required=False)
