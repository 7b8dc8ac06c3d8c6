"""Rooms for teaching for programs: what there is, when it can be had, booking it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.filters import MomentFilter, WholeFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from training.api.nominations import Reason
from training.models import RoomBooking, TeachingRoom
from training.policies import room_booking_policy, teaching_room_policy
from training.selectors import rooms as selectors
from training.selectors.recurrence import MOST, occurrences
from training.services import room_bookings, rooms
from training.states import Feature, HallKind, RoomBookingState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor

RULE = _("RFC 5545: FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY, BYMONTHDAY, and COUNT or UNTIL")


class TeachingRoomChange(InputSerializer):
    """What is entered of a room."""

    clinic = serializers.PrimaryKeyRelatedField(queryset=selectors.sites())
    name = Translations(120)
    kind = serializers.ChoiceField(HallKind.choices, required=False)
    capacity = serializers.IntegerField(min_value=1, max_value=5000)
    features = serializers.ListField(child=serializers.ChoiceField(Feature.choices), required=False)
    note = Translations(400, required=False, allow_blank=True)
    opening_hours = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    needs_consent = serializers.BooleanField(required=False)
    release_after = serializers.IntegerField(min_value=5, max_value=240, required=False, allow_null=True)
    closed_on = serializers.DateField(required=False, allow_null=True)


class TeachingRoomSerializer(OutputSerializer):
    """A room that can be booked for teaching, by the clock of its site."""

    id = serializers.UUIDField()
    clinic = serializers.UUIDField(source="clinic_id")
    name = TranslatedField()
    kind = serializers.ChoiceField(HallKind.choices)
    capacity = serializers.IntegerField()
    features = serializers.ListField(child=serializers.CharField())
    note = TranslatedField()
    opening_hours = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    time_zone = serializers.CharField()
    needs_consent = serializers.BooleanField()
    release_after = serializers.IntegerField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)
    updated_at = DateTimeField()


class _Times(InputSerializer):
    starts = DateTimeField()
    ends = DateTimeField()


class RoomTimes(_Times):
    """A time, and the rule by which it repeats."""

    rule = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text=RULE)


class RoomClosing(RoomTimes):
    """Why and when a room is kept from everybody; `skip` are beginnings of times that may be left out."""

    reason = serializers.CharField(max_length=200)
    skip = serializers.ListField(child=DateTimeField(), required=False, max_length=MOST)


class RoomBookingCreate(RoomTimes):
    """Which room for what. `skip` are beginnings of times that may be left out where they cannot be had."""

    room = serializers.UUIDField(source="room_id")
    title = serializers.CharField(max_length=200)
    people = serializers.IntegerField(min_value=1, max_value=5000, required=False, allow_null=True)
    skip = serializers.ListField(child=DateTimeField(), required=False, max_length=MOST)


class RoomMove(_Times):
    """Another time, and another room where it is named."""

    room = serializers.UUIDField(source="room_id", required=False)


class RoomCancel(Reason):
    and_later = serializers.BooleanField(required=False, help_text=_("the later ones of the series too"))


class RoomTimeSerializer(OutputSerializer):
    """A time; `why` it cannot be had (`past`, `closed`, `taken`, `blocked`), empty where it can."""

    starts = DateTimeField()
    ends = DateTimeField()
    why = serializers.CharField()
    words = serializers.CharField()


class RoomBookingSerializer(OutputSerializer):
    """A room for somebody, or closed for everybody (`blocked`). `session` is the line of an agenda that it follows."""

    id = serializers.UUIDField()
    room = serializers.UUIDField(source="room_id")
    starts = DateTimeField()
    ends = DateTimeField()
    title = serializers.CharField(source="label")
    people = serializers.IntegerField(allow_null=True)
    organization = serializers.UUIDField(source="organization_id", allow_null=True)
    session = serializers.UUIDField(source="session_id", allow_null=True)
    series = serializers.UUIDField(source="series_id", allow_null=True)
    state = serializers.ChoiceField(RoomBookingState.choices)
    end_reason = serializers.CharField()
    updated_at = DateTimeField()


class RoomBookingDetailSerializer(RoomBookingSerializer):
    available_actions = AvailableActionsField()


class RoomFilter(filters.FilterSet):
    """Filters of rooms. `features` are all that the room must have."""

    clinic = filters.UUIDFilter(field_name="clinic_id")
    kind = filters.MultipleChoiceFilter(choices=HallKind.choices)
    capacity_from = WholeFilter(field_name="capacity", lookup_expr="gte", min_value=0, max_value=5000)
    features = filters.MultipleChoiceFilter(choices=Feature.choices, method="filter_features")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = TeachingRoom
        fields: list[str] = []

    def filter_features(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.filter(features__contains=value) if value else queryset


class BookingFilter(filters.FilterSet):
    """Filters of bookings."""

    room = filters.UUIDFilter(field_name="room_id")
    organization = filters.UUIDFilter(field_name="organization_id")
    series = filters.UUIDFilter(field_name="series_id")
    state = filters.MultipleChoiceFilter(choices=RoomBookingState.choices)
    starts_from = MomentFilter(field_name="starts", lookup_expr="gte")
    starts_to = MomentFilter(field_name="starts", lookup_expr="lt")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = RoomBooking
        fields: list[str] = []


class TeachingRoomViewSet(PolicyViewSet):
    """Rooms for teaching; the training office keeps them."""

    required_scope = "training"
    policy = teaching_room_policy
    selector = staticmethod(selectors.visible_rooms)
    serializer_class = TeachingRoomSerializer
    filterset_class = RoomFilter

    @extend_schema(request=TeachingRoomChange, responses={201: TeachingRoomSerializer})
    def create(self, request: Request) -> Response:
        """Put a room on record."""
        teaching_room_policy.require(self.actor, "create")
        room = rooms.add_room(self.actor, data=self.validated(TeachingRoomChange))
        return self.respond(self.find(room.pk), status=201)

    @extend_schema(request=TeachingRoomChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a room."""
        self.call(rooms.update_room, "room_id", data=self.validated(TeachingRoomChange, partial=True))
        return self.respond(self.find(pk))

    @extend_schema(request=RoomTimes, responses=RoomTimeSerializer(many=True))
    @action(detail=True, methods=["post"])
    def look(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Which of these times the room can be had at; nothing is booked."""
        room = self.find(self.kwargs["pk"])
        asked = self.validated(RoomTimes)
        room_bookings.check_order(asked["starts"], asked["ends"])
        times = occurrences(asked["starts"], asked["ends"], asked.get("rule", ""), room.time_zone)
        return Response(RoomTimeSerializer(selectors.look_at_times(room, times), many=True).data)

    look.repeatable = True

    @extend_schema(request=RoomClosing, responses={201: RoomBookingSerializer(many=True)})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Keep the room from everybody for a time."""
        made = self.call(room_bookings.close_room, "room_id", **self.validated(RoomClosing))
        return Response(RoomBookingSerializer(made, many=True).data, status=201)


class RoomBookingViewSet(PolicyViewSet):
    """Bookings of rooms for teaching."""

    required_scope = "training"
    policy = room_booking_policy
    selector = staticmethod(selectors.visible_bookings)
    serializer_class = RoomBookingDetailSerializer
    list_serializer_class = RoomBookingSerializer
    filterset_class = BookingFilter

    def available_actions(self, actor: Actor, obj: RoomBooking) -> Iterable[str]:
        moves = ["move"] if selectors.may_move(actor, obj) else []
        return [*selectors.booking_actions(actor, obj), *moves]

    @extend_schema(request=RoomBookingCreate, responses={201: RoomBookingSerializer(many=True)})
    def create(self, request: Request) -> Response:
        """Book a room, or ask for it where the training office has to agree. Answers each booking of the rule."""
        body = self.validated(RoomBookingCreate)
        made = room_bookings.book_room(self.actor, **body)
        return Response(RoomBookingSerializer(made, many=True).data, status=201)

    confirm = action_endpoint("confirm", room_bookings.confirm_booking, key="booking_id")
    reject = action_endpoint("reject", room_bookings.reject_booking, key="booking_id", body=Reason)
    cancel = action_endpoint("cancel", room_bookings.cancel_booking, key="booking_id", body=RoomCancel)
    reopen = action_endpoint("reopen", room_bookings.reopen_room, key="booking_id")
    take_up = action_endpoint("take_up", room_bookings.take_up_booking, key="booking_id")
    move = action_endpoint("move", room_bookings.move_booking, key="booking_id", body=RoomMove)
