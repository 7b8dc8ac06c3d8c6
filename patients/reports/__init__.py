"""The reports of patients and referrals. Importing them enters them in the catalogue (`PatientsConfig.ready`)."""

from patients.reports import flow, no_shows, refusals, waits

__all__ = ["flow", "no_shows", "refusals", "waits"]
