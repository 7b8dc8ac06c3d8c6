"""What a start outside the demo refuses, in words. Django runs these before `migrate` and `check`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error
from django.db import ProgrammingError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def hosts_are_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A portal that answers to any name puts that name into its mails."""
    if settings.DEBUG or "*" not in settings.ALLOWED_HOSTS:
        return []
    return [Error("ALLOWED_HOSTS may not hold *; name the portal's hosts.", id="portal.E001")]


def no_demo_people(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """People of the demo sign in with one click and a known password: never beside real patients."""
    if settings.DEMO or not databases:
        return []
    try:
        found = get_user_model().objects.filter(is_demo=True).exists()
    except ProgrammingError:  # no tables yet
        return []
    if not found:
        return []
    return [
        Error(
            "This database holds people of the demo. Start it as a demo (PORTAL_DEMO=1), or choose another "
            "database.",
            id="portal.E002",
        )
    ]


def folded_migrations_are_whole(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A database with a part of what was folded into one migration would never get the rest: Django passes it over."""
    known = MigrationLoader(None).disk_migrations
    done = {
        key for alias in databases or () for key in MigrationRecorder(connections[alias]).applied_migrations()
    }
    return [
        Error(
            f"{app}.{name} replaces migrations of which this database has only some.",
            hint="Start it once with an earlier release that has them all.",
            id="portal.E003",
        )
        for (app, name), folded in known.items()
        if not done.isdisjoint(folded.replaces) and not {*known, *done}.issuperset(folded.replaces)
    ]
