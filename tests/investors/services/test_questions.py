"""Questions about a tender: public with their answers, and nobody is told who asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from investors.errors import QuestionAnswered, QuestionsClosed
from investors.policies import question_policy
from investors.services import questions as services
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

ANSWER = {"answer_ru": "Можно.", "answer_en": "Yes."}


def test_a_question_is_asked_in_its_time_and_answered_for_everybody(client, site, land):
    tender = rows.make_tender(state="published", version=1)
    guest = make.make_actor("manager")
    for moment in (tender.questions_from - timedelta(microseconds=1), tender.questions_until):
        with time_machine.travel(moment, tick=False), pytest.raises(QuestionsClosed), transaction.atomic():
            services.ask_question(guest, tender_id=tender.pk, text="Можно ли строить в две очереди?")
    with time_machine.travel(tender.questions_from, tick=False):
        with pytest.raises(Forbidden):
            services.ask_question(ANONYMOUS, tender_id=tender.pk, text="Кто вы?")
        with pytest.raises(Invalid), transaction.atomic():
            services.ask_question(guest, tender_id=tender.pk, text=" ")
        question = services.ask_question(guest, tender_id=tender.pk, text="Можно ли строить в две очереди?")
    page = f"/tenders/{tender.pk}/"
    assert (
        not question_policy.queryset(guest).exists()
        and question.text not in client.get(page).content.decode()
    )
    with pytest.raises(NotFound):
        services.answer_question(guest, question_id=question.pk, data=ANSWER)
    with pytest.raises(Invalid), transaction.atomic():
        services.answer_question(land, question_id=question.pk, data={"answer_ru": "Можно.", "answer_en": ""})
    services.answer_question(land, question_id=question.pk, data=ANSWER)
    with pytest.raises(QuestionAnswered):
        services.answer_question(land, question_id=question.pk, data=ANSWER)
    client.force_login(make.make_member("land"))
    for address in (page, f"/land/tenders/{tender.pk}/"):
        text = client.get(address).content.decode()
        assert question.asker.get_full_name() not in text and str(question.asker_id) not in text
    assert "Можно." in client.get(page).content.decode()
    relay()
    assert Notice.objects.get(kind="investors.question_answered").user_id == guest.user_id
