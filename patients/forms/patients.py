"""Forms of a patient's record. What is wrong with an identifier is said by the service, at its field."""

from __future__ import annotations

import re
from typing import Any

from babel import Locale
from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cluster_portal.common import identifiers
from cluster_portal.web.forms import DateInput
from patients.models import Patient
from patients.selectors.dictionaries import clinics, find_clinic
from patients.selectors.search import parse_date
from patients.states import ConsentKind, Employment, LocalityKind, Sex

LANGUAGES = ("ru", "en", "kk", "ko", "ja", "zh", "uz", "ky", "tg", "hy", "az", "uk", "vi", "de", "fr")
COUNTRIES = (
    "RU", "KZ", "BY", "UZ", "KG", "TJ", "AM", "AZ", "GE", "MD", "TM", "UA", "CN", "KR", "KP", "JP", "MN", "VN",
    "IN", "PH", "TR", "DE", "FR", "IL", "GB", "US",
)  # fmt: skip
ADDRESS = {
    "subject": _("region"),
    "district": _("district"),
    "locality": _("town or village"),
    "street": _("street"),
    "house": _("house"),
    "building": _("building"),
    "flat": _("flat"),
}
_NUMBER = {"autocomplete": "off", "inputmode": "numeric"}


def _locale() -> Locale:
    return Locale((get_language() or "ru")[:2])


def language_choices() -> list[tuple[str, str]]:
    """Languages that patients speak, by name."""
    names = _locale().languages
    return [(code, capfirst(names[code])) for code in LANGUAGES]


def country_names() -> dict[str, str]:
    """Names of all countries by their codes, in the reader's language."""
    return _locale().territories


def country_choices() -> list[tuple[str, str]]:
    """Countries of documents and recipients, by name; the common ones."""
    names = country_names()
    return [("", "—"), *((code, names[code]) for code in COUNTRIES)]


class ShortPatientForm(forms.Form):
    """Enough to register somebody while they stand at the desk."""

    family = forms.CharField(label=_("Surname"), max_length=100)
    given = forms.CharField(label=_("Given name"), max_length=100)
    patronymic = forms.CharField(label=_("Patronymic"), max_length=100, required=False)
    birth_date = forms.DateField(label=_("Birth date"), widget=DateInput(attrs={"max": "9999-12-31"}))
    sex = forms.ChoiceField(label=_("Sex"), widget=forms.RadioSelect)
    snils = forms.CharField(
        label="СНИЛС", max_length=30, required=False, help_text=_("11 digits, dashes do not matter"),
        widget=forms.TextInput(attrs=_NUMBER),
    )  # fmt: skip
    enp = forms.CharField(
        label=_("OMS policy"), max_length=30, required=False, help_text=_("16 digits"),
        widget=forms.TextInput(attrs=_NUMBER),
    )  # fmt: skip
    iin = forms.CharField(
        label="ИИН", max_length=30, required=False, help_text=_("12 digits, for citizens of Kazakhstan"),
        widget=forms.TextInput(attrs=_NUMBER),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Phone"), max_length=20, required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sex"].choices = [(value, capfirst(label)) for value, label in Sex.choices]
        self.fields["birth_date"].widget.attrs["max"] = timezone.localdate().isoformat()

    def data_for_service(self) -> dict[str, Any]:
        """Arguments of `register_patient` and `update_patient`."""
        return dict(self.cleaned_data)


class PatientForm(ShortPatientForm):
    """The whole record."""

    email = forms.EmailField(label=_("E-mail"), required=False)
    policy_insurer = forms.CharField(label=_("Insurer"), max_length=200, required=False)
    policy_issued_on = forms.DateField(label=_("Policy issued on"), required=False, widget=DateInput)
    dms_policy = forms.CharField(label=_("Voluntary policy (DMS)"), max_length=60, required=False)
    document_type = forms.CharField(label=_("Document"), max_length=60, required=False)
    document_number = forms.CharField(label=_("Series and number"), max_length=60, required=False)
    document_country = forms.ChoiceField(label=_("Country of the document"), required=False)
    locality_kind = forms.ChoiceField(label=_("Lives in"), required=False)
    employment = forms.ChoiceField(label=_("Employment"), required=False)
    benefit_code = forms.CharField(label=_("Benefit code"), max_length=10, required=False)
    language = forms.ChoiceField(label=_("Speaks"))
    allergies = forms.CharField(
        label=_("Allergies"), max_length=300, required=False,
        help_text=_("Shown to whoever opens a referral, in red"),
    )  # fmt: skip
    home_clinic = forms.ChoiceField(label=_("Home clinic"), required=False)

    #: What stands together on the page.
    ABOUT = ("family", "given", "patronymic", "birth_date", "sex", "language")
    NUMBERS = (
        "snils", "enp", "policy_insurer", "policy_issued_on", "dms_policy", "iin", "document_type",
        "document_number", "document_country",
    )  # fmt: skip
    CONTACT = ("phone", "email", "home_clinic", "locality_kind", "employment", "benefit_code", "allergies")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nothing = ("", "—")
        self.fields["language"].choices = language_choices()
        self.fields["language"].initial = "ru"
        self.fields["document_country"].choices = country_choices()
        self.fields["locality_kind"].choices = [nothing, *((v, capfirst(t)) for v, t in LocalityKind.choices)]
        self.fields["employment"].choices = [nothing, *((v, capfirst(t)) for v, t in Employment.choices)]
        self.fields["home_clinic"].choices = [nothing, *clinics()]
        for part in ("residence", "stay"):
            for key, label in ADDRESS.items():
                self.fields[f"{part}_{key}"] = forms.CharField(
                    label=capfirst(label), max_length=200, required=False
                )

    @staticmethod
    def initial_of(patient: Patient) -> dict[str, Any]:
        """What the form shows for a patient on record, identifiers as documents print them."""
        found = {name: getattr(patient, name) for name in PatientForm.base_fields}
        found["home_clinic"] = patient.home_clinic_id and str(patient.home_clinic_id)
        found["snils"] = identifiers.format_snils(patient.snils)
        found["enp"] = identifiers.format_enp(patient.enp)
        for part in ("residence", "stay"):
            for key in ADDRESS:
                found[f"{part}_{key}"] = (getattr(patient, part) or {}).get(key, "")
        return found

    def _group(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def about(self) -> list[forms.BoundField]:
        return self._group(self.ABOUT)

    @property
    def numbers(self) -> list[forms.BoundField]:
        return self._group(self.NUMBERS)

    @property
    def contact(self) -> list[forms.BoundField]:
        return self._group(self.CONTACT)

    @property
    def residence(self) -> list[forms.BoundField]:
        return self._group(tuple(f"residence_{key}" for key in ADDRESS))

    @property
    def stay(self) -> list[forms.BoundField]:
        return self._group(tuple(f"stay_{key}" for key in ADDRESS))

    def data_for_service(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        for part in ("residence", "stay"):
            address = {key: data.pop(f"{part}_{key}").strip() for key in ADDRESS}
            data[part] = {key: value for key, value in address.items() if value}
        data["home_clinic"] = find_clinic(data["home_clinic"]) if data["home_clinic"] else None
        return data


def guess(text: str) -> dict[str, Any]:
    """What a search that found nobody says of the person to register: names, birth date, identifiers."""
    found: dict[str, Any] = {}
    names = []
    digits = identifiers.normalize(text)
    if not re.search(r"[^\W\d_]", text) and parse_date(text.strip()) is None:
        by_length = {11: "snils", 16: "enp", 12: "iin"}
        return {by_length[len(digits)]: digits} if len(digits) in by_length else {}
    for part in re.split(r"[\s,;]+", text.strip()):
        if (day := parse_date(part)) is not None:
            found["birth_date"] = day
        elif re.fullmatch(r"[^\W\d_][^\W\d_’'\-]*(-[^\W\d_]+)?", part):
            names.append("-".join(capfirst(piece.lower()) for piece in part.split("-")))
    return found | dict(zip(("family", "given", "patronymic"), names, strict=False))


class EmergencyForm(forms.Form):
    """Opening a stranger's record for a stated reason."""

    identifier = forms.CharField(
        label=_("СНИЛС, OMS policy or ИИН"), max_length=30, help_text=_("In full, from the document"),
        widget=forms.TextInput(attrs=_NUMBER),
    )  # fmt: skip
    birth_date = forms.DateField(label=_("Birth date"), widget=DateInput)
    reason = forms.CharField(
        label=_("Why you need the record now"), min_length=10, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Your name, the time and this text go into the journal, which the patient's clinic can read."),
    )  # fmt: skip


class ConsentForm(forms.Form):
    """What a patient signed."""

    kind = forms.ChoiceField(label=_("Consent to"))
    given_on = forms.DateField(label=_("Signed on"), widget=DateInput)
    paper = forms.CharField(
        label=_("Paper"),
        max_length=200,
        required=False,
        help_text=_("Number of the form, or where it is kept"),
    )
    country = forms.ChoiceField(label=_("Country of the recipient"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(value, capfirst(label)) for value, label in ConsentKind.choices]
        self.fields["kind"].initial = ConsentKind.TRANSFER
        self.fields["given_on"].initial = timezone.localdate
        self.fields["country"].choices = country_choices()
