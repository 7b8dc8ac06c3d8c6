"""An organisation's time by REST: weekly patterns, the days that they leave out, and slots that are closed or opened.

What would leave patients without a time answers 409 `stranded_bookings` with `slots`, and changes nothing. Where a body
has `keep_booked`, the free times close, the booked ones stay until their patients are moved, and nobody else gets in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from clinics.api.filters import ScheduleFilter
from clinics.api.serializers import HoursSerializer
from clinics.models import ScheduleException
from clinics.policies import exception_policy, schedule_policy
from clinics.services import schedules as services
from clinics.services import slots
from clinics.services.closing import close_days
from clinics.states import ExceptionReason
from cluster_portal.api.filters import DayFilter, MomentFilter
from cluster_portal.api.problems import CONTENT_TYPE as PROBLEM_TYPE
from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer, ProblemSerializer
from cluster_portal.api.views import PolicyViewSet, action_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from clinics.models import Schedule
    from cluster_portal.common.actor import Actor

_STRANDED = {(409, PROBLEM_TYPE): ProblemSerializer}
_KEEP = _("Close the free times and keep the booked ones until their patients are moved.")


class ScheduleSerializer(OutputSerializer):
    """A practitioner's weekly hours for one service (FHIR Schedule). Shares are percent of a day's slots."""

    id = serializers.UUIDField()
    service = serializers.UUIDField(source="service_id")
    clinic = serializers.UUIDField(source="service.clinic_id")
    practitioner = serializers.UUIDField(source="practitioner_id")
    room = serializers.CharField()
    equipment = serializers.UUIDField(source="equipment_id", allow_null=True)
    hours = HoursSerializer(many=True)
    slot_minutes = serializers.IntegerField()
    capacity = serializers.IntegerField()
    share_own = serializers.IntegerField()
    share_cluster = serializers.IntegerField()
    share_urgent = serializers.IntegerField()
    release_hours = serializers.IntegerField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    works_on_holidays = serializers.BooleanField()
    published_at = DateTimeField(allow_null=True, help_text=_("Null: its new times are drafts."))
    is_active = serializers.BooleanField()
    updated_at = DateTimeField()


class HoursInput(InputSerializer):
    """Reception on one weekday by the clinic's clock."""

    weekday = serializers.IntegerField(min_value=1, max_value=7, help_text=_("ISO: 1 is Monday"))
    starts = serializers.TimeField()
    ends = serializers.TimeField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ends"] <= attrs["starts"]:
            raise serializers.ValidationError({"ends": _("The end is not after the beginning.")})
        return attrs


class ScheduleChange(InputSerializer):
    """What a pattern says; fields that are not sent stay as they are. `hours` are all of a week's."""

    service = serializers.UUIDField()
    practitioner = serializers.UUIDField()
    hours = serializers.ListField(child=HoursInput(), max_length=50)
    room = serializers.CharField(max_length=40, required=False, allow_blank=True)
    equipment = serializers.UUIDField(required=False, allow_null=True)
    slot_minutes = serializers.IntegerField(min_value=5, max_value=480, required=False)
    capacity = serializers.IntegerField(min_value=1, max_value=100, required=False)
    share_own = serializers.IntegerField(min_value=0, max_value=100, required=False)
    share_cluster = serializers.IntegerField(min_value=0, max_value=100, required=False)
    share_urgent = serializers.IntegerField(min_value=0, max_value=100, required=False)
    release_hours = serializers.IntegerField(min_value=0, max_value=720, required=False)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)
    works_on_holidays = serializers.BooleanField(required=False)


class End(InputSerializer):
    last_day = serializers.DateField()


class ExceptionSerializer(OutputSerializer):
    """Days on which a practitioner does not see patients at a clinic, both inclusive."""

    id = serializers.UUIDField()
    practitioner = serializers.UUIDField(source="practitioner_id")
    clinic = serializers.UUIDField(source="clinic_id")
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    reason = serializers.ChoiceField(ExceptionReason.choices)
    comment = serializers.CharField()
    updated_at = DateTimeField()


class ExceptionInput(InputSerializer):
    practitioner = serializers.UUIDField()
    clinic = serializers.UUIDField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    reason = serializers.ChoiceField(ExceptionReason.choices)
    comment = serializers.CharField(max_length=300, required=False, allow_blank=True)
    keep_booked = serializers.BooleanField(required=False, default=False, help_text=_KEEP)


class DaysOff(InputSerializer):
    """Days on which nobody at the clinic sees patients."""

    clinic = serializers.UUIDField()
    days = serializers.ListField(child=serializers.DateField(), min_length=1, max_length=366)
    comment = serializers.CharField(max_length=300, required=False, allow_blank=True)
    keep_booked = serializers.BooleanField(required=False, default=False, help_text=_KEEP)


class Chosen(InputSerializer):
    slots = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=500)


class Blocking(InputSerializer):
    """Either `slots`, or somebody's that begin from `starts` to before `ends`."""

    slots = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=500, required=False)
    practitioner = serializers.UUIDField(required=False)
    starts = DateTimeField(required=False)
    ends = DateTimeField(required=False)
    reason = serializers.CharField(max_length=300)
    keep_booked = serializers.BooleanField(required=False, default=False, help_text=_KEEP)


class Publishing(InputSerializer):
    """Drafts of these days of the clinic, both inclusive; of `practitioners` alone, where they are named."""

    clinic = serializers.UUIDField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    practitioners = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=500, required=False
    )


class CountSerializer(OutputSerializer):
    """How many slots it was."""

    count = serializers.IntegerField()


class ExceptionFilter(filters.FilterSet):
    """Filters of days without reception."""

    clinic = filters.UUIDFilter(field_name="clinic_id")
    practitioner = filters.UUIDFilter(field_name="practitioner_id")
    date_from = DayFilter(field_name="last_day", lookup_expr="gte")
    date_to = DayFilter(field_name="first_day", lookup_expr="lte")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = ScheduleException
        fields: list[str] = []


def _hours(rows: list[dict[str, Any]]) -> list[services.Hours]:
    return [services.Hours(**row) for row in rows]


def counting(name: str, service: Callable[..., int], body: type[InputSerializer], **renamed: str) -> Any:
    """`POST slots/{name}/`: the body goes to `service`, fields under the names of its arguments; answers how many."""

    def endpoint(self: PolicyViewSet, request: Request, *args: Any, **kwargs: Any) -> Response:
        data = {renamed.get(field, field): value for field, value in self.validated(body).items()}
        return Response({"count": service(self.actor, **data)})

    endpoint.__name__ = name
    endpoint.__doc__ = service.__doc__
    routed = action(detail=False, methods=["post"], url_path=name, url_name=name)(endpoint)
    return extend_schema(request=body, responses={200: CountSerializer, **_STRANDED}, filters=False)(routed)


class WritesSlots:
    """Mixed into the views of slots: their organisation publishes, closes and opens them."""

    publish = counting(
        "publish", slots.publish_slots, Publishing, clinic="clinic_id", practitioners="practitioner_ids"
    )
    block = counting("block", slots.block_slots, Blocking, slots="slot_ids", practitioner="practitioner_id")
    reopen = counting("reopen", slots.reopen_slots, Chosen, slots="slot_ids")


class ScheduleViewSet(PolicyViewSet):
    """Weekly patterns of your own organisation."""

    required_scope = "schedules"
    policy = schedule_policy
    serializer_class = ScheduleSerializer
    filterset_class = ScheduleFilter

    @staticmethod
    def selector(actor: Actor) -> QuerySet:
        return schedule_policy.queryset(actor).select_related("service").prefetch_related("hours")

    @extend_schema(request=ScheduleChange, responses={201: ScheduleSerializer})
    def create(self, request: Request) -> Response:
        """Enter a pattern; its times stand at once as drafts."""
        data = self.validated(ScheduleChange)
        hours = _hours(data.pop("hours"))
        made = services.create_schedule(self.actor, data=data, hours=hours)
        return self.respond(self.find(made.pk), status=201)

    @extend_schema(request=ScheduleChange, responses={200: ScheduleSerializer, **_STRANDED})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a pattern: booked times that still fit stay, free ones that do not are closed, new ones are drafts."""
        data = self.validated(ScheduleChange, partial=True)
        hours = _hours(data.pop("hours")) if "hours" in data else self._hours_of(self.find(pk))
        self.call(services.update_schedule, "schedule_id", data=data, hours=hours)
        return self.respond(self.find(pk))

    @staticmethod
    def _hours_of(schedule: Schedule) -> list[services.Hours]:
        return [services.Hours(row.weekday, row.starts, row.ends) for row in schedule.hours.all()]

    publish = action_endpoint("publish", services.publish_schedule, key="schedule_id")
    generate = action_endpoint("generate", services.generate_slots, key="schedule_id")
    end = action_endpoint("end", services.end_schedule, key="schedule_id", body=End)


@extend_schema(tags=["schedules"])
class ExceptionViewSet(PolicyViewSet):
    """Days without reception in your own organisation."""

    required_scope = "schedules"
    policy = exception_policy
    serializer_class = ExceptionSerializer
    filterset_class = ExceptionFilter

    @extend_schema(request=ExceptionInput, responses={201: ExceptionSerializer, **_STRANDED})
    def create(self, request: Request) -> Response:
        """Somebody does not see patients on these days."""
        data = self.validated(ExceptionInput)
        named = {f"{name}_id": data.pop(name) for name in ("practitioner", "clinic")}
        made = services.add_exception(self.actor, **named, **data)
        return self.respond(self.find(made.pk), status=201)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it back: what it closed opens again."""
        self.call(services.remove_exception, "exception_id")
        return Response(status=204)

    @extend_schema(request=DaysOff, responses={200: CountSerializer, **_STRANDED}, filters=False)
    @action(detail=False, methods=["post"], url_path="days-off", url_name="days-off")
    def days_off(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Close days for everybody of a clinic; each person's exception can be taken back."""
        data = self.validated(DaysOff)
        return Response({"count": close_days(self.actor, clinic_id=data.pop("clinic"), **data)})
