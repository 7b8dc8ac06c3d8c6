"""The evaluation of opened bids: who judges, who is admitted, marks that nobody sees before all have finished."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from cluster_portal.accounts.models import User
from cluster_portal.audit.models import Entry
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from investors.errors import (
    EligibilityOpen,
    EvaluationClosed,
    EvaluatorNamed,
    EvaluatorOfBidder,
    MarkNotAwaited,
    MarksDisclosed,
    MarksGiven,
    MarksMissing,
)
from investors.models import Score, Tender
from investors.policies import bid_policy, score_policy
from investors.selectors.bids import opened_bids, opening_of
from investors.selectors.evaluation import awaited_of, evaluation_of, key_of, sheet_of
from investors.selectors.ranking import ranking
from investors.services import evaluation as services
from investors.services.bids import contents_of
from investors.states import EVALUATORS
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender(site):
    """In evaluation; its price is computed, its investment judged by people."""
    tender = rows.make_tender(
        rows.make_plot(site, state="in_tender"), state="evaluation", version=1,
        at=rows.timezone.now() - timedelta(days=41),
    )  # fmt: skip
    tender.criteria.filter(position=1).update(figure="price")
    return tender


def marks_of(tender, value, comment="Хорошо"):
    return {pair: {"value": value, "comment": comment} for pair in awaited_of(tender)}


def evaluator_of(tender, **fields):
    """An evaluator who holds no office."""
    user = make.make_user()
    evaluator = rows.make_evaluator(tender, user, **fields)
    evaluator.actor = rows.resolve_actor(user=user)
    return evaluator


def test_the_table_of_evaluators():
    assert {
        (one.action, state, one.target, *one.sides) for one in EVALUATORS.transitions for state in one.sources
    } == {
        ("declare", "named", "declared", "evaluator"), ("recuse", "named", "excluded", "evaluator"),
        ("recuse", "declared", "excluded", "evaluator"), ("finish", "declared", "finished", "evaluator"),
        ("exclude", "named", "excluded", "land_office"), ("exclude", "declared", "excluded", "land_office"),
        ("exclude", "finished", "excluded", "land_office"),
    }  # fmt: skip


def test_evaluators_are_named_apart_from_those_who_bid_and_declare_before_they_see(tender, land):
    bid = rows.make_opened_bid(tender)
    ours = bid.investor.members.get().user
    person = make.make_user()
    for email, error in (("nobody@example.org", Invalid), (ours.email, EvaluatorOfBidder)):
        with pytest.raises(error), transaction.atomic():
            services.name_evaluator(land, tender_id=tender.pk, email=email)
    evaluator = services.name_evaluator(land, tender_id=tender.pk, email=person.email.upper())
    with pytest.raises(EvaluatorNamed), transaction.atomic():
        services.name_evaluator(land, tender_id=tender.pk, email=person.email)
    relay()
    assert Notice.objects.get(kind="investors.evaluator_named").user_id == person.pk
    actor = rows.resolve_actor(user=person)
    sheet = sheet_of(actor, evaluator.pk)
    assert sheet.companies == [bid.investor.name] and not sheet.bids
    assert not bid_policy.queryset(actor).exists()
    with pytest.raises(NotFound):
        sheet_of(make.make_actor("manager"), evaluator.pk)
    with pytest.raises(Forbidden):
        services.declare_no_conflict(land, evaluator_id=evaluator.pk)
    services.declare_no_conflict(actor, evaluator_id=evaluator.pk)
    assert sheet_of(actor, evaluator.pk).bids[0].said["offer"]["jobs"] == 320
    with pytest.raises(Invalid), transaction.atomic():
        services.declare_conflict(actor, evaluator_id=evaluator.pk, reason=" ")
    services.declare_conflict(actor, evaluator_id=evaluator.pk, reason="Брат работает у участника")
    assert not bid_policy.queryset(actor).exists() and not sheet_of(actor, evaluator.pk).bids
    with pytest.raises(IllegalTransition), transaction.atomic():
        services.declare_no_conflict(actor, evaluator_id=evaluator.pk)
    # Whoever joins a bidding company later is stopped by the database.
    other = evaluator_of(tender)
    rows.make_investor_member(bid.investor, other.user)
    with pytest.raises(EvaluatorOfBidder), transaction.atomic():
        services.finish_marks(other.actor, evaluator_id=other.pk, marks=marks_of(tender, 50))


def test_an_official_who_is_to_judge_reads_nothing_before_the_declaration(tender, land):
    bid = rows.make_opened_bid(tender)
    rows.make_opening(tender)
    assert opening_of(land, tender.pk).bids == [bid] and contents_of(land, bid)["offer"]["jobs"] == 320
    user = User.objects.get(pk=land.user_id)
    evaluator = services.name_evaluator(land, tender_id=tender.pk, email=user.email)
    for look in (lambda: opening_of(land, tender.pk), lambda: contents_of(land, bid)):
        with pytest.raises(Forbidden):
            look()
    assert not opened_bids(land, tender) and evaluation_of(land, tender.pk).bids
    services.declare_no_conflict(land, evaluator_id=evaluator.pk)
    assert opened_bids(land, tender) == [bid]
    services.declare_conflict(land, evaluator_id=evaluator.pk, reason="Родня")
    assert not opened_bids(land, tender)


def test_an_official_of_a_bidding_company_decides_nothing(tender, land):
    bid = rows.make_opened_bid(tender, state="submitted")
    rows.make_investor_member(bid.investor, User.objects.get(pk=land.user_id))
    for act in (
        lambda: services.qualify_bid(land, bid_id=bid.pk, reason="Есть"),
        lambda: services.name_evaluator(land, tender_id=tender.pk, email="a@example.org"),
    ):
        with pytest.raises(Forbidden):
            act()


def test_eligibility_is_decided_with_a_reason_before_marks(tender, land):
    first, second = (rows.make_opened_bid(tender, state="submitted") for _ in range(2))
    evaluator = evaluator_of(tender)
    with pytest.raises(Invalid), transaction.atomic():
        services.qualify_bid(land, bid_id=first.pk, reason=" ")
    services.qualify_bid(land, bid_id=first.pk, reason="Лицензия")
    with pytest.raises(EligibilityOpen), transaction.atomic():
        services.save_marks(evaluator.actor, evaluator_id=evaluator.pk, marks=marks_of(tender, 50))
    services.disqualify_bid(land, bid_id=second.pk, reason="Нет лицензии")
    assert Entry.objects.filter(action="disqualify_bid", row_id=str(second.pk)).exists()
    services.finish_marks(evaluator.actor, evaluator_id=evaluator.pk, marks=marks_of(tender, 50))
    with pytest.raises(MarksGiven), transaction.atomic():
        services.qualify_bid(land, bid_id=second.pk, reason="Лицензия нашлась")
    with pytest.raises(IntegrityError, match="bid_judged_open"), transaction.atomic():
        type(first).objects.filter(pk=first.pk).update(judged="")
    Tender.objects.filter(pk=tender.pk).update(state="unsuccessful")
    with pytest.raises(EvaluationClosed), transaction.atomic():
        services.disqualify_bid(land, bid_id=first.pk, reason="Поздно")


def test_marks_have_bounds_and_are_fixed_by_finishing(tender, land):
    rows.make_opened_bid(tender)
    refused = rows.make_opened_bid(tender, state="disqualified")
    evaluator = evaluator_of(tender)
    own = {"evaluator_id": evaluator.pk}
    ((bid, criterion),) = awaited_of(tender)
    for value in ("-1", "100.1", "x"):
        with pytest.raises(Invalid) as wrong, transaction.atomic():
            services.save_marks(evaluator.actor, marks=marks_of(tender, value), **own)
        assert set(wrong.value.errors) == {key_of(bid, criterion)}
    for pair in ((refused.pk, criterion), (bid, tender.criteria.get(position=1).pk)):
        with pytest.raises(MarkNotAwaited), transaction.atomic():
            services.save_marks(evaluator.actor, marks={pair: {"value": 5}}, **own)
        # Past the services too.
        with pytest.raises(IntegrityError, match="no mark is awaited"), transaction.atomic():
            Score.objects.create(evaluator=evaluator, bid_id=pair[0], criterion_id=pair[1], value=5)
    with pytest.raises(IntegrityError, match="score_bounds"), transaction.atomic():
        Score.objects.create(evaluator=evaluator, bid_id=bid, criterion_id=criterion, value=101)
    with pytest.raises(MarksMissing) as missing, transaction.atomic():
        services.finish_marks(evaluator.actor, marks=marks_of(tender, ""), **own)
    assert set(missing.value.errors) == {key_of(bid, criterion)}
    services.save_marks(evaluator.actor, marks=marks_of(tender, "70"), **own)
    services.finish_marks(evaluator.actor, marks=marks_of(tender, "70.5"), **own)
    assert Score.objects.get().value == Decimal("70.5")
    with pytest.raises(MarkNotAwaited), transaction.atomic():
        services.save_marks(evaluator.actor, marks=marks_of(tender, "90"), **own)
    for write in (lambda: Score.objects.update(value=1), lambda: Score.objects.all().delete()):
        with pytest.raises(Exception, match=r"awaited|kept|Cannot"), transaction.atomic():
            write()


def test_nobody_sees_others_marks_before_all_have_finished(tender, land):
    rows.make_opened_bid(tender)
    one, two = evaluator_of(tender), evaluator_of(tender)
    office = make.make_actor("office")
    services.finish_marks(one.actor, evaluator_id=one.pk, marks=marks_of(tender, 81.5, "Тайное мнение"))
    assert score_policy.queryset(one.actor).count() == 1
    for actor in (two.actor, land, office):
        assert not score_policy.queryset(actor).exists()
    found = evaluation_of(office, tender.pk)
    assert not found.places and [person.given for person in found.people] == [1, 0]
    journal = Entry.objects.filter(table_name="investors_score").values_list("after", flat=True)
    assert journal and not any("value" in after or "comment" in after for after in journal)
    services.finish_marks(two.actor, evaluator_id=two.pk, marks=marks_of(tender, 60))
    relay()
    assert Notice.objects.filter(kind="investors.marks_complete", user_id=land.user_id).exists()
    for actor in (one.actor, two.actor, land, office):
        assert score_policy.queryset(actor).count() == 2
    assert not score_policy.queryset(make.make_actor("manager")).exists()
    with pytest.raises(MarksDisclosed):
        services.name_evaluator(land, tender_id=tender.pk, email="a@example.org")
    services.exclude_evaluator(land, evaluator_id=one.pk, reason="Связь с участником")
    assert not evaluation_of(land, tender.pk).places


def test_ranks_weigh_averages_and_computed_figures_and_tell_equals_apart(tender):
    # Price 60 %, computed; investment 40 %, judged.
    best, cheap, early, out = (
        rows.make_opened_bid(tender, price=price, state=state)
        for price, state in (("50", "qualified"), ("25", "qualified"), ("50", "qualified"), ("90", "disqualified"))
    )  # fmt: skip
    type(early).objects.filter(pk=early.pk).update(submitted_at=best.submitted_at - timedelta(minutes=1))
    judged = tender.criteria.get(position=2).pk
    for marks in ({best: 90, cheap: 100, early: 80}, {best: 70, cheap: 100, early: 80}):
        evaluator = rows.make_evaluator(tender)
        for bid, value in marks.items():
            Score.objects.create(evaluator=evaluator, bid=bid, criterion_id=judged, value=value)
        evaluator.state = "finished"
        evaluator.save()
    idle = rows.make_evaluator(tender)
    Score.objects.create(evaluator=idle, bid=cheap, criterion_id=judged, value=0)
    idle.state = "excluded"
    idle.save()
    places = ranking(tender)
    # 60 + 32 twice: the same price mark, so the earlier one; then 30 + 40.
    assert [(place.bid, place.rank, place.total) for place in places] == [
        (early.pk, 1, Decimal(92)), (best.pk, 2, Decimal(92)), (cheap.pk, 3, Decimal(70)),
    ]  # fmt: skip
    assert out.pk not in {place.bid for place in places}
    assert Decimal(places[2].marks[str(judged)]) == 100
