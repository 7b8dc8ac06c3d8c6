"""The tables that can be taken in here. Importing them enters them among the imports (`ClinicsConfig.ready`)."""

from clinics.imports.clinics import ClinicTable
from clinics.imports.equipment import EquipmentTable
from clinics.imports.organizations import OrganizationTable
from clinics.imports.practitioners import PractitionerTable
from clinics.imports.services import ServiceTable

__all__ = ["ClinicTable", "EquipmentTable", "OrganizationTable", "PractitionerTable", "ServiceTable"]
