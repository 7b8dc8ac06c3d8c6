"""Forms as the portal shows them, and how a service's refusal becomes an error at the right field."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django import forms
from django.forms.renderers import TemplatesSetting

from cluster_portal.common.errors import Invalid, PortalError

if TYPE_CHECKING:
    from django.forms import BaseForm


class Renderer(TemplatesSetting):
    """Label above, help below, the error at the field; `{{ form }}` begins with the summary of all errors."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


def add_error(form: BaseForm, error: PortalError) -> None:
    """Put a service's refusal on `form`: at `error.field` where the form has it, else above the form."""
    if isinstance(error, Invalid) and error.errors:
        for name, texts in error.errors.items():
            form.add_error(name if name in form.fields else None, [str(text) for text in texts])
    else:
        form.add_error(error.field if error.field in form.fields else None, str(error.detail))


class ConstraintsAreTheServices:
    """A model form that leaves the database's constraints to its service, which has words and a field for a refusal.

    Django checks them in `Model.full_clean`, lets no form leave them out, and would name them to the reader.
    """

    def _post_clean(self) -> None:
        self.instance.full_clean = partial(self.instance.full_clean, validate_constraints=False)
        try:
            super()._post_clean()
        finally:
            del self.instance.full_clean


class Combobox(forms.TextInput):
    """Type-ahead over a long list. Without JavaScript it is a text input, and the field must accept what was typed.

    `source` is an address (or a callable that gives one) that answers `?q=…` with
    `{"results": [{"value", "label", "hint"}]}`. What is sent is the value; `text_for(value)` gives the words to show
    for one that is already chosen.
    """

    template_name = "components/combobox.html"

    def __init__(self, source, text_for=None, attrs=None, min_chars: int = 1) -> None:
        super().__init__(attrs)
        self.source, self.text_for, self.min_chars = source, text_for, min_chars

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        shown = self.text_for(value) if value and self.text_for else value
        source = self.source() if callable(self.source) else self.source
        context["widget"].update(source=source, text=shown or "", min_chars=self.min_chars)
        return context

    def value_from_datadict(self, data, files, name):
        return data.get(name) or data.get(f"{name}_text")


class DateInput(forms.DateInput):
    """A date, typed or picked. The browser's own picker sends ISO dates whatever the page's language."""

    input_type = "date"

    def __init__(self, attrs=None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """A time of day, typed or picked."""

    input_type = "time"

    def __init__(self, attrs=None) -> None:
        super().__init__(attrs, format="%H:%M")


class DateTimeInput(forms.DateTimeInput):
    """A moment by the reader's clock, typed or picked."""

    input_type = "datetime-local"

    def __init__(self, attrs=None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")
