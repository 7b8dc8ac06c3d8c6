"""Forms of questions to specialists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse_lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cluster_portal.files.fields import FilesField
from cluster_portal.web.forms import Combobox
from patients.forms.referrals import DiagnosisField, ServiceTypeField
from patients.models import AdvicePost
from patients.selectors import dictionaries, reasons
from patients.states import ADVICE_REASONS

if TYPE_CHECKING:
    from clinics.models import Clinic

_LONG = {"rows": 6}


def _service_text(value: str) -> str:
    found = dictionaries.find_service(value)
    return f"{found.service_type.name}, {found.clinic.short_name}" if found else value


class AskForm(forms.Form):
    """A question to a clinic's service, or to any clinic that gives it.

    What it has to do with the patient is said by the diagnosis and the text.
    """

    service = forms.CharField(
        label=_("Whom to ask"), max_length=300, help_text=_("A service of another clinic"), required=False,
        widget=Combobox(reverse_lazy("patients:find_services"), _service_text),
    )  # fmt: skip
    service_type = ServiceTypeField(
        label=_("Or any clinic that gives the service"), required=False,
        help_text=_("The first clinic that takes the question answers it; until then nobody reads the patient’s name."),
    )  # fmt: skip
    abroad = forms.BooleanField(
        label=_("Clinics of other countries too"), required=False,
        help_text=_("The patient has to have agreed to sending data to another country."),
    )  # fmt: skip
    diagnosis_code = DiagnosisField(
        label=_("Diagnosis (ICD-10)"), help_text=_("Type a code or a word of the name")
    )
    question = forms.CharField(
        label=_("Question"), max_length=AdvicePost.LONGEST, widget=forms.Textarea(attrs=_LONG),
        help_text=_("What was found and done, and what you want to know. The patient’s name is sent with it."),
    )  # fmt: skip
    files = FilesField(label=_("Files"), required=False)
    source_clinic = forms.ChoiceField(label=_("Asking clinic"))
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, clinics: list[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clinics = {str(clinic.pk): clinic for clinic in clinics}
        self.fields["source_clinic"].choices = [
            (pk, clinic.short_name) for pk, clinic in self._clinics.items()
        ]
        if len(self._clinics) == 1:
            self.fields["source_clinic"].widget = forms.HiddenInput()
            self.fields["source_clinic"].initial = next(iter(self._clinics))

    def clean_service(self) -> Any:
        if not self.cleaned_data["service"]:
            return None
        found = dictionaries.find_service(self.cleaned_data["service"])
        if found is None:
            raise forms.ValidationError(_("Please choose a service from the list."))
        return found

    def data_for_service(self) -> dict[str, Any]:
        """Arguments of `ask_with_files`."""
        data = dict(self.cleaned_data)
        data["service_id"] = (chosen := data.pop("service")) and chosen.pk
        data["source_clinic"] = self._clinics[data["source_clinic"]]
        data["diagnosis_text"] = dictionaries.diagnosis_name(data["diagnosis_code"])
        return data


class PostForm(forms.Form):
    """An answer, or one more question."""

    text = forms.CharField(max_length=AdvicePost.LONGEST, widget=forms.Textarea(attrs=_LONG))
    files = FilesField(label=_("Files"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)


class TakeForm(forms.Form):
    """Which of the organisation's clinics answers."""

    service_id = forms.UUIDField(required=False)


class ReasonForm(forms.Form):
    """Why a question will not be answered, or not by us: a line of the action's dictionary."""

    reason = forms.ChoiceField(label=_("Reason"), widget=forms.RadioSelect)
    comment = forms.CharField(
        label=_("Comment"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, action: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = reasons.choices(ADVICE_REASONS[action])
        self.fields["reason"].choices = [(reason.code, capfirst(reason.name)) for reason in found]


class CloseForm(forms.Form):
    """A last word, if there is one."""

    comment = forms.CharField(
        label=_("Comment"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
