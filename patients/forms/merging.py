"""The form that compares two records of one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cluster_portal.common import identifiers
from cluster_portal.web import wording
from patients.forms.patients import country_names, language_choices
from patients.models import MergeProposal, Patient
from patients.selectors.addresses import address_line
from patients.services.patients import FIELDS

if TYPE_CHECKING:
    import uuid
    from datetime import date

FIRST, SECOND = "first", "second"


class MergeForm(forms.Form):
    """Which record stays, and whose value it keeps where the two differ."""

    survivor = forms.ChoiceField(label=_("The record that stays"), choices=[(FIRST, ""), (SECOND, "")])
    comment = forms.CharField(
        label=_("Why they are one person"), max_length=300, required=False,
        help_text=_("A call to the clinic, the number of a document"),
    )  # fmt: skip

    def __init__(self, *args: Any, first: Patient, second: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.second = first, second
        for name in FIELDS:
            if getattr(first, name) != getattr(second, name):
                self.fields[f"keep_{name}"] = forms.ChoiceField(
                    label=Patient._meta.get_field(name).verbose_name, choices=[(FIRST, ""), (SECOND, "")]
                )

    def choice(self, name: str) -> str:
        """What is chosen for a field: what was typed, else the value of the first record where it has one."""
        if self.is_bound:
            return self.data.get(f"keep_{name}", "")
        return SECOND if not getattr(self.first, name) else FIRST

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every field that one of the two has, side by side; those that differ are to be chosen."""
        found = []
        for name in FIELDS:
            values = shown(self.first, name), shown(self.second, name)
            if not any(values):
                continue
            differs = f"keep_{name}" in self.fields
            found.append({
                "name": f"keep_{name}",
                "label": Patient._meta.get_field(name).verbose_name,
                "values": list(zip((FIRST, SECOND), values, strict=True)),
                "differs": differs,
                "chosen": self.choice(name) if differs else "",
                "error": self.errors.get(f"keep_{name}") if self.is_bound else None,
            })  # fmt: skip
        return found

    @property
    def stays(self) -> str:
        return self.data.get("survivor", FIRST) if self.is_bound else self.initial.get("survivor", FIRST)

    def survivor_id(self) -> uuid.UUID:
        return (self.first if self.cleaned_data["survivor"] == FIRST else self.second).pk

    def take(self) -> list[str]:
        """The fields whose value is the other record's."""
        stays = self.cleaned_data["survivor"]
        return [
            name
            for name in FIELDS
            if f"keep_{name}" in self.fields and self.cleaned_data[f"keep_{name}"] != stays
        ]


class DismissForm(forms.Form):
    """They are two people; whoever proposed to merge them reads why."""

    answer = forms.CharField(
        label=_("Why they are two people"), max_length=MergeProposal.LONGEST,
        help_text=_("The clinic that proposed to merge them reads this."),
    )  # fmt: skip


class ProposeForm(forms.Form):
    """Which record is the same person, and how the clinic knows."""

    other = forms.UUIDField(error_messages={"required": _("Please choose the other record.")})
    comment = forms.CharField(
        label=_("How you know"), max_length=MergeProposal.LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The cluster office reads this: a passport that was seen, a surname that changed"),
    )  # fmt: skip


def shown(patient: Patient, name: str) -> str:
    """A field's value as people read it."""
    value = getattr(patient, name)
    if not value:
        return ""
    match name:
        case "snils":
            return identifiers.format_snils(value)
        case "enp":
            return identifiers.format_enp(value)
        case "birth_date" | "policy_issued_on":
            day: date = value
            return wording.date_short(day)
        case "residence" | "stay":
            return address_line(value)
        case "home_clinic":
            return value.short_name
        case "document_country":
            return country_names().get(value, value)
        case "language":
            return dict(language_choices()).get(value, value)
        case "sex" | "locality_kind" | "employment":
            return str(getattr(patient, f"get_{name}_display")())
    return str(value)
