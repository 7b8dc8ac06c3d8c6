"""The registry's tables, a file for each aggregate: fields, constraints and indexes, no verbs."""

from clinics.models.clinic import Clinic, Licence, Practitioner
from clinics.models.organization import OECD, Cluster, ClusterTarget, Membership, Organization
from clinics.models.schedule import CalendarDay, Schedule, ScheduleException, ScheduleHours, Slot
from clinics.models.service import Service, ServiceType, Specialty
from clinics.models.summary import PlacesDay

__all__ = [
    "OECD", "CalendarDay", "Clinic", "Cluster", "ClusterTarget", "Licence", "Membership", "Organization",
    "PlacesDay", "Practitioner", "Schedule", "ScheduleException", "ScheduleHours", "Service", "ServiceType",
    "Slot", "Specialty",
]  # fmt: skip
