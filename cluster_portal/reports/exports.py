"""A list as a file: what the reader sees, all of its rows and not one page of them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.http import urlencode

from cluster_portal.reports.base import Report, report_of
from cluster_portal.reports.writers import formats

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet
    from django.http import QueryDict

    from cluster_portal.common.actor import Actor

#: Rows that are fetched from the database at once.
CHUNK = 2000


class Export(Report):
    """The file of one list.

    Its parameters are those of the list's own address; `rows` go through the list's own selector, so that the policy,
    the filters and the order are the list's. `scope` is the resource whose `read` scope a program needs, beside the
    one for reports: a file tells it nothing that its token could not read row by row. Without `roles` everybody who
    is signed in may have it.
    """

    listed = False
    formats = ("xlsx", "csv", "json")
    scope: ClassVar[str]

    def allows(self, actor: Actor) -> bool:
        if not actor.is_authenticated:
            return False
        if self.roles and not super().allows(actor):
            return False
        return actor.scopes is None or f"{self.scope}:read" in actor.scopes

    def asked(self, actor: Actor, query: QueryDict) -> dict[str, str]:
        """The parameters in a list's address. What makes no sense is left out, as the list itself leaves it out."""
        form = self.form(actor, {})
        given = {name: ",".join(query.getlist(name)) for name in form.fields if query.get(name)}
        form = self.form(actor, given)
        form.is_valid()
        return {
            name: value for name, value in given.items() if name in form.fields and name not in form.errors
        }


class QueryExport(Export):
    """An export whose list is one query."""

    @abstractmethod
    def queryset(self, actor: Actor, params: dict[str, Any]) -> QuerySet:
        """The rows of the list in its order, whatever page of them is shown."""

    @abstractmethod
    def line(self, row: Any) -> Sequence[Any]:
        """What of a row is told, in the order of the columns."""

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[Sequence[Any]]:
        return map(self.line, self.queryset(actor, params).iterator(chunk_size=CHUNK))

    def count(self, actor: Actor, params: dict[str, Any]) -> int:
        return self.queryset(actor, params).count()


class CutText(forms.CharField):
    """A text of a search box: what is too long is cut, as the lists cut it."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        self.limit = limit
        super().__init__(required=False, **kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python(value)[: self.limit]


class Several(forms.MultipleChoiceField):
    """Several of the choices, in one text with commas between."""

    class widget(forms.TextInput):
        def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
            return [part for part in (data.get(name) or "").split(",") if part]


@dataclass(frozen=True, slots=True)
class Control:
    """The button of a list: where it posts, and the files to choose from as (name, label)."""

    url: str
    choices: list[tuple[str, Any]]


def control(actor: Actor, code: str, query: QueryDict, **shown: Any) -> Control | None:
    """The button for a list that was asked for by `query`, or None where the actor may not have the file.

    `shown` is what the list shows although its address does not say so: today, the first clinic.
    """
    report = report_of(code)
    if not isinstance(report, Export) or not report.allows(actor):
        return None
    asked = {name: str(value) for name, value in shown.items() if value not in (None, "")}
    rest = {name: query.getlist(name) for name in query if name not in shown and name != "cursor"}
    known = formats()
    url = f"{reverse('reports:export', args=[code])}?{urlencode(rest | asked, doseq=True)}".rstrip("?")
    return Control(url, [(name, known[name].label) for name in ("xlsx", "csv")])
