"""The reports of patients and referrals. Importing them enters them in the catalogue (`PatientsConfig.ready`)."""

from patients.reports import access, flow, no_shows, refusals, waits

__all__ = ["access", "flow", "no_shows", "refusals", "waits"]
