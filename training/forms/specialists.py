"""Forms of specialists and their papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.models import Specialty
from clinics.selectors.wording import country_choices, language_choices
from cluster_portal.web.forms import DateInput
from training.selectors.specialists import ENDING, OVER, SOON
from training.services.specialists import FIELDS, PAPER_FIELDS
from training.states import Grade, Level, PaperKind, SpecialistState

if TYPE_CHECKING:
    from clinics.models import Organization
    from training.models import Specialist, SpecialistPaper

ANY = ("", pgettext_lazy("filter", "Any"))
NONE = ("", "—")
#: Languages that the form has room for.
LANGUAGES = 3


def words(kind: Any) -> list[tuple[str, str]]:
    """A vocabulary as choices that begin with a capital."""
    return [(value, capfirst(label)) for value, label in kind.choices]


class SpecialistFilter(forms.Form):
    """The bar above the register. A value that makes no sense is left out, never an error page."""

    q = forms.CharField(label=_("Name, position or CME number"), required=False, max_length=100)
    employer = forms.ChoiceField(label=_("Employer"), required=False)
    specialty = forms.ChoiceField(label=_("Specialty"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    accreditation = forms.ChoiceField(label=_("Accreditation"), required=False)

    def __init__(self, data: Any = None, *, lists: dict[str, list[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(data, auto_id="filter_%s", **kwargs)
        self.fields["employer"].choices = [ANY, *lists["employers"]]
        self.fields["specialty"].choices = [ANY, *lists["specialties"]]
        self.fields["state"].choices = [ANY, *words(SpecialistState)]
        self.fields["accreditation"].choices = [
            ANY,
            (ENDING, _("ends within %(days)s days") % {"days": SOON}),
            (OVER, _("has ended")),
        ]
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off"})


class SpecialistForm(forms.Form):
    """What is on record of a specialist; the employer is asked for only when somebody keeps several."""

    organization = forms.ChoiceField(label=_("Employer"))
    family = forms.CharField(label=_("Surname"), max_length=100)
    given = forms.CharField(label=_("Given name"), max_length=100)
    patronymic = forms.CharField(label=_("Patronymic"), max_length=100, required=False)
    name_latin = forms.CharField(
        label=_("Name in Latin letters"), max_length=200, required=False, help_text=_("As in the passport for travel."),
    )  # fmt: skip
    grade = forms.ChoiceField(label=_("Kind of post"), choices=lambda: words(Grade), initial=Grade.DOCTOR)
    position = forms.CharField(label=_("Position"), max_length=200)
    specialty = forms.ModelChoiceField(label=_("Specialty"), queryset=Specialty.objects.all())
    cme_number = forms.CharField(
        label=_("CME number"), max_length=40, required=False,
        help_text=_("The number at the portal of continuing medical education."),
    )  # fmt: skip
    accredited_until = forms.DateField(
        label=_("Licence or accreditation until"), widget=DateInput, required=False
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)

    def __init__(
        self,
        *args: Any,
        employers: list[Organization],
        specialties: list[tuple[str, str]],
        specialist: Specialist | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._employers = {str(row.pk): row for row in employers}
        if specialist is not None or len(employers) == 1:
            del self.fields["organization"]
        else:
            names = [(pk, row.short_name) for pk, row in self._employers.items()]
            self.fields["organization"].choices = [NONE, *names]
        self.fields["specialty"].choices = [NONE, *specialties]
        for place in range(LANGUAGES):
            self.fields[f"language_{place}"] = forms.ChoiceField(
                label=_("Language"), choices=[NONE, *language_choices()], required=False
            )
            self.fields[f"level_{place}"] = forms.ChoiceField(
                label=_("Level"), choices=[NONE, *words(Level)], required=False
            )

    @property
    def spoken(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Language and level side by side, for the page."""
        return [(self[f"language_{place}"], self[f"level_{place}"]) for place in range(LANGUAGES)]

    @staticmethod
    def initial_of(specialist: Specialist) -> dict[str, Any]:
        """What the form shows of a specialist."""
        found = {name: getattr(specialist, name) for name in FIELDS} | {"specialty": specialist.specialty_id}
        for place, (code, level) in enumerate(specialist.languages.items()):
            found |= {f"language_{place}": code, f"level_{place}": level}
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        languages: dict[str, str] = {}
        for place in range(LANGUAGES):
            code, level = data.pop(f"language_{place}", ""), data.pop(f"level_{place}", "")
            if code and not level:
                self.add_error(f"level_{place}", _("Please choose the level."))
            elif level and not code:
                self.add_error(f"language_{place}", _("Please choose the language."))
            elif code:
                languages[code] = level
        return data | {"languages": languages}

    def values(self) -> dict[str, Any]:
        """What the services take: `data`, and `organization` where it was asked for."""
        data = dict(self.cleaned_data)
        employer = self._employers.get(data.pop("organization", ""))
        return {"data": data} | ({"organization": employer} if employer else {})


class LeaveForm(forms.Form):
    """Since when somebody does not work for the employer any more, and why."""

    on = forms.DateField(label=_("Day"), widget=DateInput, required=False, help_text=_("Empty for today."))
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Please say why: colleagues and the journal will ask.")},
    )  # fmt: skip


class ReturnForm(forms.Form):
    """Somebody works for the employer again: nothing needs to be said."""


class AccountForm(forms.Form):
    """By which account a specialist sees the own file."""

    email = forms.EmailField(
        label=_("E-mail of the account"), required=False,
        help_text=_("Of somebody who works for the employer in the portal already. Empty: no account."),
    )  # fmt: skip


class PaperForm(forms.Form):
    """A paper of a specialist."""

    kind = forms.ChoiceField(label=pgettext_lazy("specialist", "Paper"), choices=lambda: words(PaperKind))
    number = forms.CharField(label=_("Number"), max_length=60, required=False)
    country = forms.ChoiceField(
        label=_("Country"), required=False, help_text=_("That has issued it; of a visa, that it opens.")
    )
    issued_on = forms.DateField(label=_("Issued on"), widget=DateInput, required=False)
    valid_until = forms.DateField(
        label=_("Valid until"), widget=DateInput, required=False, help_text=_("The last day. Empty: without an end"),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [NONE, *country_choices(self.initial.get("country", ""))]

    @staticmethod
    def initial_of(paper: SpecialistPaper) -> dict[str, Any]:
        """What the form shows of a paper."""
        return {name: getattr(paper, name) for name in PAPER_FIELDS}
