from training.models.nomination import Nomination, NominationStep
from training.models.programme import Intake, IntakeSession, Programme
from training.models.specialist import Specialist, SpecialistPaper

__all__ = [
    "Intake",
    "IntakeSession",
    "Nomination",
    "NominationStep",
    "Programme",
    "Specialist",
    "SpecialistPaper",
]
