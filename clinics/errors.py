"""What can go wrong in the registry, in words."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Conflict, PortalError, constraint


@constraint("slot_capacity", field="slot")
class SlotTaken(Conflict):
    """The slot has no free place left; `extra["alternatives"]` holds the nearest free ones."""

    code, title = "slot_taken", _("This time has just been taken. Here are the nearest free times.")


@constraint("slot_takes", field="slot")
class SlotClosed(Conflict):
    code, title = "slot_closed", _("This time takes no bookings: it has passed or was closed.")


class SlotReserved(Conflict):
    code, title = "slot_reserved", _("This time is kept for other patients.")


class LicenceLapsed(Conflict):
    code, title = "licence_lapsed", _("On that day the clinic has no valid licence for this service.")


@constraint("slot_practitioner_overlap", field="practitioner")
class PractitionerBusy(Conflict):
    code, title = "practitioner_busy", _("The practitioner already has a slot at this time.")


class StrandedBookings(Conflict):
    """Closing these slots would leave patients without a time; `extra["slots"]` names them."""

    code, title = "stranded_bookings", _("Patients are booked at this time. Move them first.")


@constraint("service_unique", field="service_type")
class ServiceExists(PortalError):
    code, title = "service_exists", _("The clinic already offers this service in this mode.")


@constraint("licence_number_unique", field="number")
class LicenceExists(PortalError):
    code, title = "licence_exists", _("The clinic already has a licence with this number.")


@constraint("accreditation_number_unique", field="number")
class AccreditationExists(PortalError):
    code, title = (
        "accreditation_exists",
        _("The clinic already has an accreditation of this kind and number."),
    )


class CredentialRenewed(Conflict):
    code, title = "already_renewed", _("It has been renewed already.")


class TooManyScans(Conflict):
    code, title = "too_many_scans", _("There is no room for more scans. Please remove one first.")


@constraint("organization_inn_unique", field="inn")
class InnTaken(PortalError):
    code, title = "inn_taken", _("An organisation with this ИНН is already registered.")


@constraint("organization_bin_unique", field="bin")
class BinTaken(PortalError):
    code, title = "bin_taken", _("An organisation with this БИН is already registered.")
