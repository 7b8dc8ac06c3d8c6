"""Forms of companies and of those who decide on them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.rows import RecordForm
from clinics.selectors.wording import country_choices
from cluster_portal.files.fields import HELP
from cluster_portal.files.formats import ACCEPT
from cluster_portal.web.forms import DateInput
from investors.forms.plots import ANY, words
from investors.models import BeneficialOwner, Investor, InvestorDocument, InvestorInvitation
from investors.services.companies import CONTACT_FIELDS, DOCUMENT_FIELDS, FIELDS, OWNER_FIELDS
from investors.states import InvestorDocumentKind, InvestorState, MemberRole


class _Countries(forms.ChoiceField):
    """Countries from which investors come, by name."""

    def __init__(self) -> None:
        super().__init__(choices=lambda: [("", ""), *country_choices()])


class CompanyForm(RecordForm):
    """A company: what is verified, and how it is reached."""

    country = _Countries()

    model, names = Investor, FIELDS
    widgets = {"activity": forms.Textarea(attrs={"rows": 3})}
    name_rows = property(lambda self: self.in_languages("name"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One name is enough; which one, the service says.
        self.fields["name_ru"].required = False
        self.fields["register_number"].help_text = _(
            "ОГРН in Russia, БИН in Kazakhstan, else the number in the register of your country."
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("name_ru") and not data.get("name_en"):
            self.add_error("name_ru", _("Give the name in Russian or in English."))
        return data


class ContactForm(RecordForm):
    """How a company is reached, whatever state it is in."""

    model, names = Investor, CONTACT_FIELDS


class OwnerForm(RecordForm):
    """A beneficial owner."""

    country = _Countries()

    model, names = BeneficialOwner, OWNER_FIELDS


class CompanyDocumentForm(RecordForm):
    """A paper of a company."""

    kind = forms.ChoiceField(choices=lambda: words(InvestorDocumentKind))
    file = forms.FileField(
        label=_("File"), required=False, help_text=HELP, widget=forms.FileInput(attrs={"accept": ACCEPT})
    )

    model, names = InvestorDocument, DOCUMENT_FIELDS
    widgets = {"valid_until": DateInput()}


class InvitationForm(RecordForm):
    """Who is to act for a company."""

    role = forms.ChoiceField(choices=lambda: words(MemberRole), initial=MemberRole.MEMBER)

    model, names = InvestorInvitation, ("email", "role")


class CompanyFilter(forms.Form):
    """The bar above the office's list of companies."""

    state = forms.ChoiceField(required=False, label=_("State"), choices=lambda: [ANY, *words(InvestorState)])
    q = forms.CharField(
        required=False, label=_("Name or register number"), max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="filter_%s")
