"""Which rows a report counts for whom."""

from __future__ import annotations

from clinics.models import Accreditation, Clinic, Licence, Organization, Quota, Slot
from clinics.policies.rules import reported
from cluster_portal.common.policy import Policy


class QuotaReportPolicy(Policy):
    """Quotas as reports list them."""

    model = Quota
    rules = {"view": reported("service__clinic__organization")}


class OrganizationReportPolicy(Policy):
    """Organisations as reports list them."""

    model = Organization
    rules = {"view": reported("pk")}


class ClinicReportPolicy(Policy):
    """Clinics as reports list them."""

    model = Clinic
    rules = {"view": reported("organization")}


class LicenceReportPolicy(Policy):
    """Licences as reports list them."""

    model = Licence
    rules = {"view": reported("clinic__organization")}


class AccreditationReportPolicy(LicenceReportPolicy):
    """Accreditations as reports list them."""

    model = Accreditation


class SlotReportPolicy(Policy):
    """Slots as reports count them, drafts and blocked ones too."""

    model = Slot
    rules = {"view": reported("organization")}


quota_report_policy = QuotaReportPolicy()
organization_report_policy = OrganizationReportPolicy()
clinic_report_policy = ClinicReportPolicy()
licence_report_policy = LicenceReportPolicy()
accreditation_report_policy = AccreditationReportPolicy()
slot_report_policy = SlotReportPolicy()
