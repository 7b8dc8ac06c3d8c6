"""The work lists of the two sides of a referral, and how many wait in each.

A queue is a condition, an order and its words. The order follows an index of the referrals' table, so that page 100
costs what page 1 costs; the rows come as dictionaries with the names in the reader's language, in one query.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.selectors.calendar import start_of, today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.accounts.roles import Role
from cluster_portal.common import numbering
from cluster_portal.common.asking import Asking
from cluster_portal.common.translated import localized
from patients.models import Referral
from patients.policies import DECIDERS, STAFF, referral_policy
from patients.selectors.advice import free_questions
from patients.selectors.advice import unread_of as unread_advice
from patients.selectors.measures import WAITING, overdue, visit_day
from patients.selectors.merging import open_pairs
from patients.selectors.messages import unread_of
from patients.selectors.moving import stranded
from patients.selectors.search import bearer_of, search_patients
from patients.states import OPEN, ReferralState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

OUT, IN = "out", "in"
#: The list that is counted from the slots' side: few times are closing, and many referrals are booked.
TO_MOVE = "to_move"
NO_SHOWS = "no_shows"
S = ReferralState

#: Counting stops here: nobody reads the difference, and a page must not pay for it.
COUNTED_AT_MOST = 50_000

BY_DEADLINE = ("due_order", "id")
BY_VISIT = ("appointment_at", "id")
NEWEST = ("-due_order", "-id")
#: How else a reader may have a list ordered: `sort` of its address, the words, the columns. What is open of a side is
#: little enough to be sorted where no index has the order.
SORTS = {
    "deadline": (_("by deadline"), BY_DEADLINE),
    "waiting": (_("longest in this state first"), ("state_since", "id")),
    "latest": (_("latest change first"), ("-state_since", "-id")),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """A work list: its key in the address, the words, the condition beside the organisation, the order.

    `states` are what its status filter offers (more than one); `alert` paints its number red; `empty` says what the
    list is for when nothing is in it. `optional` lists are shown only where they hold something.
    """

    key: str
    label: Any
    empty: Any
    where: Callable[[], Q]
    order: tuple[str, ...]
    states: tuple[str, ...] = ()
    alert: bool = False
    optional: bool = False

    @property
    def sorts(self) -> dict[str, tuple[Any, tuple[str, ...]]]:
        """What the reader may choose beside the list's own order: nothing for all referrals there ever were, nor for
        the list that is worked through from its top.
        """
        if self.key in ("all", "triage"):
            return {}
        return {code: sort for code, sort in SORTS.items() if sort[1] != self.order}

    def ordered(self, sort: str) -> tuple[str, ...]:
        """The columns of the order asked for, else of the list's own."""
        return self.sorts[sort][1] if sort in self.sorts else self.order


def _to_move() -> Q:
    """Booked at a time that the clinic closes."""
    return Q(state=S.BOOKED, pk__in=stranded().values("referral"))


def _missed() -> Q:
    """Did not come, and has no other time yet."""
    return Q(state=S.ACCEPTED, no_shows__gt=0)


def _in(*states: str) -> Callable[[], Q]:
    q = Q(state__in=states) if len(states) > 1 else Q(state=states[0])
    return lambda: q


_OUT = (
    Queue(
        "drafts", pgettext_lazy("queue", "Drafts"),
        _("Referrals that you began and have not sent yet wait here."), _in(S.DRAFT), NEWEST,
    ),
    Queue(
        "returned", pgettext_lazy("queue", "Returned to us"),
        _("Referrals that a clinic sent back for something that is missing. Complete them and send them again."),
        _in(S.RETURNED), BY_DEADLINE, alert=True,
    ),
    Queue(
        "submitted", pgettext_lazy("queue", "Under decision"),
        _("Referrals that the receiving clinic has yet to decide on."), _in(S.SUBMITTED), BY_DEADLINE,
    ),
    Queue(
        "accepted", pgettext_lazy("queue", "Awaiting booking"),
        _("Accepted referrals without a time. Choose one with the patient."), _in(S.ACCEPTED), BY_DEADLINE,
    ),
    Queue(
        "waitlisted", pgettext_lazy("queue", "Waiting list"),
        _("Patients for whom no time was free. They are offered one when it appears."),
        _in(S.WAITLISTED), BY_DEADLINE,
    ),
    Queue(
        "booked", pgettext_lazy("queue", "Booked"),
        _("Patients who have a time, the nearest visit first."), _in(S.BOOKED), BY_VISIT,
    ),
    Queue(
        NO_SHOWS, pgettext_lazy("queue", "Missed visits"),
        _("Patients who did not come and have no other time. Call them, and choose a time or close the referral."),
        _missed, BY_DEADLINE, alert=True,
    ),
    Queue(
        TO_MOVE, pgettext_lazy("queue", "To move"),
        _("Patients whose time the clinic closes. They stay booked until they have another one."),
        _to_move, BY_VISIT, alert=True, optional=True,
    ),
    Queue(
        "overdue", pgettext_lazy("queue", "Overdue"),
        _("Patients who wait longer than the norm allows. Empty is how it should be."),
        overdue, ("due_on", "id"), states=WAITING, alert=True,
    ),
    Queue(
        "conclusions", pgettext_lazy("queue", "Conclusions"),
        _("Conclusions that came back and that nobody has read yet."),
        lambda: Q(conclusion_unread=True), ("-completed_at", "-id"),
    ),
    Queue(
        "all", pgettext_lazy("queue", "All"),
        _("Every referral of your organisation, the latest change first."), Q, ("-state_since", "id"),
        states=tuple(S),
    ),
)  # fmt: skip

_IN = (
    Queue(
        "triage", pgettext_lazy("queue", "To decide"),
        _("Referrals that wait for your clinic's decision. Nothing waits now."), _in(S.SUBMITTED), BY_DEADLINE,
        alert=True,
    ),
    Queue(
        "accepted", pgettext_lazy("queue", "Awaiting booking"),
        _("Accepted referrals without a time. Either clinic may choose one."), _in(S.ACCEPTED), BY_DEADLINE,
    ),
    Queue(
        "waitlisted", pgettext_lazy("queue", "Waiting list"),
        _("Patients for whom no time was free. They are offered one when it appears."),
        _in(S.WAITLISTED), BY_DEADLINE,
    ),
    Queue(
        "booked", pgettext_lazy("queue", "Booked"),
        _("Patients who will come, the nearest visit first."), _in(S.BOOKED), BY_VISIT,
    ),
    Queue(
        TO_MOVE, pgettext_lazy("queue", "To move"),
        _("Patients whose time the clinic closes. They stay booked until they have another one."),
        _to_move, BY_VISIT, alert=True,
    ),
    Queue(
        NO_SHOWS, pgettext_lazy("queue", "Missed visits"),
        _("Patients who did not come and have no other time. Call them, and choose a time or close the referral."),
        _missed, BY_DEADLINE, alert=True, optional=True,
    ),
    Queue(
        "in_care", pgettext_lazy("queue", "In care"),
        _("Patients who came and whose conclusion is not written yet."), _in(S.IN_CARE), BY_DEADLINE,
    ),
    Queue(
        "overdue", pgettext_lazy("queue", "Overdue"),
        _("Patients who wait longer than the norm allows. Empty is how it should be."),
        overdue, ("due_on", "id"), states=WAITING, alert=True,
    ),
    Queue(
        "all", pgettext_lazy("queue", "All"),
        _("Every referral that came to your organisation, the latest change first."), Q, ("-state_since", "id"),
        states=tuple(s for s in S if s != S.DRAFT),
    ),
)  # fmt: skip

QUEUES: dict[str, dict[str, Queue]] = {
    OUT: {queue.key: queue for queue in _OUT},
    IN: {queue.key: queue for queue in _IN},
}


def sides_of(actor: Actor) -> list[str]:
    """Which sides' lists are the actor's daily work, the first one first."""
    if actor.organization_id is None or not actor.has(*STAFF):
        return []
    return [IN, OUT] if actor.has(*DECIDERS) else [OUT]


def of_side(actor: Actor, side: str) -> QuerySet[Referral]:
    """The referrals that the actor's organisation sent (`out`), or received (`in`)."""
    referral_policy.require(actor, "list")
    rows = Referral.objects.all()
    if side == OUT:
        return rows.filter(source_organization=actor.organization_id)
    return rows.filter(target_organization=actor.organization_id, submitted_at__isnull=False)


def in_queue(actor: Actor, side: str, queue: Queue) -> QuerySet[Referral]:
    """The referrals of one list, not ordered."""
    return of_side(actor, side).alias(visit_day=visit_day()).filter(queue.where())


@dataclass(frozen=True, slots=True)
class Narrowing(Asking):
    """What a reader asked a list to show; None or empty asks for nothing."""

    text: str = ""
    state: str = ""
    priority: str = ""
    source_clinic: Any = None
    target_clinic: Any = None
    specialty: str = ""
    created_from: date | None = None


def narrow(actor: Actor, queryset: QuerySet[Referral], by: Narrowing) -> QuerySet[Referral]:
    """The rows of a list that the reader asked for."""
    exact = {
        "state": by.state,
        "priority": by.priority,
        "source_clinic": by.source_clinic,
        "target_clinic": by.target_clinic,
        "service_type__specialty": by.specialty,
    }
    queryset = queryset.filter(**{name: value for name, value in exact.items() if value})
    if by.created_from:
        start = datetime.combine(by.created_from, time.min, timezone.get_current_timezone())
        queryset = queryset.filter(created_at__gte=start)
    if by.text:
        queryset = queryset.filter(_meant(actor, by.text))
    return queryset


def _meant(actor: Actor, text: str) -> Q:
    """The referrals that a text in the search box means: by number, whole or begun, else by patient."""
    number = numbering.normalize(text)
    if numbering.is_number(number):
        return Q(number=number)
    prefix = current_cluster().code
    if number.startswith(prefix) or (number.replace("-", "").isdigit() and 3 <= len(number) <= 8):
        return Q(number__contains=number) | Q(patient=bearer_of(actor, text.strip()))
    return Q(patient__in=search_patients(actor, text).order_by().values("pk"))


#: What one line of a list shows, and what `available_actions` needs to know of it.
ROW = (
    "id", "number", "state", "state_since", "priority", "suspicion", "due_on", "due_order", "submitted_at",
    "created_at", "completed_at", "appointment_at", "offer_until", "no_shows", "conclusion_unread", "diagnosis_code",
    "referrer_name", "source_organization_id", "target_organization_id", "patient_id", "patient__family",
    "patient__given", "patient__patronymic", "patient__birth_date",
)  # fmt: skip


def rows(queryset: QuerySet[Referral]) -> QuerySet:
    """Lines of a list as dictionaries, names in the reader's language: one query, whatever is shown."""
    return queryset.values(
        *ROW,
        service_name=localized("service_type__name"),
        source_name=localized("source_clinic__short_name"),
        target_name=localized("target_clinic__short_name"),
        visit_name=localized("appointment_clinic__short_name"),
        visit_zone=F("appointment_clinic__time_zone"),
    )


def named(actor: Actor, referral_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """Numbers and patients of these referrals, as far as the actor sees them, in the order given. One query."""
    wanted = list(referral_ids)
    columns = ("number", "patient__family", "patient__given", "patient__patronymic")
    found = {
        row["pk"]: row for row in referral_policy.queryset(actor).filter(pk__in=wanted).values("pk", *columns)
    }
    return {pk: found[pk] for pk in wanted if pk in found}


def _counts(actor: Actor, side: str) -> dict[str, int]:
    """One grouped query over what is open (and what is unread), never over the past."""
    live = Q(state__in=sorted(OPEN))
    if side == OUT:
        live |= Q(conclusion_unread=True)
    open_rows = of_side(actor, side).filter(live).annotate(visit_day=visit_day())
    fields = ("state", "due_on", "conclusion_unread", "visit_day", "appointment_at", "no_shows")
    wanted = {
        key: Count("pk", filter=queue.where())
        for key, queue in QUEUES[side].items()
        if key not in ("all", TO_MOVE)
    }
    if side == IN:
        wanted["arrivals"] = Count("pk", filter=_today(actor))
    return open_rows.values(*fields)[:COUNTED_AT_MOST].aggregate(**wanted, open=Count("pk"))


def _today(actor: Actor) -> Q:
    """Booked for the actor's own today, and not come yet."""
    today = today_at(actor.time_zone)
    return Q(
        state=S.BOOKED,
        appointment_at__gte=start_of(today, actor.time_zone),
        appointment_at__lt=start_of(today + timedelta(days=1), actor.time_zone),
    )


def countable(actor: Actor) -> dict[str, QuerySet]:
    """What the menu counts with a plain query: unread messages, questions that may be taken, who has to be moved,
    who is still expected today.

    Those who decide have the last one from the counters of their queues.
    """
    sides = sides_of(actor)
    found: dict[str, QuerySet] = {"messages.unread": unread_of(actor)} if sides else {}
    if sides:
        found["advice.unread"] = unread_advice(actor)
    if IN in sides and actor.has(*DECIDERS):
        found["advice.free"] = free_questions(actor)
    if actor.has(Role.OFFICE):
        found["duplicates"] = open_pairs(actor)
    for side in sides:
        found[f"{side}.{TO_MOVE}"] = of_side(actor, side).filter(_to_move())
    if sides and IN not in sides:
        found["arrivals"] = of_side(actor, IN).filter(_today(actor))
    return found


def counters(actor: Actor) -> dict[str, int]:
    """How many wait in each list of the actor's sides, for the menu: `{"out.drafts": 3, …}`.

    `in.open` and `out.open` are everything open, `arrivals` those who are still expected today.
    """
    found: dict[str, int] = {}
    sides = sides_of(actor)
    for side in sides:
        counted = _counts(actor, side)
        if side == IN:
            found["arrivals"] = counted.pop("arrivals")
        found |= {f"{side}.{key}": number for key, number in counted.items()}
    return found
