"""Forms of what a clinic offers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from clinics.forms.premises import Labelled
from clinics.models import Service, ServiceType
from clinics.services.offering import FIELDS
from clinics.states import Payment
from cluster_portal.common.translated import columns

_ROWS = forms.Textarea(attrs={"rows": 3})


class ServiceForm(Labelled):
    """A service of a clinic; of which type is said once."""

    service_type = forms.ModelChoiceField(
        label=_("Service type"), queryset=None, empty_label="—",
        help_text=_("From the cluster's nomenclature. The office enters a type that is missing."),
    )  # fmt: skip
    payments = forms.MultipleChoiceField(label=_("Payment"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Service
        fields = FIELDS
        widgets = {name: _ROWS for name in FIELDS if name.startswith(("preparation", "documents"))}
        help_texts = {
            "price": _("For those who pay, in the cluster's currency."),
            "age_max": _("Full years, inclusive."),
            "is_active": _("Without it nothing new is booked; what was booked stands."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payments"].choices = [(value, capfirst(label)) for value, label in Payment.choices]
        self.fields["service_type"].queryset = ServiceType.objects.filter(is_active=True)
        if self.instance._state.adding:
            self.order_fields(["service_type", *FIELDS])
        else:
            del self.fields["service_type"]

    def in_languages(self, name: str) -> list[Any]:
        """The fields of a text in its three languages."""
        return [self[column] for column in columns(name)]

    comment_rows = property(lambda self: self.in_languages("comment"))
    preparation_rows = property(lambda self: self.in_languages("preparation"))
    documents_rows = property(lambda self: self.in_languages("documents"))
