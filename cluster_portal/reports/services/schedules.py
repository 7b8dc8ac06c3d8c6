"""Reports that come by themselves: setting them up, stopping them, running what is due."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cluster_portal.accounts.selectors import colleagues
from cluster_portal.common.actor import resolve_actor
from cluster_portal.common.errors import Forbidden, Invalid, PortalError
from cluster_portal.common.service import service
from cluster_portal.reports.calendar import next_run
from cluster_portal.reports.models import Frequency, Schedule
from cluster_portal.reports.policies import schedule_policy
from cluster_portal.reports.services.asking import find_report, run_report

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from cluster_portal.common.actor import Actor

log = logging.getLogger(__name__)


@service
def create_schedule(
    actor: Actor,
    *,
    code: str,
    parameters: dict[str, Any],
    file_format: str,
    frequency: str,
    weekday: int | None = None,
    day: int | None = None,
    hour: int = 7,
    recipients: Sequence[uuid.UUID] = (),
) -> Schedule:
    """Let a report come by itself from its next moment on, also to colleagues of the same organisation.

    Raises NotFound, Forbidden (programs have no schedules) and Invalid with the fields at fault.
    """
    if actor.user_id is None or actor.organization_id is None:
        raise Forbidden
    report = find_report(actor, code)
    report.check(actor, parameters)
    errors: dict[str, Any] = {}
    if file_format not in report.formats:
        errors["file_format"] = _("Please choose one of the formats.")
    if frequency == Frequency.WEEKLY and weekday is None:
        errors["weekday"] = _("Please choose the day of the week.")
    if frequency == Frequency.MONTHLY and day is None:
        errors["day"] = _("Please choose the day of the month.")
    if strangers := set(recipients) - _colleagues(actor):
        errors["recipients"] = _("%(count)s of them do not work in your organisation.") % {
            "count": len(strangers)
        }
    if errors:
        raise Invalid(errors)
    schedule = Schedule(
        report=code, parameters=parameters, file_format=file_format, language=(get_language() or "ru")[:2],
        user_id=actor.user_id, organization_id=actor.organization_id, recipients=list(recipients),
        frequency=frequency, weekday=weekday, day=day, hour=hour, time_zone=actor.time_zone,
    )  # fmt: skip
    schedule.next_at = next_run(schedule, timezone.now())
    schedule.save(force_insert=True)
    return schedule


@service
def switch_schedule(actor: Actor, *, schedule_id: uuid.UUID, on: bool) -> Schedule:
    """Stop a schedule, or let it go on from its next moment. Raises NotFound."""
    schedule = schedule_policy.get(actor, "switch", schedule_id, lock=True)
    schedule.is_active, schedule.stopped = on, ""
    if on:
        schedule.next_at = next_run(schedule, timezone.now())
    schedule.save()
    return schedule


def _colleagues(actor: Actor) -> set[uuid.UUID]:
    return set(colleagues(actor.organization_id).values_list("pk", flat=True))


def run_due(limit: int = 100) -> int:
    """Ask for every scheduled report whose moment has come, as its owner. Returns how many were asked for.

    A schedule that was missed while the portal stood still runs once, not once for each missed moment. One whose
    owner may no longer run it is stopped, with the reason.
    """
    done = 0
    while done < limit and _run_one():
        done += 1
    return done


def _run_one() -> bool:
    with transaction.atomic():
        now = timezone.now()
        schedule = (
            Schedule.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("user")
            .filter(is_active=True, next_at__lte=now)
            .order_by("next_at", "id")
            .first()
        )
        if schedule is None:
            return False
        schedule.next_at = next_run(schedule, now)
        actor = resolve_actor(user=schedule.user, organization_id=schedule.organization_id)
        try:
            with transaction.atomic(), translation.override(schedule.language):
                if actor.organization_id != schedule.organization_id:
                    raise Forbidden
                # Only those who still work there.
                shared = set(schedule.recipients) & _colleagues(actor)
                job = run_report(
                    actor, code=schedule.report, parameters=schedule.parameters, language=schedule.language,
                    file_format=schedule.file_format, shared_with=sorted({schedule.user_id, *shared}),
                )  # fmt: skip
                schedule.last_job_id = job.pk
        except PortalError as error:
            log.warning("schedule stopped", extra={"schedule": str(schedule.pk), "code": error.code})
            schedule.is_active, schedule.stopped = False, str(error.detail)[:200]
        schedule.save()
    return True
