"""The role of docs/deployment.md that runs the portal: it does the main job and cannot touch the journal."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from cluster_portal.embedded.postgres import ENVIRONMENT
from cluster_portal.embedded.programs import postgres_programs
from cluster_portal.embedded.store import free_port
from tests.ops.test_recovery import ACCOUNT, BASE, owned, query, server

pytestmark = [pytest.mark.concurrency, pytest.mark.slow]

#: A cluster, an organisation, a registrar, a patient: writes through services, triggers and sequences.
JOB = """
from datetime import date
import django
django.setup()
from django.db import connection
from clinics.models import Membership, Organization
from clinics.services.founding import Founding, create_administrator, found_cluster
from cluster_portal.audit.models import Access, Entry
from cluster_portal.common.actor import SYSTEM, resolve_actor
from cluster_portal.common.numbering import next_number
from patients.selectors.patients import open_patient
from patients.services.emergency import open_in_emergency
from patients.services.patients import register_patient, update_patient

found_cluster(SYSTEM, founding=Founding("Кластер", "Сахалинская область", "SKH", "RU", "Asia/Sakhalin"))
user = create_administrator(SYSTEM, email="a@example.org", name="А", password="a-long-enough-passphrase")
Membership.objects.update(role="referrer")
actor = resolve_actor(user=user)
patient = register_patient(actor, data={"family": "Пак", "given": "Анна", "birth_date": date(1980, 1, 1), "sex": "f",
                                        "snils": "112-233-445 95"})
update_patient(actor, patient_id=patient.pk, data={"phone": "+7 914 000-00-00"})
open_patient(actor, patient.pk)
open_in_emergency(actor, identifier="11223344595", birth_date=date(1980, 1, 1), reason="Без сознания, аллергии")
next_number("referral_number_seq", prefix="SKH", year=2026)
assert Access.objects.count() == 2 and Entry.objects.filter(table_name="patients_patient").count() == 2
Organization.objects.update(phone="1")
print("done", connection.settings_dict["USER"])
"""

REFUSED = (
    "UPDATE audit_entry SET user_id = NULL",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "UPDATE audit_access SET reason = ''",
    "DELETE FROM audit_access",
    "TRUNCATE audit_access",
    "TRUNCATE patients_patient CASCADE",
    "ALTER TABLE audit_entry DISABLE TRIGGER USER",
    "ALTER TABLE patients_patient DISABLE TRIGGER USER",
    "DROP TRIGGER append_only ON audit_entry",
    "SET session_replication_role = replica",
    "SET ROLE portal",
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TABLE mine (n int)",
    "ALTER TABLE patients_patient DROP COLUMN snils",
    "DROP TABLE audit_entry",
    "DELETE FROM django_migrations",
    "CREATE ROLE other",
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server with the portal's tables, which belong to `portal`, and with the role `portal_app`."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        data, number = owned(place / "data"), free_port()
        ACCOUNT.take(place)
        subprocess.run(
            [postgres_programs(BASE / ".venv", ACCOUNT) / "initdb", "-D", data, "--username=drill", "--auth=trust",
             "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync"],
            cwd=place, env=ENVIRONMENT, capture_output=True, check=True, **ACCOUNT.popen_arguments(),
        )  # fmt: skip
        with server(place, data, number, fsync="off") as connection:
            query(connection, "CREATE ROLE portal LOGIN")
            query(connection, "CREATE ROLE portal_app LOGIN")
            query(connection, "CREATE DATABASE portal OWNER portal")
            manage(number, "portal", "prepare_portal", "--database-only")
            yield number


def python(port: int, role: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = os.environ | {
        "DATABASE_URL": f"postgresql://{role}@127.0.0.1:{port}/portal",
        "DJANGO_SETTINGS_MODULE": "cluster_portal.settings",
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=BASE, env=variables, capture_output=True, text=True, check=False
    )


def manage(port: int, role: str, *arguments: str) -> str:
    done = python(port, role, "manage.py", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_does_the_main_job_and_cannot_touch_the_journal(port: int) -> None:
    for _ in range(2):
        assert "portal_app may run the portal" in manage(
            port, "portal", "grant_application_role", "portal_app"
        )
    done = python(port, "portal_app", "-c", JOB)
    assert done.returncode == 0 and done.stdout.strip() == "done portal_app", done.stderr
    # Every later start finds its tables and dictionaries there, under either role.
    manage(port, "portal_app", "load_dictionaries")

    connection = psycopg2.connect(host="127.0.0.1", port=port, user="portal_app", dbname="portal")
    connection.autocommit = True
    try:
        before = query(connection, "SELECT count(*) FROM audit_entry")
        for statement in REFUSED:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                query(connection, statement)
        assert query(connection, "SELECT count(*) FROM audit_entry") == before != "0"
    finally:
        connection.close()


def test_what_a_later_migration_makes_is_open_too(port: int) -> None:
    manage(port, "portal", "grant_application_role", "portal_app")
    for role, statement in (
        ("portal", "CREATE TABLE later (id serial, n int)"),
        ("portal_app", "INSERT INTO later (n) VALUES (1)"),
        ("portal", "DROP TABLE later"),
    ):
        connection = psycopg2.connect(host="127.0.0.1", port=port, user=role, dbname="portal")
        connection.autocommit = True
        query(connection, statement)
        connection.close()


@pytest.mark.parametrize(
    ("role", "says"), [("nobody", "no role"), ("portal", "owner"), ("drill", "superuser|owner")]
)
def test_a_role_that_could_do_more_is_refused(port: int, role: str, says: str) -> None:
    done = python(port, "portal", "manage.py", "grant_application_role", role)
    assert done.returncode != 0
    assert any(word in done.stderr for word in says.split("|")), done.stderr
