"""The form with which a patient looks up a referral."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cluster_portal.common import numbering
from cluster_portal.web.forms import DateInput

#: Russian letters that look like the Latin ones of a number: on a Russian keyboard they are typed for them.
LOOKALIKES = str.maketrans("АВЕКМНОРСТХ", "ABEKMHOPCTX")


class LookupForm(forms.Form):
    """A number and a birth date.

    A number whose check character does not fit is nobody's: it is refused here, and says nothing of whose are there.
    """

    number = forms.CharField(
        label=_("Number of the referral"), max_length=30, help_text=_("As on the paper; dashes do not matter"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )  # fmt: skip
    birth_date = forms.DateField(
        label=_("The patient’s birth date"), widget=DateInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["birth_date"].widget.attrs["max"] = timezone.localdate().isoformat()

    def clean_number(self) -> str:
        number = numbering.normalize(self.cleaned_data["number"].upper().translate(LOOKALIKES))
        if not numbering.is_valid(number):
            raise ValidationError(
                _(
                    "There is a typing error in the number. Please compare it with the paper, letter by letter."
                )
            )
        return number
