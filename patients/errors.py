"""What can go wrong with patients, referrals and bookings, in words."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import (
    Conflict,
    IllegalTransition,
    Invalid,
    PortalError,
    TooManyRequests,
    constraint,
)


class PatientExists(Conflict):
    """The same identifier is on record; `extra["patient_id"]` is given only to those who may see the patient."""

    code, title = "patient_exists", _("A patient with this identifier is already registered.")


@constraint("patient_snils_unique", field="snils")
class SnilsTaken(PatientExists):
    pass


@constraint("patient_enp_unique", field="enp")
class EnpTaken(PatientExists):
    pass


@constraint("patient_iin_unique", field="iin")
class IinTaken(PatientExists):
    pass


@constraint("patient_number_unique", field="number")
class NumberTaken(Conflict):
    """Another patient is known to the organisation's own system by this number."""

    code, title = "number_taken", _("Another patient has this number in your system.")


@constraint("referral_own_number", field="own_number")
class AlreadyReferred(Conflict):
    """`extra["referral"]` is the one that has the number."""

    code, title = "already_referred", _("Another referral has this number in your system.")


class SimilarPatients(Conflict):
    """Somebody with a similar name and the same birth date is on record; `extra["patients"]` lists those visible."""

    code, title = (
        "similar_patients",
        _("Patients with a similar name and the same birth date are already registered."),
    )


class TooManyFailures(TooManyRequests):
    """Emergency access was tried with identifiers and birth dates that do not belong together, too often."""

    code, title = (
        "too_many_failures",
        _(
            "Too many tries with an identifier and a birth date that do not belong together. "
            "Please check the document and try again in 15 minutes."
        ),
    )


class ReferralIncomplete(Invalid):
    code, title = "referral_incomplete", _("The referral is not complete yet.")


class ConsentMissing(PortalError):
    code, status, title = (
        "consent_missing",
        409,
        _("The patient's consent to the transfer of data is not recorded."),
    )


@constraint("booking_one_active")
class AlreadyBooked(Conflict):
    code, title = "already_booked", _("The referral already has a time. Move it instead.")


class AlreadyMoved(Conflict):
    """The booking that the caller saw has ended; `extra["start"]` is when the patient comes now (null: no time)."""

    code, title = "already_moved", _("Somebody has moved this patient meanwhile. Nothing was changed.")


@constraint("booking_patient_overlap", field="slot")
class PatientBusy(Conflict):
    code, title = "patient_busy", _("The patient already has another visit at this time.")


class WrongService(Conflict):
    code, title = "wrong_service", _("This time is for another service than the referral asks for.")


class NeedsTriage(Conflict):
    code, title = "needs_triage", _("This clinic decides on referrals first. Redirect the referral to it.")


class LateReasonRequired(PortalError):
    code, status, title = (
        "late_reason_required", 409, _("This time is later than the waiting norm allows. Please state why."),
    )  # fmt: skip


@constraint("waitlist_one_active")
class AlreadyWaiting(Conflict):
    code, title = "already_waiting", _("The referral is on the waiting list already.")


@constraint("waitlist_offer_one_open")
class OfferOpen(Conflict):
    """Another time is offered to the patient and kept meanwhile; `extra["until"]` says until when."""

    code, title = (
        "offer_open",
        _("A time is offered to this patient and kept for them. Accept or decline it first."),
    )


@constraint("message_once")
class MessageKeyTaken(Conflict):
    """The key of a message came from the other side's program already."""

    code, title = (
        "message_key_taken",
        _("This key belongs to another message. Please send it with a key of its own."),
    )


@constraint("attachment_once", field="files")
@constraint("advicefile_once", field="files")
class AlreadyAttached(Conflict):
    code, title = "already_attached", _("The same file is attached already.")


class TooManyFiles(Conflict):
    code, title = "too_many_files", _("The referral has as many files as it can take.")


class FileSeen(Conflict):
    """What the other clinic may have decided by does not vanish by one person's hand."""

    code, title = (
        "file_seen",
        _(
            "The other clinic has opened this file, or the referral is closed. Your manager can remove the file."
        ),
    )


class AdviceFileSeen(FileSeen):
    """The same of a file that came with a line of a question's thread."""

    title = _("The other clinic has read this line. Your manager can remove the file.")


class NobodyThere(Conflict):
    code, title = "nobody_there", _("There is no other clinic yet that could read it.")


@constraint("waitlist_offer_once")
class OfferedBefore(Conflict):
    code, title = "offered_before", _("This time was offered to the patient before.")


class OfferGone(IllegalTransition):
    code, title = "offer_gone", _("The offered time is no longer kept. The patient waits on.")


class TooEarly(Conflict):
    code, title = "too_early", _("This can be marked only on the day of the visit.")


class NotBookedYet(Conflict):
    """A slip says where and when to come, so there has to be a time."""

    code, title = "not_booked_yet", _("There is no booked time that a slip could tell of.")


class NotConcludedYet(Conflict):
    code, title = "not_concluded_yet", _("The conclusion is not written yet.")


class TooManyLookups(TooManyRequests):
    """A referral's number and birth dates that do not belong together were tried too often."""

    code, title = (
        "too_many_lookups",
        _(
            "Too many tries. Please wait 15 minutes and compare the number and the birth date with the paper, "
            "or call the clinic that referred you."
        ),
    )


@constraint("outflow_of_referral", field="referral")
class SentOutsideAlready(Conflict):
    """The referral has led outside the cluster before; `extra["outflow"]` is that entry, where it is known."""

    code, title = "sent_outside_already", _("This referral was sent outside the cluster already.")


@constraint("outflow_once")
class OutflowKeyTaken(Conflict):
    code, title = (
        "outflow_key_taken",
        _("This key belongs to another entry. Please send it with a key of its own."),
    )


class StillOpen(Conflict):
    """Care is looked for elsewhere when the cluster's own way has ended."""

    code, title = (
        "still_open",
        _("The referral is still open. Please cancel it first, then send the patient outside the cluster."),
    )


@constraint("sent_to_open", field="service")
class ClinicClosed(Conflict):
    """The clinic has closed while a referral was on its way there."""

    code, title = "clinic_closed", _("This clinic has just closed. Please choose another one.")


@constraint("patient_not_merged", field="patient")
class PatientMerged(Conflict):
    """The record has given its place to another one; `extra["replaced_by"]` says to which, where it is known."""

    code, title = (
        "patient_merged",
        _("This record was merged into another record of the same patient. Please work with that one."),
    )


@constraint("patientmerge_once")
class MergeBlocked(Conflict):
    """Two records cannot be made one as they are."""

    code, title = "merge_blocked", _("These records cannot be merged as they are now.")


class UndoBlocked(Conflict):
    """What happened since a merge would be lost by undoing it; `extra["conflicts"]` says what, a sentence each."""

    code, title = "undo_blocked", _("The merge cannot be undone: something has changed since.")


@constraint("mergeproposal_once")
class AlreadyProposed(Conflict):
    code, title = (
        "already_proposed",
        _("Your organisation has proposed this already. The cluster office has not answered yet."),
    )


class AdviceTaken(Conflict):
    code, title = "advice_taken", _("Another clinic has taken this question already.")


@constraint("advice_once")
@constraint("advicepost_once")
class AdviceKeyTaken(Conflict):
    code, title = (
        "advice_key_taken",
        _("This key belongs to another question or answer. Please send it with a key of its own."),
    )
