"""Files as people and their programs make them: tables in XLSX and CSV, whole and hostile."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

CONTENT = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)


def xlsx(
    path: Path, rows: Sequence[Sequence[Any]], *, sheet: str = "Лист1", **formats: dict[int, Any]
) -> Path:
    """A table as Excel writes it; dates get a date's format."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        page = book.add_worksheet(sheet)
        for line, row in enumerate(rows):
            for n, value in enumerate(row):
                if hasattr(value, "year"):
                    page.write_datetime(line, n, value, day)
                elif value is not None:
                    page.write(line, n, value)
    return path


def csv_file(
    path: Path, rows: Sequence[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ";"
) -> Path:
    """A table with a separator; texts that hold it are quoted."""
    import csv

    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def raw_xlsx(path: Path, sheet: str | bytes, **parts: str | bytes) -> Path:
    """An XLSX of one sheet with this very XML; `parts` replace others, `styles` and `shared` among them."""
    names = {"styles": "xl/styles.xml", "shared": "xl/sharedStrings.xml", "book": "xl/workbook.xml"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT)
        archive.writestr("xl/_rels/workbook.xml.rels", LINKS)
        if "book" not in parts:
            archive.writestr("xl/workbook.xml", BOOK)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for key, text in parts.items():
            archive.writestr(names[key], text)
    return path


def sheet_xml(*rows: str, after: str = "") -> str:
    """A sheet of these rows."""
    body = "".join(f'<row r="{n}">{cells}</row>' for n, cells in enumerate(rows, 1))
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{body}</sheetData>{after}</worksheet>"
    )


def text_cell(place: str, text: str) -> str:
    """A cell with its text inside."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
