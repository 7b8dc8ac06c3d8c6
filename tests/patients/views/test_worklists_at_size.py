"""The work lists over a region's referrals: 100,000 here, a million with `--full-size`.

Every statement that asks for referrals, for the queue of a service, for likely duplicates or for merges goes by an
index, and a page costs as many statements as over a dozen of them. At full size it prints how long the database was at
each page (`-s` shows it); every page counts the menu's numbers anew, the lists' tabs too.
"""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.selectors.cluster import forget_cluster
from cluster_portal.accounts.models import User
from patients.models import DuplicatePair, Patient, Referral, WaitlistEntry
from patients.selectors.worklists import IN, OUT, QUEUES
from patients.services.merging import merge_patients
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
#: Those who wait do it on the list too; those who were seen did.
WAIT = """
INSERT INTO patients_waitlistentry ({columns})
SELECT {values}
  FROM patients_referral AS r, (SELECT * FROM patients_waitlistentry LIMIT 1) AS f
 WHERE r.state IN ('waitlisted', 'completed') AND r.id <> f.referral_id
"""
WAITING = {
    "id": "uuidv7()",
    "referral_id": "r.id",
    "patient_id": "r.patient_id",
    "source_organization_id": "r.source_organization_id",
    "due_order": "r.due_order",
    "since": "r.state_since",
    "ended_at": "CASE WHEN r.state = 'completed' THEN now() END",
    "end_reason": "CASE WHEN r.state = 'completed' THEN 'booked' ELSE '' END",
}
#: A person is referred a score of times.
REFERRALS_OF_ONE = 20
PATIENTS = "INSERT INTO patients_patient ({columns}) SELECT {values} FROM patients_patient AS f, generate_series(1, %s)"
NOBODY_ELSE = {"id": "uuidv7()", "snils": "''", "enp": "''", "iin": "''"}
#: So many of them, everybody with everybody; the office has decided on all but one pair in fifty, every tenth time by
#: a merge that was undone.
PEOPLE, PEOPLE_AT_FULL_SIZE = 150, 600
PAIRS = """
WITH people AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM patients_patient ORDER BY id LIMIT %s)
INSERT INTO patients_duplicatepair (id, created_at, updated_at, first_id, second_id, alike, signs, is_proposed, state)
SELECT uuidv7(), now(), now(), a.id, b.id, 0.5 + (a.n + b.n) %% 100 / 200.0, '{name}', false,
       CASE WHEN (a.n * 7 + b.n) %% 50 = 0 THEN 'open' WHEN (a.n * 7 + b.n) %% 10 = 1 THEN 'merged' ELSE 'dismissed' END
  FROM people AS a JOIN people AS b ON a.n < b.n
    ON CONFLICT DO NOTHING
"""
MERGES = """
INSERT INTO patients_patientmerge (id, created_at, updated_at, pair_id, survivor_id, merged_id, comment, before, after,
                                   moved, links, undone_at)
SELECT uuidv7(), now() - row_number() OVER () * interval '1 hour', now(), id, first_id, second_id, '', '{}', '{}', '{}',
       '{}', now()
  FROM patients_duplicatepair WHERE state = 'merged'
"""
#: Pages beside the work lists. There a unique index may do for one that is lost.
BESIDE = (
    "/referrals/waiting/?service=cardiologist", "/referrals/out/waitlisted/?sort=waiting",
    "/referrals/out/waitlisted/?sort=latest", "/duplicates/", "/duplicates/merges/",
)  # fmt: skip
#: The tables that no page may read whole.
LARGE = (
    "patients_patient", "patients_referral", "patients_waitlistentry",
    "patients_duplicatepair", "patients_patientmerge",
)  # fmt: skip
OWN = {
    "id": "uuidv7()",
    "number": "'MANY-' || n",
    "patient_id": "(%(patients)s::uuid[])[1 + n %% %(people)s]",
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
    twins = [patients.make_patient(pair.source.organization) for _ in range(4)]
    _waits, done = (
        DuplicatePair.objects.create(first=first, second=second, alike=0.9, signs=["name"])
        for first, second in zip(twins[::2], twins[1::2], strict=True)
    )
    merge_patients(clinics.make_actor("office"), pair_id=done.pk, survivor_id=done.first_id)
    return pair


def _grow(pair, rows, people):
    """Foreign keys and plain indexes are away meanwhile: a row at a time they cost more than everything else."""
    others = [clinics.make_organization().pk for _ in range(ORGANIZATIONS - 2)]
    organizations = [pair.source.organization_id, pair.target.organization_id, *others]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in LARGE:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'", [table]
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        indexes = _drop_plain_indexes()
        first = Patient.objects.count()
        cursor.execute(_copy(PATIENTS, Patient, NOBODY_ELSE), [rows // REFERRALS_OF_ONE // first])
        known = list(Patient.objects.order_by("pk").values_list("pk", flat=True))
        cursor.execute(
            _copy(GROW, Referral, OWN),
            {
                "rows": rows, "closed": CLOSED, "organizations": organizations,
                "count": len(organizations), "patients": known, "people": len(known),
            },
        )  # fmt: skip
        cursor.execute(_copy(WAIT, WaitlistEntry, WAITING))
        cursor.execute(PAIRS, [people])
        cursor.execute(MERGES)
        for definition in indexes:
            cursor.execute(definition)
        for table in LARGE:
            cursor.execute(f"ANALYZE {table}")


def _copy(statement, model, own):
    """The statement for a row like another one, but for what is its own."""
    columns = [field.column for field in model._meta.concrete_fields if not field.generated]
    values = ", ".join(own.get(column, f"f.{column}") for column in columns)
    return statement.format(columns=", ".join(columns), values=values)


def _statements(client, place):
    # Nothing remembered: all that a page ever asks is asked.
    cache.clear()
    forget_cluster()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(place)
    assert response.status_code == 200, place
    return [query["sql"] for query in queries]


class Plans:
    """What the planner makes of each statement; pages share most of theirs."""

    def __init__(self):
        self.known = {}

    def whole_table_reads(self, statements):
        """The statements that read one of the large tables whole, with their plans."""
        found = []
        for sql in statements:
            if sql not in self.known:
                self.known[sql] = self._plan(sql)
            if any(f"Seq Scan on {table} " in self.known[sql] for table in LARGE):
                found.append(f"{sql}\n{self.known[sql]}")
        return found

    @staticmethod
    def _plan(sql):
        if not sql.lstrip("(").startswith("SELECT") or not any(table in sql for table in LARGE):
            return ""
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql.replace('%', '%%')}", [])
            return "\n".join(row[0] for row in cursor.fetchall())


def _milliseconds(statements):
    """How long the database is at a page's reading statements, one after another, when it is not the first to ask."""
    took = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries, connection.cursor() as cursor:
            for sql in statements:
                if sql.lstrip("(").startswith("SELECT"):
                    cursor.execute(sql.replace("%", "%%"), [])
        took.append(sum(float(query["time"]) for query in queries) * 1000)
    return min(took)


def _drop_plain_indexes():
    """Drop every index but the unique ones. Returns what makes them again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique",
            [list(LARGE)],
        )
        found = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def test_every_list_goes_by_an_index(pair, client, request):
    office = clinics.make_actor("office")
    pages = [
        *(
            (actor, f"/referrals/{side}/{key}/")
            for side, actor in ((OUT, pair.referrer), (IN, pair.coordinator))
            for key in QUEUES[side]
        ),
        *((pair.referrer if "referrals" in place else office, place) for place in BESIDE),
    ]

    def read():
        found, user = {}, None
        for actor, place in pages:
            if user != actor.user_id:
                user = actor.user_id
                client.force_login(User.objects.get(pk=user))
            found[place] = _statements(client, place)
        return found

    few = read()
    if full := request.config.getoption("full_size"):
        _grow(pair, 1_000_000, PEOPLE_AT_FULL_SIZE)
    else:
        _grow(pair, 100_000, PEOPLE)
    many, plans = read(), Plans()
    for place, statements in many.items():
        assert len(statements) == len(few[place]), place
        assert not plans.whole_table_reads(statements), place
    if full:
        for place, statements in many.items():
            print(f"{place:<42}{len(statements):>4} statements{_milliseconds(statements):>8.1f} ms")

    # What the test would see of the work lists if an index were lost.
    _drop_plain_indexes()
    plans = Plans()
    silent = [place for place in many if place not in BESIDE and not plans.whole_table_reads(many[place])]
    assert not silent
