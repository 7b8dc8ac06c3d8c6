"""A search carried out, and its answer as a Bundle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from cluster_portal.api.scopes import READ
from cluster_portal.common.errors import Invalid
from cluster_portal.common.keyset import MAX_LIMIT, paginate
from cluster_portal.fhir.outcomes import notes
from cluster_portal.fhir.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from cluster_portal.fhir.resources import Resource
    from cluster_portal.fhir.shapes import Reader

DEFAULT_COUNT = 50
#: How far `_include:iterate` follows references.
DEEPEST = 3
CONTROLS = ("_count", "_sort", "_include", "_include:iterate", "_total", "_summary", "_cursor")
#: Of the answer's form; there is one.
FORMS = frozenset({"_format", "_pretty"})
FORMATS = frozenset({"json", "application/json", "application/fhir+json", "true", "false"})


@dataclass(slots=True)
class Search:
    """What a query string asks of a resource. `ignored` are the names that meant nothing, where that is allowed."""

    resource: Resource
    reader: Reader
    asked: dict[str, list[str]]
    ignored: list[str] = field(default_factory=list)
    count: int = DEFAULT_COUNT
    order: tuple[str, ...] = ()
    total: bool = False

    @classmethod
    def read(
        cls, resource: Resource, reader: Reader, asked: dict[str, list[str]], *, lenient: bool
    ) -> Search:
        """Check the names and the words of form. Raises Invalid; a lenient one lets unknown names pass.

        A modifier that is not known is refused in any case, as FHIR asks: it may turn a condition round.
        """
        search = cls(resource, reader, dict(asked))
        known = {*resource.parameters, *CONTROLS, *FORMS}
        unknown = [name for name in asked if name not in known]
        wrong = [name for name in unknown if not lenient or ":" in name]
        if wrong:
            raise Invalid(dict.fromkeys(wrong, _("There is no such parameter here.")))
        search.ignored = unknown
        search._read_forms()
        return search

    def _last(self, name: str, default: str = "") -> str:
        return (self.asked.get(name) or [default])[-1]

    def _read_forms(self) -> None:
        if any("\x00" in value for values in self.asked.values() for value in values):
            raise Invalid({"_": _("A value is outside of what can be stored.")})
        text = self._last("_count", str(DEFAULT_COUNT))
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise Invalid({"_count": _("A whole number from 0 to 500.")})
        self.count = min(int(text), MAX_LIMIT)
        if self._last("_summary", "false") == "count":
            self.count = 0
        elif self._last("_summary", "false") != "false":
            raise Invalid({"_summary": _("One of: %(codes)s.") % {"codes": "count, false"}})
        total = self._last("_total", "none")
        if total not in {"none", "estimate", "accurate"}:
            raise Invalid({"_total": _("One of: %(codes)s.") % {"codes": "none, estimate, accurate"}})
        self.total = self.count == 0 or total != "none"
        self.order = self._order()
        if self._last("_format", "json") not in FORMATS:
            raise Invalid({"_format": _("The answer exists as application/json only.")})

    def _order(self) -> tuple[str, ...]:
        name = self._last("_sort")
        if not name:
            return self.resource.order
        columns = ("id",) if name.lstrip("-") == "_id" else self.resource.sorts.get(name.lstrip("-"))
        if columns is None:
            names = ", ".join(["_id", *self.resource.sorts])
            raise Invalid({"_sort": _("One of: %(codes)s.") % {"codes": names}})
        if not name.startswith("-"):
            return columns
        return tuple(c.removeprefix("-") if c.startswith("-") else f"-{c}" for c in columns)

    def rows(self) -> QuerySet:
        """The rows that are found. Raises Invalid."""
        if self.resource.check is not None:
            self.resource.check(self.reader.actor, self.asked)
        rows = self.resource.rows(self.reader.actor)
        for name, values in self.asked.items():
            if (parameter := self.resource.parameters.get(name)) is not None:
                for value in values:
                    rows = parameter.apply(rows, name, value, self.reader)
        return rows

    def query(self, **changes: str) -> str:
        """The query string of what was understood, with `changes`."""
        kept = {name: values for name, values in self.asked.items() if name not in self.ignored}
        kept |= {name: [value] for name, value in changes.items()}
        return urlencode(kept, doseq=True)

    def answer(self) -> dict[str, Any]:
        """The searchset: matches of this page, what they include, links to its neighbours."""
        if self.resource.gather is not None:
            return self._gathered()
        rows = self.rows()
        total = rows.count() if self.total else None
        entries: list[dict[str, Any]] = []
        links = [self._link("self", self.query())]
        if self.count:
            page = paginate(rows, order=self.order, cursor=self._last("_cursor") or None, limit=self.count)
            entries = [self._entry(self.resource, row, "match") for row in page]
            entries += self._included(page.items)
            links += [
                self._link(relation, self.query(_cursor=cursor))
                for relation, cursor in (("next", page.next), ("previous", page.previous))
                if cursor
            ]
        return self._bundle(entries, links, total)

    def _gathered(self) -> dict[str, Any]:
        """Where the rows are of several tables: few, and on one page."""
        rows = self.resource.gather(self.reader.actor, self.asked)
        entries = [self._entry(self.resource, row, "match") for row in rows] if self.count else []
        entries += self._included(rows) if self.count else []
        return self._bundle(entries, [self._link("self", self.query())], len(rows))

    def _bundle(
        self, entries: list[dict[str, Any]], links: list[dict[str, str]], total: int | None
    ) -> dict[str, Any]:
        if self.ignored:
            words = [_("The parameter %(name)s is not known here and was left out.") % {"name": name}
                     for name in self.ignored]  # fmt: skip
            entries.append({"resource": notes(words), "search": {"mode": "outcome"}})
        bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
        if total is not None:
            bundle["total"] = total
        bundle["link"] = links
        if entries:
            bundle["entry"] = entries
        return bundle

    def _link(self, relation: str, query: str) -> dict[str, str]:
        address = f"{self.reader.base}/{self.resource.type}"
        return {"relation": relation, "url": f"{address}?{query}" if query else address}

    def _entry(self, resource: Resource, row: Any, mode: str) -> dict[str, Any]:
        shown = (resource.brief or resource.show)(row, self.reader)
        address = f"{self.reader.base}/{resource.type}/{shown['id']}"
        return {"fullUrl": address, "resource": shown, "search": {"mode": mode}}

    def _included(self, rows: list[Any]) -> list[dict[str, Any]]:
        """What the page refers to and was asked for: a query for each type, whatever the number of rows."""
        seen: dict[str, set[Any]] = {self.resource.type: {_value(row, self.resource.key) for row in rows}}
        entries: list[dict[str, Any]] = []
        steps = self.asked.get("_include", [])
        found = {self.resource.type: rows}
        for _round in range(DEEPEST):
            wanted = self._wanted(steps, found)
            found = {}
            for kind, keys in wanted.items():
                target = RESOURCES[kind]
                keys = keys - seen.setdefault(kind, set())
                if not keys or not self._may_read(target):
                    continue
                seen[kind] |= keys
                found[kind] = list(target.rows(self.reader.actor).filter(**{f"{target.key}__in": keys}))
                entries += [self._entry(target, row, "include") for row in found[kind]]
            steps = self.asked.get("_include:iterate", [])
            if not steps or not found:
                break
        return entries

    def _wanted(self, steps: Iterable[str], found: dict[str, list[Any]]) -> dict[str, set[Any]]:
        """type → ids that `steps` (`Slot:schedule`, `Schedule:actor:Location`) lead to. Raises Invalid."""
        wanted: dict[str, set[Any]] = {}
        for step in steps:
            source, _colon, rest = step.partition(":")
            name, _colon, only = rest.partition(":")
            includes = RESOURCES[source].includes if source in RESOURCES else {}
            if name not in includes:
                raise Invalid({"_include": _("There is no such parameter here.")})
            for kind, path in includes[name].targets.items():
                if only in {"", kind}:
                    for row in found.get(source, ()):
                        wanted.setdefault(kind, set()).update(_values(row, path))
        return wanted

    def _may_read(self, target: Resource) -> bool:
        scopes = self.reader.actor.scopes
        return scopes is None or f"{target.scope}:{READ}" in scopes


def _value(row: Any, path: str) -> Any:
    if isinstance(row, dict):
        return row["id" if path == "pk" else path]
    for part in path.split("__"):
        row = getattr(row, part)
    return row


def _values(row: Any, path: str) -> set[Any]:
    """The ids at the end of a path: one, none, or those of a prefetched relation."""
    value = _value(row, path)
    if hasattr(value, "all"):
        return {related.pk for related in value.all()}
    return set() if value is None else {value}
