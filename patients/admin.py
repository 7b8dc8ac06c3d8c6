"""The dictionaries of patients in the admin site. Patients and referrals are not here: services alone write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cluster_portal.audit.admin import JournalledAdmin
from patients.models import Diagnosis, Reason, WaitingNorm

if TYPE_CHECKING:
    from django.http import HttpRequest

WHOSE_NORMS = _(
    "The portal brings the norms of the Russian state guarantee programme alone. Norms of another country are entered "
    "from its own acts: the source names the act with its number and date, or says that the figure was not verified. "
    "It is shown beside the deadline of each referral."
)


@admin.register(Diagnosis)
class DiagnosisAdmin(JournalledAdmin):
    """The cluster's working list of ICD-10 codes."""

    list_display = ("code", "name_ru", "name_en", "name_kk")
    search_fields = ("code", "name_ru", "name_en", "name_kk")


@admin.register(Reason)
class ReasonAdmin(JournalledAdmin):
    """What people choose from when they refuse, return or cancel. A code stays: the history knows its reason by it."""

    list_display = (
        "kind", "position", "code", "name_ru", "needs_comment", "cancels_appointment", "valid_from", "valid_to",
    )  # fmt: skip
    list_display_links = ("code",)
    list_filter = ("kind", "needs_comment", "cancels_appointment")
    search_fields = ("code", "name_ru", "name_en", "name_kk")
    ordering = ("kind", "position", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Reason | None = None) -> tuple[str, ...]:
        return ("kind", "code") if obj else ()


@admin.register(WaitingNorm)
class WaitingNormAdmin(JournalledAdmin):
    """How long a patient may wait, by law."""

    list_display = (
        "country", "priority", "suspicion", "care_type", "specialty_code", "days", "calendar_days", "valid_from",
        "valid_to", "source",
    )  # fmt: skip
    fieldsets = ((None, {"fields": list_display, "description": WHOSE_NORMS}),)
    list_filter = ("country", "priority", "suspicion", "care_type")
