"""Forms of programmes, intakes and agendas."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.forms.records import zones
from clinics.forms.rows import RecordForm
from clinics.models import Organization
from clinics.selectors.records import label_of
from clinics.selectors.wording import country_choices, language_choices, language_name
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.web.forms import DateInput, TimeInput
from training.forms.specialists import words
from training.models import Intake, IntakeSession, Programme
from training.selectors.programmes import COMING, PAST
from training.services.programmes import FIELDS, INTAKE_FIELDS, SESSION_FIELDS
from training.states import Format, Grade, PaperKind, Payer, Where

if TYPE_CHECKING:
    from training.models import TeachingRoom

ANY = pgettext_lazy("filter", "Any")


class OfferFilter(forms.Form):
    """The bar above the public list. A value that makes no sense is left out, never an error page."""

    where = forms.ChoiceField(label=_("Where"), required=False)
    format = forms.ChoiceField(label=_("Format"), required=False)
    specialty = forms.ChoiceField(label=_("Specialty"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    intake = forms.ChoiceField(label=_("Intake"), required=False)

    def __init__(self, data: Any = None, *, lists: dict[str, list[str]], names: dict[str, str]) -> None:
        super().__init__(data, auto_id="filter_%s")
        everywhere, any_one = ("", _("Everywhere")), ("", ANY)
        self.fields["where"].choices = [everywhere, *Where.choices]
        self.fields["format"].choices = [any_one, *words(Format)]
        self.fields["specialty"].choices = [
            any_one,
            *sorted(((code, names.get(code, code)) for code in lists["specialties"]), key=lambda pair: pair[1]),
        ]  # fmt: skip
        self.fields["language"].choices = [
            any_one, *((code, capfirst(language_name(code))) for code in lists["languages"])
        ]  # fmt: skip
        self.fields["intake"].choices = [
            ("", pgettext_lazy("intake", "Open now")),
            (COMING, pgettext_lazy("intake", "All to come")),
            (PAST, pgettext_lazy("intake", "Past")),
        ]


class ProgrammeForm(RecordForm):
    """What is taught, where, for whom."""

    format = forms.ChoiceField(choices=lambda: words(Format))
    payer = forms.ChoiceField(choices=lambda: words(Payer))
    language = forms.ChoiceField(choices=language_choices)
    country = forms.ChoiceField()
    audience = forms.MultipleChoiceField(
        choices=lambda: words(Grade), required=False, widget=forms.CheckboxSelectMultiple
    )
    specialties = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    required_papers = forms.MultipleChoiceField(
        choices=lambda: words(PaperKind), required=False, widget=forms.CheckboxSelectMultiple
    )
    host_organization = forms.ModelChoiceField(
        queryset=Organization.objects.exclude(status="left"), required=False
    )

    model, names = Programme, FIELDS
    widgets = {f"goals_{code}": forms.Textarea(attrs={"rows": 4}) for code in LANGUAGES} | {
        f"summary_{code}": forms.Textarea(attrs={"rows": 2}) for code in LANGUAGES
    }

    def __init__(
        self, *args: Any, specialties: list[tuple[str, str]], hosts: list[Organization], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["specialties"].choices = specialties
        self.fields["specialties"].help_text = _("None chosen: for every specialty.")
        self.fields["audience"].help_text = _("None chosen: for everybody.")
        self.fields["goals_ru"].help_text = _("A line for each.")
        self.fields["credits"].help_text = _("One credit is one academic hour of 45 minutes.")
        self.fields["country"].choices = [("", "—"), *country_choices(self.initial.get("country", ""))]
        names = [(str(row.pk), row.short_name) for row in hosts]
        self.fields["host_organization"].choices = [("", "—"), *names]

    summary_rows = property(lambda self: self.in_languages("summary"))
    goals_rows = property(lambda self: self.in_languages("goals"))
    host_rows = property(lambda self: self.in_languages("host"))
    city_rows = property(lambda self: self.in_languages("city"))


class IntakeForm(RecordForm):
    """Dates, seats, limits. The moment until which one nominates is typed by the intake's own clock."""

    time_zone = forms.ChoiceField(choices=zones)
    nominate_on = forms.DateField(label=_("Nominate until"), widget=DateInput)
    nominate_at = forms.TimeField(label=_("at"), widget=TimeInput)

    model, names = Intake, tuple(name for name in INTAKE_FIELDS if name != "nominate_by")
    widgets = {"starts_on": DateInput, "ends_on": DateInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["per_organization"].help_text = _("Empty: no limit.")
        self.fields["place_ru"].help_text = _("Empty: somewhere in the programme's city.")
        if intake := self.instance:
            local = intake.nominate_by.astimezone(ZoneInfo(intake.time_zone))
            self.initial |= {"nominate_on": local.date(), "nominate_at": local.time()}

    place_rows = property(lambda self: self.in_languages("place"))

    def values(self) -> dict[str, Any]:
        day, time = self.cleaned_data["nominate_on"], self.cleaned_data["nominate_at"]
        zone = ZoneInfo(self.cleaned_data["time_zone"])
        return super().values() | {"nominate_by": datetime.combine(day, time, zone)}


class SessionForm(RecordForm):
    """A line of the agenda, by the intake's own clock."""

    day = forms.DateField(label=_("Day"), widget=DateInput)
    starts = forms.TimeField(widget=TimeInput)
    ends = forms.TimeField(widget=TimeInput)
    hall = forms.TypedChoiceField(
        label=_("Room of the cluster"), required=False, coerce=UUID, empty_value=None,
        help_text=_("It is booked for the session and follows it to another time."),
    )  # fmt: skip

    model, names = IntakeSession, tuple(name for name in SESSION_FIELDS if name not in {"starts", "ends"})

    def __init__(self, *args: Any, intake: Intake, halls: list[TeachingRoom], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].help_text = _("Where it is in none of the cluster's rooms.")
        self.fields["hall"].choices = [
            ("", "—"),
            *((str(room.pk), f"{room.name}, {room.clinic.short_name} · {room.capacity}") for room in halls),
        ]
        self.zone = ZoneInfo(intake.time_zone)
        for name in ("starts", "ends"):
            self.fields[name].label = label_of(IntakeSession, name)
        if session := self.instance:
            starts, ends = session.starts.astimezone(self.zone), session.ends.astimezone(self.zone)
            self.initial |= {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}
        else:
            self.initial.setdefault("day", intake.starts_on)

    def values(self) -> dict[str, Any]:
        day = self.cleaned_data["day"]
        times = {
            name: datetime.combine(day, self.cleaned_data[name], self.zone) for name in ("starts", "ends")
        }
        return super().values() | times | {"hall": self.cleaned_data["hall"]}
