"""What can go wrong in training, in words."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import FeedExists
from cluster_portal.common.errors import Conflict, TooManyRequests, constraint


@constraint("specialist_user_unique", field="email")
class AccountTaken(Conflict):
    code, title = "account_taken", _("This account belongs to another specialist of the employer.")


@constraint("specialist_cme_unique", field="cme_number")
class CmeNumberTaken(Conflict):
    code, title = "cme_number_taken", _("Another specialist has this CME number.")


class NotPublished(Conflict):
    code, title = "not_published", _("Publish the programme first.")


@constraint("intake_seats", field="seats")
class SeatsTaken(Conflict):
    """Fewer seats than nominations hold; `extra["taken"]` is how many."""

    code, title = "seats_taken", _("More seats than that are held already.")


@constraint("nomination_once", field="specialist")
class AlreadyNominated(Conflict):
    code, title = "already_nominated", _("This person is nominated for this intake already.")


@constraint("nomination_overlap")
class PlacedElsewhere(Conflict):
    code, title = "placed_elsewhere", _("This person has accepted another seat on these days.")


class NominationClosed(Conflict):
    code, title = "nomination_closed", _("This intake takes no nominations now.")


class NotEligible(Conflict):
    code, title = "not_eligible", _("The programme is not for this person.")


class TooManyOfOne(Conflict):
    """`extra["limit"]` is how many people of one employer the intake takes."""

    code, title = "too_many_of_one", _("Your organisation has nominated as many people as the intake takes.")


class NoSeat(Conflict):
    code, title = "no_seat", _("No seat is free. Put the person on the waiting list.")


class OfferLapsed(Conflict):
    code, title = "offer_lapsed", _("The time to answer has passed, and the seat goes to the next one.")


class PapersMissing(Conflict):
    """`extra["missing"]` are the kinds of papers that are not there, or end before the intake does."""

    code, title = "papers_missing", _("Not all papers are there and valid to the last day.")


class HasChecks(Conflict):
    code, title = "has_checks", _("Somebody was checked at this session: it stays in the agenda.")


class NotInIntake(Conflict):
    code, title = "not_in_intake", _("You have no confirmed seat in this intake.")


class CheckInClosed(Conflict):
    """`extra["opens"]` and `extra["closes"]` are moments."""

    code, title = "check_in_closed", _("One can check in from half an hour before the session until its end.")


class CodeOutdated(Conflict):
    code, title = "code_outdated", _("This code has changed. Scan the one that is shown now.")


@constraint("journalentry_once", field="day")
class DayWritten(Conflict):
    code, title = "day_written", _("This day is in the journal already.")


class DayConfirmed(Conflict):
    code, title = "day_confirmed", _("The host has confirmed this day: it is not changed any more.")


class NotFulfilled(Conflict):
    """`extra["obstacles"]` are what is missing for a certificate, by their codes."""

    code, title = "not_fulfilled", _("What a certificate asks for is not fulfilled.")


class TooManyChecks(TooManyRequests):
    code, title = "too_many_checks", _("Too many checks from your network. Please wait a little.")


@constraint("roombooking_overlap", field="starts")
class RoomTaken(Conflict):
    """`extra["occurrences"]` are the times that cannot be had, each with why."""

    code, title = "room_taken", _("The room cannot be had at this time.")


@constraint("teachingroom_name", field="name_ru")
class RoomNameTaken(Conflict):
    code, title = "room_name_taken", _("This site has a room of that name already.")


class BelongsToSession(Conflict):
    code, title = "belongs_to_session", _("This booking follows a session of an agenda: change it there.")


class NotNow(Conflict):
    code, title = "not_now", _("A room is taken up from half an hour before the booking until its end.")


class AskToMove(Conflict):
    code, title = "ask_to_move", _("It is confirmed: ask the training office to move it, or cancel it.")


# One address of a calendar for a person, whichever calendar it is.
constraint("roomfeed_one_of_room")(FeedExists)
