"""Forms of the roadshow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from clinics.forms.rows import RecordForm
from clinics.selectors.wording import country_choices
from cluster_portal.common.translated import columns
from cluster_portal.web.forms import DateInput
from investors.forms.plots import words
from investors.models import RoadshowContact, RoadshowEvent
from investors.services.roadshow import CONTACT_FIELDS, EVENT_FIELDS
from investors.states import Direction

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from investors.models import Investor


class EventForm(RecordForm):
    """An event."""

    country = forms.ChoiceField(choices=lambda: [("", "—"), *country_choices()])

    model, names = RoadshowEvent, EVENT_FIELDS
    widgets = {"begins_on": DateInput(), "ends_on": DateInput()} | {
        name: forms.Textarea(attrs={"rows": 3}) for name in columns("outcome")
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.names)

    city_rows = property(lambda self: self.in_languages("city"))
    outcome_rows = property(lambda self: self.in_languages("outcome"))


class ContactForm(RecordForm):
    """Somebody who was met."""

    country = forms.ChoiceField(choices=lambda: [("", "—"), *country_choices()])
    direction = forms.ChoiceField(required=False, choices=lambda: [("", "—"), *words(Direction)])
    investor = forms.ModelChoiceField(queryset=None, required=False, empty_label="—")

    model, names = RoadshowContact, CONTACT_FIELDS
    widgets = {"next_on": DateInput(), "interest": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, companies: QuerySet[Investor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["investor"].queryset = companies
        self.fields["investor"].label_from_instance = lambda one: one.name
        self.order_fields(self.names)
