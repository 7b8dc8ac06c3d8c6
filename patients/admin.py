"""The dictionaries of patients in the admin site. Patients and referrals are not here: services alone write them."""

from django.contrib import admin

from cluster_portal.audit.admin import JournalledAdmin
from patients.models import Diagnosis, WaitingNorm


@admin.register(Diagnosis)
class DiagnosisAdmin(JournalledAdmin):
    """The cluster's working list of ICD-10 codes."""

    list_display = ("code", "name_ru", "name_en", "name_kk")
    search_fields = ("code", "name_ru", "name_en", "name_kk")


@admin.register(WaitingNorm)
class WaitingNormAdmin(JournalledAdmin):
    """How long a patient may wait, by law."""

    list_display = (
        "country",
        "priority",
        "suspicion",
        "specialty_code",
        "days",
        "calendar_days",
        "valid_from",
        "valid_to",
    )
    list_filter = ("country", "priority", "suspicion")
