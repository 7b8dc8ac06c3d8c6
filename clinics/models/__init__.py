"""The registry's tables, a file for each aggregate: fields, constraints and indexes, no verbs."""

from clinics.models.change import ChangeRequest
from clinics.models.clinic import Clinic
from clinics.models.equipment import Downtime, Equipment, EquipmentMove, EquipmentType, Upkeep
from clinics.models.feed import CalendarFeed, Feed
from clinics.models.licence import (
    Accreditation,
    Credential,
    CredentialScan,
    CredentialStep,
    LapseWarning,
    Licence,
)
from clinics.models.organization import OECD, Cluster, ClusterTarget, Membership, Organization
from clinics.models.practitioner import Employment, Practitioner, Qualification
from clinics.models.premises import BedCount, ClinicLink, ClinicPhoto, Room, RoomClosure
from clinics.models.quota import Quota
from clinics.models.regime import MethodService, Permit, Regime, SpecialMethod
from clinics.models.schedule import CalendarDay, Schedule, ScheduleException, ScheduleHours, Slot
from clinics.models.service import Service, ServiceType, Specialty
from clinics.models.summary import PlacesDay
from clinics.models.words import SearchWord

__all__ = [
    "OECD", "Accreditation", "BedCount", "CalendarDay", "CalendarFeed", "ChangeRequest", "Clinic", "ClinicLink",
    "ClinicPhoto", "Cluster", "ClusterTarget", "Credential", "CredentialScan", "CredentialStep", "Downtime",
    "Employment", "Equipment", "EquipmentMove", "EquipmentType", "Feed", "LapseWarning", "Licence", "Membership",
    "MethodService", "Organization", "Permit", "PlacesDay", "Practitioner", "Qualification", "Quota", "Regime",
    "Room", "RoomClosure", "Schedule", "ScheduleException", "ScheduleHours", "SearchWord", "Service", "ServiceType",
    "Slot", "SpecialMethod", "Specialty", "Upkeep",
]  # fmt: skip
