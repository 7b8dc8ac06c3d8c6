"""Steps of a state table as pages offer them: a button, what follows from it, and the form that asks for a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class StepForm(forms.Form):
    """A step that needs nothing said."""


class ReasonForm(StepForm):
    """A step that asks why; whether it may be left empty is the service's to say."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


@dataclass(frozen=True, slots=True)
class Act:
    """A step as a page offers it. `note` says beforehand what follows, `done` is told afterwards."""

    service: Callable[..., Any]
    label: Any
    icon: str
    note: Any = ""
    form: type[forms.Form] = StepForm
    danger: bool = False
    done: Any = ""
