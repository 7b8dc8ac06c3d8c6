"""Investors' companies for programs: a person's own, and for the offices all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cluster_portal.api.filters import MomentFilter
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from investors.models import Investor
from investors.policies import investor_policy
from investors.selectors import companies as selectors
from investors.services import companies, people
from investors.states import InvestorDocumentKind, InvestorState, MemberRole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor


class InvestorInput(InputSerializer):
    """What is entered of a company; fields that are not sent stay as they are. One of the names is enough."""

    name = Translations(300, required=False, allow_blank=True)
    country = serializers.CharField(max_length=2, help_text="ISO 3166")
    register_number = serializers.CharField(
        max_length=60,
        help_text=_("ОГРН in Russia, БИН in Kazakhstan, else the number in the register of your country."),
    )
    activity = serializers.CharField(max_length=500)
    address = serializers.CharField(max_length=300, required=False, allow_blank=True)
    website = serializers.URLField(required=False, allow_blank=True)
    contact_name = serializers.CharField(max_length=200)
    contact_phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    contact_email = serializers.EmailField()


class OwnerInput(InputSerializer):
    """A beneficial owner; `share` is in percent."""

    name = serializers.CharField(max_length=200)
    country = serializers.CharField(max_length=2, help_text="ISO 3166")
    share = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)


class OwnerSerializer(OutputSerializer):
    """A person to whom the company belongs in the end; `share` is in percent."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    country = serializers.CharField()
    share = serializers.DecimalField(max_digits=5, decimal_places=2)


class CompanyDocumentSerializer(OutputSerializer):
    """A paper of the company; `url` is for its people and the offices."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(InvestorDocumentKind.choices)
    title = serializers.CharField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text=_("bytes"))
    valid_until = serializers.DateField(allow_null=True)
    url = serializers.SerializerMethodField()

    def get_url(self, document: Any) -> str:
        address = reverse("investors:company_document", args=[document.pk])
        return self.context["request"].build_absolute_uri(address)


class InvestorSerializer(OutputSerializer):
    """A company that wants land. `is_oecd` follows from the country; `reason` is why it was refused or suspended."""

    id = serializers.UUIDField()
    name = TranslatedField()
    country = serializers.CharField()
    is_oecd = serializers.BooleanField()
    register_number = serializers.CharField()
    activity = serializers.CharField()
    address = serializers.CharField()
    website = serializers.CharField()
    contact_name = serializers.CharField()
    contact_phone = serializers.CharField()
    contact_email = serializers.CharField()
    state = serializers.ChoiceField(InvestorState.choices)
    submitted_at = DateTimeField(allow_null=True)
    decided_at = DateTimeField(allow_null=True)
    reason = serializers.CharField()
    updated_at = DateTimeField()


class InvestorDetailSerializer(InvestorSerializer):
    owners = OwnerSerializer(many=True, source="owners.all")
    available_actions = AvailableActionsField()


class ReasonBody(InputSerializer):
    reason = serializers.CharField(max_length=300)


class InvitationBody(InputSerializer):
    email = serializers.EmailField()
    role = serializers.ChoiceField(MemberRole.choices, default=MemberRole.MEMBER)


class InvestorFilter(filters.FilterSet):
    """Filters of companies."""

    state = filters.MultipleChoiceFilter(choices=InvestorState.choices)
    country = filters.CharFilter()
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Investor
        fields: list[str] = []


class InvestorViewSet(PolicyViewSet):
    """Companies that want land: a person's own; the offices see all, the land office verifies them."""

    required_scope = "investors"
    policy = investor_policy
    serializer_class = InvestorDetailSerializer
    list_serializer_class = InvestorSerializer
    filterset_class = InvestorFilter

    def available_actions(self, actor: Actor, obj: Investor) -> Iterable[str]:
        return selectors.actions_on(actor, obj)

    @extend_schema(request=InvestorInput, responses={201: InvestorDetailSerializer})
    def create(self, request: Request) -> Response:
        """Register a company; the person acts for it from now on."""
        investor_policy.require(self.actor, "create")
        investor = companies.register_investor(self.actor, data=self.validated(InvestorInput))
        return self.respond(self.find(investor.pk), status=201)

    @extend_schema(request=InvestorInput)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a company; what is verified stays while the land office looks at it."""
        self.call(companies.update_investor, "investor_id", data=self.validated(InvestorInput, partial=True))
        return self.respond(self.find(pk))

    submit = action_endpoint("submit", companies.submit_investor, key="investor_id")
    reopen = action_endpoint("reopen", companies.reopen_investor, key="investor_id")
    verify = action_endpoint("verify", companies.verify_investor, key="investor_id")
    refuse = action_endpoint("refuse", companies.refuse_investor, key="investor_id", body=ReasonBody)
    suspend = action_endpoint("suspend", companies.suspend_investor, key="investor_id", body=ReasonBody)
    restore = action_endpoint("restore", companies.restore_investor, key="investor_id")
    invite = action_endpoint("invite", people.invite_person, key="investor_id", body=InvitationBody)

    @extend_schema(request=OwnerInput, responses={201: OwnerSerializer})
    @action(detail=True, methods=["post"])
    def owners(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Name a beneficial owner."""
        owner = self.call(companies.add_owner, "investor_id", data=self.validated(OwnerInput))
        return Response(OwnerSerializer(owner).data, status=201)

    @extend_schema(request=None, responses=CompanyDocumentSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def documents(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The company's papers."""
        rows = selectors.documents_of(self.actor, self.find(self.kwargs["pk"]))
        context = self.get_serializer_context()
        return Response(CompanyDocumentSerializer(rows, many=True, context=context).data)
