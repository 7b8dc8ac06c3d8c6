"""Why a time is booked past the deadline: a coded reason, and words where it asks for them."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from patients.selectors.reasons import choices
from patients.states import ReasonKind


def late_choices() -> list[tuple[str, str]]:
    """What may be chosen today, after an empty line. Read only when the field is shown or filled."""
    return [
        ("", gettext("Choose a reason")),
        *((reason.code, capfirst(reason.name)) for reason in choices(ReasonKind.LATE)),
    ]


class LateFields(forms.Form):
    """The two fields; whether they are needed the service knows."""

    late_code = forms.ChoiceField(
        label=_("Why later than the norm allows"), choices=late_choices, required=False,
        error_messages={"invalid_choice": _("Please choose a reason.")},
    )  # fmt: skip
    late_reason = forms.CharField(label=_("In words"), max_length=300, required=False)
