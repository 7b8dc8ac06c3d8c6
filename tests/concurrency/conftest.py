"""A database of its own for tests that commit: a copy of the test database, which stays as it was."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections


def _statement(sql: str, *params: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql, params or None)


def _disconnect(database: str) -> None:
    """Close what else this process has open there: no database is copied while somebody is in it.

    While Playwright's event loop runs in this thread, Django keeps its connections in another place than before; the
    one from before the first browser test is open still, idle, and out of reach of `close_all`.
    """
    connections.close_all()
    _statement("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", database)


@pytest.fixture(scope="module")
def race_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Everything that this process does with its database happens in a copy, which is dropped afterwards.

    Other threads of the process reach the same copy; its name is what the fixture gives. Tests that use it are marked
    `django_db(transaction=True)`: what is flushed after each of them is the copy.
    """
    original = connection.settings_dict["NAME"]
    copy = f"{original}_race"
    with django_db_blocker.unblock():
        _disconnect(original)
        _statement(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        _statement(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
        connection.settings_dict["NAME"] = copy
        try:
            yield copy
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = original
            _statement(f'DROP DATABASE "{copy}" WITH (FORCE)')


@pytest.fixture(autouse=True)
def _in_the_copy(race_database: str) -> None:
    """No test of this directory touches the shared database."""
