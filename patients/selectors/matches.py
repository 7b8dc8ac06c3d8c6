"""Who of those on record is meant: by identifiers, by an organisation's own numbers, by likeness. Many at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q

from patients.models import Patient, PatientNumber
from patients.selectors.patients import SIMILAR
from patients.selectors.search import fold

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from cluster_portal.common.actor import Actor

#: Persons with the same name and birth day are told apart by these.
PERSONAL = ("snils", "enp", "iin")
#: Of several look-alikes the likest are shown.
MOST_ALIKE = 5
#: So many people born on one day are compared: even of ten million, about four hundred were.
MOST_BORN = 500


@dataclass(slots=True)
class OnRecord:
    """Patients found by what names them: `by` maps (kind, value) to one; the kind `number` is the own number."""

    by: dict[tuple[str, str], Patient] = field(default_factory=dict)

    def find(self, kind: str, value: str) -> Patient | None:
        return self.by.get((kind, value))

    @property
    def patients(self) -> dict[uuid.UUID, Patient]:
        return {patient.pk: patient for patient in self.by.values()}


def patients_on_record(
    actor: Actor, wanted: Mapping[str, Collection[str]], *, lock: bool = False
) -> OnRecord:
    """Whoever bears one of the `wanted` identifiers (values by `snils`, `enp`, `iin`, `number`), visible or not; for a
    record that was merged, the one that stands for it.

    Two queries, and one more for each merge after a merge. With `lock` the rows stay as they are until the transaction
    ends.
    """
    found = OnRecord()
    numbers = {}
    if wanted.get("number"):
        rows = PatientNumber.objects.filter(
            organization_id=actor.organization_id, number__in=wanted["number"]
        ).values_list("number", "patient_id")
        numbers = dict(rows)
    q = Q(pk__in=set(numbers.values())) if numbers else Q(pk__in=())
    for name in PERSONAL:
        if wanted.get(name):
            # The empty ones are left out in words, else the partial indexes would not serve a long list.
            q |= ~Q(**{name: ""}) & Q(**{f"{name}__in": list(wanted[name])})
    if not q.children:
        return found
    patients = _read(q, lock)
    while ahead := {row.merged_into_id for row in patients.values() if row.merged_into_id} - patients.keys():
        patients |= _read(Q(pk__in=ahead), lock)
    # The living last: what both records bear is theirs.
    for patient in sorted(patients.values(), key=lambda row: row.merged_into_id is None):
        for name in PERSONAL:
            if value := getattr(patient, name):
                found.by[name, value] = _living(patient, patients)
    for number, pk in numbers.items():
        if pk in patients:
            found.by["number", number] = _living(patients[pk], patients)
    return found


def _read(q: Q, lock: bool) -> dict[uuid.UUID, Patient]:
    rows = Patient.objects.filter(q).order_by("id")
    return {row.pk: row for row in (rows.select_for_update(no_key=True) if lock else rows)}


def _living(patient: Patient, patients: Mapping[uuid.UUID, Patient]) -> Patient:
    while patient.merged_into_id:
        patient = patients[patient.merged_into_id]
    return patient


def numbers_of(organization_id: uuid.UUID, patient_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """The numbers under which an organisation's own system knows these patients."""
    found: dict[uuid.UUID, set[str]] = {}
    rows = PatientNumber.objects.filter(organization_id=organization_id, patient__in=list(patient_ids))
    for pk, number in rows.values_list("patient_id", "number"):
        found.setdefault(pk, set()).add(number)
    return found


def look_alikes(people: Sequence[Patient]) -> dict[int, list[uuid.UUID]]:
    """For each person (by place) the patients born on that day whose name is nearly theirs, the likest first.

    One query for all, with the measure of `similar_patients`; whoever may see them. Of a day on which more than
    `MOST_BORN` people were born, which is a stand-in for none, some are compared and those of the very name are found.
    """
    if not people:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n, id FROM (
                SELECT w.n, p.id, row_number() OVER (PARTITION BY w.n ORDER BY alike DESC, p.id) AS place
                  FROM unnest(%s::int[], %s::text[], %s::text[], %s::date[]) AS w(n, name, sorted, born)
                 CROSS JOIN LATERAL (
                       (SELECT id, sort_name FROM patients_patient
                         WHERE birth_date = w.born AND merged_into_id IS NULL LIMIT %s)
                        UNION
                       (SELECT id, sort_name FROM patients_patient
                         WHERE sort_name = w.sorted COLLATE "C" AND birth_date = w.born AND merged_into_id IS NULL
                         LIMIT %s)) AS p
                 CROSS JOIN LATERAL similarity(p.sort_name, w.name) AS alike
                 WHERE alike >= %s) AS found
             WHERE place <= %s ORDER BY n, place
            """,
            [
                list(range(len(people))),
                [fold(person.full_name) for person in people],
                [
                    f"{person.family} {person.given} {person.patronymic}".lower().replace("ё", "е")
                    for person in people
                ],
                [person.birth_date for person in people],
                MOST_BORN,
                MOST_ALIKE,
                SIMILAR,
                MOST_ALIKE,
            ],
        )
        found: dict[int, list[uuid.UUID]] = {}
        for n, pk in cursor.fetchall():
            found.setdefault(n, []).append(pk)
    return found


@lru_cache(maxsize=1000)
def trigrams(name: str) -> frozenset[str]:
    """The trigrams of a folded name as pg_trgm counts them: each word with two blanks before it and one after."""
    return frozenset(
        f"  {word} "[n : n + 3] for word in "".join(c if c.isalnum() else " " for c in name).split()
        for n in range(len(word) + 1)
    )  # fmt: skip


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How alike two names are (pg_trgm's `similarity`, 0–1)."""
    common = len(one & other)
    return common / (len(one) + len(other) - common) if common else 0.0
