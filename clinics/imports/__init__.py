"""The tables that can be taken in here. Importing them enters them among the imports (`ClinicsConfig.ready`)."""

from clinics.imports.equipment import EquipmentTable

__all__ = ["EquipmentTable"]
