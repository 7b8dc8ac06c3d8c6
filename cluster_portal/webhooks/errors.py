"""What can go wrong with webhooks."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Conflict, PortalError


class AddressRefused(PortalError):
    code, title = (
        "address_refused",
        _("Messages go only to https addresses in the public network, without a name and password in them."),
    )


class TooManySubscriptions(Conflict):
    code, title = (
        "too_many_subscriptions",
        _("A program has at most 20 webhooks. Please delete one first."),
    )
