"""XLSX, read as a stream: one block of the sheet and the shared texts that it has named so far are in memory.

Formulas are never computed: the value that the author's program has stored is taken, and a formula without one is no
value. Hidden sheets are not offered.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from posixpath import join, normpath
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.imports.errors import Damaged, EmptyTable, Merged, NoSuchSheet, TooManyColumns
from cluster_portal.imports.reading.archive import Archive, local, parse, parser
from cluster_portal.imports.reading.cells import Broken, day_of_serial, number
from cluster_portal.imports.reading.table import Head, Limits, Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Numbers of the formats that every program knows as dates and times (ECMA-376 part 1, 18.8.30).
DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')
_DATE_LETTERS = re.compile(r"[dmyhsдмгчс]", re.IGNORECASE)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_ROW = re.compile(rb'<(?:\w+:)?row(?:>| (?:[^>]*?\br="(\d+)")?)')
_DIGITS = "0123456789"
#: Texts that a sheet shares; more characters than this are no table of people.
MOST_SHARED = 100_000_000


def is_date_format(code: str) -> bool:
    """Whether a cell format of one's own shows a number as a date: `dd.mm.yyyy`, but not `0" дней"` or `General`."""
    bare = _QUOTED.sub("", code).split(";")[0]
    return (
        "general" not in bare.lower() and not re.search(r"[0#?]", bare) and bool(_DATE_LETTERS.search(bare))
    )


class XlsxTable(Table):
    """Lines are numbered as the program shows them."""

    kind = "xlsx"

    def __init__(self, path: Path, limits: Limits, sheet: str = "") -> None:
        super().__init__(path, limits)
        archive = Archive(path, limits)
        try:
            parts, self._from_1904 = _sheets(archive)
            if not parts:
                raise EmptyTable(_("The file has no visible sheet."))
            self.sheets = tuple(parts)
            self.sheet = sheet or self.sheets[0]
            if self.sheet not in parts:
                raise NoSuchSheet
            self._part = parts[self.sheet]
            self._dates = _date_styles(archive)
        finally:
            archive.close()

    def lines(self) -> Iterator[tuple[int, list[Any]]]:
        archive = Archive(self.path, self.limits)
        try:
            reader = _SheetReader(archive, self._dates, self._from_1904, self.limits)
            for _block in parse(reader.parser, archive.blocks(self._part)):
                ready, reader.ready = reader.ready, []
                for line, cells in ready:
                    row = [reader.value(cell) for cell in cells]
                    if any(cell is not None for cell in row):
                        yield line, row
        finally:
            archive.close()

    def expected(self, head: Head) -> int:
        """Counted without being parsed. Where cells are merged below the headings, rows would lack what they show."""
        archive = Archive(self.path, self.limits)
        rows, tail = 0, b""
        try:
            for block in archive.blocks(self._part):
                text = tail + block
                # What is cut at the end of a block is looked at with the next one.
                cut = text.rfind(b"<")
                text, tail = text[:cut], text[cut:]
                rows += sum(not number or int(number) > head.line for number in _ROW.findall(text))
                for first, top, last, bottom in _MERGED.findall(text):
                    if int(bottom) > head.line:
                        place = f"{first.decode()}{int(top)}:{last.decode()}{int(bottom)}"
                        raise Merged(
                            _(
                                "The cells %(place)s are merged into one. Please unmerge them: each row has to say all."
                            )
                            % {"place": place}
                        )
        finally:
            archive.close()
        return max(rows, 1)


def _sheets(archive: Archive) -> tuple[dict[str, str], bool]:
    """The visible sheets by name, as the part of the archive each of them is; and whether days count from 1904."""
    places: dict[str, str] = {}
    found: dict[str, str] = {}
    is_1904 = False

    def relation(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
            places[attributes.get("Id", "")] = path

    def sheet(name: str, attributes: dict[str, str]) -> None:
        nonlocal is_1904
        if local(name) == "workbookPr":
            is_1904 = attributes.get("date1904") in ("1", "true")
        if local(name) == "sheet" and attributes.get("state", "visible") == "visible":
            key = next((value for key, value in attributes.items() if local(key) == "id"), "")
            if key in places:
                found[attributes.get("name", "")[:100]] = places[key]

    for part, handler in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        for _block in parse(parser(handler), iter([archive.small(part)])):
            pass
    return found, is_1904


def _date_styles(archive: Archive) -> frozenset[int]:
    """Which of the cell styles show a number as a date."""
    if not archive.has("xl/styles.xml"):
        return frozenset()
    own: set[int] = set()
    styles: list[int] = []
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        match local(name):
            case "numFmt" if is_date_format(attributes.get("formatCode", "")):
                own.add(_whole(attributes.get("numFmtId", "-1")))
            case "cellXfs":
                inside = True
            case "xf" if inside:
                styles.append(_whole(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        nonlocal inside
        if local(name) == "cellXfs":
            inside = False

    for _block in parse(parser(start, end), iter([archive.small("xl/styles.xml")])):
        pass
    return frozenset(n for n, code in enumerate(styles) if code in DATE_FORMATS or code in own)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Damaged from None


class _Shared:
    """The texts that cells share, read on as far as cells ask for them: they stand in the order of their first use."""

    def __init__(self, archive: Archive) -> None:
        self.texts: list[str] = []
        self._size = 0
        self._parts: list[str] = []
        self._inside = self._aside = False
        self._more = iter(())
        if archive.has("xl/sharedStrings.xml"):
            made = parser(self._start, self._end, self._text)
            self._more = parse(made, archive.blocks("xl/sharedStrings.xml"))

    def __getitem__(self, index: int) -> str:
        while index >= len(self.texts):
            try:
                next(self._more)
            except StopIteration:
                raise Damaged from None
        return self.texts[index]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "si":
                self._parts = []
            case "t":
                self._inside = not self._aside
            case "rPh":
                # How it is read aloud (Japanese), which is no part of the text.
                self._aside = True

    def _end(self, name: str) -> None:
        match local(name):
            case "si":
                text = "".join(self._parts)
                self._size += len(text)
                if self._size > MOST_SHARED:
                    raise Damaged
                self.texts.append(text)
            case "t":
                self._inside = False
            case "rPh":
                self._aside = False

    def _text(self, text: str) -> None:
        if self._inside:
            self._parts.append(text)


class _SheetReader:
    """Handlers of one sheet's XML. A cell is gathered as (type, style, text, whether it is a formula)."""

    def __init__(self, archive: Archive, dates: frozenset[int], from_1904: bool, limits: Limits) -> None:
        self.dates, self.from_1904, self.limits = dates, from_1904, limits
        self.shared = _Shared(archive)
        self.ready: list[tuple[int, list[Any]]] = []
        self.line = self.column = 0
        self._cells: list[Any] = []
        self._cell: list[Any] | None = None
        self._take = False
        self.parser = parser(self._start, self._end, self._text)

    # These are called for every cell of the file: names without a prefix are the rule, and nothing is asked twice.

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = local(name)
        if name == "c":
            place = attributes.get("r")
            self.column = _column(place.rstrip(_DIGITS)) if place else self.column + 1
            if self.column > self.limits.columns:
                raise TooManyColumns(
                    _("Line %(line)s has more than %(count)s columns.")
                    % {"line": self.line, "count": self.limits.columns}
                )
            self._cell = [attributes.get("t", "n"), attributes.get("s"), [], False]
        elif name == "v" or name == "t":
            self._take = True
        elif name == "f" and self._cell is not None:
            self._cell[3] = True
        elif name == "row":
            self.line = _whole(attributes.get("r") or str(self.line + 1))
            self.column, self._cells = 0, []

    def _end(self, name: str) -> None:
        if ":" in name:
            name = local(name)
        if name == "c":
            # Some programs write the cells of a row in any order.
            missing = self.column - len(self._cells)
            if missing == 1:
                self._cells.append(self._cell)
            else:
                if missing > 0:
                    self._cells += [None] * missing
                self._cells[self.column - 1] = self._cell
            self._cell = None
        elif name == "v" or name == "t":
            self._take = False
        elif name == "row" and self._cells:
            self.ready.append((self.line, self._cells))

    def _text(self, text: str) -> None:
        if self._take and self._cell is not None:
            self._cell[2].append(text)

    def value(self, cell: list[Any] | None) -> Any:
        """What the cell holds, in the words of `cells`."""
        if cell is None:
            return None
        kind, style, parts, is_formula = cell
        text = parts[0] if len(parts) == 1 else "".join(parts)
        if not text:
            return Broken("=") if is_formula else None
        match kind:
            case "s":
                text = self.shared[_whole(text)]
            case "b":
                return text == "1"
            case "e":
                return Broken(text)
            case "d":
                return text.partition("T")[0] if text.endswith("T00:00:00") else text
            case "n":
                return self._number(text, style)
        return _unescaped(text).strip().strip("\ufeff\xa0") or None

    def _number(self, text: str, style: str | None) -> Any:
        if style is not None and int(style) in self.dates:
            return _day(text, self.from_1904)
        return number(text)


@lru_cache(maxsize=4096)
def _day(text: str, from_1904: bool) -> Any:
    """What a number in a cell of dates stands for. The days of a table are few, and asked for again and again."""
    try:
        return day_of_serial(Decimal(text), from_1904=from_1904)
    except (InvalidOperation, ValueError, OverflowError):
        return Broken(text)


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    """`AB` → 28."""
    found = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            break
        found = found * 26 + ord(letter) - 64
    return found or 1


def _unescaped(text: str) -> str:
    """Control characters are written as `_x000D_`; none of them belongs to a text of people."""
    return re.sub(r"_x00(0[0-8B-F]|1[0-9A-F])_", "", text) if "_x00" in text else text
