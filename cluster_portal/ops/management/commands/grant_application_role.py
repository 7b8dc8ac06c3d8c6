"""``manage.py grant_application_role NAME``: a role that runs the portal and can change neither tables nor journal."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from psycopg2 import sql

#: Tables that the application adds to and never changes.
APPEND_ONLY = ("audit_entry", "audit_access")
#: What only the owner writes: the record of migrations.
READ_ONLY = ("django_migrations",)

# Repeated it changes nothing. Later migrations make tables and sequences with the default privileges.
STATEMENTS = (
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role}",
    "GRANT USAGE ON SCHEMA public TO {role}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)


class Command(BaseCommand):
    """Run it as the owner of the tables, once after the first migration; the role itself is made before."""

    help = "Give a database role what the running portal needs: no tables to change, no journal to rewrite."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="an existing role with LOGIN and nothing more")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            self._check(cursor, role)
            for statement in STATEMENTS:
                cursor.execute(sql.SQL(statement).format(role=sql.Identifier(role)))
            for kept, tables in (("SELECT, INSERT", APPEND_ONLY), ("SELECT", READ_ONLY)):
                for table in tables:
                    names = {"role": sql.Identifier(role), "table": sql.Identifier(table)}
                    cursor.execute(sql.SQL("REVOKE ALL ON {table} FROM {role}").format(**names))
                    cursor.execute(sql.SQL(f"GRANT {kept} ON {{table}} TO {{role}}").format(**names))
        self.stdout.write(f"{role} may run the portal.")

    @staticmethod
    def _check(cursor: Any, role: str) -> None:
        """Raise CommandError for a role that is missing, or that could take any right that it is not given."""
        cursor.execute(
            """
            SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls,
                   pg_has_role(oid, current_user, 'MEMBER')
            FROM pg_roles WHERE rolname = %s
            """,
            [role],
        )
        found = cursor.fetchone()
        if found is None:
            raise CommandError(f"There is no role {role}. First: CREATE ROLE {role} LOGIN PASSWORD '…'")
        powerful, owns = found
        if owns:
            raise CommandError(f"{role} is the owner of the tables, or a member of it: make another role.")
        if powerful:
            raise CommandError(f"{role} may make roles or databases, or is a superuser: make another role.")
