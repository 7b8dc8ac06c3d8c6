"""The journal of an internship and what the host says of somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.selectors.calendar import today_at
from cluster_portal.common.errors import Invalid, NotFound
from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from training.errors import DayConfirmed
from training.models import Assessment, JournalEntry, Nomination
from training.policies import nomination_policy
from training.states import AssessmentKind

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor

#: What is entered of a day, and of an assessment.
DAY_FIELDS = ("day", "minutes", "text")
ASSESSMENT_FIELDS = ("is_passed", "text", "assessor", "assessed_on")


@service
def write_journal(
    actor: Actor, *, nomination_id: uuid.UUID, data: dict[str, Any], entry_id: uuid.UUID | None = None
) -> JournalEntry:
    """Write a day of an internship into its journal, or correct one. `data` holds DAY_FIELDS.

    Raises NotFound, Forbidden, Invalid, DayWritten for a second entry of a day, DayConfirmed for a confirmed one.
    """
    nomination = _there(actor, "write_journal", nomination_id)
    entry = JournalEntry(nomination=nomination)
    if entry_id:
        entry = nomination.journal.select_for_update().filter(pk=entry_id).first()
        if entry is None:
            raise NotFound
        if entry.confirmed_at:
            raise DayConfirmed
    entry.nomination = nomination
    fill(entry, data, DAY_FIELDS, _check_day)
    entry.save()
    return entry


@service
def confirm_journal(actor: Actor, *, nomination_id: uuid.UUID, entry_ids: Iterable[uuid.UUID]) -> int:
    """The host confirms days of a journal; those that are confirmed stay so. How many are new.

    Raises NotFound, Forbidden.
    """
    nomination = _there(actor, "assess", nomination_id)
    rows = nomination.journal.filter(pk__in=set(entry_ids), confirmed_at__isnull=True)
    now = timezone.now()
    return rows.update(confirmed_at=now, confirmed_by=actor.name[:200], updated_at=now)


@service
def assess(actor: Actor, *, nomination_id: uuid.UUID, kind: str, data: dict[str, Any]) -> Assessment:
    """Note what the host says of somebody, in the middle or at the end; said again, it replaces what was said.

    `data` holds ASSESSMENT_FIELDS. Raises NotFound, Forbidden, Invalid.
    """
    nomination = _there(actor, "assess", nomination_id)
    if kind not in AssessmentKind.values:
        raise Invalid({"kind": [_("There is no such assessment.")]})
    assessment = nomination.assessments.filter(kind=kind).first()
    assessment = assessment or Assessment(nomination=nomination, kind=kind)
    assessment.nomination = nomination
    fill(assessment, data, ASSESSMENT_FIELDS, _check_assessment)
    assessment.save()
    return assessment


def _there(actor: Actor, action: str, nomination_id: uuid.UUID) -> Nomination:
    """The locked nomination of somebody who has a confirmed seat, with its intake. Raises NotFound, Forbidden."""
    rows = Nomination.objects.select_related("intake")
    return nomination_policy.get(actor, action, nomination_id, lock=True, queryset=rows)


def _check_day(entry: JournalEntry) -> dict[str, list[Any]]:
    intake = entry.nomination.intake
    if not intake.starts_on <= entry.day <= intake.ends_on:
        return {"day": [_("The intake does not last on this day.")]}
    if entry.day > today_at(intake.time_zone):
        return {"day": [_("This day has not come yet.")]}
    return {}


def _check_assessment(assessment: Assessment) -> dict[str, list[Any]]:
    intake = assessment.nomination.intake
    if assessment.assessed_on > today_at(intake.time_zone):
        return {"assessed_on": [_("This day has not come yet.")]}
    if assessment.assessed_on < intake.starts_on:
        return {"assessed_on": [_("The intake has not begun by then.")]}
    return {}
