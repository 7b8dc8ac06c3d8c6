from training.models.programme import Intake, IntakeSession, Programme
from training.models.specialist import Specialist, SpecialistPaper

__all__ = ["Intake", "IntakeSession", "Programme", "Specialist", "SpecialistPaper"]
