from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "cluster_portal.audit"
    label = "audit"
    verbose_name = _("Journal")
    default_auto_field = "django.db.models.BigAutoField"
