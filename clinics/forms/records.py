"""Forms of the registry's records: what may be typed. What may be done is the services' matter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic
from clinics.selectors.wording import WEEKDAYS, language_choices
from cluster_portal.web.forms import TimeInput


class ClinicForm(forms.ModelForm):
    """What a manager keeps true about a site."""

    languages = forms.MultipleChoiceField(
        label=_("Languages of reception"),
        choices=language_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    interpreters = forms.MultipleChoiceField(
        label=_("Interpreters"), choices=language_choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Clinic
        fields = (
            "description_ru", "description_en", "description_kk", "address_ru", "address_en", "address_kk", "phone",
            "email", "website", "wheelchair", "languages", "interpreters",
        )  # fmt: skip
        widgets = {f"description_{code}": forms.Textarea(attrs={"rows": 3}) for code in ("ru", "en", "kk")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {"ru": _("in Russian"), "en": _("in English"), "kk": _("in Kazakh")}
        for field, label in (("description", _("Description")), ("address", _("Address"))):
            for code, language in names.items():
                self.fields[f"{field}_{code}"].label = f"{label} {language}"
        for day in WEEKDAYS:
            hours = self.instance.opening_hours.get(str(day), ["", ""])
            for end, label, value in (("starts", _("from"), hours[0]), ("ends", _("until"), hours[1])):
                self.fields[f"open{day}_{end}"] = forms.TimeField(
                    required=False, widget=TimeInput, initial=value, label=f"{WEEKDAYS[day]}, {label}"
                )

    def hour_rows(self) -> list[tuple[str, Any, Any]]:
        """Weekdays with their two bound fields, for the page."""
        return [(str(WEEKDAYS[day]), self[f"open{day}_starts"], self[f"open{day}_ends"]) for day in WEEKDAYS]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        hours = {}
        for day in WEEKDAYS:
            starts, ends = data.get(f"open{day}_starts"), data.get(f"open{day}_ends")
            if (starts is None) != (ends is None):
                self.add_error(
                    f"open{day}_{'ends' if ends is None else 'starts'}", _("Please give both times.")
                )
            elif starts is not None:
                if ends <= starts:
                    self.add_error(f"open{day}_ends", _("The end is not after the beginning."))
                hours[str(day)] = [f"{starts:%H:%M}", f"{ends:%H:%M}"]
        data["opening_hours"] = hours
        return data

    def values(self) -> dict[str, Any]:
        """What `update_clinic` takes as `data`."""
        return {name: self.cleaned_data[name] for name in (*self.Meta.fields, "opening_hours")}
