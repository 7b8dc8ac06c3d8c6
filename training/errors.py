"""What can go wrong in training, in words."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Conflict, constraint


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
