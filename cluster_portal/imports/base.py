"""An import: one class. From it come the page, the template, the check, the REST resource and the taking in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from cluster_portal.imports.cleaning import Choice, Several, folded
from cluster_portal.imports.reading.cells import shown
from cluster_portal.imports.states import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cluster_portal.common.actor import Actor
    from cluster_portal.imports.cleaning import Cleaner


@dataclass(frozen=True, slots=True)
class Column:
    """A column of ours. `name` is the stable name for programs, `title` the heading of the template (lazy text).

    `clean(cell)` gives the value or raises ValidationError. `aliases` are other headings that mean it, in any
    language. `is_text` keeps a column of the template as text, so that long numbers stay whole.
    """

    name: str
    title: Any
    clean: Cleaner
    required: bool = False
    help: Any = ""
    example: str = ""
    aliases: tuple[str, ...] = ()
    is_text: bool = True
    width: int = 18

    @property
    def words(self) -> list[str]:
        """What may be written where that is a choice, in the reader's language."""
        one = self.clean.one if isinstance(self.clean, Several) else self.clean
        return one.words() if isinstance(one, Choice) else []

    def headings(self) -> set[str]:
        """Every heading by which the column is recognised, folded: its name, its title in each language, aliases."""
        from django.conf import settings

        found = {self.name, *self.aliases}
        for language, _label in settings.LANGUAGES:
            with translation.override(language):
                found.add(str(self.title))
        return {folded(heading) for heading in found}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a row, or has to be asked: at a column (its name) or at the row. `value` is what stands
    there; `choices` are answers beside the usual ones, as (key, words)."""

    text: str
    column: str = ""
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Row:
    """A row of the file on its way: its line, its cells as they came, what they mean, and what is to become of it.

    `values` holds only what the file says: an empty cell is not there. `plan` is the session's own.
    """

    line: int
    cells: list[Any]
    values: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    verdict: Verdict | None = None
    plan: Any = None

    def refuse(self, text: Any, column: str = "", value: Any = "") -> None:
        """This row cannot be taken in."""
        self.verdict = Verdict.REFUSED
        self.findings.append(Finding(str(text), column, shown(value)[:100]))

    def ask(self, text: Any, choices: Iterable[tuple[str, str]] = (), *, value: str = "") -> None:
        """This row is taken in only with an answer; `value` says in short what the row is about."""
        self.verdict = Verdict.ASKED
        self.findings.append(Finding(str(text), value=value[:100], choices=tuple(choices)))


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person said about the rows that are asked about: line by line, and `rest` for all others.

    `new` makes a new record, `skip` leaves the row out, anything else is one of the row's own choices.
    """

    rest: str = ""
    rows: dict[int, str] = field(default_factory=dict)

    def of(self, line: int) -> str:
        return self.rows.get(line, self.rest)


class Session(ABC):
    """One run over a file, from its first row to its last: what was seen so far belongs to it.

    `plan` and `write` get the rows in chunks; each asks the database a number of times that does not depend on the
    rows. When the file is only checked (`writes` is off) nothing is locked and `write` is not called.
    """

    def __init__(self, actor: Actor, *, writes: bool, answers: Answers) -> None:
        self.actor, self.writes, self.answers = actor, writes, answers

    @abstractmethod
    def plan(self, rows: Sequence[Row]) -> None:
        """Give each row that has no verdict yet its verdict. Rows that are refused already are seen too."""

    @abstractmethod
    def write(self, rows: Sequence[Row]) -> None:
        """Write the rows whose verdict is new or changed, within the caller's transaction."""


class Import(ABC):
    """One kind of table that can be taken in.

    `code` is its stable name (`patients.patients`); `scope` the resource whose `write` scope a program needs beside
    the one for imports; `back` the name of the address of the list that it fills. `chunk` rows go together.
    """

    code: ClassVar[str]
    title: ClassVar[Any]
    description: ClassVar[Any] = ""
    notes: ClassVar[Sequence[Any]] = ()
    roles: ClassVar[frozenset[str]] = frozenset()
    scope: ClassVar[str]
    back: ClassVar[str] = ""
    chunk: ClassVar[int] = 500

    @property
    @abstractmethod
    def columns(self) -> Sequence[Column]:
        """Ours, in the order of the template."""

    @abstractmethod
    def session(self, actor: Actor, *, writes: bool, answers: Answers) -> Session:
        """Begin a run over a file."""

    def allows(self, actor: Actor) -> bool:
        """Whether the actor may take in tables of this kind."""
        if not actor.is_authenticated or actor.organization_id is None or not actor.has(*self.roles):
            return False
        return actor.scopes is None or f"{self.scope}:write" in actor.scopes

    def lacking(self, mapped: set[str]) -> list[str]:
        """In words, what a file with these columns lacks."""
        return [
            _("The column “%(title)s” is needed.") % {"title": column.title}
            for column in self.columns
            if column.required and column.name not in mapped
        ]

    def row(self, line: int, cells: list[Any], places: dict[str, int]) -> Row:
        """The row with every cell cleaned; what does not fit is refused at its column."""
        row = Row(line, cells)
        for column in self.columns:
            place = places.get(column.name)
            cell = cells[place] if place is not None and place < len(cells) else None
            if cell is None:
                if column.required and place is not None:
                    row.refuse(_("This has to be filled in."), column.name)
                continue
            try:
                row.values[column.name] = column.clean(cell)
            except ValidationError as error:
                row.refuse(" ".join(error.messages), column.name, cell)
        return row


_imports: dict[str, Import] = {}


def register(kind: type[Import]) -> type[Import]:
    """Class decorator: the import can be asked for. A code can be taken once."""
    if kind.code in _imports:
        raise ValueError(f"two imports named {kind.code!r}")
    _imports[kind.code] = kind()
    return kind


def import_of(code: str) -> Import | None:
    """The import, or None for a code that the portal does not know."""
    return _imports.get(code)


def imports_of(actor: Actor) -> list[Import]:
    """What the actor may take in, by title."""
    return sorted(
        (kind for kind in _imports.values() if kind.allows(actor)), key=lambda kind: str(kind.title)
    )
