"""What narrows a work list, read from the address of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.cache import cache
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cluster_portal.web.forms import DateInput
from patients.selectors import worklists
from patients.selectors.dictionaries import clinics_and_specialties
from patients.selectors.patients import History
from patients.states import Priority, ReferralState

if TYPE_CHECKING:
    from django.http import QueryDict

#: How long the lists of clinics and specialties stay as they were read, in seconds: they change once a month.
CHOICES_SECONDS = 300


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Clinics and specialties by name, in the reader's language; read once in a while, for everybody."""
    key = f"patients:filters:{get_language()}"
    found = cache.get(key)
    if found is None:
        found = dict(zip(("clinics", "specialties"), clinics_and_specialties(), strict=True))
        cache.set(key, found, CHOICES_SECONDS)
    return found


class LongSelect(forms.Select):
    """A select of many options. Django renders a template for each of them; here they are one string."""

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer: Any = None) -> str:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (key, mark_safe(" selected") if str(key) == chosen else "", label)
                for key, label in self.choices
            ),
        )
        return format_html("<select{}>{}</select>", flatatt(self.build_attrs({"name": name}, attrs)), options)


class WorklistFilter(forms.Form):
    """The bar above a work list. A value that makes no sense is left out, never an error page."""

    q = forms.CharField(label=_("Number or patient"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False)
    source_clinic = forms.ChoiceField(label=_("Referring clinic"), required=False, widget=LongSelect)
    target_clinic = forms.ChoiceField(label=_("Receiving clinic"), required=False, widget=LongSelect)
    specialty = forms.ChoiceField(label=_("Specialty"), required=False, widget=LongSelect)
    priority = forms.ChoiceField(label=_("Priority"), required=False)
    created_from = forms.DateField(label=_("Created from"), required=False, widget=DateInput)
    sort = forms.ChoiceField(label=pgettext_lazy("list", "Order"), required=False)

    def __init__(self, data: QueryDict, *, side: str, queue: worklists.Queue) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.queue = queue
        lists = _choices()
        everything = ("", pgettext_lazy("filter", "Any"))
        self.fields["priority"].choices = [
            everything,
            *((code, capfirst(name)) for code, name in Priority.choices),
        ]
        self.fields["specialty"].choices = [everything, *lists["specialties"]]
        # The own organisation is one side of every line; the other side is what one looks for.
        other, own = (
            ("target_clinic", "source_clinic")
            if side == worklists.OUT
            else ("source_clinic", "target_clinic")
        )
        self.fields[other].choices = [everything, *lists["clinics"]]
        del self.fields[own]
        if queue.states:
            labels = dict(ReferralState.choices)
            self.fields["state"].choices = [everything, *((state, labels[state]) for state in queue.states)]
        else:
            del self.fields["state"]
        if queue.sorts:
            sorts = ((code, capfirst(label)) for code, (label, _columns) in queue.sorts.items())
            self.fields["sort"].choices = [("", pgettext_lazy("order", "Usual")), *sorts]
        else:
            del self.fields["sort"]
        self.fields["q"].widget = forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "placeholder": _("SKH-26-…, surname, СНИЛС")}
        )

    def narrowing(self) -> worklists.Narrowing:
        """What the reader asked for, as far as it can be understood."""
        self.is_valid()
        known: dict[str, Any] = dict(self.cleaned_data)
        known.pop("sort", None)
        return worklists.Narrowing(text=known.pop("q", "").strip(), **known)

    def order(self) -> tuple[str, ...]:
        """The columns by which the reader wants the list ordered."""
        self.is_valid()
        return self.queue.ordered(self.cleaned_data.get("sort", ""))


class HistoryFilter(forms.Form):
    """The bar above a patient's history. A value that makes no sense is left out, never an error page."""

    show = forms.ChoiceField(
        label=_("Which ones"),
        required=False,
        choices=[
            ("", _("all referrals")),
            ("open", _("in work")),
            ("seen", _("seen")),
            ("closed", _("closed")),
        ],
    )
    service_type = forms.ChoiceField(label=_("Service"), required=False)
    clinic = forms.ChoiceField(label=_("Clinic"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DateInput)
    until = forms.DateField(label=_("Until, inclusive"), required=False, widget=DateInput)

    def __init__(self, data: QueryDict, *, choices: dict[str, Any]) -> None:
        super().__init__(data, auto_id="filter_%s")
        everything = ("", pgettext_lazy("filter", "Any"))
        self.fields["service_type"].choices = [everything, *choices["service_types"]]
        self.fields["clinic"].choices = [everything, *choices["clinics"]]

    def history(self) -> History:
        """What the reader asked for, as far as it can be understood."""
        self.is_valid()
        return History(**self.cleaned_data)
