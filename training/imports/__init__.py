"""The tables that can be taken in here. Importing them enters them among the imports (`TrainingConfig.ready`)."""

from training.imports.nominations import NominationTable

__all__ = ["NominationTable"]
