"""Opening hours, typed as two times for each weekday."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.selectors.wording import WEEKDAYS
from cluster_portal.web.forms import TimeInput


class HoursMixin:
    """Fields `open1_starts` to `open7_ends`; what they mean is `cleaned_data["opening_hours"]`."""

    def add_hours(self, known: dict[str, list[str]] | None) -> None:
        """Make the fields, filled with the hours that are `known`."""
        for day in WEEKDAYS:
            hours = (known or {}).get(str(day), ["", ""])
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
