"""The roadshow for programs: everybody reads what is published, the offices write and keep contacts."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cluster_portal.api.filters import DayFilter, MomentFilter
from cluster_portal.api.serializers import (
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.api.views import PolicyViewSet, rows_named
from investors.models import RoadshowContact, RoadshowEvent
from investors.policies.roadshow import contact_policy, event_policy
from investors.selectors import roadshow as selectors
from investors.services import roadshow as services
from investors.states import Direction


class RoadshowEventInput(InputSerializer):
    """An event; the Russian words are asked for."""

    title = Translations(250)
    city = Translations(120)
    country = serializers.RegexField(r"^[A-Z]{2}$")
    place = serializers.CharField(max_length=250, required=False, allow_blank=True)
    begins_on = serializers.DateField()
    ends_on = serializers.DateField()
    outcome = Translations(3000, required=False, allow_blank=True)
    is_public = serializers.BooleanField(required=False)


class RoadshowEventSerializer(OutputSerializer):
    """Where the cluster presents itself."""

    id = serializers.UUIDField()
    title = TranslatedField()
    city = TranslatedField()
    country = serializers.CharField()
    place = serializers.CharField()
    begins_on = serializers.DateField()
    ends_on = serializers.DateField()
    outcome = TranslatedField()
    is_public = serializers.BooleanField()
    created_at = DateTimeField()
    updated_at = DateTimeField()


class RoadshowEventFilter(filters.FilterSet):
    """Filters of events."""

    country = filters.CharFilter()
    date_from = DayFilter(field_name="ends_on", lookup_expr="gte")
    date_to = DayFilter(field_name="begins_on", lookup_expr="lte")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = RoadshowEvent
        fields: list[str] = []


class RoadshowViewSet(PolicyViewSet):
    """Events at which the cluster presents itself to investors."""

    required_scope = "investors"
    policy = event_policy
    selector = staticmethod(selectors.events)
    serializer_class = RoadshowEventSerializer
    filterset_class = RoadshowEventFilter

    @extend_schema(request=RoadshowEventInput, responses={201: RoadshowEventSerializer})
    def create(self, request: Request) -> Response:
        """Enter an event."""
        event_policy.require(self.actor, "create")
        event = services.plan_event(self.actor, data=self.validated(RoadshowEventInput))
        return self.respond(self.find(event.pk), status=201)

    @extend_schema(request=RoadshowEventInput)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct an event, or tell how it went."""
        self.call(services.correct_event, "event_id", data=self.validated(RoadshowEventInput, partial=True))
        return self.respond(self.find(pk))


class RoadshowContactChange(InputSerializer):
    """Somebody met at an event; `investor` is the company of the portal that came of it."""

    company = serializers.CharField(max_length=200)
    country = serializers.RegexField(r"^[A-Z]{2}$")
    person = serializers.CharField(max_length=200)
    post = serializers.CharField(max_length=200, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    direction = serializers.ChoiceField(Direction.choices, required=False)
    interest = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    next_step = serializers.CharField(max_length=300, required=False, allow_blank=True)
    next_on = serializers.DateField(required=False, allow_null=True)
    investor = serializers.UUIDField(required=False, allow_null=True)


class RoadshowContactInput(RoadshowContactChange):
    """A new contact, with the event at which it was made: it stays with that."""

    event = serializers.UUIDField()


class RoadshowContactSerializer(OutputSerializer):
    """Somebody whom the offices met."""

    id = serializers.UUIDField()
    event = serializers.UUIDField(source="event_id")
    company = serializers.CharField()
    country = serializers.CharField()
    person = serializers.CharField()
    post = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    direction = serializers.CharField()
    interest = serializers.CharField()
    next_step = serializers.CharField()
    next_on = serializers.DateField(allow_null=True)
    investor = serializers.UUIDField(source="investor_id", allow_null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()


class RoadshowContactFilter(filters.FilterSet):
    """Filters of contacts."""

    event = filters.UUIDFilter(field_name="event_id")
    investor = filters.UUIDFilter(field_name="investor_id")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = RoadshowContact
        fields: list[str] = []


class RoadshowContactViewSet(PolicyViewSet):
    """Whom the offices met at events; nobody else sees them."""

    required_scope = "investors"
    policy = contact_policy
    selector = staticmethod(selectors.contacts)
    serializer_class = RoadshowContactSerializer
    filterset_class = RoadshowContactFilter

    @extend_schema(request=RoadshowContactInput, responses={201: RoadshowContactSerializer})
    def create(self, request: Request) -> Response:
        """Keep somebody whom the offices met."""
        contact_policy.require(self.actor, "create")
        data = self._named(RoadshowContactInput)
        contact = services.note_contact(self.actor, event_id=data.pop("event"), data=data)
        return self.respond(self.find(contact.pk), status=201)

    @extend_schema(request=RoadshowContactChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a contact, or plan the next step."""
        self.find(pk)
        data = self._named(RoadshowContactChange, partial=True)
        self.call(services.correct_contact, "contact_id", data=data)
        return self.respond(self.find(pk))

    def _named(self, body: type[InputSerializer], *, partial: bool = False) -> dict[str, Any]:
        return rows_named(
            self.validated(body, partial=partial), {"investor": selectors.companies(self.actor)}
        )
