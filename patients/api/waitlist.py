"""What the API takes in and gives out of the waiting list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cluster_portal.api.serializers import DateTimeField, InputSerializer, OutputSerializer
from patients.api.serializers import LateFields
from patients.models.waitlist import LONGEST_WAY
from patients.states import DayPart, EntryEnd

if TYPE_CHECKING:
    from patients.models import WaitlistEntry


class Wishes(InputSerializer):
    """What times suit a patient; what is not sent, or is empty, suits everything."""

    clinics = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=100,
        help_text=_("Clinics that offer the service; empty: any of them."),
    )  # fmt: skip
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7), required=False, max_length=7,
        help_text=_("ISO weekdays by the clinic's calendar, 1 is Monday."),
    )  # fmt: skip
    parts = serializers.ListField(
        child=serializers.ChoiceField(DayPart.choices), required=False, max_length=3,
        help_text=_("By the clinic's clock: morning until 12:00, afternoon until 17:00, evening after it."),
    )  # fmt: skip
    earliest_on = serializers.DateField(required=False, allow_null=True)
    latest_on = serializers.DateField(required=False, allow_null=True)
    notice_hours = serializers.IntegerField(
        required=False, min_value=0, max_value=LONGEST_WAY, default=24,
        help_text=_("How long before a time the patient must know of it, in hours."),
    )  # fmt: skip
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class OfferAnswer(LateFields):
    """Taking the offered time; `late_code` and `late_reason` where it lies beyond the waiting norm."""


class OfferedTime(OutputSerializer):
    """A time that is offered and kept until `until`."""

    slot = serializers.UUIDField(source="offered_slot")
    start = DateTimeField(source="offered_at")
    until = DateTimeField(source="offered_until")


class WaitlistSerializer(OutputSerializer):
    """A referral's place on the waiting list and what times suit its patient.

    `place` counts from 1 in the queue of the service (null once it has ended): by priority, deadline, time waited.
    """

    id = serializers.UUIDField()
    referral = serializers.UUIDField(source="referral_id")
    patient = serializers.UUIDField(source="patient_id")
    service_type = serializers.CharField(source="service_type_id")
    place = serializers.SerializerMethodField()
    since = DateTimeField()
    clinics = serializers.ListField(child=serializers.UUIDField())
    weekdays = serializers.ListField(child=serializers.IntegerField())
    parts = serializers.ListField(child=serializers.ChoiceField(DayPart.choices))
    earliest_on = serializers.DateField(allow_null=True)
    latest_on = serializers.DateField(allow_null=True)
    notice_hours = serializers.IntegerField()
    note = serializers.CharField()
    offer = serializers.SerializerMethodField()
    ended_at = DateTimeField(allow_null=True)
    end_reason = serializers.ChoiceField(EntryEnd.choices, allow_blank=True)
    updated_at = DateTimeField()

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_place(self, entry: WaitlistEntry) -> int | None:
        return None if entry.ended_at else entry.before + 1

    @extend_schema_field(OfferedTime(allow_null=True))
    def get_offer(self, entry: WaitlistEntry) -> dict[str, Any] | None:
        return OfferedTime(entry).data if entry.offered_slot and not entry.ended_at else None
