"""A program reads every referral that is open to it, page by page, beside COPY of the same rows.

Told are rows per second of both, and the memory of the web's processes at the first pages and at the last.
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
#: After so many pages the processes have everything that they keep.
WARM = 40


class _Counter:
    """Counts the lines that COPY writes, and keeps nothing of them."""

    def __init__(self) -> None:
        self.lines = 0

    def write(self, piece: bytes) -> int:
        self.lines += piece.count(b"\n")
        return len(piece)


def megabytes(pid: int) -> float:
    """Private memory of a process and of all below it (proportional set size where the kernel tells it), in MB."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid:
                rollup = (path.parent / "smaps_rollup").read_text()
                total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        except (OSError, StopIteration):
            continue
    return total / 1024


def measure(session: Session, actor: Actor, web: int, most: int) -> dict[str, Any]:
    """Read up to `most` referrals of the signed-in person's organisation, then COPY as many."""
    link = http.client.HTTPConnection(session.host, session.port, timeout=120)
    path, rows, pages, size, memory = f"/api/v1/referrals/?limit={PAGE}", 0, 0, 0, []
    begun = time.perf_counter()
    while path and rows < most:
        link.request("GET", path, headers={"Cookie": session.cookie_line(), "Accept": "application/json"})
        answer = link.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} was answered with {answer.status}: {body[:300]!r}")
        page = json.loads(body)
        rows, pages, size = rows + len(page["results"]), pages + 1, size + len(body)
        parts = urllib.parse.urlsplit(page["next"] or "")
        path = f"{parts.path}?{parts.query}" if page["next"] else ""
        if pages >= WARM and pages % 20 == 0:
            memory.append(megabytes(web))
    took = time.perf_counter() - begun
    link.close()
    copied, copying = _copy(actor, rows)
    return {
        "rows": rows, "pages": pages, "megabytes": size / 1_048_576, "rows_per_s": rows / took,
        "copy_rows": copied, "copy_per_s": copied / copying, "memory_first_mb": memory[0] if memory else None,
        "memory_last_mb": memory[-1] if memory else None, "memory_most_mb": max(memory, default=None),
    }  # fmt: skip


def _copy(actor: Actor, most: int) -> tuple[int, float]:
    """The same rows by COPY: how many, and how many seconds it took."""
    rows = referral_policy.queryset(actor).order_by("id")[:most]
    with connection.cursor() as cursor:
        wanted = cursor.mogrify(*rows.query.sql_with_params()).decode()
        sink, begun = _Counter(), time.perf_counter()
        cursor.copy_expert(f"COPY ({wanted}) TO STDOUT", sink)
        return sink.lines, time.perf_counter() - begun


def report(found: dict[str, Any]) -> None:
    """Print what `measure` found."""
    print(
        f"\nfull sync: {found['rows']} referrals in {found['pages']} pages, {found['megabytes']:.0f} MB:"
        f" {found['rows_per_s']:.0f} rows/s beside {found['copy_per_s']:.0f} of COPY"
        f" ({found['rows_per_s'] / found['copy_per_s']:.3f})"
    )
    if found["memory_first_mb"]:
        print(
            f"  memory of the web: {found['memory_first_mb']:.0f} MB after {WARM} pages,"
            f" {found['memory_last_mb']:.0f} MB at the end, {found['memory_most_mb']:.0f} MB at most"
        )
