"""What the API shows of the registry."""

from __future__ import annotations

import uuid

from rest_framework import serializers

from clinics.states import (
    Audience,
    BookingMode,
    CareType,
    ClinicStatus,
    ClinicType,
    ClusterRole,
    Direction,
    OrganizationStatus,
    Ownership,
    Payment,
    Sector,
    ServiceMode,
    SlotState,
)
from cluster_portal.api.serializers import (
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
    Translations,
)


def texts() -> serializers.ListField:
    """A list of short texts."""
    return serializers.ListField(child=serializers.CharField())


class OrganizationSerializer(OutputSerializer):
    """A legal member or partner of the cluster (FHIR Organization)."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    names = TranslatedField(source="name")
    short_name = serializers.CharField()
    short_names = TranslatedField(source="short_name")
    ownership = serializers.ChoiceField(Ownership.choices)
    sector = serializers.ChoiceField(Sector.choices)
    cluster_role = serializers.ChoiceField(ClusterRole.choices)
    status = serializers.ChoiceField(OrganizationStatus.choices)
    country = serializers.CharField(help_text="ISO 3166-1, two letters")
    is_oecd = serializers.BooleanField(help_text="whether the country is a member of the OECD")
    inn = serializers.CharField()
    ogrn = serializers.CharField()
    bin = serializers.CharField()
    foreign_number = serializers.CharField()
    joined_on = serializers.DateField(allow_null=True)
    address = serializers.CharField()
    website = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    updated_at = DateTimeField()


class ClinicSerializer(OutputSerializer):
    """A site of care (FHIR Location)."""

    id = serializers.UUIDField()
    organization = serializers.UUIDField(source="organization_id")
    name = serializers.CharField()
    names = TranslatedField(source="name")
    short_name = serializers.CharField()
    type = serializers.ChoiceField(ClinicType.choices)
    level = serializers.IntegerField(help_text="level of care, 1 to 3")
    ownership = serializers.ChoiceField(Ownership.choices, source="organization.ownership")
    status = serializers.ChoiceField(ClinicStatus.choices)
    description = serializers.CharField()
    address = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1, two letters")
    lat = serializers.FloatField(help_text="degrees, WGS 84")
    lon = serializers.FloatField(help_text="degrees, WGS 84")
    distance_km = serializers.SerializerMethodField(help_text="from `near`; null without it")
    time_zone = serializers.CharField(help_text="IANA name")
    opening_hours = serializers.DictField(
        child=texts(),
        help_text='ISO weekday → [from, to]: {"1": ["08:00", "20:00"]}; a missing day is closed',
    )
    languages = texts()
    interpreters = texts()
    phone = serializers.CharField()
    email = serializers.CharField()
    website = serializers.CharField()
    wheelchair = serializers.BooleanField()
    beds = serializers.IntegerField()
    opened_on = serializers.DateField(allow_null=True)
    planned_for = serializers.CharField()
    closed_on = serializers.DateField(allow_null=True)
    close_reason = serializers.CharField()
    updated_at = DateTimeField()

    def get_distance_km(self, clinic) -> float | None:
        return self.context.get("distances", {}).get(clinic.pk)


class ServiceTypeSerializer(OutputSerializer):
    """An item of the cluster's nomenclature: what a referral asks for."""

    code = serializers.CharField()
    name = serializers.CharField()
    names = TranslatedField(source="name")
    specialty = serializers.CharField(source="specialty_id")
    specialty_name = serializers.CharField(source="specialty.name")
    direction = serializers.ChoiceField(Direction.choices)
    care_type = serializers.ChoiceField(CareType.choices)
    duration_minutes = serializers.IntegerField()
    is_active = serializers.BooleanField()


class ServiceSerializer(OutputSerializer):
    """A service type at one clinic (FHIR HealthcareService). Ages are in full years, both inclusive."""

    id = serializers.UUIDField()
    clinic = serializers.UUIDField(source="clinic_id")
    clinic_name = serializers.CharField(source="clinic.short_name")
    organization = serializers.UUIDField(source="clinic.organization_id")
    service_type = serializers.CharField(source="service_type_id")
    service_name = serializers.CharField(source="service_type.name")
    direction = serializers.ChoiceField(Direction.choices, source="service_type.direction")
    comment = serializers.CharField()
    payments = serializers.ListField(child=serializers.ChoiceField(Payment.choices))
    mode = serializers.ChoiceField(ServiceMode.choices)
    booking_mode = serializers.ChoiceField(BookingMode.choices)
    age_min = serializers.IntegerField()
    age_max = serializers.IntegerField()
    sex = serializers.CharField(help_text="m, f, or empty for all")
    price = serializers.DecimalField(12, 2, allow_null=True)
    preparation = serializers.CharField()
    documents = serializers.CharField()
    phone = serializers.CharField()
    is_active = serializers.BooleanField()
    median_wait_days = serializers.IntegerField(allow_null=True)
    special_methods = serializers.SerializerMethodField(
        help_text="what is used with it under the special regime, not registered at home: ids of `special-methods/`"
    )
    updated_at = DateTimeField()

    def get_special_methods(self, service) -> list[uuid.UUID]:
        return [method.pk for method in service.special_methods.all()]


class ServiceChange(InputSerializer):
    """What is said of a service; its clinic and type stay."""

    mode = serializers.ChoiceField(ServiceMode.choices, required=False)
    booking_mode = serializers.ChoiceField(BookingMode.choices, required=False)
    payments = serializers.ListField(
        child=serializers.ChoiceField(Payment.choices), min_length=1, max_length=len(Payment)
    )
    price = serializers.DecimalField(12, 2, min_value=0, required=False, allow_null=True)
    age_min = serializers.IntegerField(min_value=0, max_value=130, required=False)
    age_max = serializers.IntegerField(min_value=0, max_value=130, required=False)
    sex = serializers.RegexField(
        r"^[mf]?$", required=False, allow_blank=True, help_text="m, f, or empty for all"
    )
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    comment = Translations(300, required=False, allow_blank=True)
    preparation = Translations(5000, required=False, allow_blank=True)
    documents = Translations(5000, required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)


class ServiceInput(ServiceChange):
    """A service to offer; `service_type` is the code of a type of the nomenclature (`service-types/`)."""

    clinic = serializers.UUIDField()
    service_type = serializers.CharField(max_length=60)


class HoursSerializer(OutputSerializer):
    """Hours of one weekday by the clinic's clock."""

    weekday = serializers.IntegerField(help_text="ISO: 1 is Monday")
    starts = serializers.TimeField(format="%H:%M")
    ends = serializers.TimeField(format="%H:%M")


class SlotSerializer(OutputSerializer):
    """A time that can be booked (FHIR Slot). `free` places; what is null belongs to the clinic's own planning."""

    id = serializers.UUIDField()
    start = DateTimeField()
    end = DateTimeField()
    time_zone = serializers.CharField(help_text="the clinic's, IANA name")
    service = serializers.UUIDField()
    service_type = serializers.CharField()
    service_name = serializers.CharField()
    clinic = serializers.UUIDField()
    clinic_name = serializers.CharField()
    organization = serializers.UUIDField()
    practitioner = serializers.UUIDField(allow_null=True)
    practitioner_name = serializers.CharField()
    room = serializers.CharField()
    mode = serializers.ChoiceField(ServiceMode.choices)
    booking_mode = serializers.ChoiceField(BookingMode.choices)
    payments = serializers.ListField(child=serializers.ChoiceField(Payment.choices))
    price = serializers.DecimalField(12, 2, allow_null=True)
    free = serializers.IntegerField()
    capacity = serializers.IntegerField()
    state = serializers.ChoiceField(SlotState.choices)
    audience = serializers.ChoiceField(Audience.choices, allow_null=True)
    release_at = DateTimeField(allow_null=True)
    schedule = serializers.UUIDField(allow_null=True)
    updated_at = DateTimeField()
    distance_km = serializers.FloatField(allow_null=True, help_text="from `near`; null without it")
