"""What stands in the files, read back by other programs."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from decimal import Decimal
from itertools import chain

import pytest
from django.core.files.storage import default_storage
from django.utils import translation

from cluster_portal.jobs import runner
from cluster_portal.reports.columns import Column
from cluster_portal.reports.services.asking import run_report
from cluster_portal.reports.writers import Sheet, formats
from tests.reports.conftest import MOMENT

pytestmark = pytest.mark.django_db

ASKED = {"since": "2026-11-01", "kind": "b"}
PAYLOADS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("http://x.example","y")',
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
]


def made(actor, form, language="ru", **parameters):
    job = run_report(
        actor, code="tests.example", parameters=ASKED | parameters, file_format=form, language=language
    )
    assert runner.run_next()
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    return job, default_storage.open(job.file).read()


def table(data):
    """(rows of the first sheet, its raw XML) of an XLSX."""
    from xml.etree import ElementTree

    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        raw = archive.read("xl/worksheets/sheet1.xml").decode()
        shared = []
        if "xl/sharedStrings.xml" in archive.namelist():
            root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            shared = ["".join(t.text or "" for t in item.iter(f"{space}t")) for item in root]
    rows = []
    for row in ElementTree.fromstring(raw).iter(f"{space}row"):
        values = []
        for cell in row:
            value = cell.find(f"{space}v")
            text = "".join(t.text or "" for t in cell.iter(f"{space}t"))
            if cell.get("t") == "s":
                text = shared[int(value.text)]
            elif value is not None:
                text = value.text if cell.get("t") == "e" else float(value.text)
            values.append(text)
        rows.append(values)
    return rows, raw


def test_excel_has_real_numbers_dates_and_a_total(example, office):
    job, data = made(office, "xlsx")
    rows, raw = table(data)
    assert rows[0] == ["Пример: отчёт"]
    assert rows[1] == ["Since: 01.11.2026 · Kind: Beta · По состоянию на " + rows[1][0].split(" на ")[-1]]
    assert rows[3][:3] == ["Клиника", "Пациент", "Людей"]
    # 21 November 2026 and its 09:30 in Sakhalin, as Excel counts days.
    assert rows[4] == ["Ёлка №1", "Иванов", 1234, 0.125, 3.5, 46347, pytest.approx(46347 + 9.5 / 24), "да"]
    assert rows[5][:5] == ["Кедр", "=1+1", 3, 1, -2.25]
    assert rows[6] == ["Итого", 1237]
    assert "<f>" not in raw
    assert "<autoFilter" in raw
    assert 'state="frozen"' in raw
    assert job.file_name.startswith("Пример отчёт 2026-")


def test_csv_is_what_the_readers_excel_opens(example, office):
    _job, data = made(office, "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["Ёлка №1", "Иванов", "1234", "0,125", "3,5", "2026-11-21", "2026-11-21 09:30:00", "да"]
    assert rows[2] == ["Кедр", "'=1+1", "3", "1", "-2,25", "", "", "нет"]
    _job, data = made(office, "csv", language="en")
    assert data.decode("utf-8-sig").splitlines()[1].startswith("Ёлка №1,Иванов,1234,0.125,")


def test_json_is_for_programs(example, office):
    _job, data = made(office, "json")
    found = json.loads(data)
    assert found["columns"][2] == {"name": "people", "title": "Людей", "type": "integer"}
    assert found["rows"][0]["at"] == "2026-11-21T09:30:00+11:00"
    assert found["rows"][1]["days"] == -2.25
    assert found["as_of"].endswith("+11:00")


def test_pdf_is_one(example, office):
    job, data = made(office, "pdf")
    assert data.startswith(b"%PDF-")
    assert b"GolosText" in data
    assert job.content_type == "application/pdf"


@pytest.mark.parametrize("form", ["xlsx", "csv", "json", "pdf"])
def test_an_empty_report_is_a_file_too(example, office, monkeypatch, form):
    monkeypatch.setattr(example, "rows", lambda actor, params: iter(()))
    made(office, form)


def test_analysts_see_no_names_and_no_small_counts(example, analyst):
    _job, data = made(analyst, "json")
    found = json.loads(data)
    assert "patient" not in found["rows"][0]
    assert [row["people"] for row in found["rows"]] == [1234, None]
    _job, data = made(analyst, "csv")
    assert "Иванов" not in data.decode("utf-8-sig")
    assert ";<5;" in data.decode("utf-8-sig")


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_a_formula(tmp_path, form, payload):
    from zoneinfo import ZoneInfo

    sheet = Sheet(
        title=payload, subtitle=payload, columns=[Column("text", payload), Column("more", "b")],
        rows=[(payload, "x")], moment=MOMENT, zone=ZoneInfo("UTC"), language="en", author=payload, notes=[payload],
    )  # fmt: skip
    path = tmp_path / f"out.{form}"
    with translation.override("en"):
        formats()[form].write(sheet, path)
    if form == "xlsx":
        rows, raw = table(path.read_bytes())
        assert "<f>" not in raw
        assert rows[-1][0].replace("_x000D_", "").strip() == payload.strip()
    else:
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
        assert [row[0] for row in rows] == ["'" + payload] * 2


#: Values that are not of their column's usual type, or that a file has no plain form for.
ODD = [
    ("text", None), ("text", ""), ("text", " a "), ("text", "a\nb"), ("text", "a & <b> ]]>"),
    ("text", "\x00\x0b_x0041_"),
    ("text", 12), ("text", True), ("text", "x" * 40_000), ("integer", None), ("integer", True), ("integer", "-"),
    ("integer", 2.5), ("integer", 10**18), ("decimal", 1), ("decimal", Decimal("1E+3")), ("decimal", Decimal("0.10")),
    ("decimal", float("nan")), ("decimal", Decimal("-Infinity")), ("percent", 0), ("date", MOMENT), ("date", None),
    ("datetime", MOMENT.date()), ("boolean", None), ("boolean", "maybe"), ("duration", 0.0),
]  # fmt: skip


@pytest.mark.parametrize("many", [1, 499, 500, 501])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_every_value_has_its_place_however_odd(tmp_path, form, many):
    from cluster_portal.reports.columns import Type

    columns = [Column(f"c{n}", f"c{n}", Type(kind)) for n, (kind, _value) in enumerate(ODD)]
    columns.append(Column("last", "last", Type.INTEGER, total=True))
    rows = ((*(value for _kind, value in ODD), n) for n in range(many))
    path = tmp_path / f"out.{form}"
    with translation.override("en"):
        formats()[form].write(sheet_of(columns, rows), path)
    if form == "csv":
        found = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))[1:]
        assert [row[-1] for row in found] == [str(n) for n in range(many)]
        assert {len(row) for row in found} == {len(columns)}
        assert found[0][:5] == ["", "", " a ", "a\nb", "a & <b> ]]>"]
        assert found[0][14:17] == ["1", "1000", "0.1"]
        return
    found, _raw = table(path.read_bytes())
    found = found[3:]
    assert [row[-1] for row in found] == [*range(many), many * (many - 1) / 2]
    # Nothing is no cell; all else stands in the order of the columns.
    assert found[0][:6] == ["", " a ", "a\nb", "a & <b> ]]>", "_x0000__x000B__x005F_x0041_", "12"]
    assert found[0][6:8] == ["yes", "x" * 32_767]


def sheet_of(columns, rows):
    from zoneinfo import ZoneInfo

    return Sheet(
        title="t", subtitle="", columns=columns, rows=rows, moment=MOMENT, zone=ZoneInfo("UTC"), language="en",
        author="a",
    )  # fmt: skip


@pytest.mark.parametrize("many", [0, 9, 10, 11, 25])
def test_what_does_not_fit_one_sheet_goes_on_the_next(tmp_path, monkeypatch, many):
    import re

    from cluster_portal.reports.columns import Type
    from cluster_portal.reports.writers import xlsx

    monkeypatch.setattr(xlsx, "SHEET_ROWS", 10)
    columns = [Column("n", "N", Type.INTEGER, total=True)]
    path = tmp_path / "out.xlsx"
    with translation.override("en"):
        xlsx.write(sheet_of(columns, ((n,) for n in range(many))), path)
    seen = []
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if "worksheets/sheet" in name]
        for n in range(len(sheets)):
            raw = archive.read(f"xl/worksheets/sheet{n + 1}.xml").decode()
            lines = [int(found) for found in re.findall(r'<row r="(\d+)"', raw)]
            assert lines == sorted(set(lines))
            seen.append([int(found) for found in re.findall(r"<v>(\d+)</v>", raw)])
    assert len(sheets) == max(1, -(-many // 10))
    total = seen[-1].pop()
    assert (list(chain(*seen)), total) == (list(range(many)), sum(range(many)))
