"""The app of the operating side, which has no tables, and which static files a start collects."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.core.checks import Tags, register

from . import checks


class OpsConfig(AppConfig):
    default = True
    name = "cluster_portal.ops"
    label = "ops"

    def ready(self) -> None:
        register(checks.hosts_are_named, Tags.security)
        register(checks.no_demo_people, Tags.database)
        register(checks.folded_migrations_are_whole, Tags.database)


class CollectedFiles(StaticFilesConfig):
    """Static files without those that packages bring and no page of ours names.

    Each would be given a digest and compressed at the first start: Redoc alone takes longer than all the rest.
    """

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc", "rest_framework", "django_htmx"]
