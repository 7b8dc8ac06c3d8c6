"""What can go wrong with a background job."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Conflict, PortalError


class FileGone(PortalError):
    code, status, title = "file_gone", 410, _("The file is no longer kept. Please run it again.")


class NotReady(Conflict):
    code, title = "not_ready", _("There is no file yet.")


class TooLong(PortalError):
    code, title = "too_long", _("It took too long and was stopped. Please narrow it down.")


class GivenUp(PortalError):
    code, title = "given_up", _("It was interrupted several times and was given up.")


class Broken(PortalError):
    code, status, title = (
        "internal",
        500,
        _("Something went wrong on our side. The mistake has been recorded."),
    )


class UnknownKind(PortalError):
    code, title = "unknown_kind", _("This portal no longer knows how to do it.")
