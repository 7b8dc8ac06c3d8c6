from training.models.figure import TrainingFigure
from training.models.learning import (
    Assessment,
    Attendance,
    Certificate,
    Expense,
    JournalEntry,
    Receipt,
    TrainingFeed,
)
from training.models.nomination import Nomination, NominationStep
from training.models.programme import Intake, IntakeSession, Programme
from training.models.room import RoomBooking, RoomFeed, RoomSeries, TeachingRoom
from training.models.specialist import Specialist, SpecialistPaper
from training.models.target import TrainingTarget

__all__ = [
    "Assessment",
    "Attendance",
    "Certificate",
    "Expense",
    "Intake",
    "IntakeSession",
    "JournalEntry",
    "Nomination",
    "NominationStep",
    "Programme",
    "Receipt",
    "RoomBooking",
    "RoomFeed",
    "RoomSeries",
    "Specialist",
    "SpecialistPaper",
    "TeachingRoom",
    "TrainingFeed",
    "TrainingFigure",
    "TrainingTarget",
]
