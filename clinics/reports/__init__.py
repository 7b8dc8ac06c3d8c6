"""The reports of the registry. Importing them enters them in the catalogue (`ClinicsConfig.ready`)."""

from clinics.reports import licences, lists, registry, slots

__all__ = ["licences", "lists", "registry", "slots"]
