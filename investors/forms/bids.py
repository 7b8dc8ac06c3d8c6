"""Forms of bidders and of the officials who open bids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cluster_portal.files.fields import FilesField
from cluster_portal.web.forms import DateInput
from investors.services.bids import CONTENTS
from investors.services.sealed_files import FIELDS
from investors.states import EnvelopeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from investors.models import Investor


class BidForm(forms.Form):
    """Both envelopes; what they may hold is the service's to say."""

    investor = forms.TypedChoiceField(label=_("Company"), coerce=str)
    statement = forms.CharField(
        label=_("Why the company may take part"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Country and register, licences and accreditations, absence of debts."),
    )  # fmt: skip
    experience = forms.CharField(
        label=_("Experience in healthcare"), widget=forms.Textarea(attrs={"rows": 4}), required=False
    )
    price = forms.CharField(label=_("Price"), help_text=_("in the cluster's currency"))
    investment = forms.CharField(label=_("Investment pledged"), help_text=_("in the cluster's currency"))
    jobs = forms.CharField(label=_("Jobs"))
    starts_on = forms.CharField(label=_("Start of construction"), widget=DateInput())
    plan = forms.CharField(
        label=_("What will be built and who will work there"),
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    eligibility_files = FilesField(label=_("Files of the first envelope"), required=False)
    offer_files = FilesField(label=_("Files of the second envelope"), required=False)

    def __init__(self, *args: Any, companies: Sequence[Investor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["investor"].choices = [(str(one.pk), one.name) for one in companies]

    eligibility_rows = property(lambda self: [self[name] for name in CONTENTS[EnvelopeKind.ELIGIBILITY]])
    offer_rows = property(lambda self: [self[name] for name in CONTENTS[EnvelopeKind.OFFER]])

    def envelopes(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        return {
            "investor_id": data["investor"],
            **{kind.value: {name: data[name] for name in CONTENTS[kind]} for kind in EnvelopeKind},
        }

    def uploads(self) -> dict[str, list[Any]]:
        """The files of each envelope."""
        return {kind: self.cleaned_data[field] for kind, field in FIELDS.items()}


class BidFilesForm(forms.Form):
    """Files for one of the envelopes."""

    envelope = forms.ChoiceField(label=_("Envelope"), choices=EnvelopeKind)
    files = FilesField(label=_("Files"))


class CodeForm(forms.Form):
    """An official's code."""

    code = forms.CharField(
        label=_("Your code"), max_length=60, help_text=_("25 letters and digits, told when you took your part."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
