"""A program reads every referral that is open to it, page by page, beside COPY of the same rows.

Nobody sees a whole region's referrals: with a million on record the program begins anew until a million rows have gone
by. Told are rows per second of both, and the memory of the web's processes on the way.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from pathlib import Path
from typing import Any

from django.db import connection

from cluster_portal.common.actor import Actor
from patients.policies import referral_policy
from tests.bench.load import Session

#: Rows of a page: the most that the API gives.
PAGE = 500
#: So many times on the way the memory is looked at.
LOOKS = 8


class _Counter:
    """Counts the lines that COPY writes, and keeps nothing of them."""

    def __init__(self) -> None:
        self.lines = 0

    def write(self, piece: bytes) -> int:
        self.lines += piece.count(b"\n")
        return len(piece)


def megabytes(pid: int) -> float:
    """Resident memory of the processes that a process has begun, in MB.

    What they share is counted in each: pages that stop being shared are no growth.
    """
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid:
                rollup = (path.parent / "smaps_rollup").read_text()
                total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Rss:"))
        except (OSError, StopIteration):
            continue
    return total / 1024


def measure(session: Session, actor: Actor, web: int, least: int) -> dict[str, Any]:
    """Read the referrals of the signed-in person's organisation until `least` rows came, then COPY them once.

    `memory_mb` is the web's after each eighth of the rows.
    """
    link = http.client.HTTPConnection(session.host, session.port, timeout=120)
    first = f"/api/v1/referrals/?limit={PAGE}"
    path, rows, pages, size, rounds, memory = first, 0, 0, 0, 0, []
    begun = time.perf_counter()
    while path:
        link.request("GET", path, headers={"Cookie": session.cookie_line(), "Accept": "application/json"})
        answer = link.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} was answered with {answer.status}: {body[:300]!r}")
        page = json.loads(body)
        rows, pages, size = rows + len(page["results"]), pages + 1, size + len(body)
        if len(memory) < LOOKS and rows * LOOKS >= least * (len(memory) + 1):
            memory.append(megabytes(web))
        parts = urllib.parse.urlsplit(page["next"] or "")
        path = f"{parts.path}?{parts.query}" if page["next"] else ""
        if not path:
            rounds += 1
            path = first if rows < least else ""
    took = time.perf_counter() - begun
    link.close()
    copied, copying = _copy(actor)
    return {
        "rows": rows, "pages": pages, "rounds": rounds, "megabytes": size / 1_048_576, "rows_per_s": rows / took,
        "copy_rows": copied, "copy_per_s": copied / copying, "memory_mb": memory,
    }  # fmt: skip


def _copy(actor: Actor) -> tuple[int, float]:
    """The same rows by COPY: how many, and how many seconds it took."""
    rows = referral_policy.queryset(actor).order_by("id")
    with connection.cursor() as cursor:
        wanted = cursor.mogrify(*rows.query.sql_with_params()).decode()
        sink, begun = _Counter(), time.perf_counter()
        cursor.copy_expert(f"COPY ({wanted}) TO STDOUT", sink)
        return sink.lines, time.perf_counter() - begun


def report(found: dict[str, Any]) -> None:
    """Print what `measure` found."""
    print(
        f"\nfull sync: {found['copy_rows']} referrals, {found['rounds']} times in {found['pages']} pages,"
        f" {found['megabytes']:.0f} MB: {found['rows_per_s']:.0f} rows/s beside {found['copy_per_s']:.0f} of COPY"
        f" ({found['rows_per_s'] / found['copy_per_s']:.3f})"
    )
    memory = " ".join(f"{one:.0f}" for one in found["memory_mb"])
    print(f"  memory of the web on the way, MB: {memory}")
