from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class InvestorsConfig(AppConfig):
    name = "investors"
    verbose_name = _("Investors")

    def ready(self) -> None:
        # The tasks register the outbox handlers, the reports themselves.
        from clinics import origins
        from investors import reports, tasks  # noqa: F401
        from investors.selectors.chain import chain_to
        from investors.services import award_notices, group_notices, notices, project_notices, tender_notices

        notices.register_kinds()
        tender_notices.register_kinds()
        award_notices.register_kinds()
        project_notices.register_kinds()
        group_notices.register_kinds()
        origins.register(chain_to)
        _fill_the_menu()


def _fill_the_menu() -> None:
    from cluster_portal.web import menu
    from investors.policies import READERS
    from investors.selectors.desk import countable

    menu.register(
        menu.Item(
            pgettext_lazy("page", "Plots"), "investors:office_plots", icon="map-2", order=64, roles=READERS,
            prefix="/land/",
        ),
        menu.Item(
            pgettext_lazy("page", "Tenders"), "investors:office_tenders", icon="gavel", order=64, roles=READERS,
            prefix="/land/tenders/", counter="investors.tenders_to_open",
        ),
        menu.Item(
            _("Bids to be evaluated"), "investors:evaluations", icon="scale", order=64, prefix="/tenders/marks/",
            counter="investors.to_evaluate", waiting=True,
        ),
        menu.Item(
            pgettext_lazy("page", "Investors"), "investors:companies", icon="briefcase", order=65, roles=READERS,
            prefix="/companies/", counter="investors.to_verify",
        ),
        menu.Item(
            pgettext_lazy("land", "Interests"), "investors:interests", icon="map-pin", order=66, roles=READERS,
            prefix="/interests/", counter="investors.new_interests",
        ),
        menu.Item(
            pgettext_lazy("page", "Agreements"), "investors:agreements", icon="file-text", order=66, roles=READERS,
            prefix="/agreements/", counter="investors.agreements_to_begin",
        ),
        menu.Item(
            _("My agreements"), "investors:agreements", icon="file-text", order=66, alone=True, prefix="/agreements/",
        ),
        menu.Item(
            pgettext_lazy("page", "Projects"), "investors:projects", icon="building", order=66, roles=READERS,
            prefix="/projects/",
        ),
        menu.Item(
            pgettext_lazy("page", "Roadmap"), "investors:roadmap", icon="route", order=67, roles=READERS,
            prefix="/roadmap/",
        ),
        menu.Item(
            pgettext_lazy("page", "Working groups"), "investors:groups", icon="users-group", order=67,
            roles=READERS, prefix="/roadmap/groups/",
        ),
        menu.Item(
            pgettext_lazy("page", "Roadshow"), "investors:roadshow", icon="world", order=67, roles=READERS,
            prefix="/roadmap/roadshow/",
        ),
        menu.Item(
            _("My tasks"), "investors:tasks", icon="list-check", order=67, prefix="/roadmap/tasks/",
            counter="investors.own_tasks", waiting=True,
        ),
        menu.Item(
            _("My companies"), "investors:own", icon="briefcase", order=65, alone=True, prefix="/companies/",
        ),
        menu.Item(
            _("My interests"), "investors:interests", icon="map-pin", order=66, alone=True, prefix="/interests/",
        ),
        menu.Item(_("Watched plots"), "investors:watched", icon="eye", order=67, alone=True),
    )  # fmt: skip
    menu.register_countable("investors", countable)
    land = pgettext_lazy("menu", "For investors")
    menu.register_public(
        menu.PublicPage(pgettext_lazy("page", "Plots"), "investors:plots", order=14, group=land),
        menu.PublicPage(pgettext_lazy("page", "Tenders"), "investors:tenders", order=15, group=land),
        menu.PublicPage(pgettext_lazy("page", "Residents"), "investors:residents", order=16, group=land),
        menu.PublicPage(pgettext_lazy("page", "Projects"), "investors:projects", order=16, group=land),
        menu.PublicPage(pgettext_lazy("page", "Roadmap"), "investors:roadmap", order=17, group=land),
        menu.PublicPage(pgettext_lazy("page", "Roadshow"), "investors:roadshow", order=18, group=land),
    )
