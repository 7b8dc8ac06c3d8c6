"""The journal's triggers: the database itself writes what changed, whatever code did it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pgtrigger
from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

# One function for every table. A change keeps only the columns that changed; the actor comes from the setting that
# the service wrote for its transaction, and is empty where somebody worked past the services. Dictionaries are known by
# their code.
FUNCTION = """
CREATE OR REPLACE FUNCTION audit_write(tab text, op text, old_row jsonb, new_row jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    context jsonb := nullif(current_setting('portal.context', true), '')::jsonb;
    was jsonb := old_row;
    became jsonb := new_row;
BEGIN
    IF op = 'UPDATE' THEN
        SELECT jsonb_object_agg(key, value) INTO became
          FROM jsonb_each(new_row) WHERE old_row -> key IS DISTINCT FROM value;
        IF became IS NULL THEN
            RETURN;
        END IF;
        SELECT jsonb_object_agg(key, value) INTO was FROM jsonb_each(old_row) WHERE became ? key;
    END IF;
    INSERT INTO audit_entry (at, actor_kind, user_id, client_id, organization_id, request_id, ip, action,
                             table_name, row_id, operation, before, after)
    VALUES (clock_timestamp(), coalesce(context ->> 'kind', ''), (context ->> 'user')::uuid,
            (context ->> 'client')::uuid, (context ->> 'organization')::uuid, coalesce(context ->> 'request', ''),
            (context ->> 'ip')::inet, coalesce(context ->> 'action', ''), tab,
            left(coalesce(new_row ->> 'id', old_row ->> 'id', new_row ->> 'code', old_row ->> 'code'), 40),
            op, was, became);
END $$;
"""

# UPDATE, DELETE and TRUNCATE of the journal itself are refused, for every role that may at all reach the tables.
GUARD = """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_access FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_access FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""


class Journal(pgtrigger.Trigger):
    """Put it into `Meta.triggers` of every table that holds something people answer for.

    `exclude` names columns that the journal must not hold (hashes of secrets) or that nobody answers for.
    """

    name = "journal"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    body = """
        IF TG_OP = 'INSERT' THEN
            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW)@);
        ELSIF TG_OP = 'UPDATE' THEN
            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD)@, to_jsonb(NEW)@);
        ELSE
            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD)@, NULL);
        END IF;
        RETURN NULL;
    """

    def __init__(self, *, exclude: Iterable[str] = (), **kwargs) -> None:
        without = "".join(f" - '{column}'" for column in exclude)
        super().__init__(func=self.body.replace("@", without), **kwargs)


@contextmanager
def without_triggers(models: Iterable[type[Model]]) -> Iterator[None]:
    """Load generated rows in bulk: the tables' own triggers rest until the end of this transaction.

    Takes the tables for itself (ACCESS EXCLUSIVE) and needs their owner, so no request can do it on the quiet.
    """
    tables = [connection.ops.quote_name(model._meta.db_table) for model in models]
    # A table with foreign keys still to be checked cannot be altered: they are checked first.
    settle = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(settle)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(settle)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
