"""Training on the admin site, to look at: whatever changes there goes through the pages and their services."""

from django.contrib import admin

from cluster_portal.audit.admin import ReadOnlyAdmin
from training.models import Intake, Nomination, Programme, Specialist, SpecialistPaper


@admin.register(Specialist)
class SpecialistAdmin(ReadOnlyAdmin):
    list_display = ("family", "given", "organization", "specialty", "state")
    list_filter = ("state", "grade")
    search_fields = ("family", "given", "=cme_number")


@admin.register(SpecialistPaper)
class SpecialistPaperAdmin(ReadOnlyAdmin):
    list_display = ("specialist", "kind", "valid_until")
    list_filter = ("kind",)


@admin.register(Programme)
class ProgrammeAdmin(ReadOnlyAdmin):
    list_display = ("title_ru", "host_ru", "country", "format", "state")
    list_filter = ("state", "format")


@admin.register(Intake)
class IntakeAdmin(ReadOnlyAdmin):
    list_display = ("programme", "starts_on", "seats", "taken", "state")
    list_filter = ("state",)


@admin.register(Nomination)
class NominationAdmin(ReadOnlyAdmin):
    list_display = ("number", "specialist", "intake", "state")
    list_filter = ("state",)
    search_fields = ("=number",)
