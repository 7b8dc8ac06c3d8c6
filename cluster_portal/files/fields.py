"""Fields of forms that take files. What a file may be is checked by `storage.kept`, around the service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cluster_portal.files.errors import REASONS, FileRefused
from cluster_portal.files.formats import ACCEPT, ALL_LABELS, MAX_AT_ONCE, MAX_SIZE, MEGABYTE

HELP = format_lazy(_("{formats}; up to {n} MB each"), formats=ALL_LABELS, n=MAX_SIZE // MEGABYTE)


class FilesInput(forms.FileInput):
    """One field, several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Up to five files at once; cleaned to a list."""

    widget = FilesInput
    default_error_messages = {"required": REASONS["missing"]}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", HELP)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "accept": ACCEPT, "multiple": True}

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [file for file in data or [] if file]
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(files) > MAX_AT_ONCE:
            refused = FileRefused("too_many", n=MAX_AT_ONCE)
            raise forms.ValidationError(refused.errors["file"])
        return files
