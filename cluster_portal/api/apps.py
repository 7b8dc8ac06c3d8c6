from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "cluster_portal.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cluster_portal.api import schema  # noqa: F401 - registers the security schemes
