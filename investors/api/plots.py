"""Land for programs: sites, plots with their outlines (GeoJSON), what is laid to them, their papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.filters import MomentFilter
from cluster_portal.api.renderers import GeoJSONRenderer
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from investors.api.documents import PlotDocumentSerializer, documents_endpoints
from investors.models import Plot
from investors.models.boxes import meets
from investors.policies import plot_policy, site_policy
from investors.selectors import plots as selectors
from investors.services import details, plots
from investors.states import Direction, PlotState, Tenure, UtilityKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor

OUTLINE = _("GeoJSON polygon, WGS 84, longitude first; a feature, or a collection of one, will do")

#: A page of the list as maps read it (RFC 7946).
COLLECTION = {
    "type": "object",
    "required": ["type", "features", "next", "previous"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "id", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "id": {"type": "string", "format": "uuid"},
                    "geometry": {"type": "object"},
                    "properties": {"type": "object"},
                },
            },
        },
        **{name: {"type": ["string", "null"], "format": "uri"} for name in ("next", "previous")},
        "count": {"type": "integer"},
    },
}


class SiteInput(InputSerializer):
    """What is entered of a site."""

    name = Translations(200)
    area = serializers.DecimalField(max_digits=9, decimal_places=4, help_text=_("hectares"))
    surveyed_on = serializers.DateField(required=False, allow_null=True)
    outline = serializers.DictField(help_text=OUTLINE)


class SiteSerializer(OutputSerializer):
    """A territory that is divided into plots. `area` is in hectares; what no plot takes of it is shared."""

    id = serializers.UUIDField()
    name = TranslatedField()
    area = serializers.DecimalField(max_digits=9, decimal_places=4)
    surveyed_on = serializers.DateField(allow_null=True)
    outline = serializers.DictField()
    updated_at = DateTimeField()


class PlotInput(InputSerializer):
    """What is entered of a plot; fields that are not sent stay as they are."""

    site = serializers.PrimaryKeyRelatedField(queryset=selectors.sites())
    number = serializers.CharField(max_length=12)
    cadastral_number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    title = Translations(200)
    direction = serializers.ChoiceField(Direction.choices)
    permitted_use = Translations(300, required=False, allow_blank=True)
    area = serializers.DecimalField(max_digits=9, decimal_places=4, help_text=_("hectares"))
    tenure = serializers.ChoiceField(Tenure.choices, required=False)
    term_years = serializers.IntegerField(min_value=1, max_value=99, required=False, allow_null=True)
    price = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True,
        help_text=_("of a year for a lease, of the whole otherwise, in the cluster's currency"),
    )  # fmt: skip
    coverage = serializers.IntegerField(min_value=1, max_value=100, required=False, allow_null=True)
    floors = serializers.IntegerField(min_value=1, max_value=99, required=False, allow_null=True)
    restrictions = Translations(300, required=False, allow_blank=True)
    outline = serializers.DictField(help_text=OUTLINE)


class UtilityInput(InputSerializer):
    """What is laid to a plot; the figures are of the day `stated_on`."""

    kind = serializers.ChoiceField(UtilityKind.choices)
    total = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0)
    free = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0)
    owner = serializers.CharField(max_length=200, required=False, allow_blank=True)
    stated_on = serializers.DateField()
    lon = serializers.FloatField(min_value=-180, max_value=180, required=False, allow_null=True)
    lat = serializers.FloatField(min_value=-85, max_value=85, required=False, allow_null=True)


class UtilitySerializer(OutputSerializer):
    """A utility of a plot; `total` and `free` are in `unit`, which follows from the kind and is told in words."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(UtilityKind.choices)
    total = serializers.DecimalField(max_digits=12, decimal_places=2)
    free = serializers.DecimalField(max_digits=12, decimal_places=2)
    unit = serializers.CharField()
    owner = serializers.CharField()
    stated_on = serializers.DateField()
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)


class PlotSerializer(OutputSerializer):
    """A piece of land. `area` is in hectares; `power` is the free power in kW, null where none is laid."""

    id = serializers.UUIDField()
    site = serializers.UUIDField(source="site_id")
    number = serializers.CharField()
    cadastral_number = serializers.CharField()
    title = TranslatedField()
    direction = serializers.ChoiceField(Direction.choices)
    permitted_use = TranslatedField()
    area = serializers.DecimalField(max_digits=9, decimal_places=4)
    tenure = serializers.ChoiceField(Tenure.choices)
    term_years = serializers.IntegerField(allow_null=True)
    price = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    coverage = serializers.IntegerField(allow_null=True)
    floors = serializers.IntegerField(allow_null=True)
    restrictions = TranslatedField()
    power = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    state = serializers.ChoiceField(PlotState.choices)
    withdraw_reason = serializers.CharField()
    outline = serializers.DictField()
    updated_at = DateTimeField()


class PlotDetailSerializer(PlotSerializer):
    utilities = UtilitySerializer(many=True, source="utilities.all")
    available_actions = AvailableActionsField()


class WithdrawBody(InputSerializer):
    reason = serializers.CharField(max_length=300)


class BoxField(forms.CharField):
    """`west,south,east,north` in degrees (WGS 84)."""

    def clean(self, value: str) -> tuple[float, float, float, float] | None:
        if value is None:
            return None
        try:
            west, south, east, north = (float(part) for part in super().clean(value).split(","))
        except ValueError:
            west = south = east = north = 0.0
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValidationError(
                _("Write the box as west,south,east,north in degrees: 37.34,55.68,37.36,55.70."), "invalid"
            )
        return west, south, east, north


@extend_schema_field(OpenApiTypes.STR)
class BoxFilter(filters.Filter):
    """A part of the map."""

    field_class = BoxField


class PlotFilter(filters.FilterSet):
    """Filters of plots; `bbox` leaves those that touch the box."""

    site = filters.UUIDFilter(field_name="site_id")
    state = filters.MultipleChoiceFilter(choices=PlotState.choices)
    direction = filters.MultipleChoiceFilter(choices=Direction.choices)
    tenure = filters.MultipleChoiceFilter(choices=Tenure.choices)
    area_from = filters.NumberFilter(field_name="area", lookup_expr="gte", min_value=0, max_value=100_000)
    area_to = filters.NumberFilter(field_name="area", lookup_expr="lte", min_value=0, max_value=100_000)
    power_from = filters.NumberFilter(field_name="power", lookup_expr="gte", min_value=0, max_value=10**9)
    bbox = BoxFilter(method="filter_box", label=_("west,south,east,north in degrees"))
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Plot
        fields: list[str] = []

    def filter_box(self, queryset: QuerySet, name: str, value: tuple[float, ...]) -> QuerySet:
        return queryset.filter(meets(*value))


class SiteViewSet(PolicyViewSet):
    """The cluster's sites; the land office keeps them."""

    required_scope = "plots"
    policy = site_policy
    serializer_class = SiteSerializer

    @extend_schema(request=SiteInput, responses={201: SiteSerializer})
    def create(self, request: Request) -> Response:
        """Enter a site."""
        site_policy.require(self.actor, "create")
        site = plots.add_site(self.actor, data=self.validated(SiteInput))
        return self.respond(self.find(site.pk), status=201)

    @extend_schema(request=SiteInput)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a site."""
        self.call(plots.update_site, "site_id", data=self.validated(SiteInput, partial=True))
        return self.respond(self.find(pk))


class PlotViewSet(PolicyViewSet):
    """Plots of land: everybody's once they were published; the land office keeps them."""

    required_scope = "plots"
    policy = plot_policy
    selector = staticmethod(selectors.visible_plots)
    serializer_class = PlotDetailSerializer
    list_serializer_class = PlotSerializer
    filterset_class = PlotFilter

    def get_renderers(self) -> list[BaseRenderer]:
        renderers = super().get_renderers()
        return [*renderers, GeoJSONRenderer()] if self.action == "list" else renderers

    @extend_schema(
        responses={
            (200, "application/json"): PlotSerializer(many=True),
            (200, GeoJSONRenderer.media_type): COLLECTION,
        }
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The plots, page by page. With `Accept: application/geo+json` a page is a GeoJSON collection: what JSON has
        of a plot beside `id` and `outline` is its `properties`.
        """
        return super().list(request, *args, **kwargs)

    def available_actions(self, actor: Actor, obj: Plot) -> Iterable[str]:
        return selectors.actions_on(actor, obj)

    @extend_schema(request=PlotInput, responses={201: PlotDetailSerializer})
    def create(self, request: Request) -> Response:
        """Enter a plot, as a draft. The outline is checked: it may not cross itself, leave its site, take another
        plot's land, or miss the stated area by more than 1 %.
        """
        plot_policy.require(self.actor, "create")
        plot = plots.add_plot(self.actor, data=self.validated(PlotInput))
        return self.respond(self.find(plot.pk), status=201)

    @extend_schema(request=PlotInput)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a plot that is not committed."""
        self.call(plots.update_plot, "plot_id", data=self.validated(PlotInput, partial=True))
        return self.respond(self.find(pk))

    publish = action_endpoint("publish", plots.publish_plot, key="plot_id")
    put_to_tender = action_endpoint("put_to_tender", plots.put_plot_to_tender, key="plot_id")
    reserve = action_endpoint("reserve", plots.reserve_plot, key="plot_id")
    release = action_endpoint("release", plots.release_plot, key="plot_id")
    withdraw = action_endpoint("withdraw", plots.withdraw_plot, key="plot_id", body=WithdrawBody)

    @extend_schema(request=UtilityInput, responses={201: UtilitySerializer})
    @action(detail=True, methods=["post"])
    def utilities(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Enter what is laid to the plot."""
        utility = self.call(details.add_utility, "plot_id", data=self.validated(UtilityInput))
        return Response(UtilitySerializer(utility).data, status=201)

    documents, document = documents_endpoints(
        PlotDocumentSerializer,
        rows=selectors.documents_of,
        add=details.add_document,
        remove=details.remove_document,
        key="plot_id",
    )
