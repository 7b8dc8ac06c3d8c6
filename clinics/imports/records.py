"""A table of the registry's records, whatever their kind: which row is which record, and what it changes.

A row is a record on record where its key, a register number or its name says so. Cells that are empty say nothing.
"""

from __future__ import annotations

import uuid
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.selectors.tables import KEY, Cells, kept, on_record
from clinics.services.records import faults_of
from clinics.services.registry_intake import take_in_records
from cluster_portal.imports.base import Answers, Import, Session
from cluster_portal.imports.states import Answer, Verdict

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from django.db.models import Model

    from clinics.imports.lookups import Called
    from cluster_portal.common.actor import Actor
    from cluster_portal.imports.base import Column, Row

#: Columns whose words are looked up: they are compared as what they mean.
LOOKED_UP = frozenset({"organization", "clinic", "clinics", "service_type", "specialties"})
NOTES = (
    gettext_lazy("Empty cells change nothing: what is on record stays."),
    gettext_lazy("Words of dictionaries may be written as their codes or as their names in any of the languages."),
    gettext_lazy("An exported table is understood as it is. The same file taken in twice changes nothing."),
)  # fmt: skip


class RecordTable(Import):
    """One kind of record of the registry."""

    model: ClassVar[type[Model]]
    sessions: ClassVar[type[RecordSession]]
    back = "clinics:tables"

    def session(self, actor: Actor, *, writes: bool, answers: Answers) -> Session:
        return self.sessions(self, actor, writes=writes, answers=answers)


@dataclass(slots=True)
class Plan:
    """What a row comes to: what it says of which columns, the record as it is to be, the columns that change."""

    data: dict[str, Any]
    record: Any = None
    changed: list[str] = field(default_factory=list)


class RecordSession(Session):
    """One run over a table of records."""

    def __init__(self, kind: RecordTable, actor: Actor, *, writes: bool, answers: Answers) -> None:
        super().__init__(actor, writes=writes, answers=answers)
        self.kind, self.model = kind, kind.model
        self.columns: dict[str, Column] = {column.name: column for column in kind.columns}
        self.cells = Cells(self.model)
        #: Ids of what is on record by everything that it is recognised by.
        self.known: dict[Hashable, set[uuid.UUID]] = {}
        for row in kept(actor, self.model):
            for key in self.keys_of(row):
                self.known.setdefault(key, set()).add(row.pk)
        #: The line of each record, and of each key of a new one, that the file has named so far.
        self.lines: dict[Hashable, int] = {}

    def plan(self, rows: Sequence[Row]) -> None:
        met: dict[int, uuid.UUID] = {}
        for row in rows:
            row.plan = Plan(
                {name: value for name, value in row.values.items() if value not in (None, "", [])}
            )
            self.look_up(row)
            if row.verdict is not None:
                self._look_further(row)
            elif pk := self.recognise(row):
                met[row.line] = pk
        found = on_record(self.actor, self.model, met.values(), lock=self.writes)
        for row in rows:
            if row.verdict is not None:
                continue
            if row.line not in met:
                self._enter(row)
            elif record := found.get(met[row.line]):
                self._compare(row, record)
            else:
                row.refuse(_("You keep no record with this key."), KEY, row.plan.data.get(KEY, ""))

    def write(self, rows: Sequence[Row]) -> None:
        for verdict in (Verdict.NEW, Verdict.CHANGED):
            plans = [row.plan for row in rows if row.verdict == verdict]
            changed = {name for plan in plans for name in plan.changed}
            take_in_records(
                self.actor,
                model=self.model,
                new=[plan.record for plan in plans] if verdict == Verdict.NEW else (),
                changed=[plan.record for plan in plans] if verdict == Verdict.CHANGED else (),
                fields=changed - {"clinics"},
                clinics={plan.record.pk: plan.data["clinics"] for plan in plans if "clinics" in plan.changed},
            )

    # What each kind says for itself.

    @abstractmethod
    def keys_of(self, record: Any) -> Iterable[Hashable]:
        """Everything that a record of one's own is recognised by."""

    @abstractmethod
    def look_up(self, row: Row) -> None:
        """Replace words of the row's plan by what they mean; refuse at its column what is not known."""

    @abstractmethod
    def recognise(self, row: Row) -> uuid.UUID | None:
        """The id of the record that the row is about, None for a new one; or the row gets its verdict."""

    def judge(self, row: Row, *, new: bool) -> None:
        """Refuse what no column says alone."""

    # What they share.

    def one_of(self, row: Row, name: str, rows: Called, unknown: Any, ambiguous: Any = "") -> None:
        """Look a column's words up, each of them where it holds several."""
        written = row.plan.data.get(name)
        if written is None:
            return
        several = isinstance(written, list)
        try:
            found = [rows.find(word, unknown, ambiguous) for word in (written if several else [written])]
        except ValidationError as error:
            row.refuse(" ".join(error.messages), name, "; ".join(written) if several else written)
        else:
            row.plan.data[name] = found if several else found[0]

    def by_key(self, row: Row) -> uuid.UUID | None:
        """The record whose key the row holds; the key is worth nothing where it is none of ours."""
        written = row.plan.data.pop(KEY, None)
        if written is None:
            return None
        try:
            pk = uuid.UUID(written)
        except ValueError:
            pk = None
        if pk is None or not self.known.get((KEY, pk)):
            row.refuse(_("You keep no record with this key."), KEY, written)
            return None
        return self.once(row, pk, pk, KEY)

    def once(self, row: Row, pk: uuid.UUID | None, key: Hashable, column: str) -> uuid.UUID | None:
        """The record, unless the file named it before."""
        line = self.lines.setdefault(key, row.line)
        if line != row.line:
            row.refuse(
                _("Line %(line)s of the file is about the same.") % {"line": line}, column,
                row.values.get(column, ""),
            )  # fmt: skip
            return None
        return pk

    def unless_like(self, row: Row, candidates: Sequence[tuple[uuid.UUID, str]]) -> uuid.UUID | None:
        """Ask about a new record that looks like ones on record, or do what was answered."""
        if not candidates:
            return None
        answer = self.answers.of(row.line)
        if answer == Answer.SKIP:
            row.verdict = Verdict.SKIPPED
        elif answer != Answer.NEW:
            for pk, _words in candidates:
                if str(pk) == answer:
                    return self.once(row, pk, pk, "")
            row.ask(
                _("The registry has something very like it."),
                [(str(pk), _("It is %(record)s") % {"record": words}) for pk, words in candidates],
                value=str(row.values.get("name_ru") or row.values.get("short_name_ru") or ""),
            )
        return None

    def _look_further(self, row: Row) -> None:
        """Name what else is wrong with a row that is refused already, so that it has to be mended only once."""
        said = {finding.column for finding in row.findings}
        names = row.plan.data.keys() - LOOKED_UP - said - {KEY}
        record = self.model()
        for name in names:
            self._put(record, name, row.plan.data[name])
        self._refuse(row, record, names)

    def _enter(self, row: Row) -> None:
        record = row.plan.record = self.model()
        for name, value in row.plan.data.items():
            self._put(record, name, value)
        row.plan.changed = [name for name in self.columns if name in row.plan.data]
        row.verdict = self._judged(row, [n for n in self.columns if n != KEY], new=True) or Verdict.NEW

    def _compare(self, row: Row, record: Any) -> None:
        plan = row.plan
        plan.record = record
        plan.changed = [
            name
            for name in self.columns
            if name in plan.data and not self._same(record, name, plan.data[name])
        ]
        for name in plan.changed:
            self._put(record, name, plan.data[name])
        row.verdict = self._judged(row, plan.changed, new=False) or (
            Verdict.CHANGED if plan.changed else Verdict.UNCHANGED
        )

    def _judged(self, row: Row, names: Iterable[str], *, new: bool) -> Verdict | None:
        """What is wrong with the record as it is to be: only the columns that the row changes are looked at."""
        self._refuse(row, row.plan.record, set(names) - LOOKED_UP)
        if row.verdict is None:
            self.judge(row, new=new)
        return row.verdict

    @staticmethod
    def _refuse(row: Row, record: Any, names: Iterable[str]) -> None:
        for name, texts in faults_of(record, names).items():
            row.refuse(" ".join(map(str, texts)), name, row.values.get(name, ""))

    def _same(self, record: Any, name: str, value: Any) -> bool:
        """Whether the record says so already: as its own cell would be read, so that what was given out comes back."""
        if name == "clinics":
            return {row.pk for row in record.clinics.all()} == {row.pk for row in value}
        if name in LOOKED_UP:
            current = getattr(record, record._meta.get_field(name).attname)
            value = getattr(value, "pk", value)
        else:
            cell = self.cells.cell(record, name)
            try:
                current = None if cell is None else self.columns[name].clean(cell)
            except ValidationError:
                return False
        return sorted(current) == sorted(value) if isinstance(value, list) and current else current == value

    @staticmethod
    def _put(record: Any, name: str, value: Any) -> None:
        if name != "clinics":
            setattr(record, name, value)
