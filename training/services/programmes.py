"""Programmes, their intakes and agendas: written by the training office."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Specialty
from clinics.selectors.calendar import start_of
from clinics.selectors.wording import LANGUAGES, is_country
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import IllegalTransition, Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from training.errors import HasChecks, NotPublished, SeatsTaken
from training.models import Intake, IntakeSession, Programme
from training.policies import intake_policy, programme_policy, session_policy
from training.selectors.presence import presence_of
from training.selectors.rooms import hall_of
from training.services.nominations import end_all, locked_in
from training.services.offers import fill_seats
from training.services.session_notices import note_session, where_and_when
from training.services.session_rooms import follow, leave_rooms
from training.services.steps import move
from training.states import AHEAD, CANDIDATE, INTAKE, PROGRAMME, NominationState, ProgrammeState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor


#: What is entered of a programme, of an intake and of a line of its agenda.
FIELDS = (
    *columns("title", "summary", "goals", "host", "city"), "host_organization", "country", "format", "audience",
    "specialties", "language", "is_interpreted", "hours", "credits", "cost", "payer", "required_papers",
    "presence_share", "presence_minutes", "is_assessed",
)  # fmt: skip
INTAKE_FIELDS = (
    "starts_on", "ends_on", *columns("place"), "time_zone", "seats", "per_organization", "nominate_by",
)  # fmt: skip
SESSION_FIELDS = ("starts", "ends", *columns("title"), "teacher", "room", "is_break")


@service
def add_programme(actor: Actor, *, data: dict[str, Any]) -> Programme:
    """Write a programme, as a draft. `data` holds FIELDS (`host_organization` as a row). Raises Forbidden, Invalid."""
    programme_policy.require(actor, "create")
    programme = Programme()
    fill(programme, data, FIELDS, _check_programme)
    programme.save(force_insert=True)
    return programme


@service
def update_programme(actor: Actor, *, programme_id: uuid.UUID, data: dict[str, Any]) -> Programme:
    """Correct a programme; fields that are not in `data` stay. Raises NotFound, Forbidden, Invalid."""
    programme = programme_policy.get(actor, "edit", programme_id, lock=True)
    fill(programme, data, FIELDS, _check_programme)
    programme.save()
    return programme


@service
def publish_programme(actor: Actor, *, programme_id: uuid.UUID) -> Programme:
    """Show a programme to everybody. Raises NotFound, Forbidden, IllegalTransition."""
    return _move_programme(actor, programme_id, "publish")


@service
def archive_programme(actor: Actor, *, programme_id: uuid.UUID) -> Programme:
    """Take a programme off the offer; what it taught stays. Raises NotFound, Forbidden, IllegalTransition."""
    return _move_programme(actor, programme_id, "archive")


@service
def add_intake(actor: Actor, *, programme_id: uuid.UUID, data: dict[str, Any]) -> Intake:
    """Plan an intake. `data` holds INTAKE_FIELDS. Raises NotFound, Forbidden, Invalid."""
    intake = Intake(programme=programme_policy.get(actor, "edit", programme_id))
    fill(intake, data, INTAKE_FIELDS, _check_intake)
    intake.save(force_insert=True)
    return intake


@service
def update_intake(actor: Actor, *, intake_id: uuid.UUID, data: dict[str, Any]) -> Intake:
    """Change an intake that is still ahead.

    Raises NotFound, Forbidden, Invalid, SeatsTaken below the seats that are held, IllegalTransition once it runs.
    """
    intake = intake_policy.get(actor, "edit", intake_id, lock=True)
    if intake.state not in AHEAD:
        raise IllegalTransition(extra={"state": intake.state})
    fill(intake, data, INTAKE_FIELDS, _check_intake)
    if intake.seats < intake.taken:
        raise SeatsTaken(extra={"taken": intake.taken})
    # The counter is written by the conditional UPDATE alone.
    intake.save(update_fields=[*INTAKE_FIELDS, "updated_at"])
    # The nominations repeat the days, so that two placements of one person are kept apart on the new ones too.
    days = {"starts_on": intake.starts_on, "ends_on": intake.ends_on}
    intake.nominations.exclude(**days).update(**days, updated_at=timezone.now())
    fill_seats(intake)
    intake.refresh_from_db(fields=["taken"])
    return intake


@service
def open_intake(actor: Actor, *, intake_id: uuid.UUID) -> Intake:
    """Let employers nominate. Raises NotFound, Forbidden, IllegalTransition, NotPublished, and Invalid at
    `nominate_by` where that moment has passed.
    """
    intake = intake_policy.get(
        actor, "edit", intake_id, lock=True, queryset=Intake.objects.select_related("programme")
    )
    INTAKE.move(intake, "open")
    if intake.programme.state != ProgrammeState.PUBLISHED:
        raise NotPublished
    if intake.nominate_by <= timezone.now():
        raise Invalid({"nominate_by": [_("The time to nominate has passed: set a later one first.")]})
    intake.save(update_fields=["state", "updated_at"])
    return intake


@service
def close_intake(actor: Actor, *, intake_id: uuid.UUID) -> Intake:
    """Take no more nominations. Raises NotFound, Forbidden, IllegalTransition."""
    return _move_intake(actor, intake_id, "close")


@service
def start_intake(actor: Actor, *, intake_id: uuid.UUID) -> Intake:
    """An intake has begun: whoever is confirmed learns, whoever is not has no seat any more.

    Raises NotFound, Forbidden, IllegalTransition.
    """
    intake = _move_intake(actor, intake_id, "start")
    end_all(SYSTEM, intake, "expire", _("The intake has begun."), (*CANDIDATE, NominationState.ACCEPTED))
    for nomination in locked_in(intake, NominationState.CONFIRMED):
        move(SYSTEM, nomination, "begin")
    return intake


@service
def finish_intake(actor: Actor, *, intake_id: uuid.UUID) -> Intake:
    """An intake is over: whoever was present enough has completed it, of the others the office decides one by one.

    Raises NotFound, Forbidden, IllegalTransition.
    """
    intake = _move_intake(actor, intake_id, "finish")
    learning = locked_in(intake, NominationState.IN_PROGRESS)
    presence = presence_of(intake, learning)
    for nomination in learning:
        if not presence[nomination.pk].shortfalls:
            move(SYSTEM, nomination, "complete")
    return intake


@service
def cancel_intake(actor: Actor, *, intake_id: uuid.UUID, reason: str) -> Intake:
    """An intake will not take place, and nobody of it goes.

    Raises NotFound, Forbidden, IllegalTransition, Invalid without a reason.
    """
    require_words("reason", reason)
    why = reason.strip()[:300]
    intake = _move_intake(actor, intake_id, "cancel", cancel_reason=why)
    open_ones = (*CANDIDATE, NominationState.ACCEPTED, NominationState.CONFIRMED, NominationState.IN_PROGRESS)
    end_all(SYSTEM, intake, "withdraw", why, open_ones)
    leave_rooms(intake.sessions.values_list("pk", flat=True), why)
    return intake


@service
def add_session(actor: Actor, *, intake_id: uuid.UUID, data: dict[str, Any]) -> IntakeSession:
    """Add a line to the agenda. `data` holds SESSION_FIELDS, and `hall` where it takes place in one of the cluster's
    rooms, which is booked with it. Raises NotFound, Forbidden, Invalid, and RoomTaken where that cannot be had.
    """
    session = IntakeSession(intake=intake_policy.get(actor, "edit", intake_id))
    return _save_session(actor, session, data)


@service
def update_session(actor: Actor, *, session_id: uuid.UUID, data: dict[str, Any]) -> IntakeSession:
    """Correct a line of the agenda; its room follows it to another time, or to another room (`hall`; None: to none).

    Raises NotFound, Forbidden, Invalid, and RoomTaken where the room cannot be had: then nothing changes.
    """
    rows = IntakeSession.objects.select_related("intake")
    session = session_policy.get(actor, "edit", session_id, lock=True, queryset=rows)
    before = where_and_when(session)
    _save_session(actor, session, data)
    if where_and_when(session) != before:
        note_session(actor, "move", session)
    return session


@service
def remove_session(actor: Actor, *, session_id: uuid.UUID) -> None:
    """Take a line off the agenda and give its room back; the journal keeps it.

    Raises NotFound, Forbidden, HasChecks.
    """
    session = session_policy.get(actor, "edit", session_id, lock=True)
    if session.checks.exists():
        raise HasChecks
    note_session(actor, "cancel", session)
    leave_rooms([session.pk], _("The session was taken off the agenda."))
    session.delete()


def _save_session(actor: Actor, session: IntakeSession, data: dict[str, Any]) -> IntakeSession:
    own = {name: value for name, value in data.items() if name != "hall"}
    fill(session, own, SESSION_FIELDS, _check_session)
    session.save()
    follow(actor, session, data["hall"] if "hall" in data else hall_of(session))
    return session


def _move_programme(actor: Actor, programme_id: uuid.UUID, action: str) -> Programme:
    programme = programme_policy.get(actor, "edit", programme_id, lock=True)
    PROGRAMME.move(programme, action)
    programme.save(update_fields=["state", "updated_at"])
    return programme


def _move_intake(actor: Actor, intake_id: uuid.UUID, action: str, **values: Any) -> Intake:
    intake = intake_policy.get(actor, "edit", intake_id, lock=True)
    INTAKE.move(intake, action)
    for name, value in values.items():
        setattr(intake, name, value)
    intake.save(update_fields=["state", *values, "updated_at"])
    return intake


def _check_programme(programme: Programme) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    if not is_country(programme.country):
        errors["country"] = [_("Please choose a country.")]
    if programme.language not in LANGUAGES:
        errors["language"] = [_("Please choose the language.")]
    if programme.credits > programme.hours:
        errors["credits"] = [_("One credit is one academic hour: there cannot be more of them than hours.")]
    known = set(Specialty.objects.filter(pk__in=programme.specialties).values_list("pk", flat=True))
    if unknown := sorted(set(programme.specialties) - known):
        errors["specialties"] = [_("There is no such specialty: %(codes)s.") % {"codes": ", ".join(unknown)}]
    return errors


def _check_intake(intake: Intake) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    if intake.ends_on < intake.starts_on:
        errors["ends_on"] = [_("The last day is before the first one.")]
    try:
        begins = start_of(intake.starts_on, intake.time_zone)
    except (ValueError, OSError, KeyError):
        return errors | {"time_zone": [_("There is no such time zone.")]}
    if intake.nominate_by >= begins:
        errors["nominate_by"] = [_("Nomination ends before the intake begins.")]
    if intake.per_organization and intake.per_organization > intake.seats:
        errors["per_organization"] = [_("This is more than there are seats.")]
    return errors


def _check_session(session: IntakeSession) -> dict[str, list[Any]]:
    intake = session.intake
    if session.ends <= session.starts:
        return {"ends": [_("The end is not after the beginning.")]}
    if not start_of(intake.starts_on, intake.time_zone) <= session.starts:
        return {"starts": [_("The intake has not begun by then.")]}
    if session.ends > start_of(intake.ends_on + timedelta(days=1), intake.time_zone):
        return {"ends": [_("The intake is over by then.")]}
    return {}
