"""Questions that any clinic of a service may answer: the first that takes one owns it."""

from __future__ import annotations

import pytest

from cluster_portal.accounts.models import User
from cluster_portal.audit.models import Access
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from patients.errors import AdviceTaken, ConsentMissing
from patients.models import Advice, Consent
from patients.policies import advice_policy
from patients.selectors.advice import FREE, IN, OUT, QUEUES, counts, free_questions, posts_of, questions
from patients.selectors.worklists import countable
from patients.services import advice as services
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(pair):
    """The coordinator of one more clinic that gives the service."""
    service = clinics.make_service()
    return clinics.make_actor("coordinator", organization=service.clinic.organization)


def asked(pair, **changes):
    said = {
        "service_type": pair.service.service_type,
        "diagnosis_code": "I48.0",
        "question": "Нужна ли абляция?",
    }
    return services.ask_advice(pair.referrer, patient_id=pair.patient.pk, **said | changes)


def take(actor, advice, **more):
    return services.take_advice(actor, advice_id=advice.pk, **more)


def test_the_first_clinic_owns_it_and_answers(pair, other):
    advice = asked(pair)
    assert (advice.state, advice.to_any, advice.target_clinic, advice.service) == ("free", True, None, None)
    assert list(free_questions(pair.coordinator)) == list(free_questions(other)) == [advice]
    with pytest.raises(Forbidden):
        services.answer_advice(pair.coordinator, advice_id=advice.pk, text="Не взяв")
    taken = take(pair.coordinator, advice)
    assert (taken.state, taken.target_clinic, taken.service) == ("asked", pair.target, pair.service)
    with pytest.raises(AdviceTaken):
        take(other, advice)
    # Sent twice it is theirs once.
    assert take(pair.coordinator, advice).target_clinic == pair.target
    assert [post.action for post in advice.posts.order_by("created_at")] == ["ask", "take"]
    assert set(advice.posts.values_list("addressee", flat=True)) == {
        pair.target.organization_id, pair.source.organization_id,
    }  # fmt: skip
    services.answer_advice(pair.coordinator, advice_id=advice.pk, text="Сначала мониторирование.")
    advice.refresh_from_db()
    assert advice.state == "answered"
    with pytest.raises(NotFound):
        services.answer_advice(other, advice_id=advice.pk, text="И я")


def test_who_may_take_it(pair, other):
    advice = asked(pair)
    registrar = clinics.make_actor("referrer", organization=pair.target.organization)
    for actor, refusal in (
        (pair.referrer, Forbidden), (registrar, NotFound), (clinics.make_actor("office"), NotFound),
        (clinics.make_actor("coordinator"), NotFound),
        (clinics.make_actor("coordinator", organization=pair.source.organization), Forbidden),
    ):  # fmt: skip
        with pytest.raises(refusal):
            take(actor, advice)
    abroad = clinics.make_service(clinics.make_clinic(country="KR"))
    foreign = clinics.make_actor("coordinator", organization=abroad.clinic.organization)
    assert not free_questions(foreign)
    pair.service.__class__.objects.filter(pk=pair.service.pk).update(is_active=False)
    assert not free_questions(pair.coordinator)
    assert free_questions(other)


def test_of_several_clinics_one_is_named(pair):
    second = clinics.make_service(clinics.make_clinic(pair.target.organization))
    strange = clinics.make_service()
    advice = asked(pair)
    with pytest.raises(Invalid) as refused:
        take(pair.coordinator, advice, service_id=strange.pk)
    assert set(refused.value.errors) == {"service"}
    assert take(pair.coordinator, advice, service_id=second.pk).target_clinic == second.clinic


def test_the_asking_side_may_settle_it_before(pair, other):
    more = asked(pair)
    services.ask_again(pair.referrer, advice_id=more.pk, text="И ещё: калий 3,1.")
    more.refresh_from_db()
    assert more.state == "free"
    services.close_advice(pair.referrer, advice_id=more.pk)
    with pytest.raises(IllegalTransition):
        take(other, more)
    draft = services.convert_advice(pair.referrer, advice_id=asked(pair).pk)
    assert (draft.service, draft.service_type) == (None, pair.service.service_type)


def test_consent_is_asked_for_twice(pair):
    advice = asked(pair)
    Consent.objects.all().delete()
    with pytest.raises(ConsentMissing):
        take(pair.coordinator, advice)
    with pytest.raises(ConsentMissing):
        asked(pair)


def test_what_is_wrong_is_said_at_its_field(pair):
    nobody = clinics.make_service_type("mri")
    for changes, field in (
        ({"service_type": nobody}, "service_type"),
        ({"service_id": pair.service.pk}, "service_type"),
        ({"service_type": None}, "service"),
    ):
        with pytest.raises(Invalid) as refused:
            asked(pair, **changes)
        assert set(refused.value.errors) == {field}, changes


def test_the_lists(pair, other):
    advice = asked(pair)
    queue = QUEUES[IN][FREE]
    assert counts(pair.coordinator, IN)["free"] == counts(other, IN)["free"] == 1
    assert counts(pair.referrer, OUT)["asked"] == 1
    assert list(questions(pair.coordinator, IN, queue)) == [advice]
    # Nobody finds out by searching whom it is about.
    assert list(questions(pair.coordinator, IN, queue, pair.patient.family)) == []
    assert list(questions(pair.coordinator, IN, queue, "I48")) == [advice]
    take(other, advice)
    assert counts(pair.coordinator, IN)["free"] == 0
    assert not questions(pair.coordinator, IN, queue)
    assert counts(other, IN)["asked"] == 1


def test_those_who_may_answer_are_told_and_the_asking_side_of_the_taking(pair, other):
    asked(pair)
    relay()
    assert set(Notice.objects.values_list("kind", "user")) == {
        ("patients.advice_free", pair.coordinator.user_id), ("patients.advice_free", other.user_id),
    }  # fmt: skip
    take(other, Advice.objects.get())
    relay()
    assert Notice.objects.filter(kind="patients.advice_take").get().user_id == pair.referrer.user_id
    assert pair.patient.family not in str(list(Notice.objects.values_list("params", flat=True)))


def test_a_clinic_gives_it_back_and_another_one_answers(pair, other):
    advice = asked(pair)
    take(other, advice)
    services.ask_again(pair.referrer, advice_id=advice.pk, text="Калий 3,1.")
    services.read_advice(other, advice_id=advice.pk)
    due = Advice.objects.get().due_on
    for reason, comment, field in (("boredom", "", "reason"), ("other", " ", "comment")):
        with pytest.raises(Invalid) as refused:
            services.give_back_advice(other, advice_id=advice.pk, reason=reason, comment=comment)
        assert set(refused.value.errors) == {field}
    relay()
    Notice.objects.all().delete()
    services.give_back_advice(other, advice_id=advice.pk, reason="no_time", comment="Скрытов: не к нам")
    advice.refresh_from_db()
    assert (advice.state, advice.target_organization, advice.due_on) == ("free", None, due)
    assert not advice.posts.filter(organization=pair.source.organization, read_at__isnull=False).exists()
    relay()
    assert set(Notice.objects.values_list("kind", "user")) == {
        ("patients.advice_give_back", pair.referrer.user_id), ("patients.advice_free", pair.coordinator.user_id),
    }  # fmt: skip
    assert list(free_questions(other)) == list(free_questions(pair.coordinator)) == [advice]
    assert menu_of(pair.coordinator) == menu_of(other) == 1
    # Whoever knew the patient may have written the name: until it is taken, their lines are not read by the others.
    assert [post.action for post in posts_of(pair.coordinator, advice)] == ["ask", "ask_again"]
    [row] = questions(pair.coordinator, IN, QUEUES[IN][FREE])
    assert row.last_text == "Калий 3,1."
    story = posts_of(pair.coordinator, take(pair.coordinator, advice))
    assert [post.action for post in story] == ["ask", "take", "ask_again", "give_back", "take"]
    assert [post.reason for post in story if post.action == "give_back"] == ["no_time"]
    assert menu_of(other) == 0
    with pytest.raises(NotFound):
        services.answer_advice(other, advice_id=advice.pk, text="Всё же отвечу")
    services.answer_advice(pair.coordinator, advice_id=advice.pk, text="Да")
    with pytest.raises(IllegalTransition):
        services.give_back_advice(pair.coordinator, advice_id=advice.pk, reason="no_time")


def menu_of(actor):
    """The number that the menu adds to the unread lines."""
    return countable(actor)["advice.free"].count()


def test_what_was_asked_by_name_is_not_given_back(pair):
    advice = asked(pair, service_type=None, service_id=pair.service.pk)
    assert "give_back" not in advice_policy.possible(pair.coordinator, advice)
    with pytest.raises(Forbidden):
        services.give_back_advice(pair.coordinator, advice_id=advice.pk, reason="no_time")


def test_clinics_abroad_take_it_where_the_patient_has_agreed(pair):
    abroad = clinics.make_service(clinics.make_clinic(country="KR"))
    foreign = clinics.make_actor("coordinator", organization=abroad.clinic.organization)
    with pytest.raises(ConsentMissing) as refused:
        asked(pair, abroad=True)
    assert refused.value.extra == {"kind": "abroad"}
    patients.make_consent(pair.patient, kind="abroad")
    advice = asked(pair, abroad=True)
    assert list(free_questions(foreign)) == list(free_questions(pair.coordinator)) == [advice]
    assert take(foreign, advice).target_clinic == abroad.clinic
    # Of one clinic the flag says nothing.
    assert not asked(pair, abroad=True, service_type=None, service_id=pair.service.pk).abroad


def test_the_pages(pair, other, client):
    def browse(actor):
        client.force_login(User.objects.get(pk=actor.user_id))

    browse(pair.referrer)
    form = {
        "service": "", "service_type": pair.service.service_type_id, "diagnosis_code": "I48.0",
        "question": "Нужна ли абляция?", "source_clinic": str(pair.source.pk),
    }  # fmt: skip
    address = f"/advice/new/?patient={pair.patient.pk}"
    for wrong in ({"service_type": ""}, {"service": str(pair.service.pk)}):
        assert client.post(address, form | wrong).status_code == 422
    assert client.post(address, form).status_code == 303
    advice = Advice.objects.get()
    place = f"/advice/{advice.pk}/"
    assert pair.patient.full_name in client.get(place).content.decode()
    browse(other)
    for page in ("/advice/in/free/", place):
        text = client.get(page).content.decode()
        assert place in text and pair.patient.family not in text, page
    assert Access.objects.filter(subject_id=pair.patient.pk, user_id=other.user_id).exists()
    assert client.post(f"{place}take/")["Location"] == place
    assert client.get(f"{place}give_back/").status_code == 200
    assert client.post(f"{place}give_back/", {"reason": "other"}).status_code == 422
    answer = client.post(f"{place}give_back/", {"reason": "no_time"})
    assert (answer.status_code, answer["Location"]) == (303, "/advice/in/asked/")
    assert pair.patient.family not in client.get(place).content.decode()
    browse(pair.referrer)
    assert "не успеем ответить в срок" in client.get(place).content.decode().lower()
    browse(pair.coordinator)
    assert client.post(f"{place}take/")["Location"] == place
    assert pair.patient.full_name in client.get(place).content.decode()
    browse(other)
    for answer in (client.get(place), client.post(f"{place}take/")):
        assert (answer.status_code, answer["Location"]) == (303, "/advice/in/free/")


def test_what_comes_too_late_is_said_beside_what_was_typed(pair, other, client):
    """The state has moved on while somebody wrote: 409 with words, and their own words are still there."""
    free, closed = asked(pair), asked(pair, service_type=None, service_id=pair.service.pk)
    take(other, free)
    client.force_login(User.objects.get(pk=other.user_id))
    place = f"/advice/{free.pk}/"
    given = {"reason": "no_time", "comment": "До пятницы заняты"}
    assert client.post(f"{place}give_back/", given).status_code == 303
    for action, sent in (("give_back", given), ("decline", {"reason": "needs_visit", "comment": "До пятницы заняты"}),
                         ("answer", {"text": "До пятницы заняты"})):  # fmt: skip
        late = client.post(f"{place}{action}/", sent)
        text = late.content.decode()
        assert late.status_code == 409, action
        assert "Ничего не изменено" in text and "До пятницы заняты" in text, action
        assert pair.patient.family not in text, action
        api = client.post(f"/api/v1{place}{action}/", sent, content_type="application/json")
        assert (api.status_code, api.json()["code"]) == (409, "illegal_transition"), action
    assert client.get(f"{place}give_back/")["Location"] == place
    take(pair.coordinator, free)
    assert client.post(f"{place}give_back/", given)["Location"] == "/advice/in/free/"
    assert [post.action for post in free.posts.order_by("created_at")] == ["ask", "take", "give_back", "take"]

    services.close_advice(pair.referrer, advice_id=closed.pk)
    client.force_login(User.objects.get(pk=pair.referrer.user_id))
    place = f"/advice/{closed.pk}/"
    for action, sent in (("close", {"comment": "Спасибо"}), ("ask_again", {"text": "Спасибо"})):
        late = client.post(f"{place}{action}/", sent)
        assert late.status_code == 409 and "Спасибо" in late.content.decode(), action
    assert client.post(f"{place}convert/")["Location"] == place
    assert client.get(f"{place}close/")["Location"] == place


def test_programs(pair, other, client):
    client.force_login(User.objects.get(pk=pair.referrer.user_id))
    body = {
        "patient": str(pair.patient.pk), "service_type": pair.service.service_type_id, "diagnosis_code": "I48.0",
        "question": "Нужна ли абляция?",
    }  # fmt: skip
    made = client.post("/api/v1/advice/", body, content_type="application/json")
    assert made.status_code == 201, made.json()
    address = made["Location"]
    client.force_login(User.objects.get(pk=other.user_id))
    [row] = client.get("/api/v1/advice/?side=any").json()["results"]
    assert (row["patient"], row["target_clinic"], row["to_any"]) == (None, None, True)
    assert row["available_actions"] == ["take"]
    assert client.get(f"/api/v1/advice/?patient={pair.patient.pk}").json()["results"] == []
    taken = client.post(f"{address}take/", {}, content_type="application/json")
    assert (taken.status_code, taken.json()["patient"]) == (200, str(pair.patient.pk))
    client.force_login(User.objects.get(pk=pair.coordinator.user_id))
    late = client.post(f"{address}take/", {}, content_type="application/json")
    assert (late.status_code, late.json()["code"]) == (409, "advice_taken")
