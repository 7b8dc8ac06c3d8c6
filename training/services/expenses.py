"""What an intake costs: lines planned and spent, receipts beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.audit.services import record_access
from cluster_portal.common.errors import Conflict, Invalid, NotFound
from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from cluster_portal.files.storage import forget, kept
from training.models import Expense, Receipt
from training.policies import intake_policy, programme_policy

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.common.actor import Actor
    from cluster_portal.files.storage import Kept

#: What is entered of an expense; `nomination` as a row.
FIELDS = ("nomination", "kind", "title", "planned", "spent", "spent_on")
FILES = "files"


def save_expense(
    actor: Actor,
    *,
    intake_id: uuid.UUID,
    data: dict[str, Any],
    expense_id: uuid.UUID | None = None,
    files: Sequence[UploadedFile] = (),
) -> Expense:
    """Write a line of the budget with receipts beside it, or correct one. `data` holds FIELDS; those not named stay.

    The checks of the files come before the transaction. Raises NotFound, Forbidden, Invalid, FileRefused and
    ScannerAway at `files`.
    """
    intake_policy.get(actor, "edit", intake_id)
    with kept(files, field=FILES) as found:
        return _save(actor, intake_id=intake_id, data=data, expense_id=expense_id, files=found)


@service
def _save(
    actor: Actor,
    *,
    intake_id: uuid.UUID,
    data: dict[str, Any],
    expense_id: uuid.UUID | None,
    files: Sequence[Kept],
) -> Expense:
    """Write the line and its receipts, which are checked already. Raises as `save_expense`."""
    intake = intake_policy.get(actor, "edit", intake_id, lock=True)
    expense = _locked(intake_id, expense_id) if expense_id else Expense(intake=intake)
    expense.intake = intake
    fill(expense, data, FIELDS, _check)
    expense.save()
    if expense.receipts.count() + len(files) > Receipt.MOST:
        raise Invalid({FILES: [_("At most %(n)d receipts of one expense.") % {"n": Receipt.MOST}]})
    Receipt.objects.bulk_create(Receipt(expense=expense, **file.columns(actor)) for file in files)
    return expense


@service
def remove_expense(actor: Actor, *, intake_id: uuid.UUID, expense_id: uuid.UUID) -> None:
    """Take a line out of the budget. Raises NotFound, Forbidden, and Conflict where it is spent already."""
    intake_policy.get(actor, "edit", intake_id, lock=True)
    expense = _locked(intake_id, expense_id)
    if expense.spent is not None:
        raise Conflict(_("What is spent stays in the accounts."))
    for receipt in expense.receipts.all():
        forget(receipt)
    expense.delete()


@service
def take_receipt(actor: Actor, *, receipt_id: uuid.UUID) -> Receipt:
    """The receipt that is given out, journalled as an access. Raises Forbidden, NotFound."""
    programme_policy.require(actor, "browse")
    receipt = Receipt.objects.filter(pk=receipt_id).first()
    if receipt is None:
        raise NotFound
    record_access(actor, subject_type="receipt", subject_id=receipt.pk, purpose="download")
    return receipt


def _locked(intake_id: uuid.UUID, expense_id: uuid.UUID) -> Expense:
    expense = Expense.objects.select_for_update().filter(intake=intake_id, pk=expense_id).first()
    if expense is None:
        raise NotFound
    return expense


def _check(expense: Expense) -> dict[str, list[Any]]:
    if expense.nomination and expense.nomination.intake_id != expense.intake_id:
        return {"nomination": [_("This person does not go to this intake.")]}
    if expense.spent is not None and expense.spent_on is None:
        return {"spent_on": [_("When was it paid?")]}
    if expense.spent is None and expense.spent_on is not None:
        return {"spent": [_("How much was paid?")]}
    return {}
