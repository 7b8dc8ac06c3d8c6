"""The form of a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from clinics.selectors.wording import country_choices
from clinics.states import Ownership
from training.forms.programmes import RecordForm
from training.forms.specialists import NONE, words
from training.models import TrainingTarget
from training.services.targets import FIELDS
from training.states import Where

if TYPE_CHECKING:
    from django.db.models import QuerySet


class TargetForm(RecordForm):
    """How many people, in which years; and of whom and where, if not of all."""

    where = forms.ChoiceField(choices=lambda: [NONE, *words(Where)], required=False)
    ownership = forms.ChoiceField(choices=lambda: [NONE, *words(Ownership)], required=False)
    country = forms.ChoiceField(required=False)
    specialty = forms.ModelChoiceField(queryset=None, required=False, empty_label=NONE[1])

    model, names = TrainingTarget, FIELDS

    def __init__(self, *args: Any, specialties: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["specialty"].queryset = specialties
        self.fields["specialty"].label_from_instance = lambda row: row.name
        self.fields["country"].choices = [NONE, *country_choices(self.initial.get("country", ""))]

    title_rows = property(lambda self: self.in_languages("title"))
