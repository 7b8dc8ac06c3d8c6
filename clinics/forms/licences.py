"""Forms of a clinic's papers: what may be typed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from babel import Locale
from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, Practitioner, Specialty
from clinics.states import Jurisdiction, Scheme
from cluster_portal.files.fields import HELP
from cluster_portal.files.formats import ACCEPT
from cluster_portal.web.forms import DateInput

if TYPE_CHECKING:
    from clinics.models import Credential


def countries() -> list[tuple[str, str]]:
    """Every country by its name in the reader's language."""
    names = Locale((get_language() or "ru")[:2]).territories
    return sorted(
        ((code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()),
        key=lambda pair: pair[1],
    )


NONE = ("", "—")


class ScanField(forms.FileField):
    """One scan; what it may be is checked where it is kept."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"label": _("Scan"), "help_text": HELP, "allow_empty_file": True, "required": False} | kwargs
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "accept": ACCEPT}


def _basis(label: Any, *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=300, required=required, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The law and its article") if required else "",
    )  # fmt: skip


class CredentialForm(forms.Form):
    """What a licence and an accreditation have in common. `clinics` are those to choose from; none for a renewal."""

    #: What a renewal asks for anew.
    ANEW = ("number", "valid_from", "valid_to")

    clinic = forms.ModelChoiceField(label=_("Clinic"), queryset=Clinic.objects.none())
    number = forms.CharField(label=_("Number"), max_length=60)
    authority = forms.CharField(label=_("Issued by"), max_length=200)
    country = forms.ChoiceField(label=_("Country"), choices=lambda: [NONE, *countries()])
    valid_from = forms.DateField(label=_("Valid from"), widget=DateInput)
    valid_to = forms.DateField(
        label=_("Valid to"), widget=DateInput, required=False, help_text=_("The last day. Empty: without an end"),
    )  # fmt: skip
    scan = ScanField()

    def __init__(
        self, *args: Any, clinics: list[Clinic] | None = None, renews: Credential | None = None, **kwargs: Any
    ) -> None:
        initial = self._initial(renews) if renews else {}
        super().__init__(*args, **kwargs | {"initial": initial | (kwargs.get("initial") or {})})
        if renews:
            del self.fields["clinic"]
            return
        self.fields["clinic"].queryset = Clinic.objects.filter(pk__in=[clinic.pk for clinic in clinics or ()])
        self.fields["clinic"].label_from_instance = lambda clinic: clinic.short_name
        if clinics and len(clinics) == 1:
            self.initial.setdefault("clinic", clinics[0].pk)
        if clinics:
            self.initial.setdefault("country", clinics[0].country)

    def _initial(self, renews: Credential) -> dict[str, Any]:
        same = {
            name: getattr(renews, name)
            for name in self.base_fields
            if name not in {"clinic", "scan", *self.ANEW}
        }
        begins = renews.valid_to + timedelta(days=1) if renews.valid_to else None
        return same | {"valid_from": begins}

    def data_for_service(self) -> dict[str, Any]:
        """`data` of `add_credential` and `renew_credential`."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"clinic", "scan"}}


class LicenceForm(CredentialForm):
    """A licence to enter, or the one that renews it."""

    jurisdiction = forms.ChoiceField(
        label=_("Jurisdiction"),
        choices=Jurisdiction.choices,
        widget=forms.RadioSelect,
        initial=Jurisdiction.NATIONAL,
    )
    activities = forms.MultipleChoiceField(label=_("Activities"), widget=forms.CheckboxSelectMultiple)
    field_order = ("clinic", "number", "authority", "jurisdiction", "country", "activities")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = sorted(Specialty.objects.all(), key=lambda row: row.name)
        self.fields["activities"].choices = [(row.pk, row.name) for row in rows]
        self.fields["jurisdiction"].choices = [(v, capfirst(t)) for v, t in Jurisdiction.choices]


class AccreditationForm(CredentialForm):
    """An accreditation to enter, or the one that renews it."""

    scheme = forms.ChoiceField(label=_("Kind of accreditation"))
    scope = forms.CharField(
        label=_("What it covers"), max_length=200, required=False,
        help_text=_("The edition of the standard, the departments"),
    )  # fmt: skip
    field_order = ("clinic", "scheme", "scope", "number", "authority", "country")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheme"].choices = [(v, capfirst(t)) for v, t in Scheme.choices]


class RegimeForm(CredentialForm):
    """The decision by which a clinic works under the special regime."""

    legal_basis_ru = _basis(_("Legal basis in Russian"), required=True)
    legal_basis_en = _basis(_("Legal basis in English"))
    legal_basis_kk = _basis(_("Legal basis in Kazakh"))
    field_order = (
        "clinic", "number", "authority", "country", "legal_basis_ru", "legal_basis_en", "legal_basis_kk", "valid_from"
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].label = _("Number of the decision")
        self.fields["authority"].label = _("Approved by")
        self.fields["country"].label = _("Country whose papers are recognised")
        # It is never the country in which the clinic stands.
        if not self.data and "clinic" in self.fields:
            self.initial.pop("country", None)


class PermitForm(CredentialForm):
    """What lets a practitioner work on qualifications of the home country."""

    practitioner = forms.ModelChoiceField(label=_("Practitioner"), queryset=Practitioner.objects.none())
    home_document = forms.CharField(
        label=_("Document of the home country"), max_length=200, help_text=_("What it is, its number and date"),
    )  # fmt: skip
    specialties = forms.MultipleChoiceField(label=_("Specialties"), widget=forms.CheckboxSelectMultiple)
    field_order = (
        "clinic", "practitioner", "number", "authority", "home_document", "country", "valid_from", "valid_to",
        "specialties",
    )  # fmt: skip

    def __init__(
        self, *args: Any, clinics: list[Clinic] | None = None, renews: Credential | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, clinics=clinics, renews=renews, **kwargs)
        self.fields["country"].label = _("Home country")
        if not renews:
            self.initial.pop("country", None)
        at = [renews.clinic_id] if renews else [clinic.pk for clinic in clinics or ()]
        people = Practitioner.objects.filter(clinics__in=at, is_active=True).distinct()
        self.fields["practitioner"].queryset = people.order_by("family", "given")
        self.fields["practitioner"].label_from_instance = lambda person: (
            f"{person.full_name}, {person.position}"
        )
        rows = sorted(Specialty.objects.all(), key=lambda row: row.name)
        self.fields["specialties"].choices = [(row.pk, row.name) for row in rows]
        if renews:
            del self.fields["practitioner"]


class SuspendForm(forms.Form):
    """From when to when, and why."""

    first_day = forms.DateField(label=_("First day"), widget=DateInput)
    last_day = forms.DateField(
        label=_("Last day"), widget=DateInput, required=False, help_text=_("Empty: until it is resumed"),
    )  # fmt: skip
    reason = forms.CharField(
        label=pgettext_lazy("licence", "Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The order, its number and date"),
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_day"].initial = today


class ReasonForm(forms.Form):
    """Why it is resumed or cancelled."""

    reason = forms.CharField(
        label=pgettext_lazy("licence", "Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The order, its number and date"),
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = required


class ScanForm(forms.Form):
    """A scan to add."""

    scan = ScanField(required=True)


class CredentialFilter(forms.Form):
    """The bar above the list. A value that makes no sense is left out, never an error page."""

    q = forms.CharField(label=_("Number or authority"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[
            ("", pgettext_lazy("filter", "Any")), ("valid", _("Valid today")), ("soon", _("End within 90 days")),
            ("ended", _("Ended, not renewed")), ("suspended", _("Suspended")), ("cancelled", _("Cancelled")),
        ],
    )  # fmt: skip
    clinic = forms.ChoiceField(label=_("Clinic"), required=False)

    def __init__(self, *args: Any, clinics: list[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        own = [(str(clinic.pk), clinic.short_name) for clinic in clinics]
        self.fields["clinic"].choices = [("", pgettext_lazy("filter", "Any")), *own]
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
