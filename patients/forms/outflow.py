"""Forms of the register of patients sent outside the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.selectors.cluster import current_cluster
from clinics.states import Payment
from cluster_portal.web.forms import DateInput
from patients.forms.patients import COUNTRIES, country_names
from patients.forms.referrals import DiagnosisField, ServiceTypeField
from patients.selectors import dictionaries, reasons
from patients.states import Currency, ReasonKind

if TYPE_CHECKING:
    from clinics.models import Clinic
    from patients.models import Outflow, Referral

#: Where people go for care beside the countries that documents come from.
ELSEWHERE = ("AE", "AT", "CH", "CZ", "ES", "FI", "IT", "MY", "RS", "SG", "TH")
#: What the code of a clinic's refusal says of the cluster.
REASON_OF = {"no_licence": "no_service"}


def destinations() -> list[tuple[str, str]]:
    """Countries by name, the cluster's own one first."""
    names, own = country_names(), current_cluster().country
    rest = sorted({*COUNTRIES, *ELSEWHERE} - {own}, key=lambda code: names[code])
    return [(own, names[own]), *((code, names[code]) for code in rest)]


class OutflowForm(forms.Form):
    """Where a patient is sent outside the cluster, what for, why, and what it costs."""

    service_type = ServiceTypeField(label=_("Service"), help_text=_("What the patient needs"))
    diagnosis_code = DiagnosisField(
        label=_("Diagnosis (ICD-10)"), help_text=_("Type a code or a word of the name")
    )
    country = forms.ChoiceField(label=_("Country"))
    region = forms.CharField(
        label=_("Region"), max_length=120, required=False,
        help_text=_("In the cluster's own country: which region or city"),
    )  # fmt: skip
    clinic_name = forms.CharField(label=_("Clinic"), max_length=200)
    reason = forms.ChoiceField(label=_("Why outside the cluster"), widget=forms.RadioSelect)
    comment = forms.CharField(
        label=_("Comment"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    cost = forms.DecimalField(
        label=_("Expected cost"), max_digits=13, decimal_places=2, min_value=0, required=False, localize=True,
        help_text=_("Leave empty where nobody knows yet"),
    )  # fmt: skip
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    payment = forms.ChoiceField(label=_("Paid by"))
    sent_on = forms.DateField(label=_("Sent on"), widget=DateInput)
    decided_by = forms.CharField(
        label=_("Who decided"), max_length=200, help_text=_("A doctor, a medical commission, the patient")
    )
    source_clinic = forms.ChoiceField(label=_("Referring clinic"))
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, clinics: list[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clinics = {str(clinic.pk): clinic for clinic in clinics}
        self.fields["country"].choices = destinations()
        self.fields["reason"].choices = self._reasons()
        self.fields["payment"].choices = [(v, capfirst(t)) for v, t in Payment.choices]
        self.fields["currency"].choices = [(v, f"{v} · {t}") for v, t in Currency.choices]
        self.fields["currency"].initial = current_cluster().currency
        self.fields["sent_on"].initial = timezone.localdate
        self.fields["sent_on"].widget.attrs["max"] = timezone.localdate().isoformat()
        self.fields["source_clinic"].choices = [(pk, c.short_name) for pk, c in self._clinics.items()]
        if len(self._clinics) == 1:
            self.fields["source_clinic"].widget = forms.HiddenInput()
            self.fields["source_clinic"].initial = next(iter(self._clinics))

    def _reasons(self) -> list[tuple[str, str]]:
        """What may be chosen today, and what the entry names already."""
        found = reasons.choices(ReasonKind.OUTFLOW)
        known = self.initial.get("reason", "")
        if known not in {reason.code for reason in found}:
            found += filter(None, [reasons.find_reason(ReasonKind.OUTFLOW, known)])
        return [(reason.code, capfirst(reason.name)) for reason in found]

    @staticmethod
    def initial_of(outflow: Outflow) -> dict[str, Any]:
        """What the form shows for an entry."""
        found = {name: getattr(outflow, name) for name in OutflowForm.base_fields if name != "key"}
        found["service_type"] = outflow.service_type_id
        found["source_clinic"] = str(outflow.source_clinic_id)
        return found

    @staticmethod
    def initial_from(referral: Referral, *, reason: str = "") -> dict[str, Any]:
        """What a referral that came to nothing says already; `reason` is the code of its refusal, if it was refused."""
        return {
            "service_type": referral.service_type_id,
            "diagnosis_code": referral.diagnosis_code,
            "source_clinic": str(referral.source_clinic_id),
            "payment": referral.payment,
            "reason": REASON_OF.get(reason, ""),
            "decided_by": referral.referrer_name,
        }

    def data_for_service(self) -> dict[str, Any]:
        """Arguments of `record_outflow` and `update_outflow`."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        data["source_clinic"] = self._clinics[data["source_clinic"]]
        data["diagnosis_text"] = dictionaries.diagnosis_name(data["diagnosis_code"])[:300]
        return data


class WithdrawOutflowForm(forms.Form):
    """Why an entry does not count any more."""

    why = forms.CharField(
        label=_("Why it does not count any more"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Entered by mistake, the patient stayed after all"),
    )  # fmt: skip


class OutflowFilter(forms.Form):
    """The bar above the register. A value that makes no sense is left out, never an error page."""

    q = forms.CharField(label=_("Patient, clinic or ICD-10"), required=False, max_length=100)
    country = forms.ChoiceField(label=_("Country"), required=False)
    service_type = forms.ChoiceField(label=_("Service"), required=False)
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    payment = forms.ChoiceField(label=_("Payment"), required=False)
    organization = forms.ChoiceField(label=_("Sent by"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DateInput)
    until = forms.DateField(label=_("Until, inclusive"), required=False, widget=DateInput)
    withdrawn = forms.ChoiceField(
        label=_("Entries"), required=False, choices=[("", _("that count")), ("1", _("that were withdrawn"))]
    )

    def __init__(
        self, *args: Any, lists: dict[str, list[tuple[str, str]]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        names = country_names()
        everything = ("", pgettext_lazy("filter", "Any"))
        known = lists or {}
        self.fields["country"].choices = [
            everything, *sorted(((code, names.get(code, code)) for code in known.get("countries", ())),
                                key=lambda pair: pair[1]),
        ]  # fmt: skip
        self.fields["service_type"].choices = [everything, *known.get("service_types", ())]
        self.fields["reason"].choices = [
            everything, *((reason.code, capfirst(reason.name)) for reason in reasons.every(ReasonKind.OUTFLOW)),
        ]  # fmt: skip
        self.fields["payment"].choices = [everything, *((v, capfirst(t)) for v, t in Payment.choices)]
        if organizations := known.get("organizations"):
            self.fields["organization"].choices = [everything, *organizations]
        else:
            del self.fields["organization"]
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
