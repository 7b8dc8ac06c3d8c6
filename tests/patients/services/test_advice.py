"""Questions to specialists without an appointment."""

from __future__ import annotations

import uuid
from itertools import product

import pytest
from django.conf import settings
from django.db import InternalError, ProgrammingError, connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.models import Membership
from cluster_portal.accounts.models import User
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from patients.errors import AdviceKeyTaken, ConsentMissing
from patients.models import Advice, AdvicePost, Consent
from patients.selectors.advice import QUEUES, counts, questions
from patients.selectors.worklists import countable
from patients.services import advice as services
from patients.services.deadlines import add_working_days
from patients.services.drafts import submit_referral
from patients.states import ADVICE, AdviceState
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


def asked(pair, **changes):
    said = {"service_id": pair.service.pk, "diagnosis_code": "i48.0", "question": " Нужна ли абляция? "}
    return services.ask_advice(pair.referrer, patient_id=pair.patient.pk, **said | changes)


def unread(actor):
    return countable(actor)["advice.unread"].count()


def test_from_a_question_to_an_answer_and_its_end(pair):
    advice = asked(pair)
    assert (advice.state, advice.diagnosis_code, advice.target_clinic) == ("asked", "I48.0", pair.target)
    today = clinics.day_of(timezone.now())
    assert advice.due_on == add_working_days(today, settings.ADVICE_WORKING_DAYS, "RU")
    assert (unread(pair.referrer), unread(pair.coordinator)) == (0, 1)
    services.answer_advice(pair.coordinator, advice_id=advice.pk, text="Сначала суточное мониторирование.")
    # Who answers has read.
    assert (unread(pair.referrer), unread(pair.coordinator)) == (1, 0)
    assert services.read_advice(pair.referrer, advice_id=advice.pk) == 1
    Advice.objects.filter(pk=advice.pk).update(due_on="2020-01-01")
    services.ask_again(pair.referrer, advice_id=advice.pk, text="А потом?")
    advice.refresh_from_db()
    assert (advice.state, advice.due_on > today) == ("asked", True)
    services.answer_advice(pair.coordinator, advice_id=advice.pk, text="Потом решим.")
    services.close_advice(pair.referrer, advice_id=advice.pk)
    assert [post.action for post in advice.posts.order_by("created_at")] == [
        "ask", "answer", "ask_again", "answer", "close",
    ]  # fmt: skip
    with pytest.raises(IllegalTransition):
        services.answer_advice(pair.coordinator, advice_id=advice.pk, text="Ещё одно")


def test_a_referral_is_made_of_it_and_leads_back(pair):
    advice = asked(pair)
    services.answer_advice(pair.coordinator, advice_id=advice.pk, text="Показана, направляйте.")
    referral = services.convert_advice(pair.referrer, advice_id=advice.pk)
    advice.refresh_from_db()
    assert (advice.state, advice.referral, referral.advice) == ("converted", referral, advice)
    assert (referral.patient, referral.service, referral.diagnosis_code) == (
        pair.patient,
        pair.service,
        "I48.0",
    )
    assert referral.reason.startswith("Нужна ли абляция?") and "Показана, направляйте." in referral.reason
    assert submit_referral(pair.referrer, referral_id=referral.pk).state == "accepted"
    with pytest.raises(IllegalTransition):
        services.convert_advice(pair.referrer, advice_id=advice.pk)


def test_declining_asks_for_a_reason(pair):
    advice = asked(pair)
    for reason, comment, field in (("boredom", "", "reason"), ("other", " ", "comment")):
        with pytest.raises(Invalid) as refused:
            services.decline_advice(pair.coordinator, advice_id=advice.pk, reason=reason, comment=comment)
        assert set(refused.value.errors) == {field}
    services.decline_advice(pair.coordinator, advice_id=advice.pk, reason="needs_visit")
    # What was declined may still become a referral: that is what the reason says.
    assert services.convert_advice(pair.referrer, advice_id=advice.pk).state == "draft"


def test_each_side_does_its_part_and_strangers_see_nothing(pair):
    advice = asked(pair)
    registrar = clinics.make_actor("referrer", organization=pair.target.organization)
    for actor, call, refusal in (
        (pair.referrer, services.answer_advice, Forbidden), (registrar, services.answer_advice, Forbidden),
        (pair.coordinator, services.ask_again, Forbidden),
        (clinics.make_actor("coordinator"), services.answer_advice, NotFound),
        (clinics.make_actor("office"), services.answer_advice, NotFound),
    ):  # fmt: skip
        with pytest.raises(refusal):
            call(actor, advice_id=advice.pk, text="Нет")
    for call in (services.close_advice, services.convert_advice):
        with pytest.raises(Forbidden):
            call(pair.coordinator, advice_id=advice.pk)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"question": "  "}, "question"), ({"question": "а" * 8001}, "question"),
        ({"diagnosis_code": "Q9"}, "diagnosis_code"),
        ({"service_id": uuid.uuid4()}, "service"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(pair, changes, field):
    with pytest.raises(Invalid) as refused:
        asked(pair, **changes)
    assert set(refused.value.errors) == {field}


def test_nobody_asks_their_own_clinic_or_without_consent(pair):
    own = clinics.make_service(pair.source)
    with pytest.raises(Invalid):
        asked(pair, service_id=own.pk)
    Consent.objects.all().delete()
    with pytest.raises(ConsentMissing):
        asked(pair)


def test_sent_twice_it_is_there_once(pair):
    key = uuid.uuid4()
    advice = asked(pair, key=key)
    assert asked(pair, key=key).pk == advice.pk
    # The question's own key is the asking side's.
    with pytest.raises(AdviceKeyTaken):
        services.answer_advice(pair.coordinator, advice_id=advice.pk, text="Да", key=key)
    key = uuid.uuid4()
    for _n in range(2):
        services.answer_advice(pair.coordinator, advice_id=advice.pk, text="Да", key=key)
    assert AdvicePost.objects.count() == 2


def test_the_database_knows_the_table_too(pair):
    somebody = patients.target_of(pair.service)
    nobody = dict.fromkeys(somebody)
    for before, after in product(AdviceState, AdviceState):
        referral = pair.referral("draft") if before == "converted" else None
        advice = patients.make_advice(
            pair.patient, source=pair.source, state=before, referral=referral,
            decline_reason="needs_visit", to_any=True, service=pair.service,
        )  # fmt: skip
        changed = {"state": after, "referral": pair.referral("draft") if after == "converted" else None}
        changed |= nobody if after == "free" else somebody
        allowed = before == after or (before, after) in ADVICE.pairs
        try:
            with transaction.atomic():
                Advice.objects.filter(pk=advice.pk).update(**changed)
        except (InternalError, ProgrammingError, DatabaseError):
            assert not allowed, (before, after)
        else:
            assert allowed, (before, after)


def test_the_other_side_is_told_and_never_of_whom(pair):
    for actor, role in ((pair.referrer, "referrer"), (pair.coordinator, "coordinator")):
        assert Membership.objects.filter(user=actor.user_id, role=role).exists()
    advice = asked(pair)
    services.answer_advice(pair.coordinator, advice_id=advice.pk, text="Да")
    relay()
    told = dict(Notice.objects.values_list("kind", "user"))
    # The question was read when it was answered: nobody hears of it late.
    assert told == {"patients.advice_answer": pair.referrer.user_id}
    assert pair.patient.family not in str(list(Notice.objects.values_list("params", flat=True)))
    assert Notice.objects.get().url == reverse("patients:advice", args=[advice.pk])


def test_the_lists_of_both_sides(pair):
    waits, answered = asked(pair), asked(pair)
    services.answer_advice(pair.coordinator, advice_id=answered.pk, text="Да")
    Advice.objects.filter(pk=waits.pk).update(due_on="2026-01-01")
    for actor, side in ((pair.referrer, "out"), (pair.coordinator, "in")):
        free = {"free": 0} if side == "in" else {}
        assert counts(actor, side) == {"asked": 1, "answered": 1, "late": 1} | free
        found = {
            key: {row.pk for row in questions(actor, side, queue)} for key, queue in QUEUES[side].items()
        }
        both = {waits.pk, answered.pk}
        lists = {"asked": {waits.pk}, "answered": {answered.pk}, "done": set(), "all": both}
        assert found == lists | ({"free": set()} if side == "in" else {})
        assert questions(actor, side, QUEUES[side]["all"], pair.patient.family).count() == 2
        assert not questions(actor, "in" if side == "out" else "out", QUEUES[side]["all"])


def test_the_pages_and_their_cost(pair, client):
    def browse(actor):
        client.force_login(User.objects.get(pk=actor.user_id))

    browse(pair.referrer)
    address = f"/advice/new/?patient={pair.patient.pk}"
    form = client.get(address).context["form"]
    sent = {
        "service": str(pair.service.pk), "diagnosis_code": "I48.0", "question": "Нужна ли абляция?",
        "source_clinic": str(pair.source.pk), "key": str(form["key"].value()),
    }  # fmt: skip
    assert client.post(address, sent | {"question": ""}).status_code == 422
    made = client.post(address, sent)
    advice = Advice.objects.get()
    assert made["Location"] == f"/advice/{advice.pk}/"
    browse(pair.coordinator)
    assert client.get("/advice/")["Location"] == "/advice/in/asked/"

    def cost():
        client.get("/advice/in/asked/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/advice/in/asked/").status_code == 200
        return len(queries)

    one = cost()
    for _n in range(29):
        asked(pair)
    assert cost() == one
    page = client.get(f"/advice/{advice.pk}/")
    assert page.context["speak"] == "answer" and pair.patient.full_name in page.content.decode()
    assert client.post(f"/advice/{advice.pk}/answer/", {"text": " "}).status_code == 422
    assert client.post(f"/advice/{advice.pk}/answer/", {"text": "Да"}).status_code == 303
    assert client.post(f"/advice/{advice.pk}/decline/", {"reason": "needs_visit"}).status_code == 409
    browse(pair.referrer)
    advice.refresh_from_db()
    assert advice.state == "answered"
    assert client.get(f"/advice/{advice.pk}/close/").status_code == 200
    converted = client.post(f"/advice/{advice.pk}/convert/")
    advice.refresh_from_db()
    assert converted["Location"] == f"/referrals/{advice.referral_id}/reason/"
    assert f"/advice/{advice.pk}/" in client.get(f"/referrals/{advice.referral_id}/").content.decode()
    # The card shows the latest.
    assert len(client.get(f"/patients/{pair.patient.pk}/").context["questions"]) == 20


def test_a_program_asks_and_answers(pair, client):
    client.force_login(User.objects.get(pk=pair.referrer.user_id))
    body = {
        "patient": str(pair.patient.pk), "service": str(pair.service.pk), "diagnosis_code": "I48.0",
        "question": "Нужна ли абляция?",
    }  # fmt: skip
    made = client.post("/api/v1/advice/", body, content_type="application/json")
    assert made.status_code == 201, made.json()
    assert made.json()["available_actions"] == ["convert", "ask_again", "close"]
    address = made["Location"]
    client.force_login(User.objects.get(pk=pair.coordinator.user_id))
    assert len(client.get("/api/v1/advice/?side=in&unread=true").json()["results"]) == 1
    # The same line twice, as a program does whose connection broke.
    for _send in range(2):
        line = {"text": "Да", "key": "0d8a4b1e-5a55-4b70-8d33-3f0a8f2c6a11"}
        answered = client.post(f"{address}answer/", line, content_type="application/json")
        assert (answered.status_code, answered.json()["state"]) == (200, "answered")
    assert [post["action"] for post in client.get(f"{address}posts/").json()] == ["ask", "answer"]
    refused = client.post(f"{address}decline/", {"reason": "needs_visit"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")
