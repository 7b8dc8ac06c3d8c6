"""The archive that an XLSX file is: parts of bounded size, XML without entities, nothing taken on trust."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

from django.utils.translation import gettext as _

from cluster_portal.imports.errors import Damaged, TooLargeFile, WrongType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cluster_portal.imports.reading.table import Limits

BLOCK = 64 * 1024
MOST_PARTS = 2_000
#: Parts besides the sheets are small; this many bytes at most.
SMALL = 8 * 1024 * 1024


class Archive:
    """Parts by name. What is unpacked is counted over all that is read, so that no bomb goes off."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.limits = limits
        try:
            self.zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
            raise Damaged from None
        if len(self.zip.infolist()) > MOST_PARTS:
            raise Damaged
        if "xl/workbook.xml" not in self.zip.namelist() and "[Content_Types].xml" not in self.zip.namelist():
            raise WrongType

    def close(self) -> None:
        self.zip.close()

    def has(self, name: str) -> bool:
        return name in self.zip.NameToInfo

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A part to be read. Raises Damaged where it is not there or locked, TooLargeFile where it would be huge."""
        try:
            info = self.zip.getinfo(name)
        except KeyError:
            raise Damaged from None
        if info.file_size > self.limits.unpacked:
            raise TooLargeFile(_("Unpacked, the file is far larger than a table of this kind can be."))
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Damaged
        try:
            with self.zip.open(info) as part:
                yield part
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
            raise Damaged from None

    def blocks(self, name: str) -> Iterator[bytes]:
        """A part, block by block, up to the limit of what may be unpacked."""
        read = 0
        with self.open(name) as part:
            while block := part.read(BLOCK):
                read += len(block)
                if read > self.limits.unpacked:
                    raise TooLargeFile(
                        _("Unpacked, the file is far larger than a table of this kind can be.")
                    )
                yield block

    def small(self, name: str) -> bytes:
        """A part that has to be small, whole."""
        read = b""
        for block in self.blocks(name):
            read += block
            if len(read) > SMALL:
                raise Damaged
        return read


def parser(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    """An XML parser that knows names without their prefixes and refuses a DOCTYPE, and with it every entity."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.ordered_attributes = False

    def refuse(*_args: object) -> None:
        raise Damaged

    made.StartDoctypeDeclHandler = refuse
    made.StartElementHandler = start
    made.EndElementHandler = end
    made.CharacterDataHandler = text
    return made


def parse(made: expat.XMLParserType, blocks: Iterator[bytes]) -> Iterator[None]:
    """Feed the parser block by block; whoever iterates takes what the handlers have gathered. Raises Damaged."""
    try:
        for block in blocks:
            made.Parse(block, False)
            yield
        made.Parse(b"", True)
        yield
    except expat.ExpatError:
        raise Damaged from None


def local(name: str) -> str:
    """`x:row` → `row`."""
    return name.rpartition(":")[2] if ":" in name else name
