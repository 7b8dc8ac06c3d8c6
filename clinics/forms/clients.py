"""The form of a program that is to use the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cluster_portal.api import scopes

if TYPE_CHECKING:
    from django.db.models import QuerySet

#: What a hospital's system usually needs.
USUAL = (
    "organizations:read", "clinics:read", "services:read", "slots:read", "patients:read", "patients:write",
    "referrals:read", "referrals:write", "bookings:read", "bookings:write",
)  # fmt: skip


class ClientForm(forms.Form):
    """Whose program it is, what it is called, what it may do."""

    organization = forms.ModelChoiceField(queryset=None, label=_("Organisation"))
    name = forms.CharField(label=_("Name of the program"), max_length=200)
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), widget=forms.CheckboxSelectMultiple, initial=USUAL,
        choices=lambda: list(scopes.describe().items()),
    )  # fmt: skip

    def __init__(self, *args: Any, organizations: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = organizations

    def scope_rows(self) -> list[tuple[Any, list[tuple[str, bool]]]]:
        """Each resource with its two scopes and whether they are ticked."""
        ticked = set(self["scopes"].value() or ())
        return [
            (
                words,
                [
                    (name, name in ticked)
                    for name in (f"{resource}:{scopes.READ}", f"{resource}:{scopes.WRITE}")
                ],
            )
            for resource, words in scopes.RESOURCES.items()
        ]
