"""The registry for regional systems: every member reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from clinics import policies
from clinics.api import filters as f
from clinics.api import serializers as s
from clinics.api.records import WritesClinics, WritesOrganizations, describe_clinics, describe_organizations
from clinics.api.schedules import WritesSlots
from clinics.selectors.nearby import clinics_within
from clinics.selectors.regime import methods_in_use
from clinics.selectors.slot_rows import as_shown, slot_rows
from clinics.services import offering
from cluster_portal.api.views import PolicyViewSet

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class NearMixin:
    """`near=lat,lon` with a distance: keeps what lies there and remembers how far each clinic is."""

    #: The column that holds the clinic's id.
    clinic_column = "pk"
    distances: dict[uuid.UUID, float] | None = None

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        if "near" not in self.request.query_params:
            return queryset
        filterset = f.ClinicFilter if self.clinic_column == "pk" else f.SlotFilter
        form = filterset(self.request.query_params, queryset=queryset, request=self.request).form
        # The filter backend has refused what is not valid.
        form.is_valid()
        if place := form.cleaned_data.get("near"):
            radii = (form.cleaned_data.get(name) for name in ("distance_km", "radius_km"))
            radius = next((km for km in radii if km is not None), None)
            seen = policies.clinic_policy.queryset(self.actor)
            self.distances = clinics_within(seen, place, f.RADIUS if radius is None else float(radius))
            queryset = queryset.filter(**{f"{self.clinic_column}__in": list(self.distances)})
        return queryset

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "distances": self.distances or {}}


@describe_organizations
class OrganizationViewSet(WritesOrganizations, PolicyViewSet):
    """Members and partners of the cluster."""

    required_scope = "organizations"
    policy = policies.organization_policy
    serializer_class = s.OrganizationSerializer
    filterset_class = f.OrganizationFilter


@describe_clinics
class ClinicViewSet(NearMixin, WritesClinics, PolicyViewSet):
    """Sites of care."""

    required_scope = "clinics"
    policy = policies.clinic_policy
    serializer_class = s.ClinicSerializer
    filterset_class = f.ClinicFilter

    @staticmethod
    def selector(actor: Actor) -> QuerySet:
        return policies.clinic_policy.queryset(actor).select_related("organization")


class ServiceTypeViewSet(PolicyViewSet):
    """The cluster's nomenclature of services."""

    required_scope = "services"
    policy = policies.service_type_policy
    serializer_class = s.ServiceTypeSerializer
    filterset_class = f.ServiceTypeFilter
    ordering = ("code",)
    lookup_field = "code"

    @staticmethod
    def selector(actor: Actor) -> QuerySet:
        return policies.service_type_policy.queryset(actor).select_related("specialty")


class ServiceViewSet(PolicyViewSet):
    """What each clinic offers."""

    required_scope = "services"
    policy = policies.service_policy
    serializer_class = s.ServiceSerializer
    filterset_class = f.ServiceFilter

    @staticmethod
    def selector(actor: Actor) -> QuerySet:
        rows = policies.service_policy.queryset(actor).select_related("clinic", "service_type")
        return rows.prefetch_related(Prefetch("special_methods", methods_in_use()))

    @extend_schema(request=s.ServiceInput, responses={201: s.ServiceSerializer})
    def create(self, request: Request) -> Response:
        """Offer a service at a clinic, as its manager, as the office, or as the clinic's own program."""
        data = self.validated(s.ServiceInput)
        made = offering.offer_service(
            self.actor, clinic_id=data.pop("clinic"), service_type=data.pop("service_type"), data=data
        )
        return self.respond(self.find(made.pk), status=201)

    @extend_schema(request=s.ServiceChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is said of a service; `is_active` false takes it out of booking."""
        self.call(offering.update_service, "service_id", data=self.validated(s.ServiceChange, partial=True))
        return self.respond(self.find(pk))


class SlotViewSet(NearMixin, WritesSlots, PolicyViewSet):
    """Times that are published, and all of your own. Ordered by their start."""

    required_scope = "slots"
    policy = policies.slot_policy
    serializer_class = s.SlotSerializer
    filterset_class = f.SlotFilter
    ordering = ("start", "id")
    clinic_column = "clinic"

    @staticmethod
    def selector(actor: Actor) -> QuerySet:
        return slot_rows(actor)

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        distance = (self.distances or {}).get(row["clinic_id"])
        return {**as_shown(row, self.actor), "distance_km": distance}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Search for slots; with `free=true` those that a referral of yours may be booked into now."""
        # Dictionaries straight into JSON: a page of 500 is written in a few milliseconds.
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([self._shown(row) for row in rows])

    @extend_schema(responses=s.SlotSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One slot."""
        row = self.policy.get(self.actor, "view", self.kwargs["pk"], queryset=self.get_queryset())
        return Response(self._shown(row))
