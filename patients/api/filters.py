"""How lists of the API are narrowed."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from cluster_portal.api.filters import DayFilter, FlagFilter, MomentFilter, WholeFilter
from patients.models import Booking, Reason, Referral, WaitlistEntry
from patients.selectors.reasons import every, valid_on
from patients.states import CLOSED, BookingState, Priority, ReasonKind, ReferralState


class ReferralFilter(filters.FilterSet):
    """Filters of the work lists. `side` is the caller's: what it sent (`out`) or receives (`in`)."""

    side = filters.ChoiceFilter(
        method="filter_side", choices=[("out", _("sent")), ("in", _("received"))], label=_("sent or received")
    )
    state = filters.MultipleChoiceFilter(choices=ReferralState.choices)
    open = FlagFilter(method="filter_open", label=_("not closed yet"))
    priority = filters.MultipleChoiceFilter(choices=Priority.choices)
    number = filters.CharFilter(method="filter_number", label=_("number"), max_length=30)
    own_number = filters.CharFilter(max_length=100)
    own_system = filters.CharFilter(max_length=200)
    patient = filters.UUIDFilter(field_name="patient_id")
    source_clinic = filters.UUIDFilter(field_name="source_clinic_id")
    target_clinic = filters.UUIDFilter(field_name="target_clinic_id")
    service_type = filters.CharFilter(field_name="service_type_id", max_length=60)
    due_before = DayFilter(field_name="due_on", lookup_expr="lt")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")
    no_shows_from = WholeFilter(
        field_name="no_shows", lookup_expr="gte", min_value=0, label=_("missed appointments, at least")
    )
    conclusion_unread = FlagFilter(field_name="conclusion_unread")

    class Meta:
        model = Referral
        fields: list[str] = []

    def filter_side(self, queryset, name, value):
        organization = self.request.actor.organization_id
        if value == "out":
            return queryset.filter(source_organization=organization)
        return queryset.filter(target_organization=organization, submitted_at__isnull=False)

    def filter_open(self, queryset, name, value):
        closed = Q(state__in=CLOSED)
        return queryset.filter(~closed if value else closed)

    def filter_number(self, queryset, name, value):
        return queryset.filter(number=value.upper())


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class ReasonCodes(filters.ModelMultipleChoiceFilter):
    """Codes of a dictionary, those that are not used any more too; a code that it does not have is a mistake."""

    def __init__(self, *, kind: str, **kwargs) -> None:
        super().__init__(queryset=lambda request: every(kind), to_field_name="code", **kwargs)


class ReasonFilter(filters.FilterSet):
    """Filters of the dictionaries of reasons."""

    kind = filters.MultipleChoiceFilter(choices=ReasonKind.choices)
    code = filters.CharFilter(max_length=20)
    valid_on = DayFilter(method="filter_valid_on", label=_("may be chosen that day"))

    class Meta:
        model = Reason
        fields: list[str] = []

    def filter_valid_on(self, queryset, name, value):
        return queryset.filter(valid_on(value))


class WaitlistFilter(filters.FilterSet):
    """Filters of the waiting list."""

    service_type = filters.CharFilter(field_name="service_type_id", max_length=60)
    referral = filters.UUIDFilter(field_name="referral_id")
    patient = filters.UUIDFilter(field_name="patient_id")
    waiting = FlagFilter(method="filter_waiting", label=_("still waiting"))
    offered = FlagFilter(method="filter_offered", label=_("a time is offered now"))

    class Meta:
        model = WaitlistEntry
        fields: list[str] = []

    def filter_waiting(self, queryset, name, value):
        return queryset.filter(ended_at__isnull=value)

    def filter_offered(self, queryset, name, value):
        return queryset.filter(offered_slot__isnull=not value)


class BookingFilter(filters.FilterSet):
    """Filters of bookings."""

    state = filters.MultipleChoiceFilter(choices=BookingState.choices)
    referral = filters.UUIDFilter(field_name="referral_id")
    clinic = filters.UUIDFilter(field_name="clinic_id")
    slot = filters.UUIDFilter(field_name="slot_id")
    start_from = MomentFilter(field_name="start", lookup_expr="gte")
    start_to = MomentFilter(field_name="start", lookup_expr="lt")

    class Meta:
        model = Booking
        fields: list[str] = []
