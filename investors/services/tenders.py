"""Tenders: drafted, published, changed in the open, ended. What the clock brings is in `services/clock.py`.

The order of locks is the tender, then its plots by their ids.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cluster_portal.common import numbering
from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from cluster_portal.common.translated import LANGUAGES, columns
from investors.errors import (
    AwardStands,
    TenderIncomplete,
    TenderPublished,
    TermsFixed,
    TimetableOutOfOrder,
)
from investors.events import TENDER_MOVED, TERMS_CHANGED
from investors.models import Criterion, Tender, TenderPlot, TenderVersion
from investors.policies import tender_policy
from investors.services.awards import end_with_tender, in_force, require_award
from investors.services.bids import outdate_bids
from investors.services.clock import lock_tender
from investors.services.opening import lock_up
from investors.services.plots import put_plot_to_tender, release_plot
from investors.states import OPEN_TERMS, TENDER, TOGETHER, PlotState, TenderState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cluster_portal.common.actor import Actor

SEQUENCE, PREFIX = "investors_tender_number", "TND"
MOMENTS = ("questions_from", "questions_until", "bids_until", "opening_at", "evaluation_until")
#: What is entered of a tender, beside `plots` (rows) and `criteria` (dicts of CRITERION_FIELDS).
FIELDS = (*columns("title", "terms"), "guarantee", *MOMENTS, "standstill_days")
CRITERION_FIELDS = (*columns("name"), "weight", "figure")
MOST_CRITERIA = 8
#: What has to be said in English too: the tender is international.
ENGLISH = ("title_en", "terms_en")


@service
def add_tender(actor: Actor, *, data: dict[str, Any]) -> Tender:
    """Draft a tender. `data` holds FIELDS, `plots` and `criteria`. Raises Forbidden, Invalid, TimetableOutOfOrder."""
    tender_policy.require(actor, "create")
    return _write(
        Tender(number=numbering.next_number(SEQUENCE, prefix=PREFIX, year=timezone.now().year)), data
    )


@service
def update_tender(actor: Actor, *, tender_id: uuid.UUID, data: dict[str, Any]) -> Tender:
    """Correct a draft; what is not in `data` stays. Raises as `add_tender`, NotFound, TenderPublished."""
    tender = tender_policy.get(actor, "edit", tender_id, lock=True)
    if tender.state != TenderState.DRAFT:
        raise TenderPublished
    return _write(tender, data)


@service
def publish_tender(actor: Actor, *, tender_id: uuid.UUID) -> Tender:
    """Announce a tender; its plots go to tender with it.

    Raises NotFound, Forbidden, IllegalTransition, TenderIncomplete, TimetableOutOfOrder.
    """
    tender, now = lock_tender(actor, "edit", tender_id)
    TENDER.move(tender, "publish")
    _check_complete(tender)
    _check_periods(tender, now, now + timedelta(days=settings.TENDER_BID_DAYS))
    lock_up(tender)
    tender.published_at = now
    tender.save()
    _each_plot(actor, tender, put_plot_to_tender)
    _keep_version(actor, tender, now)
    return tender


@service
def change_terms(
    actor: Actor,
    *,
    tender_id: uuid.UUID,
    data: dict[str, Any],
    reason_ru: str,
    reason_en: str,
    reason_kk: str = "",
) -> Tender:
    """Publish new terms, before the time for bids is over. `data` as for `update_tender`, but for `plots`.

    The time for bids goes on for at least `TENDER_EXTENSION_DAYS` from now. Bids that are there wait until their
    companies confirm them again, and the companies are told.

    Raises NotFound, Forbidden, TermsFixed, IllegalTransition, Invalid, TimetableOutOfOrder.
    """
    tender, now = lock_tender(actor, "edit", tender_id)
    if tender.published_at and tender.state not in OPEN_TERMS:
        raise TermsFixed
    TENDER.move(tender, "change_terms")
    reason = {"reason_ru": reason_ru.strip(), "reason_en": reason_en.strip(), "reason_kk": reason_kk.strip()}
    for name in ("reason_ru", "reason_en"):
        require_words(name, reason[name])
    if "plots" in data:
        raise Invalid(
            {"plots": [_("The plots of a published tender stay: cancel it and announce another one.")]}
        )
    passed = [name for name in MOMENTS if name in data and getattr(tender, name) <= now]
    if moved := [name for name in passed if _minute(data[name]) != getattr(tender, name)]:
        raise TimetableOutOfOrder({name: [_("This moment has passed.")] for name in moved})
    _write(tender, data)
    _check_complete(tender)
    _check_periods(tender, now, now + timedelta(days=settings.TENDER_EXTENSION_DAYS), passed)
    _keep_version(actor, tender, now, **reason)
    outdate_bids(tender)
    enqueue(TERMS_CHANGED, {"tender": str(tender.pk), "version": tender.version})
    return tender


@service
def cancel_tender(actor: Actor, *, tender_id: uuid.UUID, reason: str) -> Tender:
    """Call a tender off; its plots are on offer again.

    Raises NotFound, Forbidden, IllegalTransition, Invalid without a reason.
    """
    return _end(actor, tender_id, "cancel", reason)


@service
def fail_tender(actor: Actor, *, tender_id: uuid.UUID, reason: str) -> Tender:
    """Nobody won; the plots are on offer again. Raises as `cancel_tender`, AwardStands."""
    return _end(actor, tender_id, "fail", reason)


@service
def complete_tender(actor: Actor, *, tender_id: uuid.UUID) -> Tender:
    """The award has stood its time: the contract may follow, and its plots stay reserved for it.

    Raises NotFound, Forbidden, IllegalTransition, NothingAwarded, StandstillRuns by the database's clock.
    """
    tender, _now = lock_tender(actor, "judge", tender_id)
    TENDER.move(tender, "complete")
    require_award(tender)
    tender.save(update_fields=["state", "updated_at"])
    enqueue(TENDER_MOVED, {"tender": str(tender.pk), "state": tender.state})
    return tender


def _end(actor: Actor, tender_id: uuid.UUID, action: str, reason: str) -> Tender:
    require_words("reason", reason)
    tender, now = lock_tender(actor, "edit", tender_id)
    was_draft = tender.state == TenderState.DRAFT
    TENDER.move(tender, action)
    if action == "fail" and in_force(tender):
        raise AwardStands
    end_with_tender(tender, reason, now)
    tender.end_reason = reason.strip()[:300]
    tender.save(update_fields=["state", "end_reason", "updated_at"])
    if not was_draft:
        _each_plot(actor, tender, release_plot)
        enqueue(TENDER_MOVED, {"tender": str(tender.pk), "state": tender.state})
    return tender


def _each_plot(actor: Actor, tender: Tender, service: Callable[..., Any]) -> None:
    for plot in tender.lots.order_by("plot").values_list("plot", flat=True):
        service(actor, plot_id=plot)


def _write(tender: Tender, data: dict[str, Any]) -> Tender:
    data = {name: _minute(value) if name in MOMENTS else value for name, value in data.items()}
    plots, criteria = data.pop("plots", None), data.pop("criteria", None)
    fill(tender, data, FIELDS, _check_order)
    rows = _criteria(tender, criteria) if criteria is not None else []
    tender.save()
    if plots is not None:
        tender.lots.exclude(plot__in=plots).delete()
        there = set(tender.lots.values_list("plot", flat=True))
        TenderPlot.objects.bulk_create(
            TenderPlot(tender=tender, plot=plot) for plot in plots if plot.pk not in there
        )
    if criteria is not None:
        tender.criteria.all().delete()
        Criterion.objects.bulk_create(rows)
    return tender


def _minute(moment: Any) -> Any:
    """A timetable is told in minutes."""
    return moment.replace(second=0, microsecond=0) if moment else moment


def _criteria(tender: Tender, entered: Sequence[dict[str, Any]]) -> list[Criterion]:
    if len(entered) > MOST_CRITERIA:
        raise Invalid({"criteria": [_("At most %(n)s criteria.") % {"n": MOST_CRITERIA}]})
    rows, errors = [], []
    for position, one in enumerate(entered, 1):
        row = Criterion(tender=tender, position=position)
        try:
            fill(row, one, CRITERION_FIELDS)
        except Invalid as exc:
            errors += [f"{position}. {text}" for texts in exc.errors.values() for text in texts]
        rows.append(row)
    if errors:
        raise Invalid({"criteria": errors})
    if rows and (total := sum(row.weight for row in rows)) != 100:
        raise Invalid({"criteria": [_("The weights sum to %(n)s instead of 100.") % {"n": total}]})
    return rows


def _check_order(tender: Tender) -> dict[str, list[Any]]:
    moments = [getattr(tender, name) for name in MOMENTS]
    return {
        name: [_("This comes after what precedes it in the timetable.")]
        for name, before, moment in zip(MOMENTS[1:], moments, moments[1:], strict=False)
        # Envelopes may be opened in the very moment in which bidding ends.
        if moment < before or (moment == before and name != "opening_at")
    }


def _check_complete(tender: Tender) -> None:
    errors: dict[str, list[Any]] = {
        name: [_("The tender is international: say it in English too.")]
        for name in ENGLISH
        if not getattr(tender, name)
    }
    if not tender.criteria.exists():
        errors["criteria"] = [_("By what are bids judged?")]
    plots = list(tender.plots.order_by("number"))
    if not plots:
        errors["plots"] = [_("Which plots are offered?")]
    if tender.version == 0 and (
        taken := [plot.number for plot in plots if plot.state != PlotState.PUBLISHED]
    ):
        errors["plots"] = [_("These plots are not free: %(plots)s.") % {"plots": ", ".join(taken)}]
    if tender.version == 0 and tender.key_parts.count() < TOGETHER:
        errors["officials"] = [_("At least two officials have to take a part of the key first.")]
    if errors:
        raise TenderIncomplete(errors)


def _check_periods(
    tender: Tender, now: datetime, bids_at_least: datetime, passed: Sequence[str] = ()
) -> None:
    """Raise TimetableOutOfOrder where less time is left than the settings ask for."""
    errors = {}
    days = settings.TENDER_QUESTION_DAYS
    begin = max(tender.questions_from, now)
    if (
        "questions_until" not in passed
        and not tender.version
        and tender.questions_until < begin + timedelta(days=days)
    ):
        errors["questions_until"] = [
            ngettext(
                "Leave at least %(n)s day for questions.", "Leave at least %(n)s days for questions.", days
            )
            % {"n": days}
        ]
    if tender.bids_until < bids_at_least:
        days = (bids_at_least - now).days
        errors["bids_until"] = [
            ngettext(
                "Bids are taken for at least %(n)s day from now.",
                "Bids are taken for at least %(n)s days from now.",
                days,
            )
            % {"n": days}
        ]
    if tender.standstill_days < settings.TENDER_STANDSTILL_DAYS:
        errors["standstill_days"] = [_("At least %(n)s.") % {"n": settings.TENDER_STANDSTILL_DAYS}]
    if errors:
        raise TimetableOutOfOrder(errors)


def _keep_version(actor: Actor, tender: Tender, now: datetime, **reason: str) -> None:
    tender.version += 1
    tender.save(update_fields=["version", "updated_at"])
    TenderVersion.objects.create(
        tender=tender,
        number=tender.version,
        said=said_by(tender),
        published_at=now,
        author_id=actor.user_id,
        **reason,
    )


def said_by(tender: Tender) -> dict[str, Any]:
    """A tender as it is published: what its versions keep and its digest of terms is made of."""
    return {
        "title": {code: getattr(tender, f"title_{code}") for code in LANGUAGES},
        "terms": {code: getattr(tender, f"terms_{code}") for code in LANGUAGES},
        "guarantee": f"{tender.guarantee:.2f}",
        "standstill_days": tender.standstill_days,
        **{name: getattr(tender, name).astimezone(UTC).isoformat() for name in MOMENTS},
        "plots": list(tender.plots.order_by("number").values_list("number", flat=True)),
        "criteria": [
            {
                "name": {code: getattr(one, f"name_{code}") for code in LANGUAGES},
                "weight": one.weight,
                "figure": one.figure,
            }
            for one in tender.criteria.all()
        ],
    }
