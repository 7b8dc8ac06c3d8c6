"""The reports of the registry. Importing them enters them in the catalogue (`ClinicsConfig.ready`)."""

from clinics.reports import equipment, licences, lists, quotas, registry, slots, tables

__all__ = ["equipment", "licences", "lists", "quotas", "registry", "slots", "tables"]
