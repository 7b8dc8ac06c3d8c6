"""JSON for programs: names instead of headings, one object a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from cluster_portal.reports.columns import plain

if TYPE_CHECKING:
    from pathlib import Path

    from cluster_portal.reports.writers import Sheet


def write(sheet: Sheet, path: Path) -> None:
    """`{"title", "parameters", "as_of", "columns", "rows"}`, the rows one by one."""
    head = {
        "title": sheet.title,
        "parameters": sheet.subtitle,
        "as_of": sheet.moment.astimezone(sheet.zone).isoformat(timespec="seconds"),
        "notes": list(sheet.notes),
        "columns": [
            {"name": column.name, "title": str(column.title), "type": column.type.value}
            for column in sheet.columns
        ],
    }
    names = [column.name for column in sheet.columns]
    with path.open("wb") as file:
        file.write(orjson.dumps(head)[:-1] + b',"rows":[')
        first = True
        for row in sheet.rows:
            values = (
                plain(column, value, sheet.zone) for column, value in zip(sheet.columns, row, strict=True)
            )
            file.write((b"\n" if first else b",\n") + orjson.dumps(dict(zip(names, values, strict=True))))
            first = False
        file.write(b"\n]}\n")
