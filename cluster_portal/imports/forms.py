"""The forms of an import: the file, its columns, and what is to become of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cluster_portal.imports.reading import LIMITS
from cluster_portal.imports.states import Answer, Verdict
from cluster_portal.web.wording import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cluster_portal.imports.base import Import
    from cluster_portal.imports.models import ImportFinding, ImportRun


class UploadForm(forms.Form):
    """Which file."""

    file = forms.FileField(
        label=_("Table"), max_length=200, allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,text/csv", "class": "input"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("Excel (.xlsx) or CSV, up to %(rows)s rows and %(size)s MB.") % {
            "rows": number(LIMITS.rows), "size": LIMITS.size // (1024 * 1024),
        }  # fmt: skip


class MappingForm(forms.Form):
    """What stands in each column of the file."""

    def __init__(self, data: Any = None, *, run: ImportRun, kind: Import, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.run = run
        choices = [("", _("— leave aside —"))]
        choices += [
            (column.name, f"{capfirst(str(column.title))}{' *' if column.required else ''}")
            for column in kind.columns
        ]
        places = {place: name for name, place in run.mapping.items()}
        for place, heading in enumerate(run.headings):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=heading or _("Column %(number)s") % {"number": place + 1},
                choices=choices,
                required=False,
                initial=places.get(place, ""),
            )

    def lines(self) -> Iterator[tuple[forms.BoundField, list[str]]]:
        """Each column of the file with its samples."""
        for place, bound in enumerate(self):
            samples = [row[place] for row in self.run.samples if place < len(row) and row[place]]
            yield bound, samples

    def clean(self) -> dict[str, Any]:
        chosen: dict[str, str] = {}
        for name in list(self.fields):
            value = self.cleaned_data.get(name)
            if value and value in chosen:
                self.add_error(
                    name,
                    _("This is chosen for “%(other)s” already.")
                    % {"other": self.fields[chosen[value]].label},
                )
            elif value:
                chosen[value] = name
        return self.cleaned_data

    def mapping(self) -> dict[str, int]:
        """Places in the file by our columns' names."""
        return {
            value: int(name.removeprefix("column_")) for name, value in self.cleaned_data.items() if value
        }


class ApplyForm(forms.Form):
    """What is to become of rows that are refused or asked about."""

    def __init__(
        self, data: Any = None, *, run: ImportRun, asked: Sequence[ImportFinding], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.asked = asked
        if run.counts.get(Verdict.REFUSED):
            self.fields["leave_out"] = forms.BooleanField(
                label=_("Leave the refused rows out and take in the others"), required=False
            )
        if run.counts.get(Verdict.ASKED):
            self.fields["answer"] = forms.ChoiceField(
                label=_("Rows like something that is on record already"),
                choices=[("", _("Each is answered below")), *Answer.choices],
                required=False,
                help_text=_("For every such row that has no answer of its own."),
            )
            own = {Answer.NEW: _("Another one: make a new record"), Answer.SKIP: _("Leave the row out")}
            for finding in asked:
                self.fields[f"row_{finding.line}"] = forms.ChoiceField(
                    label=_("Line %(line)s") % {"line": finding.line},
                    choices=[("", _("As said for all")), *map(tuple, finding.choices), *own.items()],
                    required=False,
                )

    def rows(self) -> Iterator[tuple[ImportFinding, forms.BoundField]]:
        """Each row that is asked about, with the field of its answer."""
        for finding in self.asked:
            yield finding, self[f"row_{finding.line}"]

    def said(self) -> dict[str, Any]:
        """Arguments of `apply_import`."""
        rows = {
            int(name.removeprefix("row_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("row_") and value
        }
        return {
            "leave_out": self.cleaned_data.get("leave_out", False),
            "answer": self.cleaned_data.get("answer", ""),
            "answers": rows,
        }
