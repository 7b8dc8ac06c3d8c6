"""A portal that has worked for a while is upgraded: migrations that were folded since are done there already."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

FOLDED = {
    key: migration.replaces
    for key, migration in MigrationLoader(None).disk_migrations.items()
    if migration.replaces and key[0] in ("clinics", "patients", "training", "investors")
}


@pytest.fixture
def recorded(db):
    """What a database keeps of what was done to it: of these apps nothing."""
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.filter(app__in={app for app, _name in FOLDED}).delete()
    return recorder


def _todo():
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def test_whoever_had_the_single_migrations_has_nothing_to_do(recorded):
    for replaced in FOLDED.values():
        for app, name in replaced:
            recorded.record_applied(app, name)
    assert FOLDED and _todo() == []


def test_an_empty_database_takes_the_folded_ones(recorded):
    assert {(step.app_label, step.name) for step, _backwards in _todo()} == set(FOLDED)


@pytest.mark.parametrize("key", FOLDED)
def test_whoever_had_only_some_is_told_to_come_by_an_earlier_release(recorded, key):
    """Django would pass the folded one over, and its tables would stay as they are."""
    recorded.record_applied(*FOLDED[key][0])
    with pytest.raises(SystemCheckError, match=rf"portal.E003\) {'.'.join(key)} replaces"):
        call_command("migrate", verbosity=0, skip_checks=False)
