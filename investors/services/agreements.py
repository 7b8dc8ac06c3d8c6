"""Agreements: drafted, signed, brought into force and ended by the land office.

The order of locks is the agreement, then its plots by their ids: of two agreements for one plot the second finds it
held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Organization
from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.common import numbering
from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from cluster_portal.files.storage import forget, kept
from investors.errors import (
    AgreementDocumentExists,
    AgreementSigned,
    AgreementTooEarly,
    AgreementUndated,
    AgreementWithoutGrounds,
    NotTheWinner,
    PlotHeld,
    PlotNotKept,
    TenderNotComplete,
)
from investors.models import Agreement, AgreementDocument, AgreementPlot, Plot, Tender
from investors.policies import investor_policy
from investors.policies.residents import agreement_document_policy, agreement_policy
from investors.selectors.awards import winner_of
from investors.services.documents import put_document
from investors.services.notices import tell_of_agreement
from investors.services.plots import move_on
from investors.states import (
    AGREEMENT,
    AgreementState,
    InterestState,
    InvestorState,
    PlotState,
    TenderState,
)
from investors.states import Tenure as T

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping
    from datetime import date

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.filling import Errors
    from cluster_portal.files.storage import Kept

SEQUENCE, PREFIX = "investors_agreement_number", "AGR"
#: What is entered of an agreement beside its company and plots (both as rows).
FIELDS = (
    "tender", "interest", "reason", "tenure", "term_years", "price", "currency", "valid_from", "valid_until",
)  # fmt: skip
DOCUMENT_FIELDS = ("title",)
#: Plots of one agreement.
MOST_PLOTS = 20


@service
def draft_agreement(
    actor: Actor, *, investor_id: uuid.UUID, plot_ids: Iterable[uuid.UUID], data: Mapping[str, Any]
) -> Agreement:
    """Draft an agreement with a verified company. `data` holds FIELDS; without a currency it is the cluster's.

    Raises NotFound, Forbidden (also for one's own company), Invalid, AgreementWithoutGrounds, TenderNotComplete,
    NotTheWinner.
    """
    agreement_policy.require(actor, "create")
    investor = investor_policy.get(actor, "decide", investor_id)
    if investor.state != InvestorState.VERIFIED:
        raise Invalid({"investor": [_("The land office has not verified this company.")]})
    agreement = Agreement(investor=investor)
    _write(agreement, {"currency": current_cluster().currency} | dict(data), plot_ids)
    return agreement


@service
def update_agreement(
    actor: Actor,
    *,
    agreement_id: uuid.UUID,
    data: Mapping[str, Any],
    plot_ids: Iterable[uuid.UUID] | None = None,
) -> Agreement:
    """Correct a draft; what is not given stays. Raises as `draft_agreement`, AgreementSigned."""
    agreement = agreement_policy.get(actor, "keep", agreement_id, lock=True)
    if agreement.state != AgreementState.DRAFT:
        raise AgreementSigned
    _write(agreement, data, plot_ids)
    return agreement


@service
def sign_agreement(actor: Actor, *, agreement_id: uuid.UUID, signed_on: date | None = None) -> Agreement:
    """Both sides have signed, today or on the day told: the plots are given.

    Raises NotFound, Forbidden, IllegalTransition, AgreementTooEarly, AgreementUndated, TenderNotComplete, NotTheWinner,
    PlotNotKept, PlotHeld.
    """
    agreement = agreement_policy.get(actor, "keep", agreement_id, lock=True)
    AGREEMENT.move(agreement, "sign")
    today = _today()
    agreement.signed_on = signed_on or today
    if agreement.signed_on > today:
        raise AgreementTooEarly(field="signed_on")
    if agreement.valid_from is None:
        raise AgreementUndated(field="valid_from")
    _check_tender(agreement)
    plots = _lock_plots(agreement)
    _check_plots(agreement, plots)
    _check_promised(agreement, plots)
    agreement.save(update_fields=["state", "signed_on", "updated_at"])
    for plot in plots:
        if plot.state != PlotState.ALLOCATED:
            move_on(plot, "allocate")
    tell_of_agreement("sign", agreement)
    return agreement


@service
def enforce_agreement(actor: Actor, *, agreement_id: uuid.UUID) -> Agreement:
    """The agreement is in force: its company is a resident, and everybody may know it.

    Raises NotFound, Forbidden, IllegalTransition, AgreementTooEarly before its first day.
    """
    agreement = agreement_policy.get(actor, "keep", agreement_id, lock=True)
    AGREEMENT.move(agreement, "enforce")
    if agreement.valid_from > _today():
        raise AgreementTooEarly(field="valid_from")
    agreement.enforced_at = timezone.now()
    agreement.save(update_fields=["state", "enforced_at", "updated_at"])
    tell_of_agreement("enforce", agreement)
    return agreement


@service
def end_agreement(actor: Actor, *, agreement_id: uuid.UUID) -> Agreement:
    """The term is over; what was not built on is on offer again.

    Raises NotFound, Forbidden, IllegalTransition, AgreementTooEarly before its last day has passed (or without one).
    """
    agreement = agreement_policy.get(actor, "keep", agreement_id, lock=True)
    AGREEMENT.move(agreement, "end")
    if agreement.valid_until is None or agreement.valid_until >= _today():
        raise AgreementTooEarly(field="valid_until")
    return _close(agreement, "end")


@service
def terminate_agreement(actor: Actor, *, agreement_id: uuid.UUID, reason: str) -> Agreement:
    """End an agreement before its time, or drop a draft; what it held and nobody built on is on offer again.

    Raises NotFound, Forbidden, IllegalTransition, Invalid without a reason.
    """
    require_words("reason", reason)
    agreement = agreement_policy.get(actor, "keep", agreement_id, lock=True)
    AGREEMENT.move(agreement, "terminate")
    agreement.end_reason = reason.strip()[:300]
    return _close(agreement, "terminate")


@service
def link_organization(actor: Actor, *, investor_id: uuid.UUID, organization_id: uuid.UUID | None) -> None:
    """Say which organisation of the registry a company is, or that it is none.

    Raises NotFound, Forbidden, Invalid, OrganizationLinked.
    """
    investor = investor_policy.get(actor, "decide", investor_id, lock=True)
    if organization_id and not Organization.objects.filter(pk=organization_id).exists():
        raise Invalid({"organization": [_("There is no such organisation.")]})
    investor.organization_id = organization_id
    investor.save(update_fields=["organization", "updated_at"])


def add_agreement_document(
    actor: Actor, *, agreement_id: uuid.UUID, upload: UploadedFile | None, data: Mapping[str, Any]
) -> AgreementDocument:
    """Check a file, keep it for the company and the offices. `data` holds DOCUMENT_FIELDS.

    Raises NotFound, Forbidden, FileRefused and ScannerAway (at `file`), Invalid, AgreementDocumentExists,
    TooManyDocuments.
    """
    agreement_policy.get(actor, "keep", agreement_id)
    with kept([upload]) as [file]:
        return write_agreement_document(actor, agreement_id=agreement_id, file=file, data=data)


@service
def write_agreement_document(
    actor: Actor, *, agreement_id: uuid.UUID, file: Kept, data: Mapping[str, Any]
) -> AgreementDocument:
    """Write the row of a file that is kept already (see `add_agreement_document`)."""
    agreement = agreement_policy.get(actor, "keep", agreement_id, lock=True)
    document = AgreementDocument(agreement=agreement, **file.columns(actor))
    return put_document(document, agreement.documents, data, DOCUMENT_FIELDS, exists=AgreementDocumentExists)


@service
def remove_agreement_document(actor: Actor, *, document_id: uuid.UUID) -> None:
    """Take a paper of a draft away, with its content. Raises NotFound, Forbidden, AgreementSigned."""
    document = agreement_document_policy.get(actor, "keep", document_id, lock=True)
    if document.agreement.state != AgreementState.DRAFT:
        raise AgreementSigned
    forget(document)


def _today() -> date:
    return today_at(current_cluster().time_zone)


def _write(agreement: Agreement, data: Mapping[str, Any], plot_ids: Iterable[uuid.UUID] | None) -> None:
    fill(agreement, data, FIELDS, _check_fields)
    if not (agreement.tender_id or agreement.interest_id or agreement.reason):
        raise AgreementWithoutGrounds(field="reason")
    _check_tender(agreement)
    wanted = None if plot_ids is None else set(plot_ids)
    if wanted is not None:
        found = Plot.objects.filter(pk__in=wanted).exclude(state=PlotState.DRAFT)
        if agreement.tender_id:
            found = found.filter(lots__tender=agreement.tender_id)
        plots = list(found)
        if not plots or len(plots) != len(wanted) or len(plots) > MOST_PLOTS:
            raise Invalid({"plots": [_("Choose plots of the tender, or others that were published.")]})
    if agreement._state.adding:
        agreement.number = numbering.next_number(SEQUENCE, prefix=PREFIX, year=_today().year)
    agreement.save()
    if wanted is not None:
        agreement.given.exclude(plot__in=wanted).delete()
        there = set(agreement.given.values_list("plot", flat=True))
        AgreementPlot.objects.bulk_create(
            AgreementPlot(agreement=agreement, plot=plot) for plot in plots if plot.pk not in there
        )


def _check_fields(agreement: Agreement) -> Errors:
    errors: Errors = {}
    if agreement.tenure == T.SALE:
        if agreement.term_years or agreement.valid_until:
            errors["term_years"] = [_("What is sold has no term.")]
    elif not agreement.term_years:
        errors["term_years"] = [_("For how many years?")]
    if agreement.valid_from and agreement.valid_until and agreement.valid_until <= agreement.valid_from:
        errors["valid_until"] = [_("It ends before it begins.")]
    interest = agreement.interest
    if interest and (
        interest.investor_id != agreement.investor_id or interest.state != InterestState.AGREEMENT
    ):
        errors["interest"] = [_("Choose an interest of this company that was agreed on.")]
    return errors


def _check_tender(agreement: Agreement) -> None:
    """Raise TenderNotComplete or NotTheWinner where the tender does not lead to this agreement."""
    if agreement.tender is None:
        return
    if agreement.tender.state != TenderState.COMPLETE:
        raise TenderNotComplete(field="tender")
    award = winner_of(agreement.tender)
    if award is None or award.bid.investor_id != agreement.investor_id:
        raise NotTheWinner(field="investor")


def _check_promised(agreement: Agreement, plots: list[Plot]) -> None:
    """Raise NotTheWinner where plots wait for the agreement with the winner of another tender."""
    promised = Tender.objects.filter(
        lots__plot__in=plots, state__in=(TenderState.AWARDED, TenderState.COMPLETE)
    ).exclude(pk=agreement.tender_id)
    met = Agreement.objects.exclude(state=AgreementState.DRAFT).filter(tender=OuterRef("pk"))
    if promised.exclude(Exists(met)).exists():
        raise NotTheWinner(_("A plot waits for the agreement with the winner of its tender."), field="plots")


def _lock_plots(agreement: Agreement) -> list[Plot]:
    rows = Plot.objects.select_for_update(of=("self",), no_key=True).filter(given__agreement=agreement)
    return list(rows.order_by("pk"))


def _check_plots(agreement: Agreement, plots: list[Plot]) -> None:
    """Raise PlotHeld or PlotNotKept; the plots are locked."""
    held = AgreementPlot.objects.filter(plot__in=plots, is_held=True).exclude(agreement=agreement)
    if numbers := list(held.order_by("plot__number").values_list("plot__number", flat=True)):
        raise PlotHeld(field="plots", extra={"plots": numbers})
    won = set(agreement.tender.lots.values_list("plot", flat=True)) if agreement.tender else ()
    ready = (PlotState.RESERVED, PlotState.ALLOCATED)
    if bad := [
        p.number
        for p in plots
        if p.state not in ready and not (p.state == PlotState.IN_TENDER and p.pk in won)
    ]:
        raise PlotNotKept(field="plots", extra={"plots": bad})


def _close(agreement: Agreement, action: str) -> Agreement:
    plots = _lock_plots(agreement) if agreement.given.filter(is_held=True).exists() else []
    agreement.over_on = _today()
    agreement.save(update_fields=["state", "over_on", "end_reason", "updated_at"])
    for plot in plots:
        if plot.state == PlotState.ALLOCATED:
            move_on(plot, "take_back")
    tell_of_agreement(action, agreement)
    return agreement
