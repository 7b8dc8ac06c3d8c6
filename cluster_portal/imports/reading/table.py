"""A table in a file: which kind it is, where its headings stand, and its rows one after another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.imports.errors import (
    BadFile,
    EmptyTable,
    OldExcel,
    TooManyColumns,
    TooManyRows,
    WrongType,
)
from cluster_portal.imports.reading.cells import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Rows among which the headings are looked for: above them stand titles and dates.
HEAD = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a file may hold: `size` and `unpacked` in bytes (on disk, and taken out of an archive)."""

    size: int = 20 * 1024 * 1024
    rows: int = 50_000
    columns: int = 200
    text: int = 5_000
    unpacked: int = 400 * 1024 * 1024


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Head:
    """Where the headings stand, and what they are; then a few rows as samples."""

    line: int
    headings: list[str]
    samples: list[list[str]]


class Table(ABC):
    """One table. `kind` is `xlsx` or `csv`, `sheets` the names to choose from, `sheet` the one that is read."""

    kind: str
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self.limits = path, limits

    @abstractmethod
    def lines(self) -> Iterator[tuple[int, list[Any]]]:
        """Every line that holds something, with its number as the author of the file sees it.

        Raises BadFile and what is below it.
        """

    @abstractmethod
    def expected(self, head: Head) -> int:
        """About how many rows stand below the headings. Raises Merged where some of their cells are one."""

    def head(self, samples: int = 3) -> Head:
        """The headings: of the first lines the first that has the most cells. Raises EmptyTable."""
        first = list(islice(self._wide(), HEAD))
        if not first:
            raise EmptyTable(_("The file is empty."))
        place = max(range(len(first)), key=lambda n: (_filled(first[n][1]), -n))
        # A heading has words in it; a table without headings begins with data at once, and cannot be told apart.
        line, cells = first[place]
        headings = [shown(cell).strip()[:100] for cell in cells]
        while headings and not headings[-1]:
            headings.pop()
        below = first[place + 1 :]
        if not below and next((row for row in self._wide() if row[0] > line), None) is None:
            raise EmptyTable
        return Head(line, headings, [[shown(cell)[:100] for cell in cells] for _n, cells in below[:samples]])

    def rows(self, after: int) -> Iterator[tuple[int, list[Any]]]:
        """The lines below the headings. Raises TooManyRows when there are more than allowed, however they are told."""
        count = 0
        for line, cells in self._wide():
            if line <= after:
                continue
            count += 1
            self.limit_rows(count)
            yield line, cells

    def limit_rows(self, count: int) -> None:
        """Raises TooManyRows beyond the limit."""
        if count > self.limits.rows:
            raise TooManyRows(
                _("The file has more than %(count)s rows. Please split it.") % {"count": self.limits.rows}
            )

    def _wide(self) -> Iterator[tuple[int, list[Any]]]:
        for line, cells in self.lines():
            if len(cells) > self.limits.columns:
                raise TooManyColumns(
                    _("Line %(line)s has more than %(count)s columns.")
                    % {"line": line, "count": self.limits.columns}
                )
            for cell in cells:
                if isinstance(cell, str) and len(cell) > self.limits.text:
                    raise BadFile(
                        _("A cell in line %(line)s holds more than %(count)s characters.")
                        % {"line": line, "count": self.limits.text}
                    )
            yield line, cells


def _filled(cells: list[Any]) -> int:
    """How many cells say something, those that are words counting most: headings are words."""
    return sum(
        2 if isinstance(cell, str) and not cell[:1].isdigit() else 1 for cell in cells if cell is not None
    )


def open_table(path: Path, *, sheet: str = "", limits: Limits = LIMITS) -> Table:
    """The table in a file, by what the file is and not by its name. Raises BadFile and what is below it."""
    from cluster_portal.imports.reading.csv import CsvTable
    from cluster_portal.imports.reading.xlsx import XlsxTable

    with path.open("rb") as file:
        begin = file.read(4096)
    if not begin.strip():
        raise EmptyTable(_("The file is empty."))
    if begin.startswith(OLE):
        raise OldExcel
    if begin.startswith(ZIP):
        return XlsxTable(path, limits, sheet=sheet)
    is_utf16 = begin[:2] in (b"\xff\xfe", b"\xfe\xff")
    if (
        (b"\0" in begin and not is_utf16)
        or begin.startswith((b"%PDF", b"<?xml", b"{\\rtf"))
        or b"<html" in begin.lower()
    ):
        raise WrongType
    return CsvTable(path, limits)
