from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    name = "cluster_portal.pages"
    label = "pages"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from cluster_portal.pages import summary  # noqa: F401 (its report joins the catalogue)
        from cluster_portal.web import menu

        menu.register(menu.Item(_("Desk"), "pages:desk", icon="home", order=10))
        menu.register_public(menu.PublicPage(_("About the cluster"), "pages:about", order=90))
