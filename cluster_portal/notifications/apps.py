from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "cluster_portal.notifications"
    label = "notifications"
    verbose_name = _("Notices")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cluster_portal.notifications import tasks  # noqa: F401  (registers the outbox handler)
        from cluster_portal.notifications.selectors import countable
        from cluster_portal.web import menu

        menu.register_countable("notices", countable)
