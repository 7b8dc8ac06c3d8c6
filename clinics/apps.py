from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicsConfig(AppConfig):
    name = "clinics"
    verbose_name = _("Clinic registry")

    def ready(self) -> None:
        """Forget the remembered cluster when its row changes."""
        from django.db.models.signals import post_delete, post_save

        from clinics.models import Cluster
        from clinics.selectors.cluster import forget_cluster

        for signal in (post_save, post_delete):
            signal.connect(forget_cluster, sender=Cluster, dispatch_uid="clinics.forget_cluster")
