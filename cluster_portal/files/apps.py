from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "cluster_portal.files"
    label = "files"
    verbose_name = _("Files")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what follows a removal. An address of a scanner that cannot be understood stops the start."""
        from django.conf import settings

        from cluster_portal.files import tasks  # noqa: F401  (registers the outbox handler)
        from cluster_portal.files.scanner import address

        if settings.CLAMD:
            address(settings.CLAMD)
