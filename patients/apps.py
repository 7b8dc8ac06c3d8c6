from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = _("Patients and referrals")

    def ready(self) -> None:
        from patients import tasks  # noqa: F401  (registers the outbox handlers)
        from patients.services.notices import register_kinds

        register_kinds()
