"""State machines as tables: what may happen, from where, to where, and which side may do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from cluster_portal.common.errors import IllegalTransition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of a table: `action` moves an object from any of `sources` to `target`; `sides` may do it."""

    action: str
    sources: frozenset[str]
    target: str
    sides: frozenset[str]


def row(action: str, sources: str | Iterable[str], target: str, *sides: str) -> Transition:
    """A table line in short."""
    sources = [sources] if isinstance(sources, str) else sources
    return Transition(action, frozenset(map(str, sources)), str(target), frozenset(sides))


class Machine:
    """The table of one model's states. The only code that writes the state's column."""

    def __init__(self, field: str, transitions: Iterable[Transition]) -> None:
        self.field = field
        self.transitions = tuple(transitions)
        self._leaving: dict[str, dict[str, frozenset[str]]] = {}
        for line in self.transitions:
            for state in line.sources:
                sides = self._leaving.setdefault(state, {})
                sides[line.action] = sides.get(line.action, frozenset()) | line.sides

    @property
    def actions(self) -> tuple[str, ...]:
        """Every action once, in the order of the table."""
        return tuple(dict.fromkeys(t.action for t in self.transitions))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every allowed (from, to), for the database's own guard; staying put is always allowed."""
        return sorted({(s, t.target) for t in self.transitions for s in t.sources if s != t.target})

    def find(self, state: str, action: str, target: str | None = None) -> Transition:
        """The line for `action` in `state`; where the table forks, `target` chooses. Raises IllegalTransition."""
        for line in self.transitions:
            if line.action == action and state in line.sources and target in (None, line.target):
                return line
        raise IllegalTransition(extra={"state": str(state), "action": action})

    def available(self, state: str, sides: Iterable[str]) -> list[str]:
        """The actions that one of `sides` may do in `state`, in the order of the table."""
        sides = frozenset(sides)
        return [action for action, theirs in self.leaving(state).items() if theirs & sides]

    def leaving(self, state: str) -> Mapping[str, frozenset[str]]:
        """The actions of the table that begin in `state`, each with the sides that may do it."""
        return self._leaving.get(state, {})

    def move(self, obj: Any, action: str, target: str | None = None) -> Transition:
        """Write the new state on `obj` (not saved). Refuses outside a transaction: the row must be locked."""
        if not transaction.get_connection(obj._state.db).in_atomic_block:
            raise RuntimeError("A state changes only inside a transaction, on a locked row.")
        line = self.find(getattr(obj, self.field), action, target)
        setattr(obj, self.field, line.target)
        return line
