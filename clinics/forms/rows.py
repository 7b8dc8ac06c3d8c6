"""Forms over columns of a row, for whichever app keeps the row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from clinics.selectors.records import label_of
from cluster_portal.common.translated import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model


class RecordForm(forms.Form):
    """A form over columns of a row; what a column may hold is the services' to check, in their own words."""

    model: ClassVar[type[Model]]
    names: ClassVar[Sequence[str]]
    widgets: ClassVar[dict[str, Any]] = {}

    def __init__(
        self, *args: Any, instance: Model | None = None, initial: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        shown = forms.model_to_dict(instance, self.names) if instance else {}
        super().__init__(*args, initial=shown | (initial or {}), **kwargs)
        self.instance = instance
        columns = [name for name in self.names if name not in self.fields]
        self.fields = forms.fields_for_model(self.model, columns, widgets=self.widgets) | self.fields
        for name in self.names:
            self.fields[name].label = label_of(self.model, name)

    def in_languages(self, name: str) -> list[Any]:
        """The fields of a text in its three languages."""
        return [self[f"{name}_{language}"] for language in LANGUAGES]

    title_rows = property(lambda self: self.in_languages("title"))

    def values(self) -> dict[str, Any]:
        """What the services take as `data`."""
        return {name: self.cleaned_data[name] for name in self.names}
