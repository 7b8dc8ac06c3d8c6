from django.apps import AppConfig


class SlowConfig(AppConfig):
    name = "tests.embedded.slow"
    label = "slow"

    def ready(self) -> None:
        from tests.embedded.slow import reports  # noqa: F401 - it registers them
