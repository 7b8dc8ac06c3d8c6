from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "cluster_portal.reports"
    label = "reports"
    verbose_name = _("Reports")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cluster_portal.accounts.roles import Role
        from cluster_portal.jobs import kinds
        from cluster_portal.notifications.kinds import Kind, register
        from cluster_portal.reports.run import REPORT_JOB
        from cluster_portal.web import menu

        kinds.register(REPORT_JOB)
        readers = frozenset({Role.OFFICE, Role.ANALYST, Role.MANAGER, Role.COORDINATOR, Role.TRAINING})
        menu.register(menu.Item(_("Reports"), "reports:catalogue", icon="chart-bar", order=70, roles=readers))
        register(
            Kind("reports.ready", _("The report “%(title)s” is ready."), "file-check", "good"),
            Kind("reports.failed", _("The report “%(title)s” could not be made."), "file-alert", "danger"),
        )
