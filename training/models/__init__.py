from training.models.specialist import Specialist, SpecialistPaper

__all__ = ["Specialist", "SpecialistPaper"]
