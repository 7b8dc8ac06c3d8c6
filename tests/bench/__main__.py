"""``./portal bench``: booking and lists through HTTP beside the same statements in pgbench.

Two web processes, real sign-in, journal, state rules; every round measures the portal and the bare database one
after the other, so that a busy machine slows both. Medians and ratios are printed; absolute times depend on the
machine and are asserted nowhere.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ["OUTBOX_NUDGE"] = "0"
if "large" in sys.argv:
    # The large rows have a database of their own, so that the usual measurements stay comparable.
    from tests.bench import own_database

    os.environ["DATABASE_URL"] = own_database.ensure(os.environ["DATABASE_URL"])
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from cluster_portal.demo.staff import PASSWORD  # noqa: E402
from cluster_portal.embedded.store import free_port  # noqa: E402
from tests.bench import growth, imports, load, pgbench, reports, searching, syncing, world  # noqa: E402

BASE = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"


@dataclass
class Job:
    """One line of the report: what is asked of the portal, what of pgbench, and the bar between them."""

    name: str
    bar: float
    requests: Callable[[load.Session, int], Iterator[bytes]]
    script: str
    statements: int
    #: A booking job has a fixed number of turns for pgbench, and is made undone after each measurement.
    turns: int | None = None
    answers: list[load.Answers] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        return [answers.rate / bare for answers, bare in zip(self.answers, self.bare, strict=True) if bare]


def main() -> int:
    """Measure, print, write build/bench.json."""
    options = arguments().parse_args()
    if options.only == ["reports"]:
        call_command("prepare_portal", "--cluster", options.cluster)
        written = reports.measure(options.rounds, options.rows)
        reports.report(written)
        keep({"reports": written})
        return 0
    if options.only == ["imports"]:
        call_command("prepare_portal", "--cluster", options.cluster)
        written = imports.measure(min(options.rows, imports.ROWS))
        imports.report(written)
        keep({"imports": written})
        return 0
    print("Preparing the demo cluster and what is to be booked …", flush=True)
    here = world.prepare(options.cluster, options.pairs, growth.grow if options.scale == "large" else None)
    port = free_port()
    web = start_web(port)
    try:
        session = load.Session(HOST, port, here.user.email, PASSWORD)
        if not options.only or options.only == ["sync"]:
            synced = syncing.measure(
                session, here.actor, web.pid, growth.REFERRALS if options.scale == "large" else 1
            )
            syncing.report(synced)
            keep({"sync": synced})
        if options.only == ["sync"]:
            return 0
        jobs = make_jobs(here, options)
        for number in range(options.rounds):
            print(f"Round {number + 1} of {options.rounds} …", flush=True)
            for job in jobs:
                measure(job, session, port, options)
    finally:
        web.send_signal(signal.SIGTERM)
        web.wait(40)
    found = searching.measure(here.actor)
    report(jobs, found, options)
    searching.report(found)
    if not options.only:
        written = reports.measure(1, options.rows)
        reports.report(written)
        keep({"reports": written})
        written = imports.measure(min(options.rows, imports.ROWS))
        imports.report(written)
        keep({"imports": written})
    return 0


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./portal bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=16_000, help="referrals that wait to be booked")
    parser.add_argument("--cluster", default="sakhalin")
    parser.add_argument(
        "--scale", choices=["demo", "large"], default="demo",
        help="large: 1,000,000 referrals and patients, 5,000,000 slots, made once in a database of their own",
    )  # fmt: skip
    parser.add_argument("--rows", type=int, default=reports.ROWS, help="of the large report and the import")
    parser.add_argument("--only", nargs="+", help="names of jobs, or one of: reports, imports, sync")
    return parser


def start_web(port: int) -> subprocess.Popen[bytes]:
    """The web as `./portal run` starts it, without the limits that keep one client from asking this much."""
    variables = {
        **os.environ, "WEB_BIND": f"{HOST}:{port}", "LOG_LEVEL": "WARNING", "OUTBOX_NUDGE": "0",
        "API_REQUESTS_PER_MINUTE": "100000000", "ALLOWED_HOSTS": HOST,
    }  # fmt: skip
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "python:cluster_portal.ops.gunicorn",
         "cluster_portal.wsgi:application"],
        cwd=BASE, env=variables,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    probe = [sys.executable, "-m", "cluster_portal.ops.probe", f"http://{HOST}:{port}/health/ready"]
    while subprocess.run(probe, cwd=BASE, capture_output=True, check=False).returncode != 0:
        if web.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("The web did not start.")
        time.sleep(0.2)
    return web


def captured(here: world.World, method: str, path: str, body: bytes = b"", key: str = "") -> list[str]:
    """The statements that one request of the signed-in person sends."""
    client = Client(headers={"host": HOST})
    client.force_login(here.user)
    client.get(path if method == "GET" else "/desk/")
    with CaptureQueriesContext(connection) as context:
        if method == "GET":
            answer = client.get(path)
        else:
            answer = client.post(
                path, body, content_type="application/json", headers={"idempotency-key": key}
            )
    if answer.status_code not in (200, 201):
        raise SystemExit(f"{method} {path} was answered with {answer.status_code}: {answer.content[:500]!r}")
    return [query["sql"] for query in context.captured_queries if query["sql"] not in {"BEGIN", "COMMIT"}]


def page_path(here: world.World, path: str, number: int) -> str:
    """The address of a later page of an API list, by following its links."""
    client = Client(headers={"host": HOST})
    client.force_login(here.user)
    for _page in range(number - 1):
        following = client.get(path).json()["next"]
        if not following:
            break
        path = following
    parts = urllib.parse.urlsplit(path)
    return f"{parts.path}?{parts.query}"


def make_jobs(here: world.World, options: argparse.Namespace) -> list[Job]:
    """The jobs of design: booking spread and hot, the work list, the search for free slots."""
    pairs = world.pair_ids()
    share = len(pairs) // options.clients

    def booking(hot: bool) -> Callable[[load.Session, int], Iterator[bytes]]:
        def requests(session: load.Session, number: int) -> Iterator[bytes]:
            for referral, _patient, slot in pairs[number * share : (number + 1) * share]:
                body = json.dumps({"slot": str(here.hot_slot) if hot else slot}).encode()
                yield session.post(f"/api/v1/referrals/{referral}/book/", body, uuid.uuid4().hex)

        return requests

    def reading(path: str) -> Callable[[load.Session, int], Iterator[bytes]]:
        def requests(session: load.Session, number: int) -> Iterator[bytes]:
            request = session.get(path)
            while True:
                yield request

        return requests

    jobs = []
    first, patient, slot = pairs[-1]
    for name, hot, bar in (("booking, spread slots", False, 0.10), ("booking, one hot slot", True, 0.0)):
        target = str(here.hot_slot) if hot else slot
        body, key = json.dumps({"slot": target}).encode(), uuid.uuid4().hex
        statements = captured(here, "POST", f"/api/v1/referrals/{first}/book/", body, key)
        world.reset()
        known = {uuid.UUID(first): "referral", uuid.UUID(patient): "patient"}
        if not hot:
            known[uuid.UUID(slot)] = "slot"
        script = pgbench.writing_script(statements, known, key, share)
        jobs.append(Job(name, bar, booking(hot), script, len(statements), turns=min(share - 1, 1500)))
    lists = {
        "work list, 50 rows (API)": ("/api/v1/referrals/?side=out&limit=50", "patients_referral", 0.15),
        "work list, page 100 (API)": (
            page_path(here, "/api/v1/referrals/?side=out&limit=50", 100), "patients_referral", 0.15
        ),
        "work list, 50 rows (page)": ("/referrals/out/all/", "patients_referral", 0.0),
        "free slots, all clinics": (
            f"/api/v1/slots/?free=true&service_type={here.service.service_type_id}&limit=50", "clinics_slot", 0.20
        ),
    }  # fmt: skip
    for name, (path, table, bar) in lists.items():
        statements = captured(here, "GET", path)
        main = [
            statement for statement in statements if f'"{table}"' in statement or f" {table} " in statement
        ]
        jobs.append(Job(name, bar, reading(path), pgbench.reading_script(main), len(statements)))
    return [job for job in jobs if not options.only or any(word in job.name for word in options.only)]


def measure(job: Job, session: load.Session, port: int, options: argparse.Namespace) -> None:
    """The portal, then the bare database."""
    answers = load.run(
        HOST, port, options.clients, options.seconds, lambda number: job.requests(session, number)
    )
    if job.turns:
        world.reset()
    wrong = {status: count for status, count in answers.statuses.items() if status not in (200, 201)}
    if wrong:
        print(f"  {job.name}: answers other than 200: {wrong}", flush=True)
    job.answers.append(answers)
    job.bare.append(
        pgbench.run(
            job.script, options.clients, turns=job.turns, seconds=None if job.turns else options.seconds
        )
    )
    if job.turns:
        world.reset()


def report(jobs: list[Job], found: list[dict[str, Any]], options: argparse.Namespace) -> None:
    """Medians and ratios, for people and for build/bench.json."""
    lines = [("job", "HTTP/s", "p95 ms", "SQL", "pgbench/s", "ratio", "bar")]
    written = []
    for job in jobs:
        rate = statistics.median(answers.rate for answers in job.answers)
        slow = statistics.median(answers.percentile(0.95) for answers in job.answers) * 1000
        bare = statistics.median(job.bare)
        ratio = statistics.median(job.ratios)
        bar = f"{job.bar:.2f}" if job.bar else "–"
        lines.append(
            (job.name, f"{rate:.0f}", f"{slow:.0f}", str(job.statements), f"{bare:.0f}", f"{ratio:.2f}", bar)
        )
        written.append({
            "job": job.name, "rate": rate, "p95_ms": slow, "statements": job.statements, "pgbench": bare,
            "ratio": ratio, "ratios": job.ratios, "bar": job.bar,
        })  # fmt: skip
    rates = {job.name: statistics.median(answers.rate for answers in job.answers) for job in jobs}
    print()
    for line in lines:
        print(f"{line[0]:<28}" + "".join(f"{cell:>11}" for cell in line[1:]))
    spread, hot = rates.get("booking, spread slots"), rates.get("booking, one hot slot")
    if spread and hot:
        print(f"\none hot slot at {hot / spread:.2f} of the spread rate (bar 0.80)")
    first, later = rates.get("work list, 50 rows (API)"), rates.get("work list, page 100 (API)")
    if first and later:
        print(f"page 100 takes {first / later:.2f} of page 1 (bar 1.30)")
    print(
        f"{options.scale} scale, {options.clients} clients,"
        f" {options.rounds} rounds of {options.seconds:g} s in turn, medians"
    )
    keep({"jobs": written, "search": found})


def keep(found: dict[str, Any]) -> None:
    """Write the figures into build/bench.json; parts that were not measured now stay as they were."""
    target = BASE / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    known = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
    target.write_text(json.dumps(known | found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
