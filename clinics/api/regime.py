"""The special regime by REST: decisions, permits, and what is used though it is not registered at home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action

from clinics import policies
from clinics.api.licences import (
    Cancellation,
    CredentialFilter,
    CredentialSerializer,
    CredentialViewSet,
    Renewal,
)
from clinics.models import Permit, Regime, SpecialMethod
from clinics.selectors.regime import method_actions
from clinics.services import methods as services
from clinics.services.papers import PERMIT, REGIME
from clinics.states import MethodKind, MethodState
from cluster_portal.api.filters import MomentFilter
from cluster_portal.api.serializers import (
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response

    from cluster_portal.common.actor import Actor


class RegimeSerializer(CredentialSerializer):
    """The decision by which a site works under the special regime; `country` is the one whose papers are recognised.

    A summary, not legal advice.
    """

    legal_basis = serializers.CharField()
    legal_bases = TranslatedField(source="legal_basis")


class PermitSerializer(CredentialSerializer):
    """What lets a practitioner see patients at a site on qualifications of `country` alone."""

    practitioner = serializers.UUIDField(source="practitioner_id")
    home_document = serializers.CharField()
    specialties = serializers.ListField(child=serializers.CharField())


class RegimeRenewal(Renewal):
    legal_basis = Translations(300, required=False)


class RegimeInput(RegimeRenewal):
    """A decision to enter."""

    clinic = serializers.UUIDField()
    authority = serializers.CharField(max_length=200)
    country = serializers.RegexField(r"^[A-Z]{2}$", help_text=_("ISO 3166-1, two letters"))
    legal_basis_ru = serializers.CharField(max_length=300)


class PermitRenewal(Renewal):
    home_document = serializers.CharField(max_length=200, required=False)
    specialties = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=200
    )


class PermitInput(PermitRenewal):
    """A permit to enter."""

    clinic = serializers.UUIDField()
    practitioner = serializers.UUIDField()
    authority = serializers.CharField(max_length=200)
    country = serializers.RegexField(r"^[A-Z]{2}$", help_text=_("ISO 3166-1, two letters"))
    home_document = serializers.CharField(max_length=200)
    specialties = serializers.ListField(child=serializers.CharField(max_length=40), max_length=200)


class RegimeFilter(CredentialFilter):
    """Filters of special regimes."""

    class Meta:
        model = Regime
        fields: list[str] = []


class PermitFilter(CredentialFilter):
    """Filters of permits."""

    practitioner = filters.UUIDFilter(field_name="practitioner_id")

    class Meta:
        model = Permit
        fields: list[str] = []


class RegimeViewSet(CredentialViewSet):
    """Under which special regime each foreign site works, and until when."""

    policy = policies.regime_policy
    serializer_class = RegimeSerializer
    filterset_class = RegimeFilter
    kind, input_class, renewal_class = REGIME, RegimeInput, RegimeRenewal

    @extend_schema(request=RegimeInput, responses={201: RegimeSerializer})
    def create(self, request: Request) -> Response:
        """Enter the decision, as the office."""
        return super().create(request)

    @extend_schema(request=RegimeRenewal, responses={201: RegimeSerializer})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Enter the decision that follows this one; both stay on record."""
        return self._renew()

    renew.if_match = True


class PermitViewSet(CredentialViewSet):
    """Which practitioners work on qualifications of their home country, where, and until when."""

    policy = policies.permit_policy
    serializer_class = PermitSerializer
    filterset_class = PermitFilter
    kind, input_class, renewal_class = PERMIT, PermitInput, PermitRenewal

    @extend_schema(request=PermitInput, responses={201: PermitSerializer})
    def create(self, request: Request) -> Response:
        """Enter a permit, as its clinic's manager, as the office, or as the clinic's own program. From now on the
        practitioner sees patients only on the days of a permit.
        """
        return super().create(request)

    @extend_schema(request=PermitRenewal, responses={201: PermitSerializer})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Enter the permit that follows this one; both stay on record."""
        return self._renew()

    renew.if_match = True


class SpecialMethodSerializer(OutputSerializer):
    """What a site uses though it is not registered at home; `consent` is what the patient agrees to."""

    id = serializers.UUIDField()
    clinic = serializers.UUIDField(source="clinic_id")
    kind = serializers.ChoiceField(MethodKind.choices)
    name = serializers.CharField()
    names = TranslatedField(source="name")
    country = serializers.CharField()
    home_authority = serializers.CharField()
    home_number = serializers.CharField()
    home_date = serializers.DateField()
    approval_authority = serializers.CharField()
    approval_number = serializers.CharField()
    approval_date = serializers.DateField(allow_null=True)
    consent = serializers.CharField()
    consents = TranslatedField(source="consent")
    services = serializers.SerializerMethodField()
    state = serializers.ChoiceField(MethodState.choices)
    withdrawn_on = serializers.DateField(allow_null=True)
    withdraw_reason = serializers.CharField()
    updated_at = DateTimeField()

    def get_services(self, method) -> list[str]:
        return [str(offer.service_id) for offer in method.offers.all()]


class MethodChange(InputSerializer):
    """What may be said of a method; `services` are all with which it is offered."""

    kind = serializers.ChoiceField(MethodKind.choices)
    name = Translations(200)
    country = serializers.RegexField(r"^[A-Z]{2}$", help_text=_("ISO 3166-1, two letters"))
    home_authority = serializers.CharField(max_length=200)
    home_number = serializers.CharField(max_length=60)
    home_date = serializers.DateField()
    approval_authority = serializers.CharField(max_length=200, required=False, allow_blank=True)
    approval_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    approval_date = serializers.DateField(required=False, allow_null=True)
    consent = Translations(4000, required=False, allow_blank=True)
    services = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=200)


class MethodInput(MethodChange):
    """A method to enter, as a draft."""

    clinic = serializers.UUIDField()


class MethodFilter(filters.FilterSet):
    """Filters of methods and medicines."""

    clinic = filters.UUIDFilter(field_name="clinic_id")
    service = filters.UUIDFilter(field_name="offers__service_id")
    kind = filters.MultipleChoiceFilter(choices=MethodKind.choices)
    state = filters.MultipleChoiceFilter(choices=MethodState.choices)
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = SpecialMethod
        fields: list[str] = []


class SpecialMethodViewSet(PolicyViewSet):
    """Methods, medicines and devices that foreign clinics use under the special regime."""

    required_scope = "licences"
    policy = policies.method_policy
    serializer_class = SpecialMethodSerializer
    filterset_class = MethodFilter

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().prefetch_related("offers")

    def available_actions(self, actor: Actor, obj: SpecialMethod) -> Iterable[str]:
        keeps = self.policy.allows(actor, "edit", obj)
        return [act for act in method_actions(obj) if act != "edit"] if keeps else []

    @extend_schema(request=MethodInput, responses={201: SpecialMethodSerializer})
    def create(self, request: Request) -> Response:
        """Enter one as a draft, as its clinic's manager, as the office, or as the clinic's own program."""
        data = self.validated(MethodInput)
        made = services.draft_method(
            self.actor, clinic_id=data.pop("clinic"), service_ids=data.pop("services", ()), data=data
        )
        return self.respond(self.find(made.pk), status=201)

    @extend_schema(request=MethodChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is not withdrawn. What is in use stays complete."""
        data = self.validated(MethodChange, partial=True)
        self.call(services.edit_method, "method_id", service_ids=data.pop("services", None), data=data)
        return self.respond(self.find(pk))

    begin = action_endpoint("begin", services.begin_method, key="method_id")
    withdraw = action_endpoint("withdraw", services.withdraw_method, key="method_id", body=Cancellation)
