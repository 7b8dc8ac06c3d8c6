from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "cluster_portal.imports"
    label = "imports"
    verbose_name = _("Imports of tables")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cluster_portal.imports.running import APPLY_JOB, CHECK_JOB
        from cluster_portal.jobs import kinds
        from cluster_portal.notifications.kinds import Kind, register

        kinds.register(CHECK_JOB)
        kinds.register(APPLY_JOB)
        register(
            Kind("imports.checked", _("The file “%(title)s” is checked."), "file-check", "good"),
            Kind("imports.applied", _("The file “%(title)s” is taken in."), "file-import", "good"),
            Kind("imports.failed", _("The file “%(title)s” could not be taken in."), "file-alert", "danger"),
        )
