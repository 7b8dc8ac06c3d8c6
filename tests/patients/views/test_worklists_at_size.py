"""The work lists over a region's referrals: 100,000 here, a million with `--full-size`.

Every statement that asks for referrals goes by an index, and a page costs as many statements as over a dozen of them.
"""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.selectors.cluster import forget_cluster
from cluster_portal.accounts.models import User
from patients.models import Referral
from patients.selectors.worklists import IN, OUT, QUEUES
from patients.states import ReferralState
from tests.factories import clinics, patients

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: Each has a share of the region's referrals, so that nobody's list is most of the table.
ORGANIZATIONS = 40
#: Of a hundred referrals so many are behind us.
CLOSED = 85

GROW = """
INSERT INTO patients_referral ({columns})
SELECT {values}
  FROM generate_series(1, %(rows)s) AS n
  JOIN (
       SELECT *, row_number() OVER (PARTITION BY state IN ('completed', 'cancelled', 'rejected') ORDER BY id) - 1 AS r,
              count(*) OVER (PARTITION BY state IN ('completed', 'cancelled', 'rejected')) AS kinds,
              state IN ('completed', 'cancelled', 'rejected') AS closed
         FROM patients_referral
       ) AS f
    ON f.closed = (n %% 100 < %(closed)s) AND f.r = n / 100 %% f.kinds
"""
OWN = {
    "id": "uuidv7()",
    "number": "'MANY-' || n",
    "source_organization_id": "(%(organizations)s::uuid[])[1 + n * 7 %% %(count)s]",
    "target_organization_id": "(%(organizations)s::uuid[])[1 + (n * 7 + n / 100) %% %(count)s]",
    "created_at": "f.created_at - n * interval '5 min'",
    "submitted_at": "f.submitted_at - n * interval '5 min'",
    "state_since": "f.state_since - n * interval '5 min'",
    "due_on": "f.due_on + (n %% 60 - 20)::int",
    "appointment_at": "f.appointment_at + n %% 90 * interval '1 day'",
}


@pytest.fixture
def pair():
    clinics.make_cluster()
    pair = patients.make_pair()
    for state in ReferralState:
        pair.referral(state)
    return pair


def _grow(pair, rows):
    others = [clinics.make_organization().pk for _ in range(ORGANIZATIONS - 2)]
    columns = [field.column for field in Referral._meta.concrete_fields if not field.generated]
    statement = GROW.format(
        columns=", ".join(columns), values=", ".join(OWN.get(column, f"f.{column}") for column in columns)
    )
    organizations = [pair.source.organization_id, pair.target.organization_id, *others]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE patients_referral DISABLE TRIGGER USER")
        cursor.execute(
            statement,
            {
                "rows": rows, "closed": CLOSED, "organizations": organizations,
                "count": len(organizations),
            },
        )  # fmt: skip
        cursor.execute("ANALYZE patients_referral")


def _statements(client, side, key):
    # Nothing remembered: all that a page ever asks is asked.
    cache.clear()
    forget_cluster()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/referrals/{side}/{key}/")
    assert response.status_code == 200
    return [query["sql"] for query in queries]


def _whole_table_reads(statements):
    """The statements that read the whole table of referrals, with their plans."""
    found = []
    for sql in statements:
        if "patients_referral" in sql and sql.lstrip("(").startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql.replace('%', '%%')}", [])
                plan = "\n".join(row[0] for row in cursor.fetchall())
            if "Seq Scan on patients_referral" in plan:
                found.append(f"{sql}\n{plan}")
    return found


def _drop_plain_indexes():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass FROM pg_index"
            " WHERE indrelid = 'patients_referral'::regclass AND NOT indisunique"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")


def test_every_list_goes_by_an_index(pair, client, request):
    lists = [
        (User.objects.get(pk=actor.user_id), side, key)
        for side, actor in ((OUT, pair.referrer), (IN, pair.coordinator))
        for key in QUEUES[side]
    ]

    def read():
        for user, side, key in lists:
            client.force_login(user)
            yield side, key, _statements(client, side, key)

    few = {(side, key): len(statements) for side, key, statements in read()}
    _grow(pair, 1_000_000 if request.config.getoption("full_size") else 100_000)
    for side, key, statements in read():
        assert len(statements) == few[side, key], (side, key)
        assert not _whole_table_reads(statements), (side, key)

    # What the test would see if an index were lost.
    _drop_plain_indexes()
    assert all(_whole_table_reads(statements) for _side, _key, statements in read())
