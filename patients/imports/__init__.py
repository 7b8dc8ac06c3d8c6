"""The tables that can be taken in here. Importing them enters them among the imports (`PatientsConfig.ready`)."""

from patients.imports.patients import Patients

__all__ = ["Patients"]
