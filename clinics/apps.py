from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ClinicsConfig(AppConfig):
    name = "clinics"
    verbose_name = _("Clinic registry")

    def ready(self) -> None:
        """Fill the menus and the catalogue of reports; forget the remembered cluster when its rows change."""
        from django.db.models.signals import post_delete, post_save

        # They register the reports, the imports and the outbox handlers.
        from clinics import imports, reports, tasks  # noqa: F401
        from clinics.models import Cluster, ClusterTarget
        from clinics.selectors.cluster import forget_cluster
        from clinics.services import lapses, notices

        for signal in (post_save, post_delete):
            for model in (Cluster, ClusterTarget):
                signal.connect(forget_cluster, sender=model, dispatch_uid=f"clinics.forget.{model.__name__}")
        lapses.register_kinds()
        notices.register_kinds()
        _fill_the_menus()
        _count_by_day()


def _count_by_day() -> None:
    from clinics.selectors.summaries import Places
    from cluster_portal.common import summaries

    summaries.register(Places())


def _fill_the_menus() -> None:
    from clinics.policies import KEEPERS
    from clinics.selectors import changes
    from cluster_portal.accounts.roles import Role
    from cluster_portal.web import menu

    menu.register(
        menu.Item(
            _("Schedule"), "clinics:schedule", icon="calendar-event", order=35, prefix="/schedule/",
            roles=frozenset({Role.COORDINATOR, Role.MANAGER}),
        ),
        menu.Item(
            _("Quotas"), "clinics:quotas", icon="chart-bar", order=38, prefix="/quotas/",
            roles=frozenset({Role.COORDINATOR, Role.MANAGER, Role.OFFICE}),
        ),
        menu.Item(
            _("Licences"), "clinics:licences", icon="license", order=55, prefix="/licences/",
            roles=frozenset({Role.MANAGER, Role.OFFICE}),
        ),
        menu.Item(
            _("Practitioners"), "clinics:practitioners", icon="stethoscope", order=56, prefix="/practitioners/",
            roles=frozenset({Role.MANAGER, Role.OFFICE}),
        ),
        menu.Item(_("Clinics of the cluster"), "clinics:catalogue", icon="building-hospital", order=50),
        menu.Item(
            _("Equipment"), "clinics:equipment", icon="device-heart-monitor", order=55, prefix="/equipment/",
            roles=frozenset(KEEPERS | {Role.OFFICE, Role.ANALYST}),
        ),
        menu.Item(
            _("Our clinic"), "clinics:own", icon="building-community", order=60, prefix="/my-clinic/",
            roles=frozenset({Role.COORDINATOR, Role.MANAGER, Role.REFERRER}),
        ),
    )  # fmt: skip
    office = frozenset({Role.OFFICE})
    menu.register(
        menu.Item(
            _("Organisations"), "clinics:record_organizations", icon="building", order=51, roles=office,
            prefix="/registry/",
        ),
        menu.Item(
            _("Changes of records"), "clinics:changes", icon="edit", order=52, roles=office, counter="changes",
            prefix="/changes/", alert=True,
        ),
        menu.Item(
            pgettext_lazy("clients", "Programs"), "clinics:clients", icon="plug-connected", order=88,
            prefix="/programs/", roles=frozenset({Role.MANAGER, Role.OFFICE}),
        ),
        menu.Item(
            _("Webhooks"), "clinics:webhooks", icon="send", order=89, prefix="/webhooks/",
            roles=frozenset({Role.MANAGER, Role.OFFICE}),
        ),
    )  # fmt: skip
    menu.register_countable("clinics", changes.countable)
    menu.register_public(menu.PublicPage(_("Clinics"), "clinics:catalogue", order=10))
