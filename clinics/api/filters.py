"""How lists of the registry are narrowed."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, Organization, Practitioner, Schedule, Service, ServiceType, Slot
from clinics.selectors import narrowing
from clinics.selectors.offering import clinics_offering
from clinics.selectors.search import meaning_of, of_meaning
from clinics.selectors.slot_rows import on_days, only_free
from clinics.states import (
    ClinicStatus,
    ClinicType,
    ClusterRole,
    Direction,
    OrganizationStatus,
    Ownership,
    Payment,
    Scheme,
    Sector,
    ServiceMode,
    SlotState,
)
from cluster_portal.api.filters import (
    DayFilter,
    FlagFilter,
    MomentFilter,
    PlaceFilter,
    WholeFilter,
)

#: How far `near` looks where no radius is said, and at most (kilometres).
RADIUS, FARTHEST = 100, 5000
#: How far ahead a free time may be looked for.
FARTHEST_DAYS = 365

#: What a priority may be called in a search for slots; the referral's own vocabulary.
PRIORITIES = [(name, name) for name in ("emergency", "urgent", "planned")]


def kept(queryset, name, value):
    """Part of another condition: `near` and distances of the view's, which shows them too, `priority` of `free`."""
    return queryset


class OrganizationFilter(filters.FilterSet):
    """Filters of organisations."""

    q = filters.CharFilter(method="filter_name", label=_("part of the name"), max_length=100)
    ownership = filters.MultipleChoiceFilter(choices=Ownership.choices)
    sector = filters.MultipleChoiceFilter(choices=Sector.choices)
    cluster_role = filters.MultipleChoiceFilter(choices=ClusterRole.choices)
    status = filters.MultipleChoiceFilter(choices=OrganizationStatus.choices)
    country = filters.CharFilter(max_length=2)
    inn = filters.CharFilter(max_length=12)
    bin = filters.CharFilter(max_length=12)
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Organization
        fields: list[str] = []

    def filter_name(self, queryset, name, value):
        names = Q()
        for column in ("name_ru", "name_en", "name_kk", "short_name_ru", "short_name_en", "short_name_kk"):
            names |= Q(**{f"{column}__icontains": value})
        return queryset.filter(names)


class ClinicFilter(filters.FilterSet):
    """Filters of clinics, those of the public catalogue among them.

    `near` orders nothing: it keeps what lies within `distance_km` (`radius_km` is its older name) and says how far.
    """

    q = filters.CharFilter(
        method="filter_words", max_length=100,
        label=_("words of names, towns, services, specialties and practitioners; typing errors are forgiven"),
    )  # fmt: skip
    organization = filters.UUIDFilter(field_name="organization_id")
    ownership = filters.MultipleChoiceFilter(field_name="organization__ownership", choices=Ownership.choices)
    type = filters.MultipleChoiceFilter(choices=ClinicType.choices)
    status = filters.MultipleChoiceFilter(choices=ClinicStatus.choices)
    country = filters.CharFilter(max_length=2)
    language = filters.CharFilter(method="filter_language", max_length=3)
    service_type = filters.CharFilter(method="filter_service", max_length=60)
    direction = filters.ChoiceFilter(method="filter_service", choices=Direction.choices)
    payment = filters.ChoiceFilter(method="filter_service", choices=Payment.choices)
    equipment = filters.CharFilter(
        method="filter_equipment", label=_("type of equipment in use"), max_length=40
    )
    accreditation = filters.ChoiceFilter(method="filter_accreditation", choices=Scheme.choices)
    open_now = FlagFilter(method="filter_open", label=_("open at this moment, by the clinic's own clock"))
    open_weekends = FlagFilter(method="filter_weekends", label=_("open on Saturdays or Sundays"))
    open_evenings = FlagFilter(
        method="filter_evenings", label=_("open until 20:00 or later on one of the other days of the week")
    )
    round_the_clock = FlagFilter(method="filter_always", label=_("open all day and night, every day"))
    free_within_days = WholeFilter(
        method="filter_free", min_value=0, max_value=FARTHEST_DAYS,
        label=_("with a free time for everybody within so many days; 0 is today"),
    )  # fmt: skip
    near = PlaceFilter(method=kept, label=_("place as lat,lon"))
    distance_km = filters.NumberFilter(method=kept, min_value=0, max_value=FARTHEST)
    radius_km = filters.NumberFilter(method=kept, min_value=0, max_value=FARTHEST)
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Clinic
        fields: list[str] = []

    def filter_words(self, queryset, name, value):
        meaning = meaning_of(value)
        return queryset if meaning is None else queryset.filter(of_meaning(meaning))

    def filter_language(self, queryset, name, value):
        return queryset.filter(narrowing.speaking(value))

    def filter_equipment(self, queryset, name, value):
        return queryset.filter(narrowing.equipped(value))

    def filter_accreditation(self, queryset, name, value):
        return queryset.filter(narrowing.accredited(value, timezone.now()))

    def filter_open(self, queryset, name, value):
        opened = narrowing.open_at(queryset.filter(status=ClinicStatus.OPEN), timezone.now())
        return opened if value else queryset.exclude(pk__in=opened.values("pk"))

    def filter_weekends(self, queryset, name, value):
        return self._by_hours(queryset, "weekend", value)

    def filter_evenings(self, queryset, name, value):
        return self._by_hours(queryset, "evening", value)

    def filter_always(self, queryset, name, value):
        return self._by_hours(queryset, "round_the_clock", value)

    @staticmethod
    def _by_hours(queryset, which, value):
        """No negation of the condition itself: hours that nobody entered would be neither."""
        fitting = queryset.filter(narrowing.HOURS[which])
        return fitting if value else queryset.exclude(pk__in=fitting.values("pk"))

    def filter_free(self, queryset, name, value):
        opened = queryset.filter(status=ClinicStatus.OPEN)
        return narrowing.free_within(opened, timezone.now(), value)

    def filter_service(self, queryset, name, value):
        """The three conditions are about one and the same service, so the first of them that is met asks for all."""
        wanted = {key: self.form.cleaned_data.get(key) for key in ("service_type", "direction", "payment")}
        if name != next(key for key, chosen in wanted.items() if chosen):
            return queryset
        return queryset.filter(pk__in=clinics_offering(**{key: text or "" for key, text in wanted.items()}))


class ServiceTypeFilter(filters.FilterSet):
    """Filters of the nomenclature."""

    q = filters.CharFilter(method="filter_name", label=_("part of the name"), max_length=100)
    specialty = filters.CharFilter(field_name="specialty_id", max_length=40)
    direction = filters.MultipleChoiceFilter(choices=Direction.choices)
    is_active = FlagFilter(field_name="is_active")

    class Meta:
        model = ServiceType
        fields: list[str] = []

    def filter_name(self, queryset, name, value):
        return queryset.filter(
            Q(name_ru__icontains=value) | Q(name_en__icontains=value) | Q(name_kk__icontains=value)
        )


class ServiceFilter(filters.FilterSet):
    """Filters of services."""

    clinic = filters.UUIDFilter(field_name="clinic_id")
    organization = filters.UUIDFilter(field_name="clinic__organization_id")
    service_type = filters.CharFilter(field_name="service_type_id", max_length=60)
    specialty = filters.CharFilter(field_name="service_type__specialty_id", max_length=40)
    direction = filters.MultipleChoiceFilter(field_name="service_type__direction", choices=Direction.choices)
    payment = filters.ChoiceFilter(method="filter_payment", choices=Payment.choices)
    mode = filters.MultipleChoiceFilter(choices=ServiceMode.choices)
    is_active = FlagFilter(field_name="is_active")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Service
        fields: list[str] = []

    def filter_payment(self, queryset, name, value):
        return queryset.filter(payments__contains=[value])


class PractitionerFilter(filters.FilterSet):
    """Filters of practitioners."""

    organization = filters.UUIDFilter(field_name="organization_id")
    clinic = filters.UUIDFilter(method="filter_clinic")
    specialty = filters.CharFilter(method="filter_specialty", max_length=40)
    family = filters.CharFilter(lookup_expr="istartswith", max_length=100)
    is_active = FlagFilter(field_name="is_active")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Practitioner
        fields: list[str] = []

    def filter_clinic(self, queryset, name, value):
        return queryset.filter(clinics=value)

    def filter_specialty(self, queryset, name, value):
        return queryset.filter(specialties__contains=[value])


class ScheduleFilter(filters.FilterSet):
    """Filters of one's own schedules."""

    clinic = filters.UUIDFilter(field_name="service__clinic_id")
    service = filters.UUIDFilter(field_name="service_id")
    practitioner = filters.UUIDFilter(field_name="practitioner_id")
    is_active = FlagFilter(field_name="is_active")
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Schedule
        fields: list[str] = []


class SlotFilter(filters.FilterSet):
    """Filters of slots. Days are calendar days by your organisation's clock, both inclusive."""

    service = filters.UUIDFilter(field_name="service_id")
    service_type = filters.CharFilter(field_name="service_type_id", max_length=60)
    clinic = filters.UUIDFilter(field_name="clinic_id")
    organization = filters.UUIDFilter(field_name="organization_id")
    practitioner = filters.UUIDFilter(field_name="practitioner_id")
    schedule = filters.UUIDFilter(method="filter_schedule", label=_("of one of your own schedules"))
    direction = filters.ChoiceFilter(field_name="service_type__direction", choices=Direction.choices)
    payment = filters.ChoiceFilter(method="filter_payment", choices=Payment.choices)
    mode = filters.MultipleChoiceFilter(field_name="service__mode", choices=ServiceMode.choices)
    state = filters.MultipleChoiceFilter(choices=SlotState.choices)
    date_from = DayFilter(method="filter_days", label=_("first day"))
    date_to = DayFilter(method="filter_days", label=_("last day"))
    free = FlagFilter(method="filter_free", label=_("only what you may book now"))
    priority = filters.ChoiceFilter(method=kept, choices=PRIORITIES, label=_("for `free`: of the referral"))
    near = PlaceFilter(method=kept, label=_("place as lat,lon"))
    radius_km = filters.NumberFilter(method=kept, min_value=0, max_value=FARTHEST)
    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Slot
        fields: list[str] = []

    def filter_schedule(self, queryset, name, value):
        return queryset.filter(schedule=value, organization=self.request.actor.organization_id)

    def filter_payment(self, queryset, name, value):
        return queryset.filter(service__payments__contains=[value])

    def filter_days(self, queryset, name, value):
        bounds = (value, None) if name == "date_from" else (None, value)
        return on_days(queryset, *bounds, self.request.actor.time_zone)

    def filter_free(self, queryset, name, value):
        priority = self.form.cleaned_data.get("priority") or "planned"
        return only_free(queryset, self.request.actor, priority) if value else queryset
