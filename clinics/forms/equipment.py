"""Forms of the register of equipment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.selectors.equipment import OVER, WARRANTY
from clinics.selectors.premises import whereabouts
from clinics.selectors.wording import country_choices
from clinics.services.equipment import DAYS, FIELDS
from clinics.states import EquipmentState, Funding, UpkeepKind
from cluster_portal.web.forms import DateInput

if TYPE_CHECKING:
    from clinics.models import Clinic, Equipment, EquipmentType

ANY = ("", pgettext_lazy("filter", "Any"))
NONE = ("", "—")


def _words(kind: Any) -> list[tuple[str, str]]:
    return [(value, capfirst(label)) for value, label in kind.choices]


class EquipmentFilter(forms.Form):
    """The bar above the register. A value that makes no sense is left out, never an error page."""

    q = forms.CharField(label=_("Model, maker or number"), required=False, max_length=100)
    type = forms.ChoiceField(label=_("Type"), required=False)
    clinic = forms.ChoiceField(label=_("Clinic"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    year = forms.ChoiceField(label=_("Programme year"), required=False)
    warranty = forms.ChoiceField(label=_("Warranty"), required=False)

    def __init__(self, data: Any = None, *, lists: dict[str, list[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(data, auto_id="filter_%s", **kwargs)
        self.fields["type"].choices = [ANY, *lists["types"]]
        self.fields["clinic"].choices = [ANY, *lists["clinics"]]
        self.fields["year"].choices = [ANY, *lists["years"]]
        self.fields["state"].choices = [ANY, *_words(EquipmentState)]
        self.fields["warranty"].choices = [
            ANY,
            *((str(days), _("ends within %(days)s days") % {"days": days}) for days in WARRANTY),
            (OVER, _("has ended")),
        ]
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})


class EquipmentForm(forms.Form):
    """What is on record of a unit; its state is asked for only when it is entered."""

    type = forms.ChoiceField(label=_("Type"))
    inventory_number = forms.CharField(
        label=_("Inventory number"), max_length=40,
        help_text=_("Your organisation's own. For what is only planned: its number in the plan."),
    )  # fmt: skip
    state = forms.ChoiceField(label=_("State"), initial=EquipmentState.PLANNED)
    clinic = forms.ChoiceField(label=_("Clinic"))
    room = forms.CharField(
        label=_("Room"), max_length=40, required=False,
        help_text=_("The number of a room of the clinic, or any place in words."),
    )  # fmt: skip
    model = forms.CharField(label=_("Model"), max_length=160, required=False)
    maker = forms.CharField(label=_("Maker"), max_length=160, required=False)
    country = forms.ChoiceField(label=_("Country of the maker"), required=False)
    serial = forms.CharField(label=_("Serial number"), max_length=80, required=False)
    programme_year = forms.IntegerField(
        label=_("Programme year"), min_value=1990, max_value=2100, required=False,
        help_text=_("Empty for what no programme pays for."),
    )  # fmt: skip
    funding = forms.ChoiceField(label=_("Funding"), required=False)
    warranty_until = forms.DateField(label=_("Warranty until"), widget=DateInput, required=False)
    ordered_on = forms.DateField(label=_("Ordered on"), widget=DateInput, required=False)
    delivered_on = forms.DateField(label=_("Delivered on"), widget=DateInput, required=False)
    commissioned_on = forms.DateField(label=_("In use since"), widget=DateInput, required=False)
    written_off_on = forms.DateField(label=_("Written off on"), widget=DateInput, required=False)
    comment = forms.CharField(
        label=_("Comment"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        *args: Any,
        types: list[EquipmentType],
        clinics: list[Clinic],
        equipment: Equipment | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._types = {row.pk: row for row in types}
        self._clinics = {str(row.pk): row for row in clinics}
        if equipment is not None:
            self._types.setdefault(equipment.type_id, equipment.type)
            self._clinics.setdefault(str(equipment.clinic_id), equipment.clinic)
            del self.fields["state"]
        else:
            self.fields["state"].choices = _words(EquipmentState)
        self.fields["type"].choices = [NONE, *((pk, row.name) for pk, row in self._types.items())]
        self.fields["clinic"].choices = [(pk, row.short_name) for pk, row in self._clinics.items()]
        self.fields["country"].choices = [NONE, *country_choices(equipment.country if equipment else "")]
        self.fields["funding"].choices = [NONE, *_words(Funding)]

    @property
    def days(self) -> list[forms.BoundField]:
        """The days of the moves, for the page."""
        return [self[name] for name in DAYS.values()]

    @staticmethod
    def initial_of(equipment: Equipment) -> dict[str, Any]:
        """What the form shows for a unit."""
        found = {name: getattr(equipment, name) for name in FIELDS}
        del found["place"]
        return found | {
            "type": equipment.type_id, "clinic": str(equipment.clinic_id), "room": equipment.whereabouts,
        }  # fmt: skip

    def values(self) -> dict[str, Any]:
        """What the services take as `data`."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "state"}
        clinic = self._clinics[data["clinic"]]
        return (
            data | {"type": self._types[data["type"]], "clinic": clinic} | whereabouts(clinic, data["room"])
        )


class MoveForm(forms.Form):
    """A step of a unit: the day and, where it needs one, a word."""

    on = forms.DateField(label=_("Day"), widget=DateInput, required=False, help_text=_("Empty for today."))
    comment = forms.CharField(
        label=_("Comment"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReturnForm(forms.Form):
    """A unit works again."""

    comment = forms.CharField(
        label=_("What was done"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class FaultForm(forms.Form):
    """What is wrong, and until when it lasts as far as one knows."""

    comment = forms.CharField(
        label=_("What is wrong"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    expected_until = forms.DateField(
        label=_("Repair until"), widget=DateInput, required=False,
        help_text=_("Times after this day stay open. Empty where nobody knows."),
    )  # fmt: skip


class ForecastForm(forms.Form):
    """Until when a repair lasts, said anew."""

    expected_until = FaultForm.base_fields["expected_until"]


class UpkeepForm(forms.Form):
    """A line of the service log."""

    kind = forms.ChoiceField(label=_("What was done"), widget=forms.RadioSelect)
    done_on = forms.DateField(label=_("Done on"), widget=DateInput)
    done_by = forms.CharField(label=_("Who did it"), max_length=200)
    cost = forms.DecimalField(
        label=_("Cost"), max_digits=13, decimal_places=2, min_value=0, required=False, localize=True
    )
    comment = forms.CharField(
        label=_("Comment"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _words(UpkeepKind)
