"""How fast a table of patients is checked and taken in, and in how much memory.

Each step is a process of its own, so that its peak of memory (RSS) is its own too: the file is uploaded and checked,
taken in, and then checked once more, when nothing is new.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parents[2]
ROWS = 50_000
#: Seconds for which a person waits with patience for a whole file, and MB that a worker may take at most.
PATIENCE, MEMORY = 60, 300
STEPS = ("check", "take in", "check again")
HEADINGS = (
    "Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "СНИЛС", "Полис ОМС", "Страховая компания", "Телефон",
    "Почта", "Адрес", "№ карты",
)  # fmt: skip
FAMILIES = ("Иванов", "Ким", "Петров", "Ли", "Соколов", "Пак", "Орлов", "Цой", "Волков", "Тен")
GIVEN = ("Анна", "Ирина", "Ольга", "Мария", "Елена", "Дарья", "Юлия", "Вера", "Лидия", "Нина", "Зоя")


def write_table(path: Path, rows: int, first: int = 1) -> None:
    """People with identifiers whose check digits fit, born over eighty years; the first of them is number `first`."""
    import xlsxwriter

    from tests.factories.patients import enp, snils

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        page, day = book.add_worksheet(), book.add_format({"num_format": "dd.mm.yyyy"})
        page.write_row(0, 0, HEADINGS)
        for line, n in enumerate(range(first, first + rows), 1):
            row = (
                f"{FAMILIES[n % 10]}{'абвгдежзик'[n // 10 % 10]}{'лмнопрстуф'[n // 100 % 10]}ова", GIVEN[n % 11],
                "Сергеевна", None, "ж", snils(n), enp(n), "Капитал МС", f"+7 924 {n:07}", f"p{n}@example.org",
                f"Сахалинская обл., г. Холмск, ул. Мира, д. {n % 90 + 1}, кв. {n % 200 + 1}", f"К-{n:06}",
            )  # fmt: skip
            page.write_row(line, 0, row)
            page.write_datetime(line, 3, date(1940, 1, 1) + timedelta(days=n * 7 % 29_000), day)


def _actor() -> Any:
    from clinics.models import Cluster, Membership
    from cluster_portal.accounts.roles import Role
    from cluster_portal.common.actor import resolve_actor
    from tests.factories import clinics

    name = "Больница для измерений"
    member = Membership.objects.filter(organization__name_ru=name).select_related("user").first()
    if member is None:
        if not Cluster.objects.exists():
            clinics.make_cluster()
        organization = clinics.make_organization(name_ru=name)
        clinics.make_member(Role.REFERRER, organization=organization)
        member = Membership.objects.select_related("user").get(organization=organization)
    return resolve_actor(user=member.user, organization_id=member.organization_id)


def _known() -> int:
    """How many such people earlier measurements have brought."""
    from patients.models import PatientNumber

    return PatientNumber.objects.filter(organization_id=_actor().organization_id).count()


def step(name: str, path: Path) -> None:
    """One step, through the queue and its worker."""
    from django.conf import settings
    from django.core.files import File

    from cluster_portal.imports.models import ImportRun
    from cluster_portal.imports.services.deciding import apply_import, check_import
    from cluster_portal.imports.services.uploading import upload_file
    from cluster_portal.jobs import runner

    settings.JOBS_PULSE, settings.OUTBOX_NUDGE = True, False
    actor = _actor()
    if name == "take in":
        run = ImportRun.objects.filter(organization_id=actor.organization_id).latest("created_at")
        run = apply_import(actor, run_id=run.pk, answer="new")
    else:
        with path.open("rb") as file:
            run = upload_file(actor, code="patients.patients", file=File(file, name=path.name))
        run = check_import(actor, run_id=run.pk)
    while runner.run_next():
        pass
    run.refresh_from_db()
    state = "applied" if name == "take in" else "checked"
    if run.state != state or run.counts.get("refused"):
        raise SystemExit(f"The import is {run.state}: {run.counts}")
    print(run.counts, file=sys.stderr)


def measure(rows: int = ROWS) -> list[dict[str, Any]]:
    """Each step once, on a table of so many new people."""
    found = []
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "table.xlsx"
        write_table(path, rows, first=_known() + 1)
        for name in STEPS:
            print(f"Import of {rows:,} rows: {name} …", flush=True)
            command = [sys.executable, "-m", "tests.bench.imports", name, str(path)]
            done = subprocess.run(command, cwd=BASE, stdout=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{name}: ended with {done.returncode}")
            seconds, cpu, peak = map(float, done.stdout.split()[-3:])
            found.append({"step": name, "rows": rows, "seconds": seconds, "cpu": cpu, "peak_mb": peak})
    return found


def report(found: list[dict[str, Any]]) -> None:
    """Seconds, those of them in which the worker's own processor worked, rows a second, and the peak."""
    title = f"import of {found[0]['rows']:,} × 12"
    print(f"\n{title:<28}{'s':>11}{'CPU s':>11}{'rows/s':>11}{'peak MB':>11}")
    for line in found:
        rate = line["rows"] / line["seconds"]
        print(
            f"{line['step']:<28}{line['seconds']:>11.1f}{line['cpu']:>11.1f}{rate:>11,.0f}{line['peak_mb']:>11.0f}"
        )
    print(f"bars: {PATIENCE} s and {MEMORY} MB for each step")


def main() -> None:
    """One step in this process: `python -m tests.bench.imports STEP FILE`."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")
    django.setup()
    from tests.bench.reports import _peak

    begun = time.perf_counter()
    step(sys.argv[1], Path(sys.argv[2]))
    print(time.perf_counter() - begun, time.process_time(), _peak())


if __name__ == "__main__":
    main()
