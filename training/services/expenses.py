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
from training.policies import expense_policy, intake_policy

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.common.actor import Actor
    from cluster_portal.files.storage import Kept

#: What is entered of an expense; `nomination` as a row.
FIELDS = ("nomination", "kind", "title", "planned", "spent", "spent_on")
FILES = "files"


def add_expense(
    actor: Actor, *, intake_id: uuid.UUID, data: dict[str, Any], files: Sequence[UploadedFile] = ()
) -> Expense:
    """Write a line of an intake's budget with receipts beside it. `data` holds FIELDS.

    The checks of the files come before the transaction. Raises NotFound, Forbidden, Invalid, FileRefused and
    ScannerAway at `files`.
    """
    intake_policy.get(actor, "edit", intake_id)
    with kept(files, field=FILES) as found:
        return write_expense(actor, intake_id=intake_id, data=data, files=found)


def update_expense(
    actor: Actor, *, expense_id: uuid.UUID, data: dict[str, Any], files: Sequence[UploadedFile] = ()
) -> Expense:
    """Correct a line; fields that are not in `data` stay, `files` come beside those there. As `add_expense`."""
    expense_policy.get(actor, "edit", expense_id)
    with kept(files, field=FILES) as found:
        return write_expense(actor, expense_id=expense_id, data=data, files=found)


def attach_receipt(actor: Actor, *, expense_id: uuid.UUID, upload: UploadedFile) -> Receipt:
    """Put a receipt beside a line. Raises NotFound, Forbidden, and Invalid, FileRefused and ScannerAway at `file`."""
    expense_policy.get(actor, "edit", expense_id)
    with kept([upload]) as found:
        return add_receipt(actor, expense_id=expense_id, files=found)


@service
def write_expense(
    actor: Actor, *, data: dict[str, Any], files: Sequence[Kept], intake_id: uuid.UUID | None = None,
    expense_id: uuid.UUID | None = None,
) -> Expense:  # fmt: skip
    """The rows of a line and of receipts that are kept already (see `add_expense` and `update_expense`)."""
    if expense_id:
        expense = expense_policy.get(actor, "edit", expense_id, lock=True)
    else:
        expense = Expense(intake=intake_policy.get(actor, "edit", intake_id))
    fill(expense, data, FIELDS, _check)
    expense.save()
    _attach(actor, expense, files, FILES)
    return expense


@service
def add_receipt(actor: Actor, *, expense_id: uuid.UUID, files: Sequence[Kept]) -> Receipt:
    """The row of a receipt that is kept already (see `attach_receipt`)."""
    expense = expense_policy.get(actor, "edit", expense_id, lock=True)
    return _attach(actor, expense, files, "file")[0]


def _attach(actor: Actor, expense: Expense, files: Sequence[Kept], field: str) -> list[Receipt]:
    if expense.receipts.count() + len(files) > Receipt.MOST:
        raise Invalid({field: [_("At most %(n)d receipts of one expense.") % {"n": Receipt.MOST}]})
    return Receipt.objects.bulk_create(Receipt(expense=expense, **file.columns(actor)) for file in files)


@service
def remove_expense(actor: Actor, *, expense_id: uuid.UUID) -> None:
    """Take a line out of the budget. Raises NotFound, Forbidden, and Conflict where it is spent already."""
    expense = expense_policy.get(actor, "edit", expense_id, lock=True)
    if expense.spent is not None:
        raise Conflict(_("What is spent stays in the accounts."))
    for receipt in expense.receipts.all():
        forget(receipt)
    expense.delete()


@service
def take_receipt(actor: Actor, *, receipt_id: uuid.UUID, expense_id: uuid.UUID | None = None) -> Receipt:
    """The receipt that is given out, journalled as an access; with `expense_id` one of that expense.

    Raises Forbidden, NotFound.
    """
    expense_policy.require(actor, "browse")
    rows = Receipt.objects.filter(expense=expense_id) if expense_id else Receipt.objects.all()
    receipt = rows.filter(pk=receipt_id).first()
    if receipt is None:
        raise NotFound
    record_access(actor, subject_type="receipt", subject_id=receipt.pk, purpose="download")
    return receipt


def _check(expense: Expense) -> dict[str, list[Any]]:
    if expense.nomination and expense.nomination.intake_id != expense.intake_id:
        return {"nomination": [_("This person does not go to this intake.")]}
    if expense.spent is not None and expense.spent_on is None:
        return {"spent_on": [_("When was it paid?")]}
    if expense.spent is None and expense.spent_on is not None:
        return {"spent": [_("How much was paid?")]}
    return {}
