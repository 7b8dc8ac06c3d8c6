"""Agreements and residents for programs: everybody knows who holds a plot, the two sides on what terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from cluster_portal.api.filters import FlagFilter, MomentFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from investors.api.companies import ReasonBody
from investors.models import Agreement, Investor
from investors.policies.residents import agreement_policy, resident_policy
from investors.selectors import agreements as selectors
from investors.selectors import residents
from investors.services import agreements as services
from investors.states import AgreementState, Tenure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request
    from rest_framework.response import Response

    from cluster_portal.common.actor import Actor


class AgreementTerms(InputSerializer):
    """What a draft says; a tender, an interest or a reason is its ground. Without a currency it is the cluster's."""

    plots = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=services.MOST_PLOTS)
    tender = serializers.PrimaryKeyRelatedField(
        queryset=selectors.tenders_to_follow(), required=False, allow_null=True
    )
    interest = serializers.PrimaryKeyRelatedField(
        queryset=selectors.interests_to_follow(), required=False, allow_null=True
    )
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)
    tenure = serializers.ChoiceField(Tenure.choices)
    term_years = serializers.IntegerField(min_value=1, max_value=99, required=False, allow_null=True)
    price = serializers.DecimalField(max_digits=15, decimal_places=2, min_value=0)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, help_text="ISO 4217")
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)


class AgreementInput(AgreementTerms):
    """A draft with a verified company."""

    investor = serializers.UUIDField()


class SignBody(InputSerializer):
    signed_on = serializers.DateField(required=False, allow_null=True)


class AgreementSerializer(OutputSerializer):
    """Who holds which plots. `price`, `currency`, `signed_on` and `end_reason` are null but for its company and the
    offices. `enforced_at` is when it came into force, `over_on` the day from which it held no more.
    """

    id = serializers.UUIDField()
    number = serializers.CharField()
    investor = serializers.UUIDField(source="investor_id")
    plots = serializers.SerializerMethodField()
    tender = serializers.UUIDField(source="tender_id", allow_null=True)
    projects = serializers.SerializerMethodField()
    tenure = serializers.ChoiceField(Tenure.choices)
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(AgreementState.choices)
    enforced_at = DateTimeField(allow_null=True)
    over_on = serializers.DateField(allow_null=True)
    price = serializers.SerializerMethodField()
    currency = serializers.SerializerMethodField()
    signed_on = serializers.SerializerMethodField()
    end_reason = serializers.SerializerMethodField()
    updated_at = DateTimeField()

    def get_plots(self, agreement: Agreement) -> list[str]:
        return [str(one.plot_id) for one in agreement.given.all()]

    def get_projects(self, agreement: Agreement) -> list[str]:
        return [str(one.pk) for one in agreement.built]

    def get_price(self, agreement: Agreement) -> str | None:
        return f"{agreement.price:.2f}" if agreement.is_readable else None

    def get_currency(self, agreement: Agreement) -> str | None:
        return agreement.currency if agreement.is_readable else None

    def get_signed_on(self, agreement: Agreement) -> str | None:
        return agreement.signed_on.isoformat() if agreement.signed_on and agreement.is_readable else None

    def get_end_reason(self, agreement: Agreement) -> str | None:
        return agreement.end_reason if agreement.is_readable else None


class AgreementDetailSerializer(AgreementSerializer):
    available_actions = AvailableActionsField()


class AgreementFilter(filters.FilterSet):
    """Filters of agreements."""

    state = filters.MultipleChoiceFilter(choices=AgreementState.choices)
    investor = filters.UUIDFilter(field_name="investor_id")
    plot = filters.UUIDFilter(field_name="given__plot")
    tender = filters.UUIDFilter(field_name="tender_id")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Agreement
        fields: list[str] = []


class AgreementViewSet(PolicyViewSet):
    """Agreements on land: the land office keeps them, companies read theirs, everybody knows who holds what."""

    required_scope = "investors"
    policy = agreement_policy
    selector = staticmethod(selectors.visible_agreements)
    serializer_class = AgreementDetailSerializer
    list_serializer_class = AgreementSerializer
    filterset_class = AgreementFilter

    def available_actions(self, actor: Actor, obj: Agreement) -> Iterable[str]:
        return selectors.actions_on(actor, obj)

    @extend_schema(request=AgreementInput, responses={201: AgreementDetailSerializer})
    def create(self, request: Request) -> Response:
        """Draft an agreement."""
        agreement_policy.require(self.actor, "create")
        data: dict[str, Any] = self.validated(AgreementInput)
        agreement = services.draft_agreement(
            self.actor, investor_id=data.pop("investor"), plot_ids=data.pop("plots"), data=data
        )
        return self.respond(self.find(agreement.pk), status=201)

    @extend_schema(request=AgreementTerms)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a draft."""
        data = self.validated(AgreementTerms, partial=True)
        self.call(services.update_agreement, "agreement_id", plot_ids=data.pop("plots", None), data=data)
        return self.respond(self.find(pk))

    sign = action_endpoint("sign", services.sign_agreement, key="agreement_id", body=SignBody)
    enforce = action_endpoint("enforce", services.enforce_agreement, key="agreement_id")
    end = action_endpoint("end", services.end_agreement, key="agreement_id")
    terminate = action_endpoint(
        "terminate", services.terminate_agreement, key="agreement_id", body=ReasonBody
    )


class ResidentSerializer(OutputSerializer):
    """A company with an agreement that is, or was, in force; `until` is null while it is a resident."""

    id = serializers.UUIDField()
    name = TranslatedField()
    country = serializers.CharField()
    is_oecd = serializers.BooleanField()
    activity = serializers.CharField()
    website = serializers.CharField()
    organization = serializers.UUIDField(source="organization_id", allow_null=True)
    since = serializers.DateField()
    until = serializers.SerializerMethodField()
    plots = serializers.SerializerMethodField()
    updated_at = DateTimeField()

    def get_until(self, resident: Investor) -> str | None:
        day = residents.until_of(resident)
        return day.isoformat() if day else None

    def get_plots(self, resident: Investor) -> list[str]:
        return [str(plot.pk) for plot in residents.plots_of(resident)]


class ResidentFilter(filters.FilterSet):
    """Filters of residents."""

    is_resident = FlagFilter()
    country = filters.CharFilter()
    organization = filters.UUIDFilter(field_name="organization_id")

    class Meta:
        model = Investor
        fields: list[str] = []


class ResidentViewSet(PolicyViewSet):
    """The register of residents, derived from agreements."""

    required_scope = "investors"
    policy = resident_policy
    selector = staticmethod(residents.residents)
    serializer_class = ResidentSerializer
    list_serializer_class = ResidentSerializer
    filterset_class = ResidentFilter
