"""Patients whose times a clinic closes: the plan that moves them, and carrying one out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from cluster_portal.api import problems
from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer
from cluster_portal.api.views import ApiViewSet
from patients.selectors import moving
from patients.services.moving import AT_MOST, CALL, MOVE, WAIT, Move, Outcome, move_patients
from patients.states import Priority

if TYPE_CHECKING:
    from rest_framework.request import Request

ACTS = [
    (MOVE, _("move to `slot`")),
    (WAIT, _("put on the waiting list")),
    (CALL, _("leave until somebody has called")),
]
NEARNESS = [
    (moving.SAME_PERSON, _("the same practitioner")),
    (moving.SAME_SERVICE, _("the same service of the clinic")),
    (moving.ELSEWHERE, _("another service of the type")),
]
OUTCOMES = [
    ("moved", _("moved")),
    ("waiting", _("put on the waiting list")),
    ("left", _("left as it was")),
    ("refused", _("refused, see `problem`")),
]


class NewTimeSerializer(OutputSerializer):
    """A free time that the patient could have; `late` beyond the waiting norm."""

    slot = serializers.UUIDField(source="slot.pk")
    start = DateTimeField(source="slot.start")
    clinic = serializers.UUIDField(source="slot.clinic_id")
    time_zone = serializers.CharField(source="slot.clinic.time_zone")
    practitioner = serializers.UUIDField(source="slot.practitioner_id", allow_null=True)
    nearness = serializers.ChoiceField(NEARNESS)
    late = serializers.BooleanField()


class PlanLine(OutputSerializer):
    """A patient to move: the booking, why its time is closed, the time that is proposed and others to choose from."""

    booking = serializers.UUIDField(source="booking.pk")
    referral = serializers.UUIDField(source="booking.referral_id")
    number = serializers.CharField(source="booking.referral.number")
    patient = serializers.UUIDField(source="booking.patient_id")
    priority = serializers.ChoiceField(Priority.choices, source="booking.referral.priority")
    due_on = serializers.DateField(source="booking.referral.due_on", allow_null=True)
    start = DateTimeField(source="booking.start")
    clinic = serializers.UUIDField(source="booking.clinic_id")
    time_zone = serializers.CharField(source="booking.clinic.time_zone")
    practitioner = serializers.UUIDField(source="booking.slot.practitioner_id", allow_null=True)
    reason = serializers.CharField(source="booking.slot.block_reason")
    proposed = NewTimeSerializer(allow_null=True)
    others = NewTimeSerializer(many=True)


class PlannedMove(InputSerializer):
    """What to do with one booking; `slot` only where it moves."""

    booking = serializers.UUIDField(
        help_text=_("The booking as you saw it: once it has ended, nothing is done.")
    )
    act = serializers.ChoiceField(ACTS, default=MOVE)
    slot = serializers.UUIDField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["act"] == MOVE and not attrs.get("slot"):
            raise serializers.ValidationError({"slot": _("Please say where to move the patient.")})
        return attrs


class PlanBody(InputSerializer):
    """The plan to carry out, row by row in this order."""

    moves = PlannedMove(many=True, allow_empty=False, max_length=AT_MOST)
    late_reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True,
        help_text=_("Kept with each patient whose new time lies beyond the waiting norm"),
    )  # fmt: skip
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class MoveProblem(OutputSerializer):
    """Why a row was refused, as the call for this one patient would have answered."""

    status = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()


class MoveOutcome(OutputSerializer):
    """What became of a row; `new_booking` and `start` where the patient was moved."""

    booking = serializers.UUIDField()
    outcome = serializers.ChoiceField(OUTCOMES)
    new_booking = serializers.UUIDField(allow_null=True)
    start = DateTimeField(allow_null=True)
    problem = MoveProblem(allow_null=True)


def told(outcome: Outcome) -> dict[str, Any]:
    """An outcome as `MoveOutcome` writes it."""
    error, booking = outcome.error, outcome.booking
    what = "refused" if error else "moved" if booking else "waiting" if outcome.move.act == WAIT else "left"
    problem = None
    if error is not None:
        members = problems.problem(error.status, code=error.code, detail=str(error))
        problem = {name: members[name] for name in ("status", "code", "title", "detail")}
    return {
        "booking": outcome.move.booking_id, "outcome": what, "problem": problem,
        "new_booking": booking and booking.pk, "start": booking and booking.start,
    }  # fmt: skip


class MovesQuery(serializers.Serializer):
    """What narrows the plan."""

    clinic = serializers.UUIDField(required=False)
    practitioner = serializers.UUIDField(required=False)


@extend_schema(tags=["bookings"])
class MoveViewSet(ApiViewSet):
    """Patients booked at times that a clinic closes, and a plan that gives each of them another one."""

    required_scope = "bookings"
    serializer_class = PlanLine
    pagination_class = None
    filter_backends = ()
    query_parameters = frozenset({"clinic", "practitioner"})

    @extend_schema(
        parameters=[
            OpenApiParameter("clinic", OpenApiTypes.UUID, description=_("Only those booked at this clinic.")),
            OpenApiParameter(
                "practitioner", OpenApiTypes.UUID, description=_("Only those booked with this practitioner.")
            ),
        ],
        responses=PlanLine(many=True),
        filters=False,
    )
    def list(self, request: Request) -> Response:
        """Whom you may move, the most urgent first, with a proposal for each; at most fifty at once."""
        query = MovesQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        lines = moving.plan(
            request.actor, clinic_id=asked.get("clinic"), practitioner_id=asked.get("practitioner")
        )
        return Response(PlanLine(lines, many=True).data)

    @extend_schema(request=PlanBody, responses={200: MoveOutcome(many=True)})
    def create(self, request: Request) -> Response:
        """Carry a plan out. Each row stands for itself: one that is refused stops no other, and says why.

        Sending the plan again does no harm (a patient who was moved is not moved again), so an Idempotency-Key is not
        looked at.
        """
        data = self.validated(PlanBody)
        moves = [Move(row["booking"], row["act"], row.get("slot")) for row in data.pop("moves")]
        outcomes = move_patients(request.actor, moves=moves, **data)
        return Response(MoveOutcome([told(outcome) for outcome in outcomes], many=True).data)

    # Each row has a transaction of its own, which the keys' one would swallow.
    create.repeatable = True
