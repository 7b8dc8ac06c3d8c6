"""Who may do what in the registry: a module for each part, one door."""

from clinics.policies.equipment import (
    KEEPERS,
    downtime_report_policy,
    equipment_policy,
    equipment_report_policy,
    equipment_type_policy,
)
from clinics.policies.feeds import feed_policy
from clinics.policies.figures import (
    accreditation_report_policy,
    clinic_report_policy,
    licence_report_policy,
    organization_report_policy,
    quota_report_policy,
    slot_report_policy,
)
from clinics.policies.premises import (
    bed_policy,
    link_policy,
    photo_policy,
    room_policy,
)
from clinics.policies.regime import method_policy, paper_policies, permit_policy, regime_policy
from clinics.policies.registry import (
    accreditation_policy,
    change_policy,
    clinic_policy,
    licence_policy,
    membership_policy,
    organization_policy,
    practitioner_policy,
    quota_policy,
    service_policy,
    service_type_policy,
)
from clinics.policies.rules import PLANNERS, PROPOSERS, REPORTERS, SHOWN, own, reported, sees_all_figures
from clinics.policies.schedules import (
    exception_policy,
    schedule_policy,
    slot_administration_policy,
    slot_policy,
)

__all__ = [
    "KEEPERS",
    "PLANNERS",
    "PROPOSERS",
    "REPORTERS",
    "SHOWN",
    "accreditation_policy",
    "accreditation_report_policy",
    "bed_policy",
    "change_policy",
    "clinic_policy",
    "clinic_report_policy",
    "downtime_report_policy",
    "equipment_policy",
    "equipment_report_policy",
    "equipment_type_policy",
    "exception_policy",
    "feed_policy",
    "licence_policy",
    "licence_report_policy",
    "link_policy",
    "membership_policy",
    "method_policy",
    "organization_policy",
    "organization_report_policy",
    "own",
    "paper_policies",
    "permit_policy",
    "photo_policy",
    "practitioner_policy",
    "quota_policy",
    "quota_report_policy",
    "regime_policy",
    "reported",
    "room_policy",
    "schedule_policy",
    "sees_all_figures",
    "service_policy",
    "service_type_policy",
    "slot_administration_policy",
    "slot_policy",
    "slot_report_policy",
]
