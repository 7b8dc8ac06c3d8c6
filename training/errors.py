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
