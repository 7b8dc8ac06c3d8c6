"""Who hears of a step in a referral's story, and what they are told. No notice names a patient."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from clinics.models import Clinic
from clinics.selectors.staff import members_of
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.notifications.kinds import Kind, register
from cluster_portal.notifications.services import notify
from cluster_portal.web import wording
from patients.models import AdvicePost, MergeProposal, Message, Referral, ReferralStep
from patients.selectors.advice import who_may_answer
from patients.selectors.patients import survivor_of
from patients.services.priorities import words_of
from patients.states import AdviceState, ProposalState, ReferralState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from clinics.models import Organization

#: Those who look after what comes in; a registrar is told where an organisation has neither of them.
RECEIVERS = frozenset({Role.COORDINATOR, Role.MANAGER})
REFERRERS = frozenset({Role.REFERRER, Role.COORDINATOR})

_KINDS = (
    Kind("patients.submit", _("New referral %(number)s from %(by)s"), "inbox", "accent"),
    Kind("patients.completed_again", _("%(by)s completed referral %(number)s as you asked"), "inbox", "accent"),
    Kind("patients.redirected_to_us", _("%(by)s redirected referral %(number)s to you"), "route", "accent"),
    Kind("patients.accept", _("%(by)s accepted referral %(number)s"), "circle-check", "good"),
    Kind("patients.accept_changed", _("%(by)s accepted referral %(number)s. %(what)s"), "circle-check", "good"),
    Kind("patients.change_priority", _("%(by)s judged referral %(number)s anew. %(what)s"), "flag", "urgent"),
    Kind(
        "patients.return_for_info", _("%(by)s returned referral %(number)s for information"), "arrow-back-up", "urgent",
    ),
    Kind("patients.hand_back", _("%(by)s handed referral %(number)s back"), "arrow-back-up", "urgent"),
    Kind("patients.reject", _("%(by)s rejected referral %(number)s"), "circle-x", "danger"),
    Kind("patients.redirect", _("%(by)s redirected referral %(number)s to another clinic: %(clinic)s"), "route"),
    Kind(
        "patients.book", _("%(by)s booked a time for referral %(number)s: %(clinic)s, %(at)s"),
        "calendar-check", "good",
    ),
    Kind(
        "patients.reschedule", _("%(by)s moved the booking of referral %(number)s: %(clinic)s, %(at)s"),
        "calendar-time", "urgent",
    ),
    Kind("patients.cancel_booking", _("%(by)s cancelled the booking of referral %(number)s"), "calendar-x", "urgent"),
    Kind("patients.no_show", _("The patient of referral %(number)s did not come to %(by)s"), "user-x", "urgent"),
    Kind("patients.complete", _("%(by)s wrote the conclusion on referral %(number)s"), "file-check", "good"),
    Kind("patients.attach", _("%(by)s added files to referral %(number)s"), "paperclip", "accent"),
    Kind("patients.cancel", _("%(by)s cancelled referral %(number)s"), "ban"),
    Kind("patients.wait", _("%(by)s put referral %(number)s on the waiting list"), "hourglass"),
    Kind(
        "patients.offer",
        _("A time is offered for referral %(number)s: %(clinic)s, %(at)s. Please answer by %(until)s"),
        "calendar-plus", "urgent",
    ),
    Kind(
        "patients.offer_lapsed",
        _("The time offered for referral %(number)s was not answered and goes to the next patient"), "hourglass",
        "urgent",
    ),
    Kind(
        "patients.offer_withdrawn",
        _("The clinic closed the time that was offered for referral %(number)s. The patient waits on"), "calendar-x",
        "urgent",
    ),
    Kind("patients.advice_ask", _("%(by)s asks your specialist: %(service)s"), "message-circle", "accent"),
    Kind("patients.advice_free", _("%(by)s asks any clinic: %(service)s"), "message-circle", "accent"),
    Kind("patients.advice_take", _("%(by)s took your question: %(service)s"), "message-circle", "good"),
    Kind("patients.advice_ask_again", _("%(by)s asks more: %(service)s"), "message-circle", "accent"),
    Kind("patients.advice_answer", _("%(by)s answered your question: %(service)s"), "message-circle", "good"),
    Kind("patients.advice_give_back", _("%(by)s gave your question back: %(service)s"), "message-circle", "urgent"),
    Kind("patients.advice_decline", _("%(by)s declined your question: %(service)s"), "message-circle", "urgent"),
    Kind("patients.advice_close", _("%(by)s closed a question: %(service)s"), "message-circle"),
    Kind("patients.advice_convert", _("%(by)s made a referral of a question: %(service)s"), "message-circle"),
    Kind("patients.proposal_merged", _("The cluster office merged the two records that you proposed"), "users", "good"),
    Kind(
        "patients.proposal_declined", _("The cluster office did not merge the two records that you proposed"), "users",
        "urgent",
    ),
    Kind("patients.message", _("%(by)s wrote about referral %(number)s"), "message", "accent"),
    Kind(
        "patients.accept_offer", _("%(by)s took the offered time for referral %(number)s"), "calendar-check", "good",
    ),
)  # fmt: skip

#: Steps of which the other side hears; arriving and drafts are nobody's news.
TOLD = frozenset(
    {
        "submit", "accept", "change_priority", "return_for_info", "hand_back", "reject", "redirect", "book",
        "reschedule", "cancel_booking", "no_show", "complete", "cancel", "wait", "offer", "offer_lapsed",
        "offer_withdrawn", "accept_offer", "attach",
    }
)  # fmt: skip


def register_kinds() -> None:
    """Make the sentences known; called when the app is ready."""
    register(*_KINDS)


def tell_of_step(step_id: int) -> int:
    """Tell the other side of a step. Returns how many people hear of it for the first time.

    Joins the transaction that it is called in. Doing it again tells nobody twice.
    """
    return sum(notify(SYSTEM, **news) for news in news_of_step(step_id))


def news_of_step(step_id: int) -> list[dict[str, Any]]:
    """Who hears of a step and of what: the arguments of `notify`, once for each side that is told."""
    step = (
        ReferralStep.objects.select_related(
            "organization", "referral__target_clinic", "referral__source_organization", "referral__source_clinic",
            "referral__target_organization",
        )
        .filter(pk=step_id)
        .first()
    )  # fmt: skip
    if step is None or step.action not in TOLD:
        return []
    referral, news = step.referral, []
    if _concerns_source(step):
        people = referring_people(referral)
        news.append(_news(step, people, referral.source_organization_id, _kind_for_source(step)))
    if _concerns_target(step):
        people = staff_of(referral.target_organization_id, RECEIVERS)
        news.append(_news(step, people, referral.target_organization_id, _kind_for_target(step)))
    return news


def _concerns_source(step: ReferralStep) -> bool:
    """Whether the referring side hears of the step: it did not do it itself."""
    return step.action != "submit" and not _did_it(step, step.referral.source_organization_id)


def _concerns_target(step: ReferralStep) -> bool:
    """Whether the receiving side hears of the step: it did not do it itself, and there is something to do or to undo.

    A referral that needs no decision is news when it is booked, not when it is sent.
    """
    referral = step.referral
    if referral.target_organization_id is None or _did_it(step, referral.target_organization_id):
        return False
    if step.action == "submit":
        return step.to_state == ReferralState.SUBMITTED and not _was_passed_on(step)
    if step.action == "cancel":
        return step.from_state != ReferralState.DRAFT
    if step.action == "attach":
        # What is added to a returned referral is seen when it is sent again.
        return step.to_state != ReferralState.RETURNED
    return step.action in {"redirect", "book", "reschedule", "cancel_booking", "wait", "accept_offer"}


def _did_it(step: ReferralStep, organization_id: uuid.UUID) -> bool:
    """Whether a side took the step itself. Inside one organisation the sides are people, not organisations."""
    inside = step.referral.source_organization_id == step.referral.target_organization_id
    return step.organization_id == organization_id and not inside


def _was_passed_on(step: ReferralStep) -> bool:
    """Whether the clinic has already redirected what the step sent it: the next clinic hears of that step instead."""
    return ReferralStep.objects.filter(referral=step.referral_id, pk__gt=step.pk, action="redirect").exists()


def _kind_for_source(step: ReferralStep) -> str:
    changed = step.action == "accept" and bool(words_of(step.details))
    return "patients.accept_changed" if changed else f"patients.{step.action}"


def _kind_for_target(step: ReferralStep) -> str:
    if step.action == "redirect":
        return "patients.redirected_to_us"
    if step.action == "submit" and step.from_state == ReferralState.RETURNED:
        return "patients.completed_again"
    return f"patients.{step.action}"


def referring_people(referral: Referral) -> list[uuid.UUID]:
    """The author while they work there, else those who refer for that organisation."""
    organization = referral.source_organization_id
    if referral.author_id:
        author = members_of(organization).filter(user=referral.author_id).values_list("user", flat=True)
        if found := list(author[:1]):
            return found
    return staff_of(organization, REFERRERS)


def staff_of(organization_id: uuid.UUID | None, roles: frozenset[str]) -> list[uuid.UUID]:
    """People of an organisation in one of `roles`; where there are none, those who refer for it."""
    members = members_of(organization_id)
    found = list(members.filter(role__in=roles).values_list("user", flat=True).distinct())
    return found or list(members.filter(role=Role.REFERRER).values_list("user", flat=True).distinct())


def _news(
    step: ReferralStep, people: list[uuid.UUID], organization_id: uuid.UUID, kind: str
) -> dict[str, Any]:
    referral = step.referral
    params: dict[str, Any] = {"number": referral.number, "by": _names(step.organization)}
    if kind == "patients.redirect":
        params["clinic"] = _names(referral.target_clinic)
    if kind in ("patients.accept_changed", "patients.change_priority"):
        # What a patient may have is read on the referral's page alone.
        told = {name: pair for name, pair in step.details.items() if name != "suspicion"}
        params["what"] = _in_every_language(lambda: words_of(told))
    if kind == "patients.offer":
        params |= _moments(step, "at", "until")
    if kind in ("patients.book", "patients.reschedule"):
        params |= _moments(step, "at")
    return {
        "users": [user for user in people if user != step.user_id],
        "kind": kind,
        "params": params,
        "url": reverse("patients:referral", args=[referral.pk]),
        "key": f"step:{step.pk}",
        "organization_id": organization_id,
    }


def _moments(step: ReferralStep, *wanted: str) -> dict[str, dict[str, str]]:
    """Where and when a time is (`at`), by that clinic's clock, and by when to answer (`until`), by the referring one's.

    Where the two clocks differ, each moment names its zone.
    """
    clinic = Clinic.objects.get(pk=step.details["clinic"])
    zones = {"at": clinic.time_zone, "until": step.referral.source_clinic.time_zone}
    moments = {
        name: datetime.fromisoformat(step.details[name]).astimezone(wording.zone(zones[name]))
        for name in wanted
    }
    at = datetime.fromisoformat(step.details["at"])
    offsets = {at.astimezone(wording.zone(zone)).utcoffset() for zone in zones.values()}
    words: dict[str, dict[str, str]] = {"clinic": _names(clinic), **{name: {} for name in wanted}}
    for language in LANGUAGES:
        with override(language):
            for name, moment in moments.items():
                zone = f" ({wording.utc_offset(moment)})" if len(offsets) > 1 else ""
                words[name][language] = wording.moment(moment) + zone
    return words


def _in_every_language(words: Callable[[], str]) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        with override(language):
            found[language] = words()
    return found


def _names(named: Organization | Clinic | None) -> dict[str, str]:
    """The short name in every language in which there is one."""
    if named is None:
        return {"ru": "—"}
    names = {language: getattr(named, f"short_name_{language}") for language in LANGUAGES}
    return {language: name for language, name in names.items() if name}


def tell_of_message(message_id: uuid.UUID | str) -> int:
    """Tell the other side that it was written to; never what. Returns how many people hear of it."""
    message = Message.objects.select_related("referral", "organization").filter(pk=message_id).first()
    if message is None or message.read_at:
        return 0
    referral, organization = message.referral, message.addressee_id
    ours = organization == referral.source_organization_id
    people = referring_people(referral) if ours else staff_of(organization, RECEIVERS)
    return notify(
        SYSTEM,
        users=[person for person in people if person != message.author_id],
        kind="patients.message",
        params={"number": referral.number, "by": _names(message.organization)},
        url=reverse("patients:referral", args=[referral.pk]) + "#messages",
        key=f"message:{message.pk}",
        organization_id=organization,
    )


def tell_of_advice(post_id: uuid.UUID | str) -> int:
    """Tell the other side of a line in a question's thread; never what it says, nor of whom.

    A question to any clinic is told to those that may answer, while it is free: when it is asked, and to the others
    when one gives it back. Returns how many hear of it for the first time.
    """
    related = ("advice__service_type", "advice__source_clinic", "advice__source_organization", "organization")
    post = AdvicePost.objects.select_related(*related).filter(pk=post_id).first()
    if post is None:
        return 0
    advice, told = post.advice, 0
    if post.addressee_id and not post.read_at:
        told += _tell_of_post(post, f"patients.advice_{post.action}", post.addressee_id, post.organization)
    if post.action in ("ask", "give_back") and advice.state == AdviceState.FREE:
        answering = who_may_answer(advice.service_type_id, advice.source_clinic, abroad=advice.abroad)
        answering = answering.exclude(clinic__organization=post.organization_id).order_by()
        for pk in answering.values_list("clinic__organization", flat=True).distinct():
            told += _tell_of_post(post, "patients.advice_free", pk, advice.source_organization)
    return told


def _tell_of_post(post: AdvicePost, kind: str, organization: uuid.UUID, by: Organization) -> int:
    advice = post.advice
    asks = organization == advice.source_organization_id
    people = staff_of(organization, REFERRERS if asks else RECEIVERS)
    if asks and advice.author_id:
        author = members_of(organization).filter(user=advice.author_id).values_list("user", flat=True)
        people = list(author[:1]) or people
    service = {language: getattr(advice.service_type, f"name_{language}") for language in LANGUAGES}
    return notify(
        SYSTEM,
        users=[person for person in people if person != post.author_id],
        kind=kind,
        params={
            "by": _names(by),
            "service": {language: name for language, name in service.items() if name},
        },
        url=reverse("patients:advice", args=[advice.pk]),
        key=f"advice:{post.pk}",
        organization_id=organization,
    )


def tell_of_proposal(proposal_id: uuid.UUID | str) -> int:
    """Tell those who proposed to merge two records what the office decided; its words stand on the page that this leads
    to, not here. Returns how many hear of it for the first time.
    """
    proposal = MergeProposal.objects.select_related("pair__first").filter(pk=proposal_id).first()
    if proposal is None or proposal.state == ProposalState.OPEN:
        return 0
    organization = proposal.organization_id
    author = members_of(organization).filter(user=proposal.author_id).values_list("user", flat=True)
    return notify(
        SYSTEM,
        users=list(author[:1]) or staff_of(organization, REFERRERS),
        kind=f"patients.proposal_{proposal.state}",
        params={},
        url=reverse("patients:merge_propose", args=[survivor_of(proposal.pair.first).pk]),
        key=f"proposal:{proposal.pk}",
        organization_id=organization,
    )
