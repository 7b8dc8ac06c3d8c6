"""Forms of nominations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from training.models import Specialist


class NominateForm(forms.Form):
    """Whom to nominate, and why. `people` are those who may be chosen."""

    specialist = forms.ChoiceField(label=_("Specialist"))
    choice = forms.IntegerField(
        label=_("Preference"), min_value=1, max_value=20, initial=1,
        help_text=_("1 is the best. It counts where several intakes overlap."),
    )  # fmt: skip
    motivation = forms.CharField(
        label=_("Why this person"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, people: list[Specialist], named: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever chooses among several employers' people is told whose each one is.
        words = "{0.full_name}, {0.position}" + (" · {0.organization.short_name}" if named else "")
        names = [(str(row.pk), words.format(row)) for row in people]
        self.fields["specialist"].choices = [("", "—"), *names]
