"""State tables, in Python and behind them in the database: every state with every state."""

import itertools
import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from clinics.models import Slot
from clinics.states import SLOT, SlotState
from cluster_portal.common.errors import IllegalTransition
from cluster_portal.common.states import Machine, row
from tests.factories import clinics


class Lamp:
    """A thing with a state, as a model is one."""

    class _State:
        db = None

    _state = _State()

    def __init__(self, state):
        self.state = state


LAMP = Machine(
    "state",
    [
        row("switch", "off", "on", "anyone"),
        row("switch", "on", "off", "anyone"),
        row("dim", "on", "dim", "anyone"),
        row("dim", "on", "off", "thrifty"),
        row("break", {"off", "on", "dim"}, "broken", "clumsy"),
        row("wipe", "on", "on", "anyone"),
    ],
)


def test_actions_in_the_order_of_the_table():
    assert LAMP.actions == ("switch", "dim", "break", "wipe")


def test_pairs_are_what_the_database_guards():
    assert LAMP.pairs == [
        ("dim", "broken"), ("off", "broken"), ("off", "on"), ("on", "broken"), ("on", "dim"), ("on", "off"),
    ]  # fmt: skip


def test_what_a_side_can_do():
    assert LAMP.available("on", {"anyone"}) == ["switch", "dim", "wipe"]
    assert LAMP.available("on", {"clumsy"}) == ["break"]
    assert LAMP.available("broken", {"anyone", "clumsy", "thrifty"}) == []
    assert LAMP.available("on", set()) == []


@pytest.mark.django_db
def test_a_move_follows_the_table_and_a_fork_is_chosen():
    lamp = Lamp("on")
    assert LAMP.move(lamp, "dim").target == "dim"
    lamp.state = "on"
    assert LAMP.move(lamp, "dim", "off").target == "off"
    assert lamp.state == "off"
    with pytest.raises(IllegalTransition) as error:
        LAMP.move(lamp, "dim")
    assert error.value.extra == {"state": "off", "action": "dim"}
    assert lamp.state == "off"
    with pytest.raises(IllegalTransition):
        LAMP.move(Lamp("on"), "dim", "broken")


def test_no_move_outside_a_transaction(monkeypatch):
    monkeypatch.setattr(connection, "in_atomic_block", False)
    with pytest.raises(RuntimeError, match="transaction"):
        LAMP.move(Lamp("on"), "switch")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "after"), list(itertools.product(SlotState.values, repeat=2)), ids=lambda state: state
)
def test_the_database_guards_slots(before, after):
    slot = clinics.make_slot(state=before)
    raw = Slot.objects.filter(pk=slot.pk)
    if before == after or (before, after) in SLOT.pairs:
        raw.update(state=after)
        assert raw.get().state == after
    else:
        with pytest.raises(DatabaseError), transaction.atomic():
            raw.update(state=after)
        assert raw.get().state == before


@pytest.mark.django_db
def test_a_bulk_update_over_many_rows_is_guarded_too():
    service = clinics.make_service()
    slots = [clinics.make_slot(service, start=clinics.at(day)) for day in (1, 2, 3)]
    Slot.objects.filter(pk=slots[1].pk).update(state=SlotState.BLOCKED)
    with pytest.raises(DatabaseError), transaction.atomic():
        Slot.objects.filter(service=service).update(state=SlotState.DRAFT)
    assert not Slot.objects.filter(service=service, state=SlotState.DRAFT).exists()
    assert uuid.UUID(str(slots[0].pk)).version == 7
