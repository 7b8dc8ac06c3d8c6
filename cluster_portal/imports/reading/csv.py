"""CSV as it comes from Excel and from hospital systems: its encoding and its separator are found out."""

from __future__ import annotations

import codecs
import csv
import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.imports.errors import BadFile, WrongType
from cluster_portal.imports.reading.table import Head, Limits, Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = 256 * 1024
DELIMITERS = (";", ",", "\t")
#: Excel's way to keep a number as text: ="00123".
_AS_TEXT = re.compile(r'="([^"]*)"')
#: Control characters that no text of a person holds.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def encoding_of(path: Path) -> str:
    """UTF-16 or UTF-8 by their mark; UTF-8 where every byte fits; else Windows-1251. Raises WrongType."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        begin = file.read(4)
        if begin[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        if begin.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        file.seek(0)
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _cyrillic(path)
    return "utf-8"


def _cyrillic(path: Path) -> str:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            try:
                block.decode("cp1251")
            except UnicodeDecodeError:
                raise WrongType(
                    _("The letters of this file are neither in UTF-8 nor in Windows-1251.")
                ) from None
    return "cp1251"


def delimiter_of(text: str) -> str:
    """The separator with which the first lines fall into the same number of parts, and into most of them."""
    best, best_score = ",", (0, 0)
    for delimiter in DELIMITERS:
        # The last line may have been cut.
        widths = [len(row) for row in csv.reader(text.splitlines()[:30], delimiter=delimiter) if row]
        if not widths:
            continue
        usual = max(set(widths), key=widths.count)
        score = (widths.count(usual), usual) if usual > 1 else (0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


class CsvTable(Table):
    """Lines are counted as a text editor counts them."""

    kind = "csv"

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__(path, limits)
        self.encoding = encoding_of(path)
        with path.open(encoding=self.encoding, newline="") as file:
            begin = file.read(64 * 1024)
        # Excel may name the separator in the first line.
        first, _end, rest = begin.partition("\n")
        named = re.fullmatch(r"sep=(.)\r?", first.strip("\ufeff"))
        self._skip = 1 if named else 0
        self.delimiter = named[1] if named else delimiter_of(rest if named else begin)

    def lines(self) -> Iterator[tuple[int, list[Any]]]:
        with self.path.open(encoding=self.encoding, newline="") as file:
            for _n in range(self._skip):
                file.readline()
            reader = csv.reader(_bounded(file, self.limits), delimiter=self.delimiter, strict=True)
            line = self._skip
            try:
                for row in reader:
                    begun, line = line + 1, self._skip + reader.line_num
                    cells = [_cell(text) for text in row]
                    if any(cell is not None for cell in cells):
                        yield begun, cells
            except csv.Error:
                raise BadFile(
                    _("Line %(line)s cannot be read: a quotation mark is missing there or before it.")
                    % {"line": self._skip + reader.line_num}
                ) from None
            except UnicodeDecodeError:
                raise WrongType from None

    def expected(self, head: Head) -> int:
        """As many as there are ends of lines: a text over several lines counts for more than it is."""
        count = 0
        with self.path.open("rb") as file:
            while block := file.read(BLOCK):
                count += block.count(b"\n")
        return max(count + 1 - head.line, 1)


def _bounded(file: Any, limits: Limits) -> Iterator[str]:
    """Lines of a bearable length: a file without ends of lines is not read into memory whole."""
    longest = limits.text * 20
    number = 0
    while line := file.readline(longest + 1):
        number += 1
        if len(line) > longest:
            raise BadFile(_("Line %(line)s is too long.") % {"line": number})
        yield line


def _cell(text: str) -> str | None:
    text = text.strip().strip("\ufeff\xa0")
    if found := _AS_TEXT.fullmatch(text):
        text = found[1]
    return _CONTROL.sub("", text) or None
