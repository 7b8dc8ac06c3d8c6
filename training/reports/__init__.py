"""The reports of training. Importing them enters them in the catalogue (`TrainingConfig.ready`)."""

from training.reports import certificates, internships, papers, rooms

__all__ = ["certificates", "internships", "papers", "rooms"]
