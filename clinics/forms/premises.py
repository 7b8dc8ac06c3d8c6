"""Forms of what a site consists of."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from clinics.models import BedCount, Clinic, ClinicPhoto, Room
from clinics.selectors.records import label_of
from cluster_portal.files.formats import MEGABYTE
from cluster_portal.web.forms import ConstraintsAreTheServices, DateInput


class Labelled(ConstraintsAreTheServices, forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name in self._meta.fields:
                field.label = label_of(self._meta.model, name)
            if isinstance(field, forms.TypedChoiceField):
                field.choices = [(value, capfirst(label)) for value, label in field.choices]

    def arguments(self) -> dict[str, Any]:
        """What the service takes."""
        return {"data": {name: self.cleaned_data[name] for name in self._meta.fields}}


class RoomForm(Labelled):
    """A room."""

    class Meta:
        model = Room
        fields = ("number", "kind", "name_ru", "name_en", "name_kk", "opened_on", "closed_on")
        widgets = {"opened_on": DateInput, "closed_on": DateInput}
        help_texts = {"closed_on": _("The last day; a room that is no longer used stays on record")}


class BedsForm(Labelled):
    """How many beds of a profile there are from a day on."""

    class Meta:
        model = BedCount
        fields = ("profile", "beds", "valid_from")
        widgets = {"valid_from": DateInput}
        help_texts = {"beds": _("None where the profile is closed: enter 0")}

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class PhotoForm(Labelled):
    """A photograph with what it shows."""

    file = forms.FileField(
        label=_("Photograph"), allow_empty_file=True, max_length=None,
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png"}),
        help_text=_("JPEG or PNG, up to %(n)s MB. Where and when it was taken is left out.")
        % {"n": ClinicPhoto.LARGEST // MEGABYTE},
    )  # fmt: skip

    class Meta:
        model = ClinicPhoto
        fields = ("caption_ru", "caption_en", "caption_kk")

    field_order = ("file", "caption_ru", "caption_en", "caption_kk")

    def arguments(self) -> dict[str, Any]:
        return {
            "upload": self.cleaned_data["file"],
            "caption": {name: self.cleaned_data[name] for name in self._meta.fields},
        }


class LinkForm(forms.Form):
    """The clinic that takes what this one cannot do."""

    other = forms.ModelChoiceField(
        label=_("Clinic that takes over"), queryset=Clinic.objects.none(),
        help_text=_("It takes the patients whom this clinic cannot treat, and lends it its specialists"),
    )  # fmt: skip

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = (
            Clinic.objects.exclude(pk=clinic.pk).exclude(status="closed").order_by("-level", "short_name_ru")
        )
        self.fields["other"].queryset = others

    def arguments(self) -> dict[str, Any]:
        return {"hub_id": self.cleaned_data["other"].pk}
