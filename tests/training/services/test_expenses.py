"""What an intake costs."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cluster_portal.common.errors import Conflict, Forbidden, Invalid
from cluster_portal.files.errors import FileRefused
from tests.factories import clinics as make
from tests.factories import training as rows
from training.selectors.learning import budget
from training.services import expenses

pytestmark = pytest.mark.django_db


def test_a_budget_sums_what_is_planned_and_spent_and_keeps_receipts(office, manager):
    intake, elsewhere = rows.make_intake(), rows.make_nomination(state="confirmed")
    key = {"intake_id": intake.pk}
    fee = expenses.add_expense(
        office, data={"kind": "fee", "title": "Обучение", "planned": Decimal(90000)}, **key
    )
    with pytest.raises(Invalid) as caught:
        expenses.update_expense(office, expense_id=fee.pk, data={"spent": Decimal(95000)})
    assert list(caught.value.errors) == ["spent_on"]
    with pytest.raises(Invalid):
        expenses.add_expense(office, data={"kind": "fee", "title": "Чужой", "nomination": elsewhere}, **key)
    paid = {"spent": Decimal(95000), "spent_on": timezone.localdate()}
    with pytest.raises(FileRefused):
        bad = SimpleUploadedFile("чек.pdf", b"no pdf at all")
        expenses.update_expense(office, expense_id=fee.pk, data=paid, files=[bad])
    expenses.update_expense(office, expense_id=fee.pk, data=paid)
    hotel = expenses.add_expense(
        office, data={"kind": "lodging", "title": "Дом", "planned": Decimal(10000)}, **key
    )
    found = budget(make.make_actor("office"), intake.pk)
    assert (found.planned, found.spent, found.left, found.over) == (100000, 95000, 5000, -5000)
    with pytest.raises(Conflict):
        expenses.remove_expense(office, expense_id=fee.pk)
    expenses.remove_expense(office, expense_id=hotel.pk)
    assert [line.title for line in budget(office, intake.pk).lines] == ["Обучение"]
    for stranger in (manager, make.make_actor("office")):
        with pytest.raises(Forbidden):
            expenses.add_expense(stranger, data={"kind": "fee", "title": "Нельзя"}, **key)
