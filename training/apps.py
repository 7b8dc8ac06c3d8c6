from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = _("Training")

    def ready(self) -> None:
        # They register the reports, the imports and the outbox handlers.
        from cluster_portal.jobs.kinds import register
        from training import imports, reports, tasks  # noqa: F401
        from training.papers.issuing import ISSUE_JOB
        from training.services.notices import register_kinds

        register(ISSUE_JOB)
        register_kinds()
        _fill_the_menu()


def _fill_the_menu() -> None:
    from cluster_portal.accounts.roles import Role
    from cluster_portal.web import menu
    from training.policies import READERS
    from training.selectors.desk import countable

    office = frozenset({Role.TRAINING, Role.OFFICE})
    menu.register(
        menu.Item(
            _("Programmes"), "training:office_programmes", icon="books", order=61, roles=office, prefix="/training/"
        ),
        menu.Item(
            _("My training"), "training:own", icon="school", order=60, roles=frozenset({Role.SPECIALIST}),
            prefix="/my-training/",
        ),
        menu.Item(
            _("Nominations"), "training:nominations", icon="list-check", order=61, roles=READERS,
            prefix="/nominations/",
        ),
        menu.Item(
            pgettext_lazy("training", "Targets"), "training:targets", icon="target", order=64, roles=office,
            prefix="/training/targets/",
        ),
        menu.Item(
            _("Rooms"), "training:rooms_calendar", icon="presentation", order=63, roles=READERS, prefix="/rooms/",
            counter="training.rooms_asked",
        ),
        menu.Item(
            _("Specialists"), "training:specialists", icon="school", order=62, roles=READERS, prefix="/specialists/"
        ),
    )  # fmt: skip
    menu.register_countable("training", countable)
    menu.register_public(menu.PublicPage(pgettext_lazy("page", "Training"), "training:offer", order=12))
