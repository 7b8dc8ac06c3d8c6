"""How fast a large report is written, and in how much memory: the runner beside bare loops and COPY.

Each measurement is a process of its own, so that its peak of memory (RSS) is its own too. The bare loops read the same
rows by the same cursor and hand them to xlsxwriter and csv with no more care than a file needs.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parents[2]
ROWS = 1_000_000
#: MB that a worker may take at most.
MEMORY = 200
CHUNK = 2000
#: Fifteen columns of every type that reports have.
TABLE = """
SELECT 'SKH-26-' || lpad(n::text, 7, '0'), 'Иванов Иван ' || n % 5000, 'Консультация кардиолога',
       'Городская поликлиника № ' || n % 40, n, n % 97, (n % 10000)::numeric / 100, (n % 101)::numeric / 100,
       DATE '2026-01-01' + n % 365, DATE '2026-02-01' + n % 365, TIMESTAMPTZ '2026-01-01 09:00+11' + n * interval '1 s',
       n % 2 = 0, CASE n % 3 WHEN 0 THEN NULL ELSE 'записан' END, (n % 60)::numeric / 2, 'I48.' || n % 10
  FROM generate_series(1, {rows}) AS n
"""


def table(rows: int) -> Iterator[tuple[Any, ...]]:
    """The rows, streamed by a cursor of the server."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(TABLE.format(rows=rows))
        while chunk := cursor.fetchmany(CHUNK):
            yield from chunk


def runner(form: str, rows: int, directory: Path) -> int:
    """A job through the queue, the snapshot, the writer and the file store. Returns the size of the file."""
    from django.conf import settings
    from django.core.files.storage import default_storage

    from clinics.models import Membership
    from cluster_portal.accounts.roles import Role
    from cluster_portal.common.actor import resolve_actor
    from cluster_portal.jobs import runner as worker
    from cluster_portal.jobs.models import Job
    from cluster_portal.reports import base
    from cluster_portal.reports.columns import Column, Type
    from cluster_portal.reports.services.asking import run_report

    types = (
        [Type.TEXT] * 4 + [Type.INTEGER] * 2 + [Type.DECIMAL, Type.PERCENT, Type.DATE, Type.DATE, Type.MOMENT]
    )
    types += [Type.BOOLEAN, Type.TEXT, Type.DURATION, Type.TEXT]

    @base.register
    class Bench(base.Report):
        code = title = "bench.table"
        roles = frozenset({Role.OFFICE})
        listed = False

        def columns(self, actor, params):
            return [
                Column(f"c{n}", f"Колонка {n}", kind, total=kind == Type.INTEGER)
                for n, kind in enumerate(types)
            ]

        def rows(self, actor, params):
            return table(rows)

        def count(self, actor, params):
            return rows

    settings.JOBS_PULSE, settings.OUTBOX_NUDGE = True, False
    member = Membership.objects.filter(role=Role.OFFICE, is_active=True).select_related("user").first()
    actor = resolve_actor(user=member.user, organization_id=member.organization_id)
    job = run_report(actor, code="bench.table", parameters={}, file_format=form, language="ru")
    while worker.run_next():
        job.refresh_from_db()
        if not job.is_active:
            break
    if job.state != "done" or job.rows != rows:
        raise SystemExit(f"The report is {job.state}: {job.error}")
    default_storage.delete(job.file)
    Job.objects.filter(pk=job.pk).delete()
    return job.size


def bare_xlsx(rows: int, directory: Path) -> int:
    """xlsxwriter's own functions, a row of memory at a time."""
    import xlsxwriter

    path = directory / "bare.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(directory)}) as book:
        page = book.add_worksheet()
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for line, row in enumerate(table(rows)):
            for n, value in enumerate(row):
                if isinstance(value, dt.datetime):
                    page.write_datetime(line, n, value.replace(tzinfo=None), day)
                elif isinstance(value, dt.date):
                    page.write_datetime(line, n, value, day)
                elif isinstance(value, bool):
                    page.write_boolean(line, n, value)
                elif isinstance(value, int | float | Decimal):
                    page.write_number(line, n, value)
                elif value is not None:
                    page.write_string(line, n, value)
    return path.stat().st_size


def bare_csv(rows: int, directory: Path) -> int:
    """The csv module, whatever a value is."""
    path = directory / "bare.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table(rows))
    return path.stat().st_size


def copy(rows: int, directory: Path) -> int:
    """The database alone."""
    from django.db import connection

    path = directory / "copy.csv"
    with path.open("wb") as file, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({TABLE.format(rows=rows)}) TO STDOUT WITH (FORMAT csv)", file)
    return path.stat().st_size


KINDS: dict[str, Callable[[int, Path], int]] = {
    "XLSX, the runner": lambda rows, directory: runner("xlsx", rows, directory),
    "XLSX, bare xlsxwriter": bare_xlsx,
    "CSV, the runner": lambda rows, directory: runner("csv", rows, directory),
    "CSV, bare csv": bare_csv,
    "CSV, COPY TO": copy,
}


def measure(rounds: int, rows: int = ROWS) -> list[dict[str, Any]]:
    """Every kind in turn, `rounds` times; medians, with the larger peak of memory."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in KINDS}
    for number in range(rounds):
        print(f"Reports of {rows:,} rows, round {number + 1} of {rounds} …", flush=True)
        for name in KINDS:
            found[name].append(_one(name, rows))
    return [
        {
            "job": name,
            "rows": rows,
            "rows_per_second": rows / statistics.median(seconds for seconds, _peak in measured),
            "peak_mb": max(peak for _seconds, peak in measured),
        }
        for name, measured in found.items()
    ]


def _one(name: str, rows: int) -> tuple[float, float]:
    """Seconds, and the peak of the process in MB."""
    command = [sys.executable, "-m", "tests.bench.reports", name, str(rows)]
    done = subprocess.run(command, cwd=BASE, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name}: ended with {done.returncode}")
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


def _peak() -> float:
    """The most memory that this process has had, in MB (what `getrusage` says is its parent's at first)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def report(found: list[dict[str, Any]]) -> None:
    """Rows a second, what of the bare loop's they are, and the peak."""
    rates = {line["job"]: line["rows_per_second"] for line in found}
    print(
        f"\n{'report of ' + format(found[0]['rows'], ',') + ' × 15':<28}{'rows/s':>11}{'of bare':>11}{'peak MB':>11}"
    )
    for line in found:
        bare = rates["XLSX, bare xlsxwriter" if line["job"].startswith("XLSX") else "CSV, bare csv"]
        line["ratio"] = line["rows_per_second"] / bare
        print(
            f"{line['job']:<28}{line['rows_per_second']:>11,.0f}{line['ratio']:>11.2f}{line['peak_mb']:>11.0f}"
        )
    most = max(line["peak_mb"] for line in found if "runner" in line["job"])
    print(f"peak of the runner {most:.0f} MB (bar {MEMORY})")


def main() -> None:
    """One measurement in this process: `python -m tests.bench.reports KIND ROWS`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("rows", type=int)
    options = parser.parse_args()
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")
    django.setup()
    with tempfile.TemporaryDirectory() as name:
        begun = time.perf_counter()
        KINDS[options.kind](options.rows, Path(name))
        print(time.perf_counter() - begun, _peak())


if __name__ == "__main__":
    main()
