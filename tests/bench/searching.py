"""How long the database takes to find a patient: exactly, by the beginning of a name, with a typing error."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from cluster_portal.common.actor import Actor
from patients.models import Patient
from patients.policies import patient_policy
from patients.selectors.search import search_patients

QUERIES = 120
#: A page of what is found.
SHOWN = 20
#: The bars of the design, in milliseconds of SQL (p95).
BARS = {"exact": 2, "prefix": 2, "typos": 10}


def _misspelt(name: str, dice: random.Random) -> str:
    """Two letters of the surname change places, or one is missing."""
    at = dice.randrange(1, max(2, len(name) - 1))
    return (
        name[:at] + name[at + 1 :]
        if dice.random() < 0.5
        else name[: at - 1] + name[at - 1 : at + 1][::-1] + name[at + 1 :]
    )


TYPED: dict[str, Callable[[Patient, random.Random], str]] = {
    "exact": lambda patient, dice: patient.snils or patient.phone,
    "prefix": lambda patient, dice: f"{patient.family} {patient.given[:3]}",
    "typos": lambda patient, dice: f"{_misspelt(patient.family, dice)} {patient.given} {patient.patronymic}",
}


def measure(actor: Actor) -> list[dict[str, Any]]:
    """For each way of typing: median and p95 of the SQL of one search, and how often the meant one was shown."""
    dice = random.Random(20)
    seen = patient_policy.queryset(actor)
    total = seen.count()
    found = []
    for kind, typed in TYPED.items():
        times, hits = [], 0
        for _number in range(QUERIES):
            patient = seen.order_by("pk")[dice.randrange(total)]
            text = typed(patient, dice)
            spent = 0.0

            def timed(execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
                nonlocal spent
                begun = time.perf_counter()
                try:
                    return execute(sql, params, many, context)
                finally:
                    spent += time.perf_counter() - begun

            with connection.execute_wrapper(timed):
                shown = list(search_patients(actor, text)[:SHOWN])
            times.append(spent * 1000)
            hits += patient in shown
        times.sort()
        found.append({
            "kind": kind, "median_ms": statistics.median(times), "p95_ms": times[int(QUERIES * 0.95)],
            "shown": hits / QUERIES, "bar_ms": BARS[kind], "patients": total,
        })  # fmt: skip
    return found


def report(found: list[dict[str, Any]]) -> None:
    """Print what `measure` found."""
    print(f"\npatient search, SQL of one search, {found[0]['patients']} patients open to the person")
    for line in found:
        print(
            f"  {line['kind']:<8} median {line['median_ms']:6.2f} ms   p95 {line['p95_ms']:6.2f} ms"
            f"   (bar {line['bar_ms']})   the meant one among the first {SHOWN}: {line['shown']:.0%}"
        )
