"""How fast tables of patients and of equipment are checked and taken in, and in how much memory.

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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

BASE = Path(__file__).resolve().parents[2]
ROWS = 50_000
#: Seconds for which a person waits with patience for a whole file, and MB that a worker may take at most.
PATIENCE, MEMORY = 60, 300
STEPS = ("check", "take in", "check again")
CLINIC = "Поликлиника для измерений"
HEADINGS = (
    "Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "СНИЛС", "Полис ОМС", "Страховая компания", "Телефон",
    "Почта", "Адрес", "№ карты",
)  # fmt: skip
FAMILIES = ("Иванов", "Ким", "Петров", "Ли", "Соколов", "Пак", "Орлов", "Цой", "Волков", "Тен")
GIVEN = ("Анна", "Ирина", "Ольга", "Мария", "Елена", "Дарья", "Юлия", "Вера", "Лидия", "Нина", "Зоя")


UNITS = (
    "Инв. номер", "Вид оборудования", "Учреждение", "Кабинет", "Модель", "Изготовитель", "Страна", "Зав. номер",
    "Статус", "Год", "Источник финансирования", "Гарантия", "Дата заказа", "Дата поставки", "Дата ввода", "Примечание",
)  # fmt: skip


def write_units(path: Path, rows: int, first: int = 1) -> None:
    """Units in use at the clinic of these measurements; the first of them is number `first`."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        page, day = book.add_worksheet(), book.add_format({"num_format": "dd.mm.yyyy"})
        page.write_row(0, 0, UNITS)
        for line, n in enumerate(range(first, first + rows), 1):
            begun = date(2015, 1, 1) + timedelta(days=n % 3000)
            row = (
                f"1013-{n:06}", "Компьютерный томограф", CLINIC, f"{n % 40 + 100}", f"Ангара-{n % 90}",
                "Приборный завод", "Россия", f"SN{n:07}", "в работе", begun.year, "региональный бюджет",
            )  # fmt: skip
            page.write_row(line, 0, row)
            for place, days in ((11, 2000), (12, 0), (13, 90), (14, 110)):
                page.write_datetime(line, place, begun + timedelta(days=days), day)


def write_people(path: Path, rows: int, first: int = 1) -> None:
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
        clinics.make_clinic(organization, name_ru=CLINIC)
        clinics.make_member(Role.REFERRER, organization=organization)
        member = Membership.objects.select_related("user").get(organization=organization)
    return resolve_actor(user=member.user, organization_id=member.organization_id)


def _known(kind: str) -> int:
    """How many such rows earlier measurements have brought."""
    from clinics.models import Equipment
    from patients.models import PatientNumber

    model = Equipment if kind == "equipment" else PatientNumber
    return model.objects.filter(organization_id=_actor().organization_id).count()


#: The tables: what writes one, its code and its number of columns.
KINDS = {
    "patients": (write_people, "patients.patients", len(HEADINGS)),
    "equipment": (write_units, "clinics.equipment", len(UNITS)),
}


def step(kind: str, name: str, path: Path) -> None:
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
            run = upload_file(actor, code=KINDS[kind][1], file=File(file, name=path.name))
        run = check_import(actor, run_id=run.pk)
    while runner.run_next():
        pass
    run.refresh_from_db()
    state = "applied" if name == "take in" else "checked"
    if run.state != state or run.counts.get("refused"):
        raise SystemExit(f"The import is {run.state}: {run.counts}")
    print(run.counts, file=sys.stderr)


def measure(rows: int = ROWS, kinds: Iterable[str] = tuple(KINDS)) -> list[dict[str, Any]]:
    """Each step of each kind once, on a table of so many new rows."""
    found = []
    for kind in kinds:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "table.xlsx"
            KINDS[kind][0](path, rows, first=_known(kind) + 1)
            for name in STEPS:
                print(f"Import of {rows:,} rows, {kind}: {name} …", flush=True)
                command = [sys.executable, "-m", "tests.bench.imports", kind, name, str(path)]
                done = subprocess.run(command, cwd=BASE, stdout=subprocess.PIPE, text=True, check=False)
                if done.returncode:
                    raise SystemExit(f"{kind}, {name}: ended with {done.returncode}")
                seconds, cpu, served, peak = map(float, done.stdout.split()[-4:])
                line = {"kind": kind, "step": name, "rows": rows, "seconds": seconds, "cpu": cpu}
                found.append({**line, "database_cpu": served, "peak_mb": peak})
    return found


def report(found: list[dict[str, Any]]) -> None:
    """Seconds, those of them in which the worker's and the database's processors worked, rows a second, the peak."""
    for kind in dict.fromkeys(line["kind"] for line in found):
        title = f"{kind}, {found[0]['rows']:,} × {KINDS[kind][2]}"
        print(f"\n{title:<28}{'s':>11}{'CPU s':>11}{'DB CPU s':>11}{'rows/s':>11}{'peak MB':>11}")
        for line in (line for line in found if line["kind"] == kind):
            figures = (line["seconds"], line["cpu"], line["database_cpu"])
            print(
                f"{line['step']:<28}{''.join(f'{figure:>11.1f}' for figure in figures)}"
                f"{line['rows'] / line['seconds']:>11,.0f}{line['peak_mb']:>11.0f}"
            )
    print(f"bars: {PATIENCE} s and {MEMORY} MB for each step")


def _served() -> float:
    """CPU seconds of the database's process behind this connection; 0 where it runs on another machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    try:
        # After the name in brackets: 11 fields to the user's time, then the system's (proc(5)).
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """One step in this process: `python -m tests.bench.imports KIND STEP FILE`."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_portal.settings")
    django.setup()
    from tests.bench.reports import _peak

    begun = time.perf_counter()
    step(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    print(time.perf_counter() - begun, time.process_time(), _served(), _peak())


if __name__ == "__main__":
    main()
