"""What every test has: quick hashing, plain static files, an empty cache, its browser, its group."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSER = os.environ.get("PORTAL_BROWSER", "")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full-size", action="store_true", help="proofs that take minutes, at the size that is promised"
    )


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    # Seconds of argon2 would be spent on every sign-in; its own tests ask for it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Files from static/ as they are. That the collected ones work has its own test.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    # The app of static files goes by another name here, by which pytest-django's live server does not know it.
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.test import testcases

    testcases._StaticFilesHandler = StaticFilesHandler


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser, and tests that race, each stay on one process and follow one another there."""
    for item in items:
        for name in ("browser", "concurrency"):
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.xdist_group(name))
        if item.get_closest_marker("browser") and not BROWSER:
            item.add_marker(pytest.mark.skip(reason="no browser: ./portal test says why"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What went wrong before pytest began is said again where it is seen."""
    failed = os.environ.get("PORTAL_FAILED_STEPS")
    if failed:
        terminalreporter.write_line(f"CHECKS THAT FAILED BEFORE THE TESTS: {failed}", red=True, bold=True)
    if not BROWSER:
        terminalreporter.write_line("BROWSER TESTS WERE SKIPPED: no Chromium was found", red=True, bold=True)


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Counters of failed sign-ins and cached numbers of one test do not reach the next one."""
    from django.core.cache import cache

    cache.clear()
    yield


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, settings: Any) -> None:
    """What a test uploads or mails stays in its own directory."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> None:
    """Each process's database is a copy of one that was migrated once; where none can be made, it migrates its own."""
    from django.db import Error, connection

    from . import migrated

    with django_db_blocker.unblock():
        try:
            connection.settings_dict["TEST"]["TEMPLATE"] = migrated.ensure()
        except Error as error:
            warnings.warn(f"No migrated database to copy: {error}", stacklevel=1)
            connection.close()


#: What Django has written of its own into a migrated database; a test that commits leaves it as it is.
KEPT = {"django_migrations", "django_content_type", "auth_permission", "django_site"}


def empty_tables() -> None:
    """Empty the tables that have rows. Django's flush empties all of them, and takes five times as long."""
    from django.db import connection

    tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM {t})" for t in tables))
        if full := [table for (table,) in cursor.fetchall()]:
            cursor.execute(f"TRUNCATE {', '.join(full)} CASCADE")


def sow() -> None:
    """Write the dictionaries that migrations sow, where they are gone."""
    from django.apps import apps

    from patients.migrations import _seeds
    from patients.models import Reason, WaitingNorm

    if not WaitingNorm.objects.exists():
        _seeds.sow_norms(apps, None)
    if not Reason.objects.exists():
        _seeds.sow_reasons(apps, None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests that commit are cleaned up by TRUNCATE, which the journal refuses and which takes the norms away too.

    In the test database alone the journal's guard against TRUNCATE rests (its own tests wake it), and what migrations
    have written comes back.
    """
    from django.db import connection
    from django.test import TransactionTestCase

    def clean_up(_case: TransactionTestCase) -> None:
        empty_tables()
        sow()

    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            for table in ("audit_entry", "audit_access"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER no_truncate")
        sow()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", clean_up)
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium; root has to give up its sandbox, which the tests' own pages do not need."""
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return {**browser_type_launch_args, "executable_path": BROWSER or None, "args": arguments}
