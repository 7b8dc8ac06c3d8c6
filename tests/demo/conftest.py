"""A small demo cluster, loaded once for all tests of a module."""

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import override_settings

from cluster_portal.demo.loader import Loader

#: A working day, early in the afternoon: some patients have come, some are still awaited.
NOW = datetime(2026, 11, 25, 14, 10, tzinfo=ZoneInfo("Asia/Sakhalin")).astimezone(ZoneInfo("UTC"))
PATIENTS, REFERRALS = 500, 1200

_CASTS = re.compile(r"::(text|character varying)(\[\])?|[() ]")


class _RolledBack(Exception):
    pass


@pytest.fixture(scope="module")
def sakhalin(
    django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, int]]:
    """The cluster sakhalin, small, in a transaction that is rolled back after the last test of the module.

    Its files lie in a place of its own: another process may sweep the common one meanwhile.
    """
    from clinics.selectors.cluster import forget_cluster

    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("demo")):
        before = _schema()
        try:
            with transaction.atomic():
                counts = Loader("sakhalin", now=NOW, patients=PATIENTS, referrals=REFERRALS).load()
                assert _schema() == before, (
                    "keys, indexes and triggers stand as they stood before the loading"
                )
                forget_cluster()
                yield counts
                raise _RolledBack
        except _RolledBack:
            forget_cluster()


def _schema() -> set[tuple]:
    """Everything that guards the tables: constraints, indexes, triggers and whether they are awake."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
            UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger
            WHERE NOT tgisinternal
            """
        )
        # A condition that is read again may cast its words one by one: the same, written otherwise.
        return {(*row[:3], _CASTS.sub("", row[3])) for row in cursor.fetchall()}
