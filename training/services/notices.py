"""Who hears of what happens to a nomination, and of papers that end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.service import service
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.notifications.kinds import Kind, register
from cluster_portal.notifications.models import Notice
from cluster_portal.notifications.services import notify
from cluster_portal.web import wording
from training.models import NominationStep, SpecialistPaper
from training.selectors.people import first_to_hear, people_of
from training.services import room_notices, session_notices
from training.states import SpecialistState

if TYPE_CHECKING:
    from datetime import date

    from cluster_portal.common.actor import Actor

_KINDS = (
    Kind("training.offer", _("A seat is offered, answer by %(until)s: %(programme)s (%(number)s)"), "school", "urgent"),
    Kind(
        "training.expire", _("The nomination lapsed: %(programme)s (%(number)s)"), "hourglass", "urgent",
    ),
    Kind("training.confirm", _("The seat is confirmed: %(programme)s (%(number)s)"), "circle-check", "good"),
    Kind("training.reject", _("The nomination was turned down: %(programme)s (%(number)s)"), "circle-x", "urgent"),
    Kind("training.withdraw", _("The nomination was withdrawn: %(programme)s (%(number)s)"), "arrow-back-up"),
    Kind("training.fall_short", _("Not completed: %(programme)s (%(number)s)"), "circle-x", "urgent"),
    Kind("training.certify", _("The certificate is issued: %(programme)s (%(number)s)"), "certificate", "good"),
    Kind("training.revoke", _("The certificate was revoked: %(programme)s (%(number)s)"), "ban", "danger"),
    Kind("training.paper_ends", _("A paper for journeys ends on %(day)s: %(paper)s"), "file-alert", "urgent"),
)  # fmt: skip
#: Steps of which people hear who did not take them.
TOLD = frozenset(kind.name.removeprefix("training.") for kind in _KINDS) - {"paper_ends"}
#: Papers are warned of so many days before their last one.
MARKS = (90, 30, 7)


def register_kinds() -> None:
    """Make the sentences known; called when the app is ready."""
    register(*_KINDS, *room_notices.KINDS, *session_notices.KINDS)


def tell_of_step(step_id: int) -> int:
    """Tell the person and the employer's managers of a step that somebody else took. Doing it again tells nobody twice.

    Returns how many hear of it for the first time. Joins the transaction that it is called in.
    """
    rows = NominationStep.objects.select_related("nomination__specialist", "nomination__intake__programme")
    step = rows.filter(pk=step_id).first()
    if step is None or step.action not in TOLD:
        return 0
    nomination = step.nomination
    programme = nomination.intake.programme
    params: dict[str, Any] = {
        "number": nomination.number,
        "programme": {code: name for code in LANGUAGES if (name := getattr(programme, f"title_{code}"))},
    }
    if step.action == "offer":
        if nomination.offer_until is None:
            return 0
        until = nomination.offer_until.astimezone(ZoneInfo(current_cluster().time_zone))
        params["until"] = wording.in_every_language(lambda: wording.moment(until, "long"))
    users = [user for user in people_of(nomination.specialist) if user != step.user_id]
    return notify(
        SYSTEM, users=users, kind=f"training.{step.action}", params=params,
        url=reverse("training:nomination", args=[nomination.pk]), key=f"nomination-step:{step.pk}",
        organization_id=nomination.organization_id,
    )  # fmt: skip


@service
def warn_of_papers(actor: Actor) -> int:
    """Warn of every paper that has passed one of MARKS since it was last warned of. Returns how many papers.

    The person hears of it, or the employer's managers where the person has no account. A night that was missed is made
    up for by the next one; twice changes nothing.
    """
    today = today_at(current_cluster().time_zone)
    rows = SpecialistPaper.objects.filter(
        valid_until__range=(today, today + timedelta(days=MARKS[0])), specialist__state=SpecialistState.ACTIVE
    ).select_related("specialist")
    due = {_key(paper, today): paper for paper in rows}
    told = set(Notice.objects.filter(key__in=due).values_list("key", flat=True))
    warned = 0
    for key, paper in due.items():
        if key not in told:
            warned += bool(_warn(actor, paper, key))
    return warned


def _key(paper: SpecialistPaper, today: date) -> str:
    mark = min(mark for mark in MARKS if (paper.valid_until - today).days <= mark)
    return f"paper:{paper.pk}:{paper.valid_until}:{mark}"


def _warn(actor: Actor, paper: SpecialistPaper, key: str) -> int:
    specialist = paper.specialist
    return notify(
        actor, users=first_to_hear(specialist), kind="training.paper_ends",
        params={
            "paper": wording.in_every_language(paper.get_kind_display),
            "day": wording.in_every_language(lambda: wording.date_short(paper.valid_until)),
        },
        url=reverse("training:specialist", args=[specialist.pk]), key=key,
        organization_id=specialist.organization_id,
    )  # fmt: skip
