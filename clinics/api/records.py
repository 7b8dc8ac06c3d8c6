"""Writing the registry's records, and the changes that organisations propose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response

from clinics.api.serializers import ClinicSerializer, OrganizationSerializer, texts
from clinics.models import ChangeRequest, Clinic, Organization
from clinics.policies import change_policy
from clinics.selectors import changes as selectors
from clinics.selectors.records import office_fields
from clinics.services import changes, records
from clinics.services.records import BEGINNINGS
from clinics.states import CHANGE, ChangeState
from cluster_portal.accounts.roles import Role
from cluster_portal.api.filters import MomentFilter
from cluster_portal.api.problems import CONTENT_TYPE as PROBLEM_TYPE
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    ProblemSerializer,
    StrictMixin,
)
from cluster_portal.api.views import PolicyViewSet, action_endpoint
from cluster_portal.common import identifiers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor

_DISTINCT = _("You have looked at the likely duplicates, and it is another one.")
_DUPLICATE = {(409, PROBLEM_TYPE): ProblemSerializer}


class OrganizationChange(StrictMixin, serializers.ModelSerializer):
    """Fields of an organisation; those that are not sent stay as they are. The last three are the office's.

    `note` says why, where the change waits for the office.
    """

    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)

    class Meta:
        model = Organization
        fields = (*office_fields(Organization), "note")
        # The service says whose number it is.
        extra_kwargs = {
            "inn": {"validators": [identifiers.validate_inn]},
            "bin": {"validators": [identifiers.validate_bin]},
        }


class OrganizationEntry(OrganizationChange):
    """An organisation that is not on record yet."""

    confirmed_distinct = serializers.BooleanField(required=False, help_text=_DISTINCT)

    class Meta(OrganizationChange.Meta):
        fields = (*office_fields(Organization), "confirmed_distinct")

    note = None


class ClinicChange(StrictMixin, serializers.ModelSerializer):
    """Fields of a clinic; those that are not sent stay as they are. `opened_on`, `planned_for` and `is_programme` are
    the office's.

    `note` says why, where the change waits for the office.
    """

    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)

    class Meta:
        model = Clinic
        fields = (*office_fields(Clinic), "note")


class ClinicEntry(ClinicChange):
    """A site of an organisation that is not on record yet."""

    organization = serializers.UUIDField(source="organization_id")
    status = serializers.ChoiceField([(step.value, step.label) for step in BEGINNINGS], required=False)
    confirmed_distinct = serializers.BooleanField(required=False, help_text=_DISTINCT)

    class Meta(ClinicChange.Meta):
        fields = ("organization", "status", *office_fields(Clinic), "confirmed_distinct")

    note = None


class DifferenceSerializer(OutputSerializer):
    """One field of a change. `now` is what the record says; a third value `conflicts`."""

    field = serializers.CharField()
    label = serializers.CharField(help_text=_("In the language of Accept-Language."))
    before = serializers.JSONField()
    after = serializers.JSONField()
    now = serializers.JSONField()
    conflicts = serializers.BooleanField()


class ChangeSerializer(OutputSerializer):
    """A change that an organisation asks for: of `clinic`, or of its own record where that is null.

    `record_updated_at` is the version of the record that `now` is of; `kept` names the fields that the office left as
    they were.
    """

    id = serializers.UUIDField()
    created_at = DateTimeField()
    updated_at = DateTimeField()
    organization = serializers.UUIDField(source="organization_id")
    clinic = serializers.UUIDField(source="clinic_id", allow_null=True)
    state = serializers.ChoiceField(ChangeState.choices)
    changes = serializers.SerializerMethodField()
    record_updated_at = DateTimeField(source="record.updated_at")
    note = serializers.CharField()
    author_name = serializers.CharField()
    decided_at = DateTimeField(allow_null=True)
    comment = serializers.CharField()
    kept = texts()
    available_actions = AvailableActionsField()

    @extend_schema_field(DifferenceSerializer(many=True))
    def get_changes(self, change: ChangeRequest) -> list[dict[str, Any]]:
        return DifferenceSerializer(selectors.differences(change), many=True).data


class Approval(InputSerializer):
    """What was decided of fields that conflict: each is in `keep` (stays as it is now) or `overwrite`."""

    comment = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    keep = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    overwrite = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    record_updated_at = DateTimeField(
        source="seen", required=False, help_text=_("Which version of the record you looked at.")
    )


class Refusal(InputSerializer):
    comment = serializers.CharField(max_length=1000)


class ChangeFilter(filters.FilterSet):
    """Filters of change requests."""

    state = filters.MultipleChoiceFilter(choices=ChangeState.choices)
    clinic = filters.UUIDFilter(field_name="clinic_id")
    organization = filters.UUIDFilter(field_name="organization_id")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = ChangeRequest
        fields: list[str] = []


class ChangeViewSet(PolicyViewSet):
    """Changes of records: the office sees and decides all of them, an organisation sees its own."""

    required_scope = "organizations"
    policy = change_policy
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter

    @staticmethod
    def selector(actor: Actor) -> QuerySet:
        return selectors.changes_seen(actor)

    def available_actions(self, actor: Actor, obj: ChangeRequest) -> Iterable[str]:
        return CHANGE.available(obj.state, change_policy.sides(actor, obj))

    approve = action_endpoint("approve", changes.approve_change, key="change_id", body=Approval)
    refuse = action_endpoint("refuse", changes.refuse_change, key="change_id", body=Refusal)
    withdraw = action_endpoint("withdraw", changes.withdraw_change, key="change_id")


class WritesRecords:
    """Mixed into a record's views: the office writes at once, an organisation's manager or program proposes.

    `key` is the services' argument that names the record.
    """

    key: str
    entry: type[serializers.ModelSerializer]
    change: type[serializers.ModelSerializer]
    create_service: Callable[..., Any]
    update_service: Callable[..., Any]
    # A version that nobody has read cannot be written over.
    if_match_required = True

    def create(self, request: Request) -> Response:
        """Enter a record; the office only. What looks like it on record is 409 `likely_duplicate` with `candidates`."""
        self.policy.require(self.actor, "create")
        data = dict(self.validated(self.entry))
        named = {name: data.pop(name) for name in ("organization_id", "confirmed_distinct") if name in data}
        made = type(self).create_service(self.actor, data=data, **named)
        return self.respond(self.find(made.pk), status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some fields, with If-Match. By the office at once. By the organisation itself it becomes a change
        request (202, with its address), and the record stays as it is until the office approves.
        """
        writes = self.actor.has(Role.OFFICE)
        self.policy.get(self.actor, "edit" if writes else "propose", pk)
        data = self.validated(self.change, partial=True)
        note = data.pop("note", "")
        if writes:
            self.call(type(self).update_service, self.key, data=data)
            return self.respond(self.find(pk))
        asked = self.call(changes.request_change, self.key, data=data, note=note)
        place = reverse("api-change-requests-detail", args=[asked.pk])
        shown = ChangeSerializer(
            asked, context={**self.get_serializer_context(), "view": ChangeViewSet()}
        ).data
        return Response(shown, status=202, headers={"Location": place})


class WritesOrganizations(WritesRecords):
    """Organisations are written."""

    key, entry, change = "organization_id", OrganizationEntry, OrganizationChange
    create_service, update_service = records.create_organization, records.update_organization


class WritesClinics(WritesRecords):
    """Clinics are written."""

    key, entry, change = "clinic_id", ClinicEntry, ClinicChange
    create_service, update_service = records.create_clinic, records.update_clinic


def _described(
    entry: type[serializers.Serializer],
    change: type[serializers.Serializer],
    shown: type[serializers.Serializer],
) -> Callable[[type], type]:
    """The bodies and answers of a record's writes, for the schema."""
    waits = OpenApiResponse(ChangeSerializer, _("Waits for the cluster office."))
    return extend_schema_view(
        create=extend_schema(request=entry, responses={201: shown, **_DUPLICATE}),
        partial_update=extend_schema(request=change, responses={200: shown, 202: waits, **_DUPLICATE}),
    )


describe_organizations = _described(OrganizationEntry, OrganizationChange, OrganizationSerializer)
describe_clinics = _described(ClinicEntry, ClinicChange, ClinicSerializer)
