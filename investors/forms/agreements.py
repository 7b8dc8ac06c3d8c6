"""Forms of agreements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.rows import RecordForm
from clinics.selectors.organizations import organizations_to_choose
from cluster_portal.files.fields import HELP
from cluster_portal.files.formats import ACCEPT
from cluster_portal.web.acts import StepForm
from cluster_portal.web.forms import DateInput
from investors.forms.interests import told
from investors.forms.plots import ANY, words
from investors.models import Agreement, AgreementDocument
from investors.selectors import agreements as selectors
from investors.services.agreements import DOCUMENT_FIELDS, FIELDS
from investors.states import AgreementState, Tenure

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor


class AgreementForm(RecordForm):
    """With whom, for which plots, on what grounds and terms."""

    investor = forms.ModelChoiceField(queryset=None, label=_("Company"), empty_label="")
    plots = forms.ModelMultipleChoiceField(
        queryset=None, label=_("Plots of land"), widget=forms.CheckboxSelectMultiple
    )
    tender = forms.ModelChoiceField(queryset=None, required=False, empty_label="—")
    interest = forms.ModelChoiceField(queryset=None, required=False, empty_label="—")
    tenure = forms.ChoiceField(choices=lambda: words(Tenure))

    model, names = Agreement, FIELDS
    widgets = {
        "reason": forms.Textarea(attrs={"rows": 2}),
        "valid_from": DateInput(), "valid_until": DateInput(),
    }  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plots = selectors.plots_to_give(actor)
        if self.instance:
            # Whose draft it is stays; its plots stay to choose whatever became of them.
            plots = plots | plots.model.objects.filter(agreements=self.instance)
            del self.fields["investor"]
        else:
            self.fields["investor"].queryset = selectors.companies_to_agree(actor)
        self.fields["plots"].queryset = plots.distinct() if self.instance else plots
        self.fields["plots"].label_from_instance = told
        self.fields["tender"].queryset = selectors.tenders_to_follow()
        self.fields["interest"].queryset = selectors.interests_to_follow()
        self.fields["reason"].help_text = _(
            "Only where the land is given neither by a tender nor by an interest."
        )
        self.fields["price"].help_text = _("Of a year for a lease and a concession, of the whole for a sale.")
        self.fields["tender"].help_text = _("Its winner gets the plots, after the standstill.")


class SignForm(StepForm):
    """When both sides signed."""

    signed_on = forms.DateField(label=_("Signed on"), required=False, widget=DateInput())


class AgreementDocumentForm(RecordForm):
    """A paper of an agreement."""

    file = forms.FileField(
        label=_("File"), required=False, help_text=HELP, widget=forms.FileInput(attrs={"accept": ACCEPT})
    )

    model, names = AgreementDocument, DOCUMENT_FIELDS


class AgreementFilter(forms.Form):
    """The bar above the list of agreements."""

    state = forms.ChoiceField(required=False, label=_("State"), choices=lambda: [ANY, *words(AgreementState)])

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="filter_%s")


class OrganizationForm(forms.Form):
    """Which organisation of the registry a company is."""

    organization = forms.ModelChoiceField(
        queryset=None, required=False, label=_("Organisation of the registry"), empty_label="—",
        help_text=_("The clinics that the company opens belong to it."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = organizations_to_choose()
