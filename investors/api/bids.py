"""Questions about tenders, sealed bids and awards for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.filters import FlagFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from cluster_portal.common.translated import LANGUAGES
from investors.api.bid_files import BidFiles
from investors.api.companies import ReasonBody
from investors.models import Award, Bid, Question
from investors.policies import award_policy, bid_policy, question_policy
from investors.selectors import awards as chosen
from investors.selectors import bids as selectors
from investors.selectors.tenders import questions_of
from investors.services import awards, bids, evaluation, questions
from investors.states import AwardState, BidState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class EligibilityInput(InputSerializer):
    """The first envelope."""

    statement = serializers.CharField(max_length=4000)
    experience = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class OfferInput(InputSerializer):
    """The second envelope; money is in the cluster's currency."""

    price = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    investment = serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0)
    jobs = serializers.IntegerField(min_value=0, max_value=100_000)
    starts_on = serializers.DateField()
    plan = serializers.CharField(max_length=8000)


class EnvelopesInput(InputSerializer):
    """Both envelopes. They are sealed at once, and no answer repeats them."""

    eligibility = EligibilityInput()
    offer = OfferInput()


class BidInput(EnvelopesInput):
    tender = serializers.UUIDField()
    investor = serializers.UUIDField(help_text=_("a verified company for which one acts"))


class BidSerializer(OutputSerializer):
    """A bid without what it says. `digest` is the receipt: the SHA-256 of both envelopes; `rank` and `points` come with
    the award, `judged` is why the bid was admitted or not.
    """

    id = serializers.UUIDField()
    tender = serializers.UUIDField(source="tender_id")
    investor = serializers.UUIDField(source="investor_id")
    state = serializers.ChoiceField(BidState.choices)
    version = serializers.IntegerField(help_text=_("of the terms for which it stands"))
    digest = serializers.CharField()
    submitted_at = DateTimeField()
    opened_at = DateTimeField(allow_null=True)
    judged = serializers.CharField()
    rank = serializers.SerializerMethodField()
    points = serializers.SerializerMethodField()
    updated_at = DateTimeField()

    def get_rank(self, bid: Bid) -> int | None:
        standing = chosen.standing_of(bid)
        return standing.rank if standing else None

    def get_points(self, bid: Bid) -> str | None:
        standing = chosen.standing_of(bid)
        return str(standing.total) if standing else None


class BidDetailSerializer(BidSerializer):
    available_actions = AvailableActionsField()


class ContentsSerializer(OutputSerializer):
    """What both envelopes hold; to those who judge no offer before the bid is admitted."""

    eligibility = serializers.DictField()
    offer = serializers.DictField(allow_null=True)


class BidFilter(filters.FilterSet):
    """Filters of bids."""

    tender = filters.UUIDFilter(field_name="tender_id")
    state = filters.MultipleChoiceFilter(choices=BidState.choices)

    class Meta:
        model = Bid
        fields: list[str] = []


class BidViewSet(BidFiles, PolicyViewSet):
    """Sealed bids: the own ones; to the offices and a tender's evaluators those that were opened."""

    required_scope = "tenders"
    policy = bid_policy
    selector = staticmethod(selectors.visible_bids)
    serializer_class = BidDetailSerializer
    list_serializer_class = BidSerializer
    filterset_class = BidFilter

    def available_actions(self, actor: Actor, obj: Bid) -> Iterable[str]:
        return selectors.actions_on(actor, obj)

    @extend_schema(request=BidInput, responses={201: BidDetailSerializer})
    def create(self, request: Request) -> Response:
        """Seal a bid; what the company had submitted is replaced. Refused from the very end of the time for bids."""
        data: dict[str, Any] = self.validated(BidInput)
        bid = bids.submit_bid(
            self.actor, tender_id=data["tender"], investor_id=data["investor"], eligibility=data["eligibility"],
            offer=data["offer"],
        )  # fmt: skip
        return self.respond(self.find(bid.pk), status=201)

    replace = action_endpoint("replace", bids.replace_bid, key="bid_id", body=EnvelopesInput)
    confirm = action_endpoint("confirm", bids.confirm_bid, key="bid_id")
    withdraw = action_endpoint("withdraw", bids.withdraw_bid, key="bid_id")
    qualify = action_endpoint("qualify", evaluation.qualify_bid, key="bid_id", body=ReasonBody)
    disqualify = action_endpoint("disqualify", evaluation.disqualify_bid, key="bid_id", body=ReasonBody)

    @extend_schema(request=None, responses=ContentsSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def contents(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the company has sealed; after the opening also for those who judge."""
        bid = self.find(self.kwargs["pk"])
        return Response(ContentsSerializer({"offer": None, **bids.contents_of(self.actor, bid)}).data)


class AwardSerializer(OutputSerializer):
    """A decision on who has won. No contract before `standstill_until`; `end_reason` tells why it is not in force."""

    id = serializers.UUIDField()
    tender = serializers.UUIDField(source="tender_id")
    bid = serializers.UUIDField(source="bid_id")
    investor = serializers.UUIDField(source="bid.investor_id")
    winner = serializers.SerializerMethodField(help_text=_("the company's name in its languages"))
    state = serializers.ChoiceField(AwardState.choices)
    reasons = TranslatedField()
    awarded_at = DateTimeField()
    standstill_until = DateTimeField()
    ended_at = DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    updated_at = DateTimeField()

    def get_winner(self, award: Award) -> dict[str, str]:
        return {code: getattr(award.bid.investor, f"name_{code}") for code in LANGUAGES}


class AwardDetailSerializer(AwardSerializer):
    available_actions = AvailableActionsField()


class AwardFilter(filters.FilterSet):
    """Filters of awards."""

    tender = filters.UUIDFilter(field_name="tender_id")
    state = filters.MultipleChoiceFilter(choices=AwardState.choices)

    class Meta:
        model = Award
        fields: list[str] = []


class AwardViewSet(PolicyViewSet):
    """Awards of tenders, for everybody; `award` of a tender gives one."""

    required_scope = "tenders"
    policy = award_policy
    selector = staticmethod(chosen.visible_awards)
    serializer_class = AwardDetailSerializer
    list_serializer_class = AwardSerializer
    filterset_class = AwardFilter

    def available_actions(self, actor: Actor, obj: Award) -> Iterable[str]:
        return chosen.actions_on(actor, obj)

    decline = action_endpoint("decline", awards.decline_award, key="award_id", body=ReasonBody)
    revoke = action_endpoint("revoke", awards.revoke_award, key="award_id", body=ReasonBody)


class QuestionInput(InputSerializer):
    tender = serializers.UUIDField()
    text = serializers.CharField(max_length=2000)


class AnswerBody(InputSerializer):
    """The answer, for everybody."""

    answer_ru = serializers.CharField(max_length=4000)
    answer_en = serializers.CharField(max_length=4000)
    answer_kk = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class QuestionSerializer(OutputSerializer):
    """A question about a tender; who asked is told to nobody. `answer` is empty until it is given."""

    id = serializers.UUIDField()
    tender = serializers.UUIDField(source="tender_id")
    text = serializers.CharField()
    asked_at = DateTimeField()
    answer = TranslatedField()
    answered_at = DateTimeField(allow_null=True)


class QuestionFilter(filters.FilterSet):
    """Filters of questions."""

    tender = filters.UUIDFilter(field_name="tender_id")
    unanswered = FlagFilter(field_name="answered_at", lookup_expr="isnull")

    class Meta:
        model = Question
        fields: list[str] = []


class QuestionViewSet(PolicyViewSet):
    """Questions about tenders: the answered ones for everybody, the others for the offices."""

    required_scope = "tenders"
    policy = question_policy
    selector = staticmethod(questions_of)
    serializer_class = QuestionSerializer
    filterset_class = QuestionFilter

    @extend_schema(request=QuestionInput, responses={201: QuestionSerializer})
    def create(self, request: Request) -> Response:
        """Ask in the time for questions. The answer is published without the name of whoever asked."""
        data: dict[str, Any] = self.validated(QuestionInput)
        question = questions.ask_question(self.actor, tender_id=data["tender"], text=data["text"])
        return self.respond(question, status=201)

    @extend_schema(request=AnswerBody)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Publish a question with its answer."""
        self.call(questions.answer_question, "question_id", data=self.validated(AnswerBody))
        return self.respond(self.find(self.kwargs["pk"]))
