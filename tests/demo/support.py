"""Questions to the database in its own words."""

from django.db import connection


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def none_of(sql: str) -> None:
    """The query finds nothing that breaks a rule."""
    assert rows(sql + " LIMIT 3") == []
