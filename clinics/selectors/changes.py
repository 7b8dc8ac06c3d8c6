"""Proposed changes of the registry's records: the queue, and each as a diff that a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count

from clinics.models import ChangeRequest, Clinic
from clinics.policies import change_policy
from clinics.selectors.records import label_of, words_of
from clinics.states import ChangeState
from cluster_portal.accounts.roles import Role

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from clinics.selectors.records import Record
    from cluster_portal.common.actor import Actor

#: The longest waiting first; what is settled, the latest first.
QUEUE, SETTLED = ("created_at", "id"), ("-created_at", "-id")
RELATED = ("clinic", "organization", "decided_by")


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of a change: what it was, what is asked for and what the record says now.

    `shown` are the three in the reader's words, `label` is the column's name.
    """

    field: str
    label: str
    before: Any
    after: Any
    now: Any
    shown: tuple[str, str, str]

    @property
    def conflicts(self) -> bool:
        """Whether somebody has given the column a third value meanwhile."""
        return self.now not in (self.before, self.after)


def changes_seen(actor: Actor, state: str = "") -> QuerySet[ChangeRequest]:
    """The requests that the actor sees: the office all, an organisation its own."""
    rows = change_policy.queryset(actor).select_related(*RELATED)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by(*(QUEUE if state == ChangeState.PENDING else SETTLED))


def pending_changes(actor: Actor) -> QuerySet[ChangeRequest]:
    """What waits for the office."""
    return change_policy.queryset(actor, "approve").filter(state=ChangeState.PENDING)


def counts(actor: Actor) -> dict[str, int]:
    """How many requests the actor sees in each state."""
    rows = change_policy.queryset(actor).order_by().values_list("state")
    return dict(rows.annotate(number=Count("pk")))


def countable(actor: Actor) -> dict[str, QuerySet]:
    """What the menu counts: requests that wait for the office."""
    return {"changes": pending_changes(actor)} if actor.has(Role.OFFICE) else {}


def open_change(actor: Actor, change_id: uuid.UUID) -> ChangeRequest:
    """One request with its record. Raises NotFound for a stranger's."""
    return change_policy.get(
        actor, "view", change_id, queryset=ChangeRequest.objects.select_related(*RELATED)
    )


def pending_of(record: Record) -> ChangeRequest | None:
    """The request about this record that waits, if any."""
    return rows_of(record).filter(state=ChangeState.PENDING).first()


def pending_own(actor: Actor) -> dict[uuid.UUID, ChangeRequest]:
    """The requests of the actor's organisation that wait, by the record that they are about."""
    rows = change_policy.queryset(actor).filter(state=ChangeState.PENDING, organization=actor.organization_id)
    return {row.clinic_id or row.organization_id: row for row in rows}


def rows_of(record: Record) -> QuerySet[ChangeRequest]:
    """Every request about this record."""
    if isinstance(record, Clinic):
        return ChangeRequest.objects.filter(clinic=record)
    return ChangeRequest.objects.filter(organization=record, clinic=None)


def differences(change: ChangeRequest, record: Record | None = None) -> list[Difference]:
    """The columns of a change in the order of the form, in the reader's language."""
    record = record or change.record
    model = type(record)
    return [
        Difference(
            name,
            label_of(model, name),
            before,
            after,
            getattr(record, name),
            tuple(words_of(model, name, value) for value in (before, after, getattr(record, name))),
        )
        for name, (before, after) in change.changes.items()
    ]


def labels(change: ChangeRequest) -> list[str]:
    """What a change is about, for a line of a list."""
    return [label_of(type(change.record), name) for name in change.changes]
