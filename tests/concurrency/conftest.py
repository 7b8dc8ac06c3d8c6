"""A database of its own for tests that commit: a copy of the test database, which stays as it was."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections


def _statement(sql: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture(scope="module")
def race_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Everything that this process does with its database happens in a copy, which is dropped afterwards.

    Other threads of the process reach the same copy; its name is what the fixture gives. Tests that use it are marked
    `django_db(transaction=True)`: what is flushed after each of them is the copy.
    """
    original = connection.settings_dict["NAME"]
    copy = f"{original}_race"
    with django_db_blocker.unblock():
        connections.close_all()
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
