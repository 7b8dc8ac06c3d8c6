from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = _("Training")

    def ready(self) -> None:
        _fill_the_menu()


def _fill_the_menu() -> None:
    from cluster_portal.web import menu
    from training.policies import READERS

    menu.register(
        menu.Item(
            _("Specialists"), "training:specialists", icon="school", order=62, roles=READERS, prefix="/specialists/"
        ),
    )  # fmt: skip
