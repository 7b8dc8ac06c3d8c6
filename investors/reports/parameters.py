"""Parameters that the reports of land share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.selectors.measures import Period
from cluster_portal.reports import periods
from cluster_portal.reports.periods import PeriodParameters

#: No period at all.
ALL = "all"


class AnyPeriodParameters(PeriodParameters):
    """As `PeriodParameters`, and all the time where nothing is chosen: `since` and `until` are None then."""

    period = forms.ChoiceField(
        label=_("Period"), choices=[(ALL, pgettext_lazy("period", "all the time")), *periods.Period.choices],
        initial=ALL, required=False,
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data, own = (
            self.cleaned_data,
            {"since", "until"} & {name for name, value in self.data.items() if value},
        )
        if data.get("period") == ALL and own:
            data["period"] = ""
        if (data.get("period") or ALL) == ALL and not own and "period" not in self.errors:
            return data | {"period": ALL, "since": None, "until": None}
        return super().clean()


def period_of(params: dict[str, Any]) -> Period | None:
    """The period of `params`, in days of the cluster's calendar; None for all the time."""
    return Period(params["since"], params["until"]) if params["since"] else None
