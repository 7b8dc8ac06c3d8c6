"""One act on many referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api import problems
from cluster_portal.api.serializers import InputSerializer, OutputSerializer
from patients.api.moving import MoveProblem
from patients.services.bulk import ACCEPT, AT_MOST, CANCEL, READ, WAIT, Result, act_on_referrals

if TYPE_CHECKING:
    from rest_framework.request import Request

ACTS = [
    (READ, _("mark the conclusion as read")),
    (WAIT, _("put on the waiting list")),
    (ACCEPT, _("accept as they are, by the receiving side")),
    (CANCEL, _("cancel, with `reason`")),
]


class BulkBody(InputSerializer):
    """The act, and the referrals in the order in which it is done; `reason` and `comment` are of all of them."""

    act = serializers.ChoiceField(ACTS)
    referrals = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=AT_MOST, source="referral_ids"
    )
    reason = serializers.CharField(max_length=20, required=False, allow_blank=True)
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class BulkOutcome(OutputSerializer):
    """What became of a referral; `problem` says why nothing did."""

    referral = serializers.UUIDField()
    done = serializers.BooleanField()
    problem = MoveProblem(allow_null=True)


def told(result: Result) -> dict[str, Any]:
    """A result as `BulkOutcome` writes it."""
    error, problem = result.error, None
    if error is not None:
        members = problems.problem(error.status, code=error.code, detail=str(error))
        problem = {name: members[name] for name in ("status", "code", "title", "detail")}
    return {"referral": result.referral_id, "done": error is None, "problem": problem}


class ReferralBulk:
    """Mixin of the referrals' views."""

    @extend_schema(request=BulkBody, responses=BulkOutcome(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def bulk(self, request: Request) -> Response:
        """Do one act to many referrals. Each stands for itself: one that is refused stops no other, and says why.

        Sending it again changes nothing more, so an Idempotency-Key is not looked at.
        """
        results = act_on_referrals(self.actor, **self.validated(BulkBody))
        return Response(BulkOutcome([told(result) for result in results], many=True).data)

    # Each row has a transaction of its own, which the keys' one would swallow.
    bulk.repeatable = True
