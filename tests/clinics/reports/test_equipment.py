"""Plan against delivered, and downtime, counted against rows that are made by hand."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clinics.models import Downtime
from cluster_portal.accounts.roles import Role
from cluster_portal.reports.base import report_of
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo(make.ZONE))


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinic():
    make.make_cluster()
    return make.make_clinic()


def rows(actor, code, **params):
    report = report_of(code)
    checked = report.check(actor, params)
    return [
        dict(zip([c.name for c in report.columns(actor, checked)], row, strict=True))
        for row in report.rows(actor, checked)
    ]


def test_the_plan_is_counted_by_year_and_group(clinic):
    for state, number in (
        ("planned", 3), ("ordered", 2), ("delivered", 1), ("commissioned", 4), ("in_repair", 1), ("written_off", 1),
    ):  # fmt: skip
        for _n in range(number):
            make.make_equipment(clinic, state=state, programme_year=2026)
    make.make_equipment(make.make_clinic(), "mri", programme_year=2025, funding="federal")
    make.make_equipment(clinic)
    office = make.make_actor(Role.OFFICE)
    late, early = rows(office, "clinics.equipment")
    assert late == {
        "year": "2026", "planned": 12, "ordered": 9, "delivered": 7, "in_use": 4, "in_repair": 1, "written_off": 1,
        "share": 7 / 12,
    }  # fmt: skip
    assert (early["year"], early["planned"], early["share"]) == ("2025", 1, 1)
    assert [row["year"] for row in rows(office, "clinics.equipment", funding="federal")] == ["2025"]
    assert [row["year"] for row in rows(office, "clinics.equipment", year=2026)] == ["2026"]
    by_both = rows(office, "clinics.equipment", by="clinic+type")
    assert [(row["year"], row["clinic"], row["planned"]) for row in by_both] == [
        ("2026", clinic.short_name, 12), ("2025", by_both[1]["clinic"], 1),
    ]  # fmt: skip
    manager = make.make_actor(Role.MANAGER, organization=clinic.organization)
    assert [row["year"] for row in rows(manager, "clinics.equipment")] == ["2026"]


def test_downtime_is_cut_at_the_ends_of_the_period(clinic):
    unit, still = make.make_equipment(clinic), make.make_equipment(clinic, "mri")
    start = datetime(2026, 11, 1, tzinfo=ZoneInfo(make.ZONE))
    hour = timedelta(hours=1)
    # Ten hours before the period and five in it; two in the midst; one that has not ended; one that is long over.
    Downtime.objects.create(equipment=unit, starts=start - 10 * hour, ends=start + 5 * hour)
    Downtime.objects.create(equipment=unit, starts=start + 100 * hour, ends=start + 102 * hour)
    Downtime.objects.create(equipment=unit, starts=start - 90 * hour, ends=start - 80 * hour)
    Downtime.objects.create(equipment=still, starts=NOW - 36 * hour)
    found = rows(
        make.make_actor(Role.OFFICE), "clinics.downtime", period="own", since="2026-11-01", until="2026-11-30"
    )
    assert [(row["inventory_number"], row["times"], row["hours"], row["still"]) for row in found] == [
        (still.inventory_number, 1, 36, NOW - 36 * hour), (unit.inventory_number, 2, 7, None),
    ]  # fmt: skip
    assert found[1]["share"] == pytest.approx(7 / (21 * 24 + 12))
    stranger = make.make_actor(Role.MANAGER)
    assert not rows(stranger, "clinics.downtime", period="own", since="2026-11-01", until="2026-11-30")


def test_the_list_as_a_file_is_taken_in_again_as_no_change(clinic, tmp_path):
    from clinics.services.dictionaries import load_nomenclature
    from cluster_portal.common.actor import SYSTEM
    from tests.imports import support
    from tests.imports.files import csv_file

    load_nomenclature(SYSTEM)
    for n, state in enumerate(("planned", "commissioned", "in_repair", "written_off")):
        make.make_equipment(
            clinic, state=state, country="KR", programme_year=2024 + n, funding="own", serial=f"S{n}", place="7",
            commissioned_on=NOW.date(), comment="Перенесён",
        )  # fmt: skip
    manager = make.make_actor(Role.MANAGER, organization=clinic.organization)
    report = report_of("clinics.equipment_list")
    checked = report.check(manager, {})
    head = [str(column.title) for column in report.columns(manager, checked)]
    told = [["" if cell is None else str(cell) for cell in row] for row in report.rows(manager, checked)]
    run = support.upload(manager, csv_file(tmp_path / "list.csv", [head, *told]), "clinics.equipment")
    assert support.check(manager, run).counts == {"unchanged": 4}
    assert [row[0] for row in report.rows(manager, report.check(manager, {"state": "planned"}))] == [
        told[0][0]
    ]
