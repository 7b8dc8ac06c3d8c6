"""Files of reports: XLSX, CSV, PDF and JSON, each written row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from cluster_portal.reports.columns import Column


@dataclass(slots=True)
class Sheet:
    """What every writer is given. `rows` is read once; `moment` is the snapshot's time; `zone` the reader's.

    `totals` are filled while the rows go by: the sum of each column that asks for it.
    """

    title: str
    subtitle: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    moment: dt.datetime
    zone: ZoneInfo
    language: str
    author: str
    notes: Sequence[str] = ()
    totals: dict[int, Any] = field(default_factory=dict)

    def summed(self) -> Iterable[Sequence[Any]]:
        """The rows; what they sum up to stands in `totals` afterwards."""
        summing = [n for n, column in enumerate(self.columns) if column.total]
        totals = dict.fromkeys(summing, 0)
        for row in self.rows:
            for n in summing:
                totals[n] += row[n] or 0
            yield row
        self.totals = totals


@dataclass(frozen=True, slots=True)
class Format:
    """`write(sheet, path)` makes the file."""

    name: str
    label: Any
    content_type: str
    write: Callable[[Sheet, Path], None]


def formats() -> dict[str, Format]:
    """Every format by its name, which is the file's ending too."""
    from cluster_portal.reports.writers import csv, json, pdf, xlsx

    return {
        "xlsx": Format(
            "xlsx",
            _("Excel table"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx.write,
        ),
        "csv": Format("csv", _("CSV table"), "text/csv; charset=utf-8", csv.write),
        "pdf": Format("pdf", _("PDF document"), "application/pdf", pdf.write),
        "json": Format("json", _("JSON data"), "application/json", json.write),
    }
