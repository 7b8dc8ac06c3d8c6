"""Forms of what happens once somebody has a seat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cluster_portal.files.fields import FilesField
from cluster_portal.web.forms import DateInput
from training.forms.programmes import RecordForm
from training.forms.specialists import words
from training.models import Assessment, Expense, JournalEntry
from training.services.expenses import FIELDS as EXPENSE_FIELDS
from training.services.learning import ASSESSMENT_FIELDS, DAY_FIELDS
from training.states import ExpenseKind

if TYPE_CHECKING:
    from training.models import Nomination


class DayForm(RecordForm):
    """A day of an internship."""

    model, names = JournalEntry, DAY_FIELDS
    widgets = {"day": DateInput, "text": forms.Textarea(attrs={"rows": 4})}


class AssessmentForm(RecordForm):
    """What the host says of somebody."""

    is_passed = forms.TypedChoiceField(
        choices=[("yes", _("passed")), ("no", _("not passed"))], coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip

    model, names = Assessment, ASSESSMENT_FIELDS
    widgets = {"assessed_on": DateInput, "text": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance:
            self.initial["is_passed"] = "yes" if self.instance.is_passed else "no"


class ExpenseForm(RecordForm):
    """A line of a budget, with receipts."""

    kind = forms.ChoiceField(choices=lambda: words(ExpenseKind))
    nomination = forms.ChoiceField(required=False)
    files = FilesField(label=_("Receipts"), required=False)

    model, names = Expense, EXPENSE_FIELDS
    widgets = {"spent_on": DateInput}
    field_order = ("kind", "title", "nomination", "planned", "spent", "spent_on", "files")

    def __init__(self, *args: Any, people: list[Nomination], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(row.pk): row for row in people}
        names = [(pk, row.specialist.full_name) for pk, row in self._people.items()]
        self.fields["nomination"].choices = [("", _("the whole intake")), *names]
        self.fields["nomination"].label = _("Of whom")

    def values(self) -> dict[str, Any]:
        found = super().values()
        return found | {"nomination": self._people.get(found["nomination"])}


class VerifyForm(forms.Form):
    """The number of a certificate, as it is printed or said."""

    number = forms.CharField(label=_("Number of the certificate"), max_length=40)
