"""Vocabulary and state tables of referrals and bookings."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row

REFERRING, RECEIVING = "referring", "receiving"


class Sex(TextChoices):
    MALE = "m", _("male")
    FEMALE = "f", _("female")


class LocalityKind(TextChoices):
    """As form 057/у numbers it."""

    URBAN = "1", _("town")
    RURAL = "2", _("village")


class Employment(TextChoices):
    """As form 057/у numbers it."""

    WORKS = "1", _("works")
    MILITARY = "2", _("military service")
    PENSIONER = "3", _("pensioner")
    STUDENT = "4", _("student")
    NOT_WORKING = "5", _("does not work")
    OTHER = "6", pgettext_lazy("employment", "other")


class LinkKind(TextChoices):
    """Why an organisation may see a patient."""

    REGISTERED = "registered", _("registered the patient")
    REFERRED = "referred", _("referred the patient")
    RECEIVED = "received", _("received a referral")
    EMERGENCY = "emergency", _("opened for a stated reason")


class ConsentKind(TextChoices):
    PROCESSING = "processing", _("processing of personal data")
    TRANSFER = "transfer", _("transfer to the receiving clinic")
    ABROAD = "abroad", _("transfer to another country")


class Priority(TextChoices):
    """The form of care, as form 057/у numbers it: emergency, urgent, planned."""

    EMERGENCY = "emergency", pgettext_lazy("priority", "emergency")
    URGENT = "urgent", pgettext_lazy("priority", "urgent")
    PLANNED = "planned", pgettext_lazy("priority", "planned")


class Suspicion(TextChoices):
    """Suspected diseases that shorten the waiting norms."""

    ONCOLOGY = "oncology", _("suspected cancer")
    CARDIOVASCULAR = "cardiovascular", _("suspected cardiovascular disease")


class CareKind(TextChoices):
    """As form 057/у numbers it."""

    PRIMARY = "1", _("primary, including specialised")
    SPECIALISED = "2", _("specialised, including high-tech")
    PALLIATIVE = "3", _("palliative")
    AMBULANCE = "4", _("specialised ambulance")


class Conditions(TextChoices):
    """As form 057/у numbers it."""

    OUTPATIENT = "1", _("outpatient")
    DAY_HOSPITAL = "2", _("day hospital")
    INPATIENT = "3", _("inpatient")


class ReferralState(TextChoices):
    DRAFT = "draft", pgettext_lazy("referral", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("referral", "Submitted")
    RETURNED = "returned", pgettext_lazy("referral", "Returned")
    ACCEPTED = "accepted", pgettext_lazy("referral", "Awaiting booking")
    WAITLISTED = "waitlisted", pgettext_lazy("referral", "Waiting list")
    BOOKED = "booked", pgettext_lazy("referral", "Booked")
    IN_CARE = "in_care", pgettext_lazy("referral", "In care")
    COMPLETED = "completed", pgettext_lazy("referral", "Completed")
    REJECTED = "rejected", pgettext_lazy("referral", "Rejected")
    CANCELLED = "cancelled", pgettext_lazy("referral", "Cancelled")


OPEN = frozenset(
    {
        ReferralState.DRAFT, ReferralState.SUBMITTED, ReferralState.RETURNED, ReferralState.ACCEPTED,
        ReferralState.WAITLISTED, ReferralState.BOOKED, ReferralState.IN_CARE,
    }
)  # fmt: skip
CLOSED = frozenset(ReferralState) - OPEN
#: Sent, and waiting for a decision or a time of the clinic. In an order, as a trigger is made of it.
WITHOUT_TIME = (ReferralState.SUBMITTED, ReferralState.ACCEPTED, ReferralState.WAITLISTED)

_S = ReferralState
#: Where the receiving side may change priority and suspicion.
JUDGED = (_S.SUBMITTED, _S.ACCEPTED, _S.WAITLISTED, _S.BOOKED)
REFERRAL = Machine(
    "state",
    [
        # Submitting forks: a service with triage decides first, a directly booked one does not.
        row("submit", {_S.DRAFT, _S.RETURNED}, _S.SUBMITTED, REFERRING),
        row("submit", {_S.DRAFT, _S.RETURNED}, _S.ACCEPTED, REFERRING),
        row("accept", _S.SUBMITTED, _S.ACCEPTED, RECEIVING),
        row("book", {_S.ACCEPTED, _S.WAITLISTED}, _S.BOOKED, REFERRING, RECEIVING),
        row("arrive", _S.BOOKED, _S.IN_CARE, RECEIVING),
        row("complete", _S.IN_CARE, _S.COMPLETED, RECEIVING),
        row("reschedule", _S.BOOKED, _S.BOOKED, REFERRING, RECEIVING),
        # The urgency is the receiving side's to judge until the visit begins.
        *(row("change_priority", state, state, RECEIVING) for state in JUDGED),
        row("return_for_info", _S.SUBMITTED, _S.RETURNED, RECEIVING),
        row("redirect", {_S.SUBMITTED, _S.ACCEPTED}, _S.SUBMITTED, RECEIVING),
        # What was booked without a decision is judged when the clinic reads it; the time is given back.
        row("reject", {_S.SUBMITTED, _S.ACCEPTED, _S.BOOKED}, _S.REJECTED, RECEIVING),
        row("wait", _S.ACCEPTED, _S.WAITLISTED, REFERRING, RECEIVING),
        # The patient is asked by those who referred; the other side may book the same time for them.
        row("accept_offer", _S.WAITLISTED, _S.BOOKED, REFERRING),
        row("decline_offer", _S.WAITLISTED, _S.WAITLISTED, REFERRING),
        row("change_preferences", _S.WAITLISTED, _S.WAITLISTED, REFERRING, RECEIVING),
        row("stop_waiting", _S.WAITLISTED, _S.ACCEPTED, REFERRING, RECEIVING),
        row("no_show", _S.BOOKED, _S.ACCEPTED, RECEIVING),
        row("cancel_booking", _S.BOOKED, _S.ACCEPTED, REFERRING, RECEIVING),
        # Whoever misses visits is asked by the clinic that knows the patient: the other one gives the referral back.
        row("hand_back", _S.ACCEPTED, _S.RETURNED, RECEIVING),
        row("record_call", _S.ACCEPTED, _S.ACCEPTED, REFERRING, RECEIVING),
        row("record_call", _S.WAITLISTED, _S.WAITLISTED, REFERRING, RECEIVING),
        row("record_call", _S.BOOKED, _S.BOOKED, REFERRING, RECEIVING),
        row("cancel", OPEN - {_S.IN_CARE}, _S.CANCELLED, REFERRING),
    ],
)


class FileKind(TextChoices):
    """What a file of a referral is. A conclusion is the receiving side's, after the visit."""

    EXAMINATION = "examination", _("examination")
    IMAGE = "image", _("medical image")
    DISCHARGE = "discharge", _("discharge summary")
    CONCLUSION = "conclusion", _("conclusion")
    OTHER = "other", pgettext_lazy("file", "other")


#: While a referral is in one of these states, a side may add files: what is found after the visit follows it.
TAKES_FILES = {
    REFERRING: OPEN,
    RECEIVING: OPEN - {_S.DRAFT, _S.RETURNED} | {_S.COMPLETED},
}


class BookingState(TextChoices):
    HELD = "held", pgettext_lazy("booking", "held")
    BOOKED = "booked", pgettext_lazy("booking", "booked")
    ARRIVED = "arrived", pgettext_lazy("booking", "arrived")
    FULFILLED = "fulfilled", pgettext_lazy("booking", "fulfilled")
    NO_SHOW = "no_show", pgettext_lazy("booking", "did not come")
    CANCELLED = "cancelled", pgettext_lazy("booking", "cancelled")


ACTIVE_BOOKING = frozenset({BookingState.HELD, BookingState.BOOKED, BookingState.ARRIVED})
#: What a slot's counter counts: the active ones, and the visits that took place.
OCCUPYING = ACTIVE_BOOKING | {BookingState.FULFILLED}

_B = BookingState
BOOKING = Machine(
    "state",
    [
        row("confirm", _B.HELD, _B.BOOKED, REFERRING, RECEIVING),
        row("release", {_B.HELD, _B.BOOKED}, _B.CANCELLED, REFERRING, RECEIVING),
        row("arrive", _B.BOOKED, _B.ARRIVED, RECEIVING),
        row("fulfil", _B.ARRIVED, _B.FULFILLED, RECEIVING),
        row("no_show", _B.BOOKED, _B.NO_SHOW, RECEIVING),
    ],
)


class DayPart(TextChoices):
    """A part of the day by the clinic's clock: until 12, until 17, after it."""

    MORNING = "morning", _("morning")
    AFTERNOON = "afternoon", _("afternoon")
    EVENING = "evening", _("evening")


#: The hours at which the afternoon and the evening begin.
NOON, EVENING_FROM = 12, 17


class EntryEnd(TextChoices):
    """Why somebody left the waiting list."""

    BOOKED = "booked", pgettext_lazy("waiting list", "booked")
    STOPPED = "stopped", pgettext_lazy("waiting list", "taken off the list")
    CANCELLED = "cancelled", pgettext_lazy("waiting list", "the referral was cancelled")


class OfferState(TextChoices):
    OPEN = "open", pgettext_lazy("offer", "awaits an answer")
    ACCEPTED = "accepted", pgettext_lazy("offer", "accepted")
    DECLINED = "declined", pgettext_lazy("offer", "declined")
    LAPSED = "lapsed", pgettext_lazy("offer", "not answered in time")
    WITHDRAWN = "withdrawn", pgettext_lazy("offer", "withdrawn")


_O = OfferState
WAITLIST_OFFER = Machine(
    "state",
    [
        row("accept", _O.OPEN, _O.ACCEPTED, REFERRING, RECEIVING),
        row("decline", _O.OPEN, _O.DECLINED, REFERRING),
        # The clock, a clinic that closes the time, or a patient who leaves the list: nobody's decision on the offer.
        row("lapse", _O.OPEN, _O.LAPSED),
        row("withdraw", _O.OPEN, _O.WITHDRAWN),
    ],
)


class ReasonKind(TextChoices):
    """The acts that are explained by a coded reason; each has its dictionary (`models.Reason`).

    All but the last four are actions of a referral's state table; the last two are actions of a question's.
    """

    RETURN = "return_for_info", _("return for information")
    REJECT = "reject", _("rejection")
    REDIRECT = "redirect", _("redirection")
    CANCEL = "cancel", _("cancelled referral")
    CANCEL_BOOKING = "cancel_booking", _("cancelled booking")
    NO_SHOW = "no_show", _("patient did not come")
    DECLINE_OFFER = "decline_offer", _("declined offer")
    HAND_BACK = "hand_back", _("handing back")
    RECORD_CALL = "record_call", _("outcome of a call")
    LATE = "late", _("visit past the deadline")
    OUTFLOW = "send_outside", _("referral outside the cluster")
    DECLINE_ADVICE = "decline_advice", _("declined question")
    GIVE_BACK_ADVICE = "give_back_advice", _("question given back")


#: Actions that must name a coded reason, and those that may: at the desk one click is enough to say who did not come.
REASONED = frozenset(
    {"return_for_info", "reject", "cancel", "cancel_booking", "decline_offer", "hand_back", "record_call"}
)
MAY_BE_REASONED = frozenset({"redirect", "no_show"})
#: Acts on a booked referral that close it, so that its time cannot stay: their reasons say whether that is meant.
GIVES_TIME_BACK = frozenset({ReasonKind.REJECT.value, ReasonKind.CANCEL.value})


class Currency(TextChoices):
    """Currencies in which care elsewhere is paid (ISO 4217)."""

    RUB = "RUB", _("roubles")
    KZT = "KZT", _("tenge")
    USD = "USD", _("US dollars")
    EUR = "EUR", _("euros")
    CNY = "CNY", _("yuan")
    KRW = "KRW", _("won")
    JPY = "JPY", _("yen")
    ILS = "ILS", _("shekels")
    TRY = "TRY", _("Turkish liras")


class PairSign(TextChoices):
    """What speaks for two records being one person."""

    NAME = "name", _("similar name, the same birth date")
    DOCUMENT = "document", _("the same document")
    POLICY = "policy", _("the same voluntary policy")
    PHONE = "phone", _("similar name, the same phone")
    PROPOSED = "proposed", _("a clinic says so")


class PairState(TextChoices):
    OPEN = "open", pgettext_lazy("pair", "to be compared")
    DISMISSED = "dismissed", pgettext_lazy("pair", "two people")
    MERGED = "merged", pgettext_lazy("pair", "one record")


class ProposalState(TextChoices):
    OPEN = "open", pgettext_lazy("proposal", "awaits the office")
    MERGED = "merged", pgettext_lazy("proposal", "merged")
    DECLINED = "declined", pgettext_lazy("proposal", "declined")


class AdviceState(TextChoices):
    """`free`: asked of any clinic that gives the service, and none has taken it yet."""

    FREE = "free", pgettext_lazy("advice", "Awaits a clinic")
    ASKED = "asked", pgettext_lazy("advice", "Awaits an answer")
    ANSWERED = "answered", pgettext_lazy("advice", "Answered")
    CLOSED = "closed", pgettext_lazy("advice", "Closed")
    CONVERTED = "converted", pgettext_lazy("advice", "Became a referral")
    DECLINED = "declined", pgettext_lazy("advice", "Declined")


_A = AdviceState
ADVICE = Machine(
    "state",
    [
        row("take", _A.FREE, _A.ASKED, RECEIVING),
        row("answer", {_A.ASKED, _A.ANSWERED}, _A.ANSWERED, RECEIVING),
        row("convert", {_A.FREE, _A.ASKED, _A.ANSWERED, _A.DECLINED}, _A.CONVERTED, REFERRING),
        row("ask_again", _A.FREE, _A.FREE, REFERRING),
        row("ask_again", {_A.ASKED, _A.ANSWERED}, _A.ASKED, REFERRING),
        row("close", {_A.FREE, _A.ASKED, _A.ANSWERED}, _A.CLOSED, REFERRING),
        row("decline", _A.ASKED, _A.DECLINED, RECEIVING),
        # Of those asked of any clinic alone: see `AdvicePolicy.possible`.
        row("give_back", _A.ASKED, _A.FREE, RECEIVING),
    ],
)
#: The dictionary from which an action of a question is explained.
ADVICE_REASONS = {"decline": ReasonKind.DECLINE_ADVICE, "give_back": ReasonKind.GIVE_BACK_ADVICE}
#: Questions on which somebody has something to do.
OPEN_ADVICE = frozenset({_A.FREE, _A.ASKED, _A.ANSWERED})
