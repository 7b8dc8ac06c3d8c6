"""What each action of a referral asks for, and the words around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse_lazy
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cluster_portal.files.fields import FilesField
from cluster_portal.web import wording
from cluster_portal.web.forms import Combobox, DateInput
from patients.forms.late import LateFields
from patients.forms.referrals import DiagnosisField
from patients.selectors import dictionaries, reasons
from patients.selectors.waitlist import is_offer_late, offering_clinics
from patients.services.entries import entry_of
from patients.services.waitlist import WISHES
from patients.states import (
    GIVES_TIME_BACK,
    MAY_BE_REASONED,
    REASONED,
    DayPart,
    Priority,
    ReferralState,
    Suspicion,
)

if TYPE_CHECKING:
    from patients.models import Referral


#: How much notice a patient may ask for, in hours.
NOTICE_HOURS = (0, 2, 4, 6, 12, 24, 48, 72, 168)


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of an action's dialog: heading, button, what it asks in the comment, what will follow."""

    title: Any
    submit: Any
    comment: Any = ""
    note: Any = ""
    done: Any = ""


WORDS = {
    "accept": Words(
        _("Accept the referral"), _("Accept"), _("Comment"),
        _("The referring clinic learns of it at once and can choose a time."), _("The referral is accepted."),
    ),
    "change_priority": Words(
        _("Change the priority"), _("Change"), _("Why does it change?"),
        _("The deadline is counted anew from the day of sending. The referring clinic learns of it at once."),
        _("The priority is changed."),
    ),
    "return_for_info": Words(
        _("Return for information"), _("Return"), _("What should the referring clinic do?"),
        _("The referring clinic learns of it at once. The deadline goes on running."),
        _("The referral is returned."),
    ),
    "redirect": Words(
        _("Redirect to another service"), _("Redirect"), _("Why is it the right one?"),
        _("The other clinic decides anew. You go on seeing the referral."), _("The referral is redirected."),
    ),
    "reject": Words(
        _("Reject the referral"), _("Reject"), _("What should the referring clinic know?"),
        _("The referral is closed for good; the patient stays without this visit."), _("The referral is rejected."),
    ),
    "arrive": Words(
        _("Mark the arrival"), _("Has come"), note=_("The visit begins; its conclusion can be written."),
        done=_("The arrival is marked."),
    ),
    "no_show": Words(
        _("The patient did not come"), _("Did not come"), _("Comment"),
        _("The referral waits for another time; the referring clinic learns of it."), _("Marked: did not come."),
    ),
    "record_call": Words(
        _("Record a call"), _("Record"), _("What was said"),
        _("It stands in the story of the referral, for both clinics to see."), _("The call is recorded."),
    ),
    "hand_back": Words(
        _("Hand back to the referring clinic"), _("Hand back"), _("What should the referring clinic know?"),
        _("The referring clinic learns of it at once: it can send the referral again, or cancel it."),
        _("The referral is handed back."),
    ),
    "wait": Words(
        _("Put the patient on the waiting list"), _("Put on the list"),
        note=_("The first time that suits is offered to the referring clinic. The deadline goes on running."),
        done=_("The patient is on the waiting list."),
    ),
    "change_preferences": Words(
        _("What times suit"), _("Save"), note=_("The place in the queue stays."), done=_("The wishes are saved."),
    ),
    "stop_waiting": Words(
        _("Take off the waiting list"), _("Take off the list"), _("Comment"),
        _("The referral awaits booking again; an offered time goes to the next patient."),
        _("The patient is off the waiting list."),
    ),
    "accept_offer": Words(
        _("Take the offered time"), _("Take the time"), note=_("The held place becomes the booking."),
        done=_("The patient is booked."),
    ),
    "decline_offer": Words(
        _("Decline the offered time"), _("Decline"), _("Comment"),
        _("The next patient is asked. This one waits on and is not offered this time again."),
        _("The offered time is declined."),
    ),
    "cancel_booking": Words(
        _("Cancel the booking"), _("Cancel the booking"), _("Comment"),
        _("The time becomes free for others; the referral waits for another one."), _("The booking is cancelled."),
    ),
    "cancel": Words(
        _("Cancel the referral"), _("Cancel the referral"), _("Comment"),
        _("The referral is closed for good and its time becomes free."), _("The referral is cancelled."),
    ),
    "complete": Words(
        _("Write the conclusion"), _("Send the conclusion"),
        note=_("The referring clinic reads it at once; it cannot be changed afterwards."),
        done=_("The conclusion is sent."),
    ),
}  # fmt: skip


class ActionForm(forms.Form):
    """Base: the comment, where the action has one, and its coded reasons."""

    def __init__(self, *args: Any, action: str, referral: Referral, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{action}_%s", **kwargs)
        self.action, self.referral, self.words = action, referral, WORDS[action]
        #: Codes of the reasons that are not enough without words.
        self.explained: set[str] = set()
        if action in REASONED | MAY_BE_REASONED:
            self._add_reason()
        if self.words.comment:
            self.fields["comment"] = forms.CharField(
                label=self.words.comment,
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    @property
    def note(self) -> Any:
        """What will follow, said under the form."""
        if self.action == "reject" and self._booked():
            return _("The referral is closed for good, and its time becomes free.")
        return self.words.note

    def _booked(self) -> bool:
        # Of several at once each is looked at by the service.
        return self.referral is not None and self.referral.state == ReferralState.BOOKED

    def _add_reason(self) -> None:
        found = reasons.choices(self.action, booked=self.action in GIVES_TIME_BACK and self._booked())
        self.explained = {reason.code for reason in found if reason.needs_comment}
        choose = _("Please choose a reason.")
        self.fields["reason"] = forms.ChoiceField(
            label=pgettext_lazy("action", "Reason"),
            choices=[(reason.code, capfirst(reason.name)) for reason in found],
            widget=forms.RadioSelect,
            required=self.action in REASONED,
            error_messages={"required": choose, "invalid_choice": choose},
        )

    def data_for_service(self) -> dict[str, Any]:
        """Arguments of the action's service."""
        return dict(self.cleaned_data)


class PriorityForm(ActionForm):
    """Judging the urgency: priority and suspicion as they are now, to be changed."""

    priority = forms.ChoiceField(label=_("Priority"), widget=forms.RadioSelect, required=False)
    suspicion = forms.ChoiceField(label=_("Suspicion"), widget=forms.RadioSelect, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["priority"].choices = [(v, capfirst(label)) for v, label in reversed(Priority.choices)]
        self.fields["priority"].initial = self.referral.priority
        self.fields["suspicion"].choices = [
            ("", pgettext("suspicion", "None")), *((v, capfirst(label)) for v, label in Suspicion.choices),
        ]  # fmt: skip
        self.fields["suspicion"].initial = self.referral.suspicion
        self.fields["comment"].required = self.action == "change_priority"

    def data_for_service(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        # One click sends neither: what is not asked about stays.
        return data if "suspicion" in self.data else data | {"suspicion": None}


class AcceptForm(PriorityForm):
    """Accepting; another priority or suspicion needs a comment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].help_text = _("Needed only when the priority or the suspicion changes")


def _service_text(pk: str) -> str:
    found = dictionaries.find_service(pk)
    return f"{found.service_type.name}, {found.clinic.short_name}" if found else str(pk)


class RedirectForm(ActionForm):
    """Passing on: the service that decides instead."""

    service = forms.CharField(
        label=_("Service of another clinic"), max_length=300,
        widget=Combobox(reverse_lazy("patients:find_services"), _service_text, min_chars=0),
        help_text=_("Type words of the service, the clinic or the town"),
    )  # fmt: skip

    field_order = ("service", "reason", "comment")

    def clean_service(self) -> Any:
        found = dictionaries.find_service(self.cleaned_data["service"])
        if found is None:
            raise forms.ValidationError(_("Please choose a service from the list."))
        return found

    def data_for_service(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return data | {"service_id": data.pop("service").pk}


class ConclusionForm(ActionForm):
    """The end of a visit."""

    text = forms.CharField(
        label=_("Conclusion"), max_length=10000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("What was found and done"),
    )  # fmt: skip
    diagnosis_code = DiagnosisField(
        label=_("Final diagnosis (ICD-10)"), help_text=_("Type a code or a word of the name")
    )
    recommendations = forms.CharField(
        label=_("Recommendations"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    practitioner_name = forms.CharField(label=_("Practitioner"), max_length=200, required=False)
    files = FilesField(label=_("Files of the conclusion"), required=False)

    def data_for_service(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return data | {"diagnosis_text": dictionaries.diagnosis_name(data["diagnosis_code"])[:300]}


class WishesForm(ActionForm):
    """What times suit a patient on the waiting list; nothing chosen suits everything."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: any day"),
    )  # fmt: skip
    parts = forms.MultipleChoiceField(
        label=_("Part of the day"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("By the clinic's clock: morning until 12:00, afternoon until 17:00"),
    )  # fmt: skip
    earliest_on = forms.DateField(label=_("Not before"), required=False, widget=DateInput)
    latest_on = forms.DateField(label=_("Not after"), required=False, widget=DateInput)
    notice_hours = forms.TypedChoiceField(
        label=_("How long before a visit must the patient know of it?"), coerce=int,
        help_text=_("The way to the clinic: a time that begins sooner is not offered"),
    )  # fmt: skip
    clinics = forms.MultipleChoiceField(
        label=_("Clinics that suit"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: any clinic that offers the service"),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    field_order = ("weekdays", "parts", "earliest_on", "latest_on", "notice_hours", "clinics", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entry = entry_of(self.referral)
        hours = sorted({*NOTICE_HOURS, entry.notice_hours} if entry else NOTICE_HOURS)
        self.fields["weekdays"].choices = [
            (number, capfirst(wording.weekday_name(number))) for number in range(1, 8)
        ]
        self.fields["parts"].choices = [(value, capfirst(label)) for value, label in DayPart.choices]
        self.fields["notice_hours"].choices = [(number, _span(number)) for number in hours]
        self.fields["clinics"].choices = [
            (str(clinic.pk), f"{clinic.short_name}, {clinic.city}")
            for clinic in offering_clinics(self.referral.service_type_id)
        ]
        self.initial.setdefault("notice_hours", 24)
        if entry is not None:
            self.initial |= {name: getattr(entry, name) for name in WISHES} | {
                "clinics": [str(pk) for pk in entry.clinics]
            }


def _span(hours: int) -> str:
    if not hours:
        return gettext("may be told at the last moment")
    if hours % 24:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


class AnswerForm(ActionForm, LateFields):
    """Taking an offered time; one beyond the norm asks why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_offer_late(self.referral):
            del self.fields["late_code"], self.fields["late_reason"]


FORMS: dict[str, type[ActionForm]] = {
    "wait": WishesForm,
    "change_preferences": WishesForm,
    "accept_offer": AnswerForm,
    "accept": AcceptForm,
    "change_priority": PriorityForm,
    "redirect": RedirectForm,
    "complete": ConclusionForm,
}


def form_class(action: str) -> type[ActionForm]:
    """The form of an action."""
    return FORMS.get(action, ActionForm)
