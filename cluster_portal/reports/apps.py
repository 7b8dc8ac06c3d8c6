from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "cluster_portal.reports"
    label = "reports"
    verbose_name = _("Reports")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cluster_portal.jobs import kinds
        from cluster_portal.notifications.kinds import Kind, register
        from cluster_portal.reports import tasks  # noqa: F401  (registers the outbox handler)
        from cluster_portal.reports.run import REPORT_JOB

        kinds.register(REPORT_JOB)
        register(
            Kind("reports.ready", _("The report “%(title)s” is ready."), "file-check", "good"),
            Kind("reports.failed", _("The report “%(title)s” could not be made."), "file-alert", "danger"),
        )
