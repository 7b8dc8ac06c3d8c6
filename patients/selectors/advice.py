"""Questions to specialists: the lists of both sides, one question, what waits to be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.utils.translation import gettext_lazy as _

from clinics.models import Service
from clinics.selectors.calendar import today_at
from clinics.states import ClinicStatus
from cluster_portal.audit.services import record_access
from patients.models import Advice, AdviceFile, AdvicePost
from patients.models.advice import OPEN_QUESTION
from patients.policies import DECIDERS, STAFF, advice_file_policy, advice_policy
from patients.selectors.search import search_patients
from patients.states import AdviceState

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor
    from patients.models import Patient, Referral

OUT, IN = "out", "in"
#: The list of questions to any clinic that one of ours may take.
FREE = "free"
S = AdviceState


@dataclass(frozen=True, slots=True)
class Queue:
    """One list of a side: its states (none: all), its order, what is said where it is empty."""

    label: Any
    states: tuple[str, ...]
    empty: Any
    order: tuple[str, ...] = ("-state_since", "-id")


_ALL = Queue(_("All"), (), _("Questions to specialists of other clinics appear here."))
_DONE = (S.CLOSED, S.CONVERTED, S.DECLINED)
#: By deadline what waits for an answer, by the latest change everything else.
_BY_DUE = ("due_on", "id")
QUEUES = {
    OUT: {
        "answered": Queue(_("Answered"), (S.ANSWERED,), _("No answer waits to be read and closed.")),
        "asked": Queue(_("Await an answer"), (S.FREE, S.ASKED), _("No question of yours waits."), _BY_DUE),
        "done": Queue(
            _("Settled"), _DONE, _("Closed and declined questions, and those that became referrals.")
        ),
        "all": _ALL,
    },
    IN: {
        "asked": Queue(_("To answer"), (S.ASKED,), _("Nobody waits for your answer."), _BY_DUE),
        FREE: Queue(
            _("To any clinic"), (S.FREE,), _("No question to any clinic fits the services of yours."), _BY_DUE
        ),
        "answered": Queue(_("Answered"), (S.ANSWERED,), _("Answered questions that are not closed yet.")),
        "done": Queue(
            _("Settled"), _DONE, _("Closed and declined questions, and those that became referrals.")
        ),
        "all": _ALL,
    },
}


def sides_of(actor: Actor) -> tuple[str, ...]:
    """The sides on which the actor works, the one that their day begins with first."""
    if actor.organization_id is None or not actor.has(*STAFF):
        return ()
    return (IN, OUT) if actor.has(*DECIDERS) else (OUT, IN)


def free_questions(actor: Actor) -> QuerySet[Advice]:
    """Those that were asked of any clinic, that one of ours could answer, and that nobody has taken."""
    return advice_policy.queryset(actor, "take").filter(state=S.FREE)


def is_taken_by_another(actor: Actor, advice_id: uuid.UUID) -> bool:
    """Whether the actor's clinic could have answered a question that is no longer open to it."""
    return advice_policy.queryset(actor, "take").filter(pk=advice_id).exists()


def who_may_answer(service_type: str, source: Clinic, *, abroad: bool = False) -> QuerySet[Service]:
    """The services of other organisations that a question to any clinic goes to: in the asking clinic's country, or
    `abroad` too.
    """
    rows = Service.objects.filter(service_type=service_type, is_active=True, clinic__status=ClinicStatus.OPEN)
    if not abroad:
        rows = rows.filter(clinic__country=source.country)
    return rows.exclude(clinic__organization=source.organization_id)


def own_services(actor: Actor, advice: Advice) -> QuerySet[Service]:
    """The services of the actor's organisation that could answer, the first one first."""
    rows = who_may_answer(advice.service_type_id, advice.source_clinic, abroad=advice.abroad)
    rows = rows.filter(clinic__organization=actor.organization_id).select_related("clinic", "service_type")
    return rows.order_by("id")


def of_side(actor: Actor, side: str) -> QuerySet[Advice]:
    column = "source_organization" if side == OUT else "target_organization"
    return advice_policy.queryset(actor).filter(**{column: actor.organization_id})


def questions(actor: Actor, side: str, queue: Queue, text: str = "") -> QuerySet[Advice]:
    """The list, each question with its latest words and the number of its `unread` lines."""
    rows = free_questions(actor) if queue is QUEUES[IN][FREE] else of_side(actor, side)
    if queue.states:
        rows = rows.filter(state__in=queue.states)
    if text:
        known = search_patients(actor, text).order_by().values("pk") if side == OUT else None
        meant = Q(diagnosis_code__istartswith=text) | Q(service_type__name_ru__icontains=text)
        if known is not None:
            meant |= Q(patient__in=known)
        elif queue is not QUEUES[IN][FREE]:
            meant |= Q(patient__family__istartswith=text)
        rows = rows.filter(meant)
    latest = AdvicePost.objects.filter(advice=OuterRef("pk")).exclude(text="").order_by("-created_at", "-id")
    if queue is QUEUES[IN][FREE]:
        latest = latest.filter(organization=OuterRef("source_organization"))
    waiting = Q(posts__addressee=actor.organization_id, posts__read_at__isnull=True)
    return (
        rows.select_related("patient", "service_type", "source_clinic", "target_clinic")
        .annotate(last_text=Subquery(latest.values("text")[:1]), unread=Count("posts", filter=waiting))
        .order_by(*queue.order)
    )


def counts(actor: Actor, side: str) -> dict[str, int]:
    """How many questions each list of a side holds but for what is settled, and how many are past their day."""
    rows, waits, more = of_side(actor, side), Q(state__in=(S.FREE, S.ASKED)), {}
    if side == IN:
        # With those that may be taken: one query for all.
        rows = advice_policy.queryset(actor).exclude(source_organization=actor.organization_id)
        waits, more = Q(state=S.ASKED), {FREE: Count("pk", filter=Q(state=S.FREE))}
    return rows.filter(OPEN_QUESTION).aggregate(
        asked=Count("pk", filter=waits),
        answered=Count("pk", filter=Q(state=S.ANSWERED)),
        late=Count("pk", filter=waits & Q(due_on__lt=today_at(actor.time_zone))),
        **more,
    )


def unread_of(actor: Actor) -> QuerySet[AdvicePost]:
    """Lines to the actor's organisation that nobody there has read."""
    return AdvicePost.objects.filter(addressee=actor.organization_id, read_at__isnull=True)


def visible_advice(actor: Actor) -> QuerySet[Advice]:
    """Every question that the actor may see."""
    related = ("patient", "service_type", "service", "source_clinic", "target_clinic", "referral")
    return advice_policy.queryset(actor).select_related(*related)


def open_advice(actor: Actor, advice_id: uuid.UUID, *, purpose: str = "advice") -> Advice:
    """One question with its patient. Reading it is journalled, also where nobody is named. Raises NotFound."""
    advice = advice_policy.get(actor, "view", advice_id, queryset=visible_advice(actor))
    record_access(actor, subject_type="patient", subject_id=advice.patient_id, purpose=purpose)
    return advice


def posts_of(actor: Actor, advice: Advice) -> QuerySet[AdvicePost]:
    """The thread, the oldest line first, each line with its files.

    Those who are not told the patient read what was asked alone: a clinic that gave the question back knew the name,
    and may have written it.
    """
    files = advice_file_policy.queryset(actor).order_by("created_at", "id")
    rows = (
        advice.posts.select_related("organization")
        .prefetch_related(Prefetch("files", files))
        .order_by("created_at", "id")
    )
    if not advice_policy.names(actor, advice):
        rows = rows.filter(organization=advice.source_organization_id)
    return rows


def see_advice_file(
    actor: Actor, file_id: uuid.UUID, advice_id: uuid.UUID, action: str = "view"
) -> AdviceFile:
    """One file of a question. Raises NotFound and Forbidden."""
    rows = AdviceFile.objects.filter(post__advice=advice_id)
    rows = rows.select_related("post__organization", "post__advice")
    return advice_file_policy.get(actor, action, file_id, queryset=rows)


def advice_of(actor: Actor, patient: Patient) -> QuerySet[Advice]:
    """The patient's questions that the actor may see, the latest first."""
    rows = advice_policy.queryset(actor).filter(patient=patient)
    return rows.select_related("service_type", "target_clinic").order_by("-created_at", "-id")


def advice_behind(referral: Referral) -> Advice | None:
    """The question that a referral grew from, if it did."""
    return Advice.objects.filter(referral=referral).only("pk").first()
