"""Forms of the land office: sites, plots, utilities, documents, steps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.forms.rows import RecordForm
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.files.fields import HELP
from cluster_portal.files.formats import ACCEPT
from cluster_portal.web.forms import DateInput
from investors.forms.plots import words
from investors.models import Plot, PlotDocument, Site, Utility
from investors.selectors.plots import AVAILABLE
from investors.services.details import DOCUMENT_FIELDS, UTILITY_FIELDS
from investors.services.plots import FIELDS, SITE_FIELDS
from investors.states import Direction, DocumentKind, PlotState, Tenure, UtilityKind

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The largest file with an outline, in bytes.
LARGEST = 1024 * 1024


class OutlineField(forms.CharField):
    """GeoJSON as text, drawn or pasted; what it may be is the services' to say."""

    widget = forms.Textarea(attrs={"rows": 6, "data-outline": "", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value) if value else ""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return read_json(text) if text else None


def read_json(text: str) -> Any:
    """What a text says in JSON. Raises ValidationError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise forms.ValidationError(_("This is not GeoJSON."), code="invalid") from exc


class _LandForm(RecordForm):
    """A form with an outline, which may come as a file too; the file goes before the text."""

    outline = OutlineField(error_messages={"required": _("Draw the outline, paste it or choose a file.")})
    outline_file = forms.FileField(
        label=_("or a file with it (GeoJSON)"), required=False,
        widget=forms.FileInput(attrs={"accept": ".geojson,.json"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outline"].required = "outline_file" not in self.files
        self.fields["outline"].help_text = _("Click the corners on the plan, or paste GeoJSON (WGS 84).")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        file = data.get("outline_file")
        if file is not None:
            try:
                if file.size > LARGEST:
                    raise forms.ValidationError(_("The file is too large for one outline."))
                text = file.read().decode("utf-8-sig")
                data["outline"] = read_json(text)
                # It stays and is drawn when something else is wrong: browsers do not keep files.
                self.data = self.data.copy()
                self.data["outline"] = text
            except (forms.ValidationError, UnicodeDecodeError) as exc:
                self.add_error("outline_file", getattr(exc, "messages", [_("This is not GeoJSON.")])[0])
        return data


class SiteForm(_LandForm):
    """A territory."""

    model, names = Site, tuple(name for name in SITE_FIELDS if name != "plan")
    widgets = {"surveyed_on": DateInput()}

    name_rows = property(lambda self: self.in_languages("name"))


class PlotForm(_LandForm):
    """A plot."""

    site = forms.ModelChoiceField(queryset=Site.objects.all())
    direction = forms.ChoiceField(choices=lambda: words(Direction))
    tenure = forms.ChoiceField(choices=lambda: words(Tenure))

    model, names = Plot, FIELDS
    widgets = {f"{name}_{code}": forms.TextInput() for name in ("restrictions",) for code in LANGUAGES}

    use_rows = property(lambda self: self.in_languages("permitted_use"))
    restriction_rows = property(lambda self: self.in_languages("restrictions"))
    access_rows = property(lambda self: self.in_languages("access"))
    transport_rows = property(lambda self: self.in_languages("transport"))
    contact_rows = property(lambda self: self.in_languages("contact_name"))


class UtilityForm(RecordForm):
    """What is laid to a plot."""

    kind = forms.ChoiceField(choices=lambda: words(UtilityKind))

    model, names = Utility, UTILITY_FIELDS
    widgets = {"stated_on": DateInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = _(
            "Electricity in kW, water and sewerage in m³/day, heat in Gcal/h, gas in m³/h, fibre in Gbit/s."
        )
        self.fields["total"].help_text = help_text


class DocumentForm(RecordForm):
    """A paper or a photograph of a plot."""

    kind = forms.ChoiceField(choices=lambda: words(DocumentKind))
    file = forms.FileField(
        label=_("File"), required=False, help_text=HELP, widget=forms.FileInput(attrs={"accept": ACCEPT})
    )

    model, names = PlotDocument, DOCUMENT_FIELDS


class StateFilter(forms.Form):
    """The bar above the office's list."""

    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="filter_%s")
        choices: Sequence[Any] = words(PlotState)
        self.fields["state"].choices = [("", _("All")), (AVAILABLE, _("Free or in tender")), *choices]
