from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class InvestorsConfig(AppConfig):
    name = "investors"
    verbose_name = _("Investors")

    def ready(self) -> None:
        from cluster_portal.web import menu
        from investors.policies import READERS

        menu.register(
            menu.Item(
                pgettext_lazy("page", "Plots"), "investors:office_plots", icon="map-2", order=64, roles=READERS,
                prefix="/land/",
            )
        )  # fmt: skip
        menu.register_public(pgettext_lazy("page", "Plots"), "investors:plots", order=14)
