"""Many referrals at once: written as a system that joins the cluster brings them, or one act on those on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from cluster_portal.api import problems
from cluster_portal.api.exceptions import handle
from cluster_portal.api.serializers import InputSerializer, OutputSerializer, ProblemSerializer
from cluster_portal.common.errors import PortalError
from patients.api.moving import MoveProblem
from patients.api.serializers import ReferralCreate
from patients.policies import referral_policy
from patients.services.bulk import ACCEPT, AT_MOST, CANCEL, READ, WAIT, Result, act_on_referrals
from patients.services.drafts import draft_referral, submit_referral

if TYPE_CHECKING:
    from rest_framework.request import Request

#: The most new referrals of one request.
MOST_NEW = 500
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


class ReferralRow(ReferralCreate):
    """A referral as `POST referrals/` takes it; with `submit` it is sent at once, or not made at all."""

    submit = serializers.BooleanField(required=False, default=False)


class _Rows(InputSerializer):
    """The rows as they came: each is checked by itself, so that one mistake stops no other."""

    referrals = serializers.ListField(child=serializers.DictField(), allow_empty=False, max_length=MOST_NEW)


class ReferralRows(InputSerializer):
    """Up to 500 new referrals."""

    referrals = ReferralRow(many=True, allow_empty=False, max_length=MOST_NEW)


class ReferralOutcome(OutputSerializer):
    """What became of a row: `status` is what `POST referrals/` would have answered, `problem` why there is none."""

    index = serializers.IntegerField(help_text=_("place in what was sent, from 0"))
    status = serializers.IntegerField()
    referral = serializers.UUIDField(allow_null=True)
    number = serializers.CharField(allow_null=True)
    problem = ProblemSerializer(allow_null=True)


BODIES = PolymorphicProxySerializer(
    component_name="ReferralsBulk", serializers=[ReferralRows, BulkBody], resource_type_field_name=None
)


def _acts(request: Request) -> bool:
    return isinstance(request.data, dict) and "act" in request.data


class ReferralBulk:
    """Mixin of the referrals' views."""

    @extend_schema(
        request=BODIES,
        responses={207: ReferralOutcome(many=True), 200: BulkOutcome(many=True)},
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def bulk(self, request: Request) -> Response:
        """Write up to 500 referrals (207), or do one `act` to up to 100 (200). Each stands for itself: one that is
        refused stops no other, and says why.

        With an Idempotency-Key a repeated request gets the stored answer; a row with an `own_number` is never written
        twice (409 `already_referred` names the first). Acts may be sent again without harm and look at no key.
        """
        if _acts(request):
            results = act_on_referrals(self.actor, **self.validated(BulkBody))
            return Response(BulkOutcome([told(result) for result in results], many=True).data)
        referral_policy.require(self.actor, "create")
        rows = self.validated(_Rows)["referrals"]
        return Response([self._refer(index, row) for index, row in enumerate(rows)], status=207)

    # Each row of an act has a transaction of its own, which the keys' one would swallow.
    bulk.repeatable = _acts

    def _refer(self, index: int, row: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {
            "index": index,
            "status": 201,
            "referral": None,
            "number": None,
            "problem": None,
        }
        try:
            # A savepoint of its own where a key holds the whole request in one transaction.
            with transaction.atomic():
                checked = ReferralRow(data=row, context=self.get_serializer_context())
                checked.is_valid(raise_exception=True)
                data = dict(checked.validated_data)
                send, patient = data.pop("submit"), data.pop("patient")
                referral = draft_referral(self.actor, patient_id=patient, data=data)
                if send:
                    submit_referral(self.actor, referral_id=referral.pk)
        except (PortalError, ValidationError) as error:
            problem = handle(error, {}).data
            return found | {"status": problem["status"], "problem": problem}
        return found | {"referral": referral.pk, "number": referral.number}
