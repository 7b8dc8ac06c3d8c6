"""The award: the first in rank, the next after a withdrawal, a contract not before the standstill is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from investors.errors import AwardStands, EvaluationUnfinished, NobodyToAward, NothingAwarded, StandstillRuns
from investors.models import Award, Standing
from investors.papers.protocol import award_protocol
from investors.selectors.awards import outcome_of, winner_of
from investors.services import awards as services
from investors.services import tenders
from investors.services.evaluation import exclude_evaluator
from investors.states import AWARD
from tests.documents.support import text_of
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

GROUNDS = {"reasons_ru": "Лучшее предложение", "reasons_en": "The best offer"}


@pytest.fixture
def tender(site):
    """In evaluation: three bids ranked by their price, one that was not admitted, two who have finished."""
    tender = rows.make_tender(
        rows.make_plot(site, state="in_tender"), state="evaluation", version=1,
        at=rows.timezone.now() - timedelta(days=41),
    )  # fmt: skip
    tender.criteria.filter(position=1).update(figure="price")
    tender.ranked = [rows.make_opened_bid(tender, price=price) for price in ("50", "40", "30")]
    tender.refused = rows.make_opened_bid(tender, state="disqualified")
    for value in (70, 80):
        rows.make_marks(rows.make_evaluator(tender), value)
    return tender


def give(land, tender):
    return services.award_tender(land, tender_id=tender.pk, data=GROUNDS)


def database_time():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def test_the_table_of_awards():
    assert {(one.action, *one.sources, one.target, *one.sides) for one in AWARD.transitions} == {
        ("decline", "active", "declined", "company"), ("revoke", "active", "revoked", "land_office"),
    }  # fmt: skip


def test_the_first_in_rank_wins_and_everybody_is_told(tender, land):
    first, second, third = tender.ranked
    for changes in ({"reasons_en": " "}, {"reasons_ru": ""}):
        with pytest.raises(Invalid), transaction.atomic():
            services.award_tender(land, tender_id=tender.pk, data=GROUNDS | changes)
    with pytest.raises(Forbidden):
        give(make.make_actor("office"), tender)
    with pytest.raises(NotFound):
        outcome_of(land, tender.pk)
    award = give(land, tender)
    tender.refresh_from_db()
    assert (tender.state, award.bid, winner_of(tender)) == ("awarded", first, award)
    assert award.standstill_until - award.awarded_at == timedelta(days=tender.standstill_days)
    assert tender.plots.get().state == "reserved"
    assert list(Standing.objects.values_list("bid", "rank")) == [(first.pk, 1), (second.pk, 2), (third.pk, 3)]
    relay()
    told = {
        notice.kind: notice.params
        for notice in Notice.objects.filter(kind__startswith="investors.award", user_id__in=[
            bid.investor.members.get().user_id for bid in (first, second, tender.refused)
        ])
    }  # fmt: skip
    assert set(told) == {"investors.award_won", "investors.award_ranked", "investors.award_unranked"}
    ranked = told["investors.award_ranked"]
    # 60 % of 40/50 and 40 % of 75.
    assert (ranked["rank"], ranked["total"]["en"], ranked["winner"]["en"]) == (
        "2",
        "78.00",
        first.investor.name_en,
    )
    with pytest.raises(AwardStands), transaction.atomic():
        give(land, tender)
    with pytest.raises(AwardStands), transaction.atomic():
        tenders.fail_tender(land, tender_id=tender.pk, reason="Нет")
    with pytest.raises(IntegrityError, match="award_one_active"), transaction.atomic():
        rows.make_award(second)
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        Standing.objects.update(rank=9)


def test_nobody_is_awarded_before_two_have_finished(tender, land):
    idle = rows.make_evaluator(tender)
    with pytest.raises(EvaluationUnfinished), transaction.atomic():
        give(land, tender)
    idle.state = "excluded"
    idle.save()
    assert give(land, tender).bid == tender.ranked[0]


def test_the_next_in_rank_follows_with_a_new_standstill_until_none_is_left(tender, land):
    first, second, third = tender.ranked
    award = give(land, tender)
    other = rows.actor_of(second.investor)
    with pytest.raises(Forbidden):
        services.decline_award(other, award_id=award.pk, reason="Не моё")
    own = rows.actor_of(first.investor)
    with pytest.raises(Invalid), transaction.atomic():
        services.decline_award(own, award_id=award.pk, reason=" ")
    services.decline_award(own, award_id=award.pk, reason="Нет средств")
    relay()
    assert Notice.objects.filter(kind="investors.award_declined", user_id=land.user_id).exists()
    assert winner_of(tender) is None and tender.plots.get().state == "reserved"
    with pytest.raises(NothingAwarded), transaction.atomic():
        tenders.complete_tender(land, tender_id=tender.pk)
    next_one = give(land, tender)
    assert next_one.bid == second and next_one.standstill_until > award.standstill_until
    services.revoke_award(land, award_id=next_one.pk, reason="Лицензия отозвана")
    second.refresh_from_db()
    assert (second.state, second.judged) == ("disqualified", "Лицензия отозвана")
    # Neither a withdrawal nor a revocation changes the ranks.
    assert give(land, tender).bid == third
    services.decline_award(rows.actor_of(third.investor), award_id=winner_of(tender).pk, reason="Передумали")
    with pytest.raises(NobodyToAward), transaction.atomic():
        give(land, tender)
    tenders.fail_tender(land, tender_id=tender.pk, reason="Никого не осталось")
    assert tender.plots.get().state == "published"
    with pytest.raises(IllegalTransition), transaction.atomic():
        services.revoke_award(land, award_id=award.pk, reason="Поздно")


def test_without_an_admitted_bid_the_tender_is_unsuccessful(tender, land):
    for bid in tender.ranked:
        bid.state = "disqualified"
        bid.save()
    with pytest.raises(NobodyToAward), transaction.atomic():
        give(land, tender)
    tenders.fail_tender(land, tender_id=tender.pk, reason="Нет допущенных")
    assert tender.plots.get().state == "published"


def test_the_contract_waits_for_the_standstill_by_the_databases_clock(tender, land):
    award = give(land, tender)
    # A second is left: refused, past the services too.
    Award.objects.update(standstill_until=database_time() + timedelta(seconds=1))
    with pytest.raises(StandstillRuns), transaction.atomic():
        tenders.complete_tender(land, tender_id=tender.pk)
    with pytest.raises(IntegrityError, match="standstill"), transaction.atomic():
        type(tender).objects.update(state="complete")
    Award.objects.update(standstill_until=database_time())
    assert tenders.complete_tender(land, tender_id=tender.pk).state == "complete"
    # The plots stay reserved for the contract.
    assert tender.plots.get().state == "reserved"
    with pytest.raises(IllegalTransition), transaction.atomic():
        services.decline_award(rows.actor_of(award.bid.investor), award_id=award.pk, reason="Поздно")


def test_a_tender_that_is_called_off_takes_its_award_along(tender, land):
    award = give(land, tender)
    tenders.cancel_tender(land, tender_id=tender.pk, reason="Участок изъят")
    award.refresh_from_db()
    assert (award.state, award.end_reason) == ("revoked", "Участок изъят")
    assert tender.plots.get().state == "published" and winner_of(tender) is None


def test_the_protocol_says_who_won_and_why(tender, land, django_assert_max_num_queries):
    left_out = rows.make_evaluator(tender)
    rows.make_marks(left_out, 10)
    exclude_evaluator(land, evaluator_id=left_out.pk, reason="Родственник участника")
    # Somebody who declared a conflict has given no mark.
    recused = rows.make_evaluator(tender)
    exclude_evaluator(land, evaluator_id=recused.pk, reason="Брат участника")
    give(land, tender)
    with override("en"):
        with django_assert_max_num_queries(9):
            found = outcome_of(land, tender.pk)
        said = " ".join(text_of(award_protocol(found)).split())
    first = tender.ranked[0]
    for words in (
        tender.number, first.investor.name_en, "90.0", "The best offer", "Лицензия подтверждена",
        *(person.name for person in found.evaluators),
        # Her marks were in when she was left out: who reads the protocol sees that.
        left_out.name, "Родственник участника", "had finished on", recused.name, "Брат участника",
    ):  # fmt: skip
        assert words in said, words
