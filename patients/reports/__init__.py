"""The reports of patients and referrals. Importing them enters them in the catalogue (`PatientsConfig.ready`)."""

from patients.reports import flow, waits

__all__ = ["flow", "waits"]
