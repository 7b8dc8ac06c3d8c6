"""Vocabulary and state tables of training."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row

#: Sides of the tables: the employer's people, the training office, the person, and the portal by itself.
EMPLOYER, TRAINING_OFFICE, PERSON, PORTAL = "employer", "training_office", "person", "portal"


class Grade(TextChoices):
    """What kind of post somebody holds: programmes are made for some of them."""

    CHIEF = "chief", _("chief physician")
    DEPUTY = "deputy", _("deputy chief physician")
    HEAD = "head", _("head of department")
    DOCTOR = "doctor", _("doctor")
    NURSE = "nurse", _("nurse")
    OTHER = "other", pgettext_lazy("grade", "other staff")


class Level(TextChoices):
    """How well a language is spoken, by the Common European Framework of Reference (CEFR, 2001)."""

    A1 = "A1", "A1"
    A2 = "A2", "A2"
    B1 = "B1", "B1"
    B2 = "B2", "B2"
    C1 = "C1", "C1"
    C2 = "C2", "C2"
    NATIVE = "native", _("native")


class SpecialistState(TextChoices):
    ACTIVE = "active", pgettext_lazy("specialist", "works here")
    LEFT = "left", pgettext_lazy("specialist", "left")


class PaperKind(TextChoices):
    """Papers that a host or a border asks for."""

    PASSPORT = "passport", _("passport for travel")
    VISA = "visa", _("visa")
    VACCINATION = "vaccination", _("vaccination certificate")
    DIPLOMA = "diploma", _("copy of the diploma")
    CONSENT = "consent", _("consent to the processing of data")


SPECIALIST = Machine(
    "state",
    [
        row("leave", SpecialistState.ACTIVE, SpecialistState.LEFT, EMPLOYER, TRAINING_OFFICE),
        row("return", SpecialistState.LEFT, SpecialistState.ACTIVE, EMPLOYER, TRAINING_OFFICE),
    ],
)


class Format(TextChoices):
    INTERNSHIP = "internship", _("internship")
    SEMINAR = "seminar", _("seminar")
    CONFERENCE = "conference", _("conference")
    RETRAINING = "retraining", _("retraining")
    SIMULATION = "simulation", _("simulation course")


class Payer(TextChoices):
    """Who pays for a place."""

    CLUSTER = "cluster", pgettext_lazy("payer", "the cluster")
    EMPLOYER = "employer", pgettext_lazy("payer", "the employer")
    HOST = "host", pgettext_lazy("payer", "the host")
    FEDERAL = "federal", pgettext_lazy("payer", "the federal budget")
    SPECIALIST = "specialist", pgettext_lazy("payer", "the specialist")


class ProgrammeState(TextChoices):
    DRAFT = "draft", pgettext_lazy("programme", "draft")
    PUBLISHED = "published", pgettext_lazy("programme", "published")
    ARCHIVED = "archived", pgettext_lazy("programme", "archived")


class IntakeState(TextChoices):
    PLANNED = "planned", pgettext_lazy("intake", "planned")
    OPEN = "open", pgettext_lazy("intake", "open")
    CLOSED = "closed", pgettext_lazy("intake", "nomination closed")
    RUNNING = "running", pgettext_lazy("intake", "under way")
    FINISHED = "finished", pgettext_lazy("intake", "finished")
    CANCELLED = "cancelled", pgettext_lazy("intake", "cancelled")


PROGRAMME = Machine(
    "state",
    [
        row("publish", ProgrammeState.DRAFT, ProgrammeState.PUBLISHED, TRAINING_OFFICE),
        row("archive", ProgrammeState.PUBLISHED, ProgrammeState.ARCHIVED, TRAINING_OFFICE),
        row("publish", ProgrammeState.ARCHIVED, ProgrammeState.PUBLISHED, TRAINING_OFFICE),
    ],
)

INTAKE = Machine(
    "state",
    [
        row("open", IntakeState.PLANNED, IntakeState.OPEN, TRAINING_OFFICE),
        row("close", IntakeState.OPEN, IntakeState.CLOSED, TRAINING_OFFICE),
        row("open", IntakeState.CLOSED, IntakeState.OPEN, TRAINING_OFFICE),
        row("start", IntakeState.CLOSED, IntakeState.RUNNING, TRAINING_OFFICE),
        row("finish", IntakeState.RUNNING, IntakeState.FINISHED, TRAINING_OFFICE),
        row(
            "cancel",
            (IntakeState.PLANNED, IntakeState.OPEN, IntakeState.CLOSED, IntakeState.RUNNING),
            IntakeState.CANCELLED,
            TRAINING_OFFICE,
        ),
    ],
)
#: Intakes in which seats are given out; those whose dates and seats may still be changed.
GIVING = (IntakeState.OPEN, IntakeState.CLOSED)
AHEAD = (IntakeState.PLANNED, IntakeState.OPEN, IntakeState.CLOSED)


class Way(TextChoices):
    """How somebody was checked at a session."""

    HAND = "hand", pgettext_lazy("attendance", "by hand")
    CODE = "code", pgettext_lazy("attendance", "code of the session")
    PERSON = "person", pgettext_lazy("attendance", "code of the person")


class AssessmentKind(TextChoices):
    MID_TERM = "mid_term", _("mid-term assessment")
    FINAL = "final", _("final assessment")


class ExpenseKind(TextChoices):
    FEE = "fee", pgettext_lazy("expense", "course fee")
    TRAVEL = "travel", pgettext_lazy("expense", "travel")
    LODGING = "lodging", pgettext_lazy("expense", "lodging")
    DAILY = "daily", pgettext_lazy("expense", "daily allowance")
    PAPERS = "papers", pgettext_lazy("expense", "visa and insurance")
    OTHER = "other", pgettext_lazy("expense", "other")


class NominationState(TextChoices):
    DRAFT = "draft", pgettext_lazy("nomination", "draft")
    NOMINATED = "nominated", pgettext_lazy("nomination", "nominated")
    ENDORSED = "endorsed", pgettext_lazy("nomination", "endorsed by the employer")
    SHORTLISTED = "shortlisted", pgettext_lazy("nomination", "shortlisted")
    WAITLISTED = "waitlisted", pgettext_lazy("nomination", "on the waiting list")
    OFFERED = "offered", pgettext_lazy("nomination", "seat offered")
    ACCEPTED = "accepted", pgettext_lazy("nomination", "accepted, papers awaited")
    CONFIRMED = "confirmed", pgettext_lazy("nomination", "confirmed")
    IN_PROGRESS = "in_progress", pgettext_lazy("nomination", "learning")
    COMPLETED = "completed", pgettext_lazy("nomination", "completed")
    CERTIFIED = "certified", pgettext_lazy("nomination", "certified")
    INCOMPLETE = "incomplete", pgettext_lazy("nomination", "not completed")
    DECLINED = "declined", pgettext_lazy("nomination", "declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("nomination", "withdrawn")
    REJECTED = "rejected", pgettext_lazy("nomination", "rejected")
    EXPIRED = "expired", pgettext_lazy("nomination", "expired")


_N = NominationState
#: Before a seat is accepted; with one that was accepted, whatever was learned in it; over.
CANDIDATE = (_N.DRAFT, _N.NOMINATED, _N.ENDORSED, _N.SHORTLISTED, _N.WAITLISTED, _N.OFFERED)
PLACED = (_N.ACCEPTED, _N.CONFIRMED, _N.IN_PROGRESS, _N.COMPLETED, _N.CERTIFIED, _N.INCOMPLETE)
#: Those who are or were there: their presence is checked, their journal kept, their result told.
THERE = (_N.CONFIRMED, _N.IN_PROGRESS, _N.COMPLETED, _N.CERTIFIED, _N.INCOMPLETE)
#: Those that count as one of the employer's people in an intake, and those that hold one of its seats.
LIVE = (*CANDIDATE, *PLACED)
HOLDING = (_N.OFFERED, *PLACED)
ENDED = (_N.DECLINED, _N.WITHDRAWN, _N.REJECTED, _N.EXPIRED)

NOMINATION = Machine(
    "state",
    [
        row("nominate", _N.DRAFT, _N.NOMINATED, EMPLOYER, PERSON, TRAINING_OFFICE),
        row("endorse", _N.NOMINATED, _N.ENDORSED, EMPLOYER),
        row("shortlist", _N.ENDORSED, _N.SHORTLISTED, TRAINING_OFFICE),
        row("offer", (_N.SHORTLISTED, _N.WAITLISTED), _N.OFFERED, TRAINING_OFFICE, PORTAL),
        row("wait", (_N.ENDORSED, _N.SHORTLISTED), _N.WAITLISTED, TRAINING_OFFICE),
        row("accept", _N.OFFERED, _N.ACCEPTED, PERSON, EMPLOYER),
        row("decline", _N.OFFERED, _N.DECLINED, PERSON, EMPLOYER),
        row("confirm", _N.ACCEPTED, _N.CONFIRMED, TRAINING_OFFICE),
        row("begin", _N.CONFIRMED, _N.IN_PROGRESS, TRAINING_OFFICE, PORTAL),
        row("complete", (_N.IN_PROGRESS, _N.INCOMPLETE), _N.COMPLETED, TRAINING_OFFICE, PORTAL),
        row("fall_short", (_N.IN_PROGRESS, _N.COMPLETED), _N.INCOMPLETE, TRAINING_OFFICE),
        row("certify", _N.COMPLETED, _N.CERTIFIED, TRAINING_OFFICE),
        # A certificate that is taken back leaves what was learned; another one can be issued.
        row("revoke", _N.CERTIFIED, _N.COMPLETED, TRAINING_OFFICE),
        row(
            "reject",
            (_N.NOMINATED, _N.ENDORSED, _N.SHORTLISTED, _N.WAITLISTED),
            _N.REJECTED,
            TRAINING_OFFICE,
        ),
        row(
            "withdraw",
            (*CANDIDATE, _N.ACCEPTED, _N.CONFIRMED),
            _N.WITHDRAWN,
            EMPLOYER,
            PERSON,
            TRAINING_OFFICE,
            PORTAL,
        ),
        row("withdraw", _N.IN_PROGRESS, _N.WITHDRAWN, EMPLOYER, TRAINING_OFFICE, PORTAL),
        row("expire", (*CANDIDATE, _N.ACCEPTED), _N.EXPIRED, PORTAL),
    ],
)


class Where(TextChoices):
    """Where a programme takes place, seen from the cluster's country."""

    HOME = "home", _("in the country")
    ABROAD = "abroad", _("abroad")


class HallKind(TextChoices):
    HALL = "hall", pgettext_lazy("kind of room", "conference hall")
    SIMULATION = "simulation", pgettext_lazy("kind of room", "simulation room")
    CLASSROOM = "classroom", pgettext_lazy("kind of room", "classroom")
    MEETING = "meeting", pgettext_lazy("kind of room", "meeting room")


class Feature(TextChoices):
    """What a room has."""

    PROJECTOR = "projector", _("projector and screen")
    SOUND = "sound", _("microphones and sound")
    VIDEO = "video", _("video link")
    INTERPRETER = "interpreter", _("interpreter's booth")
    COMPUTERS = "computers", _("computers")
    MANIKINS = "manikins", _("patient simulators")
    ACCESS = "access", _("wheelchair access")


class RoomBookingState(TextChoices):
    PENDING = "pending", pgettext_lazy("room booking", "asked for")
    CONFIRMED = "confirmed", pgettext_lazy("room booking", "confirmed")
    TAKEN_UP = "taken_up", pgettext_lazy("room booking", "taken up")
    BLOCKED = "blocked", pgettext_lazy("room booking", "closed")
    REJECTED = "rejected", pgettext_lazy("room booking", "refused")
    CANCELLED = "cancelled", pgettext_lazy("room booking", "cancelled")
    RELEASED = "released", pgettext_lazy("room booking", "released, nobody came")


_R = RoomBookingState
#: Those that have the room to themselves, and those that may still be moved.
OCCUPYING = (_R.CONFIRMED, _R.TAKEN_UP, _R.BLOCKED)
MOVABLE = (_R.PENDING, _R.CONFIRMED, _R.BLOCKED)
#: Side of the table beside the training office and the portal: whoever asked for the room.
BOOKER = "booker"

ROOM_BOOKING = Machine(
    "state",
    [
        row("confirm", _R.PENDING, _R.CONFIRMED, TRAINING_OFFICE),
        row("reject", _R.PENDING, _R.REJECTED, TRAINING_OFFICE, PORTAL),
        row("take_up", _R.CONFIRMED, _R.TAKEN_UP, TRAINING_OFFICE, BOOKER),
        row("cancel", (_R.PENDING, _R.CONFIRMED), _R.CANCELLED, TRAINING_OFFICE, BOOKER),
        row("reopen", _R.BLOCKED, _R.CANCELLED, TRAINING_OFFICE),
        row("release", _R.CONFIRMED, _R.RELEASED, PORTAL),
    ],
)
