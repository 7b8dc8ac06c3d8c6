"""The registry on the admin site, for the cluster's own administrators. Every change is journalled.

Patterns, exceptions, slots and equipment are there to look at: changing them past their services could strand a booked
patient.
So are beds, links, photographs, change requests and what belongs to the special regime, which have pages of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.utils.translation import gettext_lazy as _

from clinics.models import (
    Accreditation,
    BedCount,
    CalendarDay,
    ChangeRequest,
    Clinic,
    ClinicLink,
    ClinicPhoto,
    Cluster,
    ClusterTarget,
    Downtime,
    Equipment,
    EquipmentType,
    Licence,
    Membership,
    Organization,
    Permit,
    Practitioner,
    Regime,
    Room,
    Schedule,
    ScheduleException,
    Service,
    ServiceType,
    Slot,
    SpecialMethod,
    Specialty,
)
from clinics.selectors.wording import language_choices
from clinics.services.records import check_hours
from clinics.states import Payment
from cluster_portal.audit.admin import JournalledAdmin, ReadOnlyAdmin

if TYPE_CHECKING:
    from django.http import HttpRequest

#: Suspending, resuming and cancelling a paper is the services' matter; here typing errors are mended.
CREDENTIAL_STATE = ("status", "suspended_from", "suspended_to", "renews")


def specialty_choices() -> list[tuple[str, str]]:
    """(code, name) of every specialty: a code that is mistyped would cover nothing, without a word."""
    return [(row.pk, row.name) for row in Specialty.objects.order_by("name_ru")]


def several(label: Any, choices: Any, *, required: bool = False) -> forms.MultipleChoiceField:
    """Several values of a dictionary, for a column that holds a list."""
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=required, widget=forms.CheckboxSelectMultiple
    )


class ClinicAdminForm(forms.ModelForm):
    """Languages from the dictionary, opening hours in the shape that the pages read."""

    languages = several(_("languages"), language_choices)
    interpreters = several(_("interpreters"), language_choices)

    def clean_opening_hours(self) -> dict[str, list[str]]:
        hours = self.cleaned_data["opening_hours"] or {}
        if wrong := check_hours(hours):
            raise forms.ValidationError(wrong)
        return hours


class LicenceAdminForm(forms.ModelForm):
    """Activities from the dictionary."""

    activities = several(_("activities"), specialty_choices, required=True)


class PractitionerAdminForm(forms.ModelForm):
    """Specialties and languages from their dictionaries."""

    specialties = several(_("specialties"), specialty_choices, required=True)
    languages = several(_("languages"), language_choices)


class ServiceAdminForm(forms.ModelForm):
    """Ways of payment from the dictionary."""

    payments = several(_("payment"), Payment.choices, required=True)


@admin.register(Cluster)
class ClusterAdmin(JournalledAdmin):
    list_display = ("name_ru", "code", "region_name_ru", "time_zone")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one, and no second."""
        return super().has_add_permission(request) and not Cluster.objects.exists()


@admin.register(ClusterTarget)
class ClusterTargetAdmin(JournalledAdmin):
    list_display = ("name_ru", "value", "unit_ru", "due_year", "position")


@admin.register(Organization)
class OrganizationAdmin(JournalledAdmin):
    list_display = ("short_name_ru", "ownership", "sector", "cluster_role", "status", "country")
    list_filter = ("status", "ownership", "sector", "cluster_role")
    search_fields = ("name_ru", "name_en", "short_name_ru", "=inn", "=ogrn", "=bin")


@admin.register(Membership)
class MembershipAdmin(JournalledAdmin):
    list_display = ("user", "client", "organization", "role", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("user", "client", "organization")
    search_fields = ("user__email", "user__name", "organization__short_name_ru")
    autocomplete_fields = ("user", "organization")


@admin.register(Clinic)
class ClinicAdmin(JournalledAdmin):
    form = ClinicAdminForm
    list_display = ("short_name_ru", "organization", "type", "city_ru", "status")
    list_filter = ("status", "type", "country")
    list_select_related = ("organization",)
    search_fields = ("name_ru", "name_en", "short_name_ru", "city_ru")
    autocomplete_fields = ("organization",)
    # A sum of other rows; and what moves by its own table, minding the patients who are booked.
    readonly_fields = ("beds", "status", "closed_on", "close_reason")


@admin.register(Licence)
class LicenceAdmin(JournalledAdmin):
    form = LicenceAdminForm
    list_display = ("number", "clinic", "valid_from", "valid_to", "status")
    list_filter = ("status", "jurisdiction")
    list_select_related = ("clinic",)
    search_fields = ("number", "clinic__name_ru")
    autocomplete_fields = ("clinic",)
    readonly_fields = CREDENTIAL_STATE


@admin.register(Accreditation)
class AccreditationAdmin(JournalledAdmin):
    list_display = ("number", "scheme", "clinic", "valid_from", "valid_to", "status")
    list_filter = ("status", "scheme")
    list_select_related = ("clinic",)
    search_fields = ("number", "clinic__name_ru")
    autocomplete_fields = ("clinic",)
    readonly_fields = CREDENTIAL_STATE


@admin.register(Regime)
class RegimeAdmin(ReadOnlyAdmin):
    list_display = ("number", "clinic", "authority", "valid_from", "valid_to", "status")
    list_filter = ("status",)
    list_select_related = ("clinic",)
    search_fields = ("number", "clinic__name_ru")


@admin.register(Permit)
class PermitAdmin(ReadOnlyAdmin):
    list_display = ("number", "practitioner", "clinic", "valid_from", "valid_to", "status")
    list_filter = ("status",)
    list_select_related = ("clinic", "practitioner")
    search_fields = ("number", "practitioner__family", "clinic__name_ru")


@admin.register(SpecialMethod)
class SpecialMethodAdmin(ReadOnlyAdmin):
    list_display = ("name_ru", "kind", "clinic", "country", "state")
    list_filter = ("state", "kind")
    list_select_related = ("clinic",)
    search_fields = ("name_ru", "clinic__name_ru")


@admin.register(Room)
class RoomAdmin(JournalledAdmin):
    list_display = ("number", "name_ru", "kind", "clinic", "opened_on", "closed_on")
    list_filter = ("kind",)
    list_select_related = ("clinic",)
    search_fields = ("number", "name_ru", "clinic__name_ru")
    autocomplete_fields = ("clinic",)


@admin.register(BedCount)
class BedCountAdmin(ReadOnlyAdmin):
    list_display = ("clinic", "profile", "beds", "valid_from")
    list_filter = ("profile",)
    list_select_related = ("clinic",)
    search_fields = ("clinic__name_ru",)


@admin.register(ClinicLink)
class ClinicLinkAdmin(ReadOnlyAdmin):
    list_display = ("hub", "spoke")
    list_select_related = ("hub", "spoke")
    search_fields = ("hub__name_ru", "spoke__name_ru")


@admin.register(ClinicPhoto)
class ClinicPhotoAdmin(ReadOnlyAdmin):
    list_display = ("name", "clinic", "caption_ru", "author_name")
    list_select_related = ("clinic",)
    search_fields = ("name", "clinic__name_ru")


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "organization", "clinic", "state", "author_name", "decided_at")
    list_filter = ("state",)
    list_select_related = ("organization", "clinic")
    search_fields = ("organization__name_ru", "clinic__name_ru")


@admin.register(Practitioner)
class PractitionerAdmin(JournalledAdmin):
    form = PractitionerAdminForm
    list_display = ("full_name", "position_ru", "organization", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("organization",)
    search_fields = ("family", "given", "name_latin")
    autocomplete_fields = ("organization", "clinics")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The clinics too: the table between is our own for the journal's sake alone, and holds nothing else."""
        widget = AutocompleteSelectMultiple(db_field, self.admin_site)
        return db_field.formfield(**kwargs | {"widget": widget})


@admin.register(Specialty)
class SpecialtyAdmin(JournalledAdmin):
    list_display = ("name_ru", "code")
    search_fields = ("name_ru", "name_en", "code")


@admin.register(ServiceType)
class ServiceTypeAdmin(JournalledAdmin):
    list_display = ("name_ru", "specialty", "direction", "care_type", "duration_minutes", "is_active")
    list_filter = ("direction", "care_type", "is_active")
    list_select_related = ("specialty",)
    search_fields = ("name_ru", "name_en", "code")


@admin.register(Service)
class ServiceAdmin(JournalledAdmin):
    form = ServiceAdminForm
    list_display = ("service_type", "clinic", "mode", "booking_mode", "price", "is_active")
    list_filter = ("mode", "booking_mode", "is_active")
    list_select_related = ("service_type", "clinic")
    search_fields = ("service_type__name_ru", "clinic__name_ru")
    autocomplete_fields = ("clinic", "service_type")


@admin.register(CalendarDay)
class CalendarDayAdmin(JournalledAdmin):
    list_display = ("day", "country", "is_working", "note")
    list_filter = ("country", "is_working")


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ("practitioner", "service", "valid_from", "valid_to", "published_at", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("practitioner", "service__service_type", "service__clinic")
    search_fields = ("practitioner__family",)


@admin.register(ScheduleException)
class ScheduleExceptionAdmin(ReadOnlyAdmin):
    list_display = ("practitioner", "clinic", "first_day", "last_day", "reason")
    list_filter = ("reason",)
    list_select_related = ("practitioner", "clinic")


@admin.register(Slot)
class SlotAdmin(ReadOnlyAdmin):
    list_display = ("start", "clinic", "practitioner", "state", "audience", "taken", "capacity")
    list_filter = ("state", "audience")
    list_select_related = ("clinic", "practitioner")
    search_fields = ("=id",)
    show_full_result_count = False


@admin.register(EquipmentType)
class EquipmentTypeAdmin(JournalledAdmin):
    list_display = ("name_ru", "code", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name_ru", "name_en", "name_kk", "code")


@admin.register(Equipment)
class EquipmentAdmin(ReadOnlyAdmin):
    list_display = ("inventory_number", "type", "model", "clinic", "state", "programme_year")
    list_filter = ("state", "programme_year", "funding")
    list_select_related = ("type", "clinic")
    search_fields = ("search_text",)
    show_full_result_count = False


@admin.register(Downtime)
class DowntimeAdmin(ReadOnlyAdmin):
    list_display = ("equipment", "starts", "ends", "expected_until", "reason")
    list_select_related = ("equipment",)
