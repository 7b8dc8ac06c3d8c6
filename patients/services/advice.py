"""Asking a specialist of another clinic without an appointment, answering, and making a referral of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Clinic, Service, ServiceType
from clinics.selectors.openness import day_of
from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from patients.errors import AdviceTaken, AlreadyAttached, TooManyFiles
from patients.events import ADVICE_MOVED
from patients.models import Advice, AdviceFile, AdvicePost
from patients.models.advice import TARGET
from patients.policies import advice_policy, patient_policy
from patients.selectors.advice import own_services, who_may_answer
from patients.services.deadlines import add_working_days
from patients.services.drafts import check_diagnosis, check_transfer, draft_referral, is_offered
from patients.services.links import refuse_merged
from patients.services.steps import check_reason
from patients.states import ADVICE, ADVICE_REASONS, AdviceState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from cluster_portal.common.actor import Actor
    from cluster_portal.files.storage import Kept
    from patients.models import Referral

_OF_SERVICE = ("clinic", "service_type")
RELATED = ("service_type", "service__clinic", "source_clinic", "target_clinic", "patient")


@service
def ask_advice(
    actor: Actor,
    *,
    patient_id: uuid.UUID,
    question: str,
    diagnosis_code: str,
    service_id: uuid.UUID | None = None,
    service_type: ServiceType | None = None,
    abroad: bool = False,
    diagnosis_text: str = "",
    source_clinic: Clinic | None = None,
    key: uuid.UUID | None = None,
    files: Sequence[Kept] = (),
) -> Advice:
    """Ask the specialists of a clinic's service about a patient. The same `key` again is the same question.

    With a `service_type` instead of a service any clinic that gives it is asked, and the first that takes it answers:
    any of the asking clinic's country, or `abroad` too, for which the patient has to have agreed. Of one clinic the
    flag says nothing. `files` are kept already (see `services/advice_files`).

    Raises NotFound for a stranger's patient, Invalid, and ConsentMissing where the patient's data may not go there.
    """
    advice_policy.require(actor, "create")
    patient = patient_policy.get(actor, "refer", patient_id)
    refuse_merged(patient)
    known = key and Advice.objects.filter(source_organization=actor.organization_id, key=key).first()
    if known:
        return known
    target = service_id and Service.objects.select_related(*_OF_SERVICE).filter(pk=service_id).first()
    source = source_clinic or Clinic.objects.filter(organization=actor.organization_id).order_by("id").first()
    code = diagnosis_code.strip().upper()
    abroad = abroad and service_type is not None
    _check_question(actor, target, service_type, source, code, question, abroad=abroad)
    check_transfer(patient.pk, source, target and target.clinic, abroad=abroad)
    now = timezone.now()
    advice = Advice.objects.create(
        patient=patient,
        state_since=now,
        source_organization_id=actor.organization_id,
        source_clinic=source,
        state=AdviceState.ASKED if target else AdviceState.FREE,
        to_any=target is None,
        abroad=abroad,
        service_type=target.service_type if target else service_type,
        **_target(target),
        diagnosis_code=code,
        diagnosis_text=diagnosis_text.strip()[:300],
        due_on=_due(target.clinic if target else source),
        author_id=actor.user_id,
        author_name=actor.name if actor.kind == "user" else "",
        key=key or uuid.uuid4(),
    )
    _write(actor, advice, "ask", question.strip(), advice.key, files=files)
    return advice


def _target(service_: Service | None) -> dict[str, Any]:
    """Who answers, as columns of a question."""
    if service_ is None:
        return {}
    clinic = service_.clinic
    return {
        "service": service_,
        "target_clinic": clinic,
        "target_organization_id": clinic.organization_id,
    }


def _check_question(
    actor: Actor,
    target: Service | None,
    service_type: ServiceType | None,
    source: Clinic | None,
    code: str,
    question: str,
    *,
    abroad: bool,
) -> None:
    errors: dict[str, list[Any]] = {}
    if service_type is not None:
        if target is not None:
            errors["service_type"] = [_("Please ask one clinic or any of them, not both.")]
        elif source is not None and not who_may_answer(service_type.pk, source, abroad=abroad).exists():
            errors["service_type"] = [
                _("No other clinic gives this service now.")
                if abroad
                else _("No other clinic of the country gives this service now.")
            ]
    elif target is None:
        errors["service"] = [_("Please choose a service from the list.")]
    elif not is_offered(target):
        errors["service"] = [_("This service is not offered now.")]
    elif target.clinic.organization_id == actor.organization_id:
        errors["service"] = [_("This is your own organisation. Please ask another clinic.")]
    if source is None or source.organization_id != actor.organization_id:
        errors["source_clinic"] = [_("Please choose a clinic of your organisation.")]
    if texts := check_diagnosis(code):
        errors["diagnosis_code"] = texts
    if texts := _check_text(question):
        errors["question"] = texts
    if errors:
        raise Invalid(errors)


def _check_text(text: str) -> list[str]:
    if not text.strip():
        return [_("Please write something.")]
    if len(text.strip()) > AdvicePost.LONGEST:
        return [_("The message is longer than %(n)s characters.") % {"n": AdvicePost.LONGEST}]
    return []


def _due(clinic: Clinic) -> date:
    """The last day for an answer, by the answering clinic's calendar."""
    today = day_of(timezone.now(), clinic.time_zone)
    return add_working_days(today, settings.ADVICE_WORKING_DAYS, clinic.country)


@service
def take_advice(actor: Actor, *, advice_id: uuid.UUID, service_id: uuid.UUID | None = None) -> Advice:
    """The actor's clinic takes a question that was asked of any, and owes the answer from now on.

    Under the question's lock the first one wins. `service_id` says which of the organisation's clinics answers, where
    several could. Taking it again changes nothing. Raises NotFound where the question does not fit, AdviceTaken,
    IllegalTransition where the asking side has settled it, Invalid, and ConsentMissing where the patient has taken
    theirs back.
    """
    advice = _lock(actor, "take", advice_id)
    if advice.target_organization_id == actor.organization_id:
        return advice
    if advice.target_organization_id:
        raise AdviceTaken
    ADVICE.find(advice.state, "take")
    own = own_services(actor, advice)
    chosen = own.filter(pk=service_id).first() if service_id else own.first()
    if chosen is None:
        raise Invalid({"service": [_("Please choose a service from the list.")]})
    check_transfer(advice.patient_id, advice.source_clinic, chosen.clinic)
    for name, value in _target(chosen).items():
        setattr(advice, name, value)
    _move(advice, "take", *TARGET)
    # What was written to nobody in particular was written to them.
    advice.posts.filter(addressee__isnull=True).update(addressee=actor.organization_id)
    _write(actor, advice, "take", "", uuid.uuid4())
    return advice


@service
def answer_advice(
    actor: Actor, *, advice_id: uuid.UUID, text: str, key: uuid.UUID | None = None, files: Sequence[Kept] = ()
) -> AdvicePost:
    """Answer, or add to an answer. Raises NotFound, Forbidden, IllegalTransition once it is closed, and Invalid."""
    return _speak(actor, "answer", advice_id, text, key, files)


@service
def ask_again(
    actor: Actor, *, advice_id: uuid.UUID, text: str, key: uuid.UUID | None = None, files: Sequence[Kept] = ()
) -> AdvicePost:
    """Ask more, or add to the question; the answer is due anew. Raises what `answer_advice` does."""
    return _speak(actor, "ask_again", advice_id, text, key, files)


def _speak(
    actor: Actor,
    action: str,
    advice_id: uuid.UUID,
    text: str,
    key: uuid.UUID | None,
    files: Sequence[Kept],
) -> AdvicePost:
    advice = _lock(actor, action, advice_id)
    known = (
        key and AdvicePost.objects.filter(advice=advice, key=key, organization=actor.organization_id).first()
    )
    if known:
        return known
    ADVICE.find(advice.state, action)
    if texts := _check_text(text):
        raise Invalid({"text": texts})
    changed = []
    if action == "ask_again" and advice.state == AdviceState.ANSWERED:
        advice.due_on = _due(advice.target_clinic)
        changed = ["due_on"]
    _move(advice, action, *changed)
    return _write(actor, advice, action, text.strip(), key or uuid.uuid4(), files=files)


@service
def decline_advice(actor: Actor, *, advice_id: uuid.UUID, reason: str, comment: str = "") -> Advice:
    """Say that the question will not be answered, and why. Raises Invalid without a reason of the dictionary."""
    advice = _lock(actor, "decline", advice_id)
    ADVICE.find(advice.state, "decline")
    check_reason(ADVICE_REASONS["decline"], reason, comment)
    advice.decline_reason = reason
    _move(advice, "decline", "decline_reason")
    _write(actor, advice, "decline", comment.strip(), uuid.uuid4(), reason=reason)
    return advice


@service
def give_back_advice(actor: Actor, *, advice_id: uuid.UUID, reason: str, comment: str = "") -> Advice:
    """Let another clinic answer a question that the actor's clinic took, and say why. It is free again, due as before.

    What was asked is unread anew, for whoever takes it next, and they read this side's lines too. Raises Forbidden
    where the question was asked of this clinic by name, IllegalTransition once it is answered, and Invalid without a
    reason of the dictionary.
    """
    advice = _lock(actor, "give_back", advice_id)
    ADVICE.find(advice.state, "give_back")
    check_reason(ADVICE_REASONS["give_back"], reason, comment)
    for column in TARGET:
        setattr(advice, column, None)
    _move(advice, "give_back", *TARGET)
    asked = advice.posts.filter(organization=advice.source_organization_id)
    asked.update(addressee=None, read_at=None, read_by=None)
    _write(actor, advice, "give_back", comment.strip(), uuid.uuid4(), reason=reason)
    return advice


@service
def close_advice(actor: Actor, *, advice_id: uuid.UUID, comment: str = "") -> Advice:
    """The question is settled, or not asked any more."""
    advice = _lock(actor, "close", advice_id)
    _move(advice, "close")
    _write(actor, advice, "close", comment.strip(), uuid.uuid4())
    return advice


@service
def convert_advice(actor: Actor, *, advice_id: uuid.UUID) -> Referral:
    """Make a draft of a referral with the question's patient, service, diagnosis and thread. Returns the draft.

    Raises NotFound, Forbidden, IllegalTransition where it is closed, became a referral already, or Invalid where the
    service is not offered any more.
    """
    advice = _lock(actor, "convert", advice_id)
    ADVICE.find(advice.state, "convert")
    referral = draft_referral(
        actor,
        patient_id=advice.patient_id,
        data={
            "source_clinic": advice.source_clinic,
            **({"service": advice.service} if advice.service else {"service_type": advice.service_type}),
            "diagnosis_code": advice.diagnosis_code,
            "diagnosis_text": advice.diagnosis_text,
            "reason": clinical_text(advice),
        },
    )
    advice.referral = referral
    _move(advice, "convert", "referral")
    _write(actor, advice, "convert", "", uuid.uuid4())
    return referral


def clinical_text(advice: Advice) -> str:
    """The thread as a referral's justification: what was asked and what was answered, by whom."""
    parts = []
    for post in advice.posts.select_related("organization").order_by("created_at", "id"):
        if not post.text:
            continue
        if post.action in ("ask", "ask_again"):
            parts.append(post.text)
        elif post.action == "answer":
            answered = _("Answer of %(who)s, %(day)s:") % {
                "who": ", ".join(filter(None, (post.author_name, post.organization.short_name))),
                "day": f"{post.created_at:%d.%m.%Y}",
            }
            parts.append(f"{answered}\n{post.text}")
    return "\n\n".join(parts)


@service
def read_advice(actor: Actor, *, advice_id: uuid.UUID) -> int:
    """The actor's organisation has read what was written to it. Returns how many lines were unread."""
    advice = advice_policy.get(actor, "view", advice_id)
    return _read(actor, advice)


def _lock(actor: Actor, action: str, advice_id: uuid.UUID) -> Advice:
    rows = Advice.objects.select_related(*RELATED)
    return advice_policy.get(actor, action, advice_id, lock=True, queryset=rows)


def _move(advice: Advice, action: str, *changed: str) -> None:
    came_from = advice.state
    ADVICE.move(advice, action)
    fields = ["state", "updated_at", *changed]
    if advice.state != came_from:
        advice.state_since = timezone.now()
        fields.append("state_since")
    advice.save(update_fields=fields)


def _read(actor: Actor, advice: Advice) -> int:
    unread = AdvicePost.objects.filter(advice=advice, addressee=actor.organization_id, read_at__isnull=True)
    return unread.update(read_at=timezone.now(), read_by=actor.user_id)


def _write(
    actor: Actor,
    advice: Advice,
    action: str,
    text: str,
    key: uuid.UUID,
    *,
    reason: str = "",
    files: Sequence[Kept] = (),
) -> AdvicePost:
    """A line of the thread with its files; whoever writes has read, and the other side is told after the commit."""
    ours = actor.organization_id == advice.source_organization_id
    post = AdvicePost(
        advice=advice,
        action=action,
        organization_id=actor.organization_id,
        addressee_id=advice.target_organization_id if ours else advice.source_organization_id,
        author_id=actor.user_id,
        author_name=actor.name,
        text=text,
        reason=reason,
        key=key,
    )
    if len(text) > AdvicePost.LONGEST:
        raise Invalid({"comment": _check_text(text)})
    _read(actor, advice)
    post.save(force_insert=True)
    if files:
        _attach(actor, post, files)
    enqueue(ADVICE_MOVED, {"post": str(post.pk)})
    return post


def _attach(actor: Actor, post: AdvicePost, files: Sequence[Kept]) -> None:
    """The rows of a line's files, under the question's lock."""
    there = AdviceFile.objects.filter(post__advice=post.advice_id).count()
    if there + len(files) > AdviceFile.MOST:
        raise TooManyFiles(_("The question has as many files as it can take."), field="files")
    if len({file.sha256 for file in files}) < len(files):
        raise AlreadyAttached(field="files")
    AdviceFile.objects.bulk_create(AdviceFile(post=post, **file.columns(actor)) for file in files)
