"""The reports of patients and referrals. Importing them enters them in the catalogue (`PatientsConfig.ready`)."""

from patients.reports import access, demand, flow, lists, no_shows, outflow, refusals, waits

__all__ = ["access", "demand", "flow", "lists", "no_shows", "outflow", "refusals", "waits"]
