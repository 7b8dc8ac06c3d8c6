"""The dictionaries of coded reasons: what may be chosen today, and what was chosen ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Q, Subquery, TextField
from django.db.models.functions import Coalesce
from django.utils import timezone

from cluster_portal.common.translated import localized
from patients.models import Reason
from patients.policies import reason_policy
from patients.states import ReasonKind

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: The acts that end a booking, in the order in which a code of its end is looked up.
ENDS_A_BOOKING = (ReasonKind.CANCEL_BOOKING, ReasonKind.CANCEL, ReasonKind.REJECT)


def valid_on(day: date) -> Q:
    """Reasons that may be chosen that day."""
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))


def choices(kind: str, *, booked: bool = False, day: date | None = None) -> list[Reason]:
    """What people choose from today, in the dictionary's order; of a `booked` referral only what ends its time too."""
    rows = Reason.objects.filter(valid_on(day or timezone.localdate()), kind=kind)
    if booked:
        rows = rows.filter(cancels_appointment=True)
    return list(rows.order_by("position", "code"))


def find_reason(kind: str, code: str) -> Reason | None:
    """A line of a dictionary, whether it is still used or not."""
    return Reason.objects.filter(kind=kind, code=code).first() if code else None


def every(kind: str) -> QuerySet[Reason]:
    """The whole dictionary of a kind, in its order: what an old row may name, and a filter may ask for."""
    return Reason.objects.filter(kind=kind).order_by("position", "code")


def name_of(kind: str, column: str) -> Coalesce:
    """The name of the reason whose code stands in `column`, in the reader's language: a part of the rows' own query."""
    found = Reason.objects.filter(kind=kind, code=OuterRef(column)).values(found=localized("name"))
    return Coalesce(Subquery(found), F(column), output_field=TextField())


def visible_reasons(actor: Actor) -> QuerySet[Reason]:
    """Every line of every dictionary, past ones too: the history names them."""
    return reason_policy.queryset(actor)


class Names:
    """The names of all reasons in the reader's language: one query, made when the first one is asked for.

    Those that are no longer used keep theirs; a code that no dictionary knows stands for itself.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], str] | None = None

    def __call__(self, kind: str, code: str) -> str:
        return self._all().get((kind, code), code)

    def of_ended_booking(self, code: str) -> str:
        """Of the end of a booking, whichever act it was; codes that several dictionaries have mean the same."""
        return next((self._all()[kind, code] for kind in ENDS_A_BOOKING if (kind, code) in self._all()), code)

    def _all(self) -> dict[tuple[str, str], str]:
        if self._found is None:
            rows = Reason.objects.order_by().values_list("kind", "code", localized("name"))
            self._found = {(kind, code): name for kind, code, name in rows}
        return self._found
