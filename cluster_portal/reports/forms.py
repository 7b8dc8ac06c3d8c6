"""The forms around a report's own parameters."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from cluster_portal.accounts.selectors import colleagues
from cluster_portal.reports.models import Frequency
from cluster_portal.reports.writers import formats

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor
    from cluster_portal.reports.base import Report


class FormatForm(forms.Form):
    """Which file."""

    file_format = forms.ChoiceField(label=_("File"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = formats()
        field = self.fields["file_format"]
        field.choices = [(name, known[name].label) for name in report.formats]
        field.initial = report.formats[0]


class ScheduleForm(forms.Form):
    """How often, and for whom."""

    frequency = forms.ChoiceField(label=_("How often"), choices=Frequency, initial=Frequency.MONTHLY)
    weekday = forms.TypedChoiceField(
        label=_("Day of the week"), coerce=int, empty_value=None, required=False,
        choices=[("", "—"), *((number + 1, name) for number, name in WEEKDAYS.items())],
        help_text=_("For every week."),
    )  # fmt: skip
    day = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=31, required=False, initial=1,
        help_text=_("For every month. A month without this day runs on its last one."),
    )  # fmt: skip
    hour = forms.TypedChoiceField(
        label=_("Hour"), coerce=int, initial=7, choices=[(hour, f"{hour:02}:00") for hour in range(24)]
    )
    recipients = forms.TypedMultipleChoiceField(
        label=_("Colleagues who get it too"), coerce=uuid.UUID, required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They get a notice and a letter with a link; the file opens for those who may see this report."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = colleagues(actor.organization_id).exclude(pk=actor.user_id) if actor.organization_id else ()
        self.fields["recipients"].choices = [(person.pk, str(person)) for person in people]
        if not self.fields["recipients"].choices:
            del self.fields["recipients"]
