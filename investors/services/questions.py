"""Questions about a tender: asked by whoever signs in, answered for everybody at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from investors.errors import QuestionAnswered, QuestionsClosed
from investors.events import QUESTION_ANSWERED, QUESTION_ASKED
from investors.models import Question
from investors.policies import question_policy
from investors.services.clock import lock_tender
from investors.states import TenderState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor

ANSWER = columns("answer")


@service
def ask_question(actor: Actor, *, tender_id: uuid.UUID, text: str) -> Question:
    """Ask in the time for questions. Nobody is told who asked.

    Raises NotFound, Forbidden, QuestionsClosed from the very moment in which the time is over, Invalid.
    """
    tender, now = lock_tender(actor, "ask", tender_id)
    if tender.state != TenderState.QUESTIONS:
        raise QuestionsClosed
    require_words("text", text)
    question = Question(tender=tender, asked_at=now, asker_id=actor.user_id)
    fill(question, {"text": text}, ("text",))
    question.save(force_insert=True)
    enqueue(QUESTION_ASKED, {"question": str(question.pk)})
    return question


@service
def answer_question(actor: Actor, *, question_id: uuid.UUID, data: dict[str, Any]) -> Question:
    """Publish a question with its answer, in Russian and in English. `data` holds ANSWER.

    Raises NotFound, Forbidden, QuestionAnswered, Invalid.
    """
    question = question_policy.get(actor, "edit", question_id, lock=True)
    if question.answered_at:
        raise QuestionAnswered
    fill(question, data, ANSWER)
    require_words("answer_ru", question.answer_ru)
    if not question.answer_en:
        raise Invalid({"answer_en": [_("Say the answer in English too.")]})
    question.answered_at, question.answered_by_id = timezone.now(), actor.user_id
    question.save()
    enqueue(QUESTION_ANSWERED, {"question": str(question.pk)})
    return question
