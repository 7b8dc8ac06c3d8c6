"""What can go wrong in the registry, in words."""

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Conflict, PortalError, StaleVersion, constraint


@constraint("slot_capacity", field="slot")
class SlotTaken(Conflict):
    """The slot has no free place left; `extra["alternatives"]` holds the nearest free ones."""

    code, title = "slot_taken", _("This time has just been taken. Here are the nearest free times.")


@constraint("slot_takes", field="slot")
class SlotClosed(Conflict):
    code, title = "slot_closed", _("This time takes no bookings: it has passed or was closed.")


@constraint("quota_volume", field="slot")
class QuotaUsedUp(Conflict):
    """The payer's volume of this service for the slot's month is booked; `extra["alternatives"]` holds free times."""

    code, title = "quota_used_up", _("For this payment the month's quota of the service is used up.")


@constraint("quota_unique", field="month")
class QuotaExists(Conflict):
    """Two people planned the same month at the same moment."""

    code, title = "quota_exists", _("Somebody has just planned this month. Please look and try again.")


class SlotReserved(Conflict):
    code, title = "slot_reserved", _("This time is kept for other patients.")


@constraint("feed_one_of_calendar")
class FeedExists(Conflict):
    code, title = "feed_exists", _("You have an address of this calendar. Revoke it to get a new one.")


class LicenceLapsed(Conflict):
    code, title = "licence_lapsed", _("On that day the clinic has no valid licence for this service.")


class PermitLapsed(Conflict):
    code, title = "permit_lapsed", _("On that day the practitioner may not see patients at this clinic.")


@constraint("slot_practitioner_overlap", field="practitioner")
class PractitionerBusy(Conflict):
    code, title = "practitioner_busy", _("The practitioner already has a slot at this time.")


class StrandedBookings(Conflict):
    """Closing these slots would leave patients without a time; `extra["slots"]` names them."""

    code, title = "stranded_bookings", _("Patients are booked at this time. Move them first.")


class WaitingReferrals(Conflict):
    """Closing the clinic would leave referrals without anybody who deals with them; `extra["referrals"]` has them."""

    code, title = (
        "waiting_referrals",
        _("Referrals without a time wait for this clinic. They have to be returned first."),
    )


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


@constraint("regime_number_unique", field="number")
class RegimeExists(PortalError):
    code, title = "regime_exists", _("The clinic already has a special regime with this number.")


@constraint("permit_number_unique", field="number")
class PermitExists(PortalError):
    code, title = "permit_exists", _("The clinic already has a permit with this number.")


@constraint("method_name_unique", field="name_ru")
class MethodExists(PortalError):
    code, title = "method_exists", _("The clinic already has a method or medicine of this name.")


class MethodIncomplete(Conflict):
    """What a method lacks to be used stands in the text and in `extra["missing"]`."""

    code, title = "method_incomplete", _("It cannot be used yet.")


@constraint("qualification_once", field="number")
class QualificationExists(PortalError):
    code, title = "qualification_exists", _("This paper is on record already.")


class StillPlanned(Conflict):
    """Somebody has patterns or booked times at a clinic where they would not work any more."""

    code, title = "still_planned", _("There are schedules or booked times at a clinic that is left out.")


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


class LikelyDuplicate(Conflict):
    """Something like it is on record; `extra["candidates"]` names them. Goes on with `confirmed_distinct`."""

    code, title = (
        "likely_duplicate",
        _(
            "The registry has something very like it. Look whether it is the same, or say that it is another one."
        ),
    )


class RecordChanged(StaleVersion):
    """Somebody else has written the record since the form was opened; nothing of theirs is overwritten."""

    code, title = (
        "record_changed",
        _("Somebody changed this record while you were editing. Look at what differs, and save again."),
    )


@constraint("change_one_of_clinic")
@constraint("change_one_of_organization")
class ChangePending(Conflict):
    """One change of a record waits at a time; `extra["change_request"]` is the one that does."""

    code, title = (
        "change_pending",
        _("A change of this record already awaits a decision. Withdraw it, or wait for the cluster office."),
    )


class ChangeConflict(Conflict):
    """The record has changed in the same fields since; `extra["conflicts"]` has them field by field."""

    code, title = (
        "change_conflict",
        _("The record has changed in the same fields meanwhile. Decide which value stays in each of them."),
    )


class NothingChanged(PortalError):
    code, title = "nothing_changed", _("Nothing differs from what is on record.")


@constraint("room_number_unique", field="number")
class RoomExists(PortalError):
    code, title = "room_exists", _("The clinic already has a room with this number.")


@constraint("beds_once_a_day", field="valid_from")
class BedsCounted(PortalError):
    code, title = "beds_counted", _("The beds of this profile are already entered from this day on.")


@constraint("clinic_link_cycle", field="other")
class LinkedInCircle(Conflict):
    code, title = (
        "linked_in_circle",
        _("This clinic already stands on the other side of the chain: the links would lead in a circle."),
    )


@constraint("clinic_link_once", field="other")
class LinkExists(PortalError):
    code, title = "link_exists", _("These two clinics are linked already.")


@constraint("photo_once", field="file")
class PhotoExists(PortalError):
    code, title = "photo_exists", _("This photograph is already there.")


class TooManyPhotos(Conflict):
    """`extra["limit"]` says how many photographs a clinic may have."""

    code, title = (
        "too_many_photos",
        _("The clinic has as many photographs as it may. Please remove one first."),
    )


@constraint("equipment_inventory_unique", field="inventory_number")
class InventoryNumberTaken(PortalError):
    code, title = (
        "inventory_number_taken",
        _("Your organisation already has equipment with this inventory number."),
    )
