"""Who may do what in training: employers with their own people, the training office with all of it."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Q

from clinics.policies import own, sees_all_figures
from clinics.policies.feeds import FeedPolicy as OwnFeeds
from cluster_portal.accounts.roles import Role
from cluster_portal.common.policy import EVERYBODY, NOBODY, Policy
from training.models import (
    Certificate,
    Expense,
    Intake,
    IntakeSession,
    Nomination,
    Programme,
    RoomBooking,
    RoomFeed,
    Specialist,
    SpecialistPaper,
    TeachingRoom,
    TrainingFeed,
    TrainingTarget,
)
from training.states import (
    BOOKER,
    EMPLOYER,
    NOMINATION,
    PERSON,
    PORTAL,
    ROOM_BOOKING,
    THERE,
    TRAINING_OFFICE,
    IntakeState,
    ProgrammeState,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cluster_portal.common.actor import Actor

#: Those who act for an employer; a program does it for a hospital's own system.
EMPLOYERS = frozenset({Role.MANAGER, Role.CLIENT})
#: Those who run reports of people: an employer's of its own alone.
REPORTERS = frozenset({Role.TRAINING, Role.OFFICE, Role.ANALYST, Role.MANAGER})
#: Those who keep specialists' files, and those who read them; the cluster office only reads.
KEEPERS = EMPLOYERS | {Role.TRAINING}
READERS = KEEPERS | {Role.OFFICE}


def is_employer(actor: Actor) -> bool:
    """Whether the actor acts for an organisation that sends people."""
    return actor.organization_id is not None and actor.has(*EMPLOYERS)


def _theirs(path: str) -> Callable[[Actor], Q]:
    """An employer's own people; the training office everybody."""
    employer = own(f"{path}organization", *EMPLOYERS)
    return lambda actor: EVERYBODY if actor.has(Role.TRAINING) else employer(actor)


def _oneself(path: str) -> Callable[[Actor], Q]:
    """The person whose file it is."""
    return lambda actor: Q(**{f"{path}user": actor.user_id}) if actor.user_id else NOBODY


def _visible(path: str) -> Callable[[Actor], Q]:
    """As `_theirs`; the cluster office sees everybody too, and everybody their own file."""
    employer = own(f"{path}organization", *EMPLOYERS)

    def rule(actor: Actor) -> Q:
        # An empty Q is everybody by itself and nobody beside another one, so it is never joined.
        if actor.has(Role.TRAINING, Role.OFFICE):
            return EVERYBODY
        return employer(actor) | _oneself(path)(actor)

    return rule


class SpecialistPolicy(Policy):
    """A file is seen by the person, the employer, the training office and the cluster office."""

    model = Specialist
    rules = {
        "view": _visible(""),
        "edit": _theirs(""),
        "nominate": lambda actor: (
            EVERYBODY
            if actor.has(Role.TRAINING)
            else own("organization", *EMPLOYERS)(actor) | _oneself("")(actor)
        ),
    }
    model_rules = {
        "create": lambda actor: actor.has(Role.TRAINING) or is_employer(actor),
        # The register as a list; whoever is in it without keeping it has a page of their own.
        "browse": lambda actor: actor.has(Role.TRAINING, Role.OFFICE) or is_employer(actor),
    }

    def sides(self, actor: Actor, specialist: Specialist) -> frozenset[str]:
        """What the actor is to a specialist, for the state table."""
        sides = {TRAINING_OFFICE} if actor.has(Role.TRAINING) else set()
        if is_employer(actor) and specialist.organization_id == actor.organization_id:
            sides.add(EMPLOYER)
        return frozenset(sides)


class PaperPolicy(Policy):
    """Papers, as the file that they belong to."""

    model = SpecialistPaper
    rules = {"view": _visible("specialist__"), "edit": _theirs("specialist__")}


def _writes(actor: Actor) -> Q:
    """The training office, everywhere."""
    return EVERYBODY if actor.has(Role.TRAINING) else NOBODY


def _offices(actor: Actor) -> Q:
    """Both offices, everywhere."""
    return EVERYBODY if actor.has(Role.TRAINING, Role.OFFICE) else NOBODY


def _public(public: Q) -> Callable[[Actor], Q]:
    """The offices see every row, everybody else, visitors too, those of `public`."""
    return lambda actor: EVERYBODY if actor.has(Role.TRAINING, Role.OFFICE) else public


class ProgrammePolicy(Policy):
    """What is published is everybody's; drafts are the offices' own."""

    model = Programme
    rules = {"view": _public(~Q(state=ProgrammeState.DRAFT)), "edit": _writes}
    model_rules = {
        "create": lambda actor: actor.has(Role.TRAINING),
        # The office's own list, with drafts.
        "browse": lambda actor: actor.has(Role.TRAINING, Role.OFFICE),
    }


def _hosts(path: str) -> Callable[[Actor], Q]:
    """Those who teach: the people of the programme's host organisation, and the training office for every host."""
    host = own(f"{path}programme__host_organization", *EMPLOYERS)
    return lambda actor: EVERYBODY if actor.has(Role.TRAINING) else host(actor)


def _follows(actor: Actor) -> Q:
    return EVERYBODY if actor.has(Role.OFFICE) else _hosts("")(actor)


class IntakePolicy(Policy):
    """An intake is everybody's once it was opened."""

    model = Intake
    rules = {
        "view": _public(~Q(state=IntakeState.PLANNED) & ~Q(programme__state=ProgrammeState.DRAFT)),
        "edit": _writes,
        # How its people get on: the offices and the host.
        "follow": _follows,
    }


class SessionPolicy(Policy):
    """The agenda, as its intake; presence is checked by whoever teaches (`check`)."""

    model = IntakeSession
    rules = {
        "view": _public(
            ~Q(intake__state=IntakeState.PLANNED) & ~Q(intake__programme__state=ProgrammeState.DRAFT)
        ),
        "edit": _writes,
        "check": _hosts("intake__"),
    }


def _side(side: str) -> Callable[[Actor], Q]:
    """The nominations to which the actor stands on one side of the state table."""
    return {
        EMPLOYER: own("organization", *EMPLOYERS),
        PERSON: _oneself("specialist__"),
        TRAINING_OFFICE: _writes,
        PORTAL: lambda actor: NOBODY,
    }[side]


def _step(action: str) -> Callable[[Actor], Q]:
    """Whoever stands on a side that the state table lets take this step, whatever the state is."""
    sides = {side for line in NOMINATION.transitions if line.action == action for side in line.sides}
    rules = [_side(side) for side in sorted(sides)]

    def rule(actor: Actor) -> Q:
        if TRAINING_OFFICE in sides and actor.has(Role.TRAINING):
            return EVERYBODY
        return reduce(or_, (one(actor) for one in rules), NOBODY)

    return rule


def _concerned(path: str = "") -> Callable[[Actor], Q]:
    """The person, the employer, both offices, and the host from the confirmation on."""
    employer, person = own(f"{path}organization", *EMPLOYERS), _oneself(f"{path}specialist__")
    host = own(f"{path}intake__programme__host_organization", *EMPLOYERS)

    def rule(actor: Actor) -> Q:
        if actor.has(Role.TRAINING, Role.OFFICE):
            return EVERYBODY
        return employer(actor) | person(actor) | host(actor) & Q(**{f"{path}state__in": THERE})

    return rule


def _writes_journal(actor: Actor) -> Q:
    """The person, and the training office from what came on paper."""
    return EVERYBODY if actor.has(Role.TRAINING) else _oneself("specialist__")(actor)


def _assesses(actor: Actor) -> Q:
    """Whoever teaches, those who are or were there."""
    return _hosts("intake__")(actor) & Q(state__in=THERE)


class NominationPolicy(Policy):
    """A nomination is between the person, the employer and the training office; the cluster office reads it, and the
    host from the confirmation on.
    """

    model = Nomination
    rules = {
        "view": _concerned(),
        **{action: _step(action) for action in NOMINATION.actions},
        "write_journal": _writes_journal,
        "assess": _assesses,
        # By a code: for oneself alone.
        "check_in": lambda actor: _oneself("specialist__")(actor) & Q(state__in=THERE),
    }
    model_rules = {
        "create": lambda actor: actor.has(Role.TRAINING, Role.SPECIALIST) or is_employer(actor),
        "browse": SpecialistPolicy.model_rules["browse"],
    }

    def sides(self, actor: Actor, nomination: Nomination) -> frozenset[str]:
        """What the actor is to a nomination, for the state table."""
        sides = {TRAINING_OFFICE} if actor.has(Role.TRAINING) else set()
        if is_employer(actor) and nomination.organization_id == actor.organization_id:
            sides.add(EMPLOYER)
        if actor.user_id and nomination.specialist.user_id == actor.user_id:
            sides.add(PERSON)
        if actor.is_system:
            sides.add(PORTAL)
        return frozenset(sides)


class CertificatePolicy(Policy):
    """A certificate, as its nomination; what anybody may check by its number is another matter (`verify`)."""

    model = Certificate
    rules = {"view": _concerned("nomination__")}
    model_rules = {"issue": lambda actor: actor.has(Role.TRAINING)}


class ExpensePolicy(Policy):
    """What an intake costs is for both offices; the training office writes it."""

    model = Expense
    rules = {"view": _offices, "edit": _writes}
    model_rules = {"browse": ProgrammePolicy.model_rules["browse"]}


class TrainingFeedPolicy(OwnFeeds):
    """One's own address of the own sessions."""

    model = TrainingFeed
    model_rules = {"create": lambda actor: actor.has(Role.SPECIALIST)}


def _reads_rooms(actor: Actor) -> Q:
    return EVERYBODY if actor.has(*READERS) else NOBODY


class TeachingRoomPolicy(Policy):
    """Whoever sends people and both offices see the rooms and may ask for one; the training office keeps them."""

    model = TeachingRoom
    rules = {
        "view": _reads_rooms,
        "edit": _writes,
        "book": lambda actor: EVERYBODY if actor.has(*KEEPERS) else NOBODY,
    }
    model_rules = {
        "create": lambda actor: actor.has(Role.TRAINING),
        "browse": lambda actor: actor.has(*READERS),
        "book": lambda actor: actor.has(Role.TRAINING) or is_employer(actor),
    }


class RoomBookingPolicy(Policy):
    """A booking is seen like its room; its own organisation and the training office act on it."""

    model = RoomBooking
    rules = {
        "view": _reads_rooms,
        "move": _theirs(""),
        **{
            line.action: _theirs("") if BOOKER in line.sides else _writes for line in ROOM_BOOKING.transitions
        },
    }

    def sides(self, actor: Actor, booking: RoomBooking) -> frozenset[str]:
        """What the actor is to a booking, for the state table."""
        sides = {TRAINING_OFFICE} if actor.has(Role.TRAINING) else set()
        if is_employer(actor) and booking.organization_id == actor.organization_id:
            sides.add(BOOKER)
        if actor.is_system:
            sides.add(PORTAL)
        return frozenset(sides)


class RoomFeedPolicy(OwnFeeds):
    """One's own addresses of rooms' calendars."""

    model = RoomFeed
    model_rules = {"create": lambda actor: actor.user_id is not None and actor.has(*READERS)}


class TargetPolicy(Policy):
    """Targets are for those who read the lists behind them; the training office writes them."""

    model = TrainingTarget
    rules = {"view": _offices, "edit": _writes}
    model_rules = {
        "create": lambda actor: actor.has(Role.TRAINING),
        "browse": lambda actor: actor.has(Role.TRAINING, Role.OFFICE),
    }


def _sees_figures(actor: Actor) -> bool:
    """Both offices and the analysts read figures of everybody."""
    return actor.has(Role.TRAINING) or sees_all_figures(actor)


def _counted(path: str) -> Callable[[Actor], Q]:
    """Rows as reports count them: all of them, or an employer's own people."""
    employer = own(f"{path}organization", Role.MANAGER)
    return lambda actor: EVERYBODY if _sees_figures(actor) else employer(actor)


class NominationReportPolicy(Policy):
    """Nominations as reports count them."""

    model = Nomination
    rules = {"view": _counted("")}


class CertificateReportPolicy(Policy):
    """Certificates as reports count them."""

    model = Certificate
    rules = {"view": _counted("nomination__")}


class RoomReportPolicy(Policy):
    """Rooms as reports count their use."""

    model = TeachingRoom
    rules = {"view": lambda actor: EVERYBODY if _sees_figures(actor) else NOBODY}


specialist_policy = SpecialistPolicy()
paper_policy = PaperPolicy()
programme_policy = ProgrammePolicy()
intake_policy = IntakePolicy()
session_policy = SessionPolicy()
nomination_policy = NominationPolicy()
certificate_policy = CertificatePolicy()
expense_policy = ExpensePolicy()
training_feed_policy = TrainingFeedPolicy()
teaching_room_policy = TeachingRoomPolicy()
room_booking_policy = RoomBookingPolicy()
room_feed_policy = RoomFeedPolicy()
target_policy = TargetPolicy()
nomination_report_policy = NominationReportPolicy()
certificate_report_policy = CertificateReportPolicy()
room_report_policy = RoomReportPolicy()
