"""Forms of what a clinic uses under the special regime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.forms.licences import NONE, countries
from clinics.forms.premises import Labelled
from clinics.models import OECD, Clinic, SpecialMethod
from clinics.selectors.regime import services_to_offer
from clinics.services.methods import FIELDS
from clinics.states import MethodState
from cluster_portal.web.forms import DateInput

if TYPE_CHECKING:
    from collections.abc import Iterable


class MethodForm(Labelled):
    """A method, medicine or device of one clinic."""

    services = forms.MultipleChoiceField(
        label=_("Offered with"), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("Whoever chooses one of these services reads of it before booking"),
    )  # fmt: skip

    class Meta:
        model = SpecialMethod
        fields = FIELDS
        widgets = {
            "kind": forms.RadioSelect,
            "home_date": DateInput,
            "approval_date": DateInput,
            **{f"consent_{language}": forms.Textarea(attrs={"rows": 4}) for language in ("ru", "en", "kk")},
        }

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"] = forms.ChoiceField(
            label=self.fields["country"].label,
            choices=[NONE, *((code, name) for code, name in countries() if code in OECD)],
        )
        self.fields["kind"].choices = [c for c in self.fields["kind"].choices if c[0]]
        self.fields["services"].choices = [
            (str(row.pk), f"{row.service_type.name}, {row.get_mode_display()}")
            for row in services_to_offer(clinic)
        ]
        if self.instance.pk:
            self.initial["services"] = [str(pk) for pk in self.instance.services.values_list("pk", flat=True)]

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"service_ids": self.cleaned_data["services"]}


class MethodFilter(forms.Form):
    """The bar above the list. A value that makes no sense is left out, never an error page."""

    q = forms.CharField(label=pgettext_lazy("method", "Name"), required=False, max_length=60)
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        states: Iterable = ((value, capfirst(label)) for value, label in MethodState.choices)
        self.fields["state"].choices = [("", pgettext_lazy("filter", "Any")), *states]
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
