"""A report: one class. From it come the page, the REST resource, the schedule and the files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Invalid
from cluster_portal.reports.columns import covering

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cluster_portal.common.actor import Actor
    from cluster_portal.reports.columns import Column

#: Groups of the catalogue, in its order.
GROUPS = {
    "cluster": pgettext_lazy("reports", "The cluster"),
    "waits": _("Waits and referrals"),
    "capacity": _("Schedules and capacity"),
    "registry": _("Clinic registry"),
    "training": _("Internships"),
    "investors": _("Land and investors"),
    "security": _("Access and security"),
}


class Parameters(forms.Form):
    """Base of a report's parameters. What it cleans must be fit for JSON: give choices, dates and ids."""

    def __init__(self, *args: Any, actor: Actor | None = None, **kwargs: Any) -> None:
        self.actor = actor
        super().__init__(*args, **kwargs)


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself: as of which moment, in whose zone, made for whom."""

    moment: datetime
    zone: ZoneInfo
    author: str


class Report(ABC):
    """One question that is asked again and again.

    `code` is its stable name (`patients.waits`), `title` and `description` are read in the catalogue; `notes` say
    how the figures are counted. `roles` who may run it. `formats` its files. `listed` is off for exports of lists,
    which have their own button. A report reads one snapshot of the database (REPEATABLE READ).
    """

    code: ClassVar[str]
    title: ClassVar[Any]
    description: ClassVar[Any] = ""
    notes: ClassVar[Sequence[Any]] = ()
    group: ClassVar[str] = "waits"
    roles: ClassVar[frozenset[str]] = frozenset()
    formats: ClassVar[Sequence[str]] = ("xlsx", "csv", "pdf", "json")
    parameters: ClassVar[type[Parameters]] = Parameters
    listed: ClassVar[bool] = True

    def allows(self, actor: Actor) -> bool:
        """Whether the actor may run it and open its files."""
        return actor.is_system or (actor.organization_id is not None and actor.has(*self.roles))

    @abstractmethod
    def columns(self, actor: Actor, params: dict[str, Any]) -> Sequence[Column]:
        """The columns in their order."""

    @abstractmethod
    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterable[Sequence[Any]]:
        """The rows, streamed: values in the order of `columns`, never a whole table in memory."""

    def count(self, actor: Actor, params: dict[str, Any]) -> int | None:
        """How many rows there will be, where that is cheap to know."""
        return None

    def drawn(self, actor: Actor, params: dict[str, Any], about: About) -> bytes | None:
        """The PDF, where the report draws it itself; None where its table is printed."""
        return None

    def subtitle(self, actor: Actor, params: dict[str, Any]) -> str:
        """The parameters in words, for the head of the file and the list of runs."""
        form = self.form(actor, params)
        form.is_valid()
        parts = []
        for bound in form:
            value = form.cleaned_data.get(bound.name)
            if value in (None, "", []):
                continue
            choices = dict(getattr(bound.field, "choices", ()) or ())
            values = value if isinstance(value, list) else [value]
            shown = (shown_value(choices.get(one, choices.get(str(one), one))) for one in values)
            parts.append(f"{bound.label}: {', '.join(shown)}")
        return " · ".join(parts)

    def form(self, actor: Actor, data: Any = None) -> Parameters:
        """Its parameters as a form."""
        return self.parameters(data, actor=actor)

    def check(self, actor: Actor, params: dict[str, Any]) -> dict[str, Any]:
        """The cleaned parameters. Raises Invalid with the fields at fault, and for names that mean nothing."""
        form = self.form(actor, params)
        if unknown := sorted(set(params) - set(form.fields)):
            raise Invalid({name: _("There is no such parameter here.") for name in unknown})
        if not form.is_valid():
            raise Invalid({name: [str(text) for text in texts] for name, texts in form.errors.items()})
        return form.cleaned_data


def shown_value(value: Any) -> str:
    """A parameter's value in words."""
    from django.utils import formats

    if hasattr(value, "isoformat"):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    return str(value)


def depersonalised(
    actor: Actor, columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> tuple[Sequence[Column], Iterator[Sequence[Any]]]:
    """What of a report the actor gets: analysts see no personal column, no small count of people, and none from which
    a small one could be worked out."""
    if not is_analyst(actor):
        return columns, iter(rows)
    kept = [n for n, column in enumerate(columns) if not column.personal]
    shown = [columns[n] for n in kept]
    cover = covering(shown)
    return shown, (cover([row[n] for n in kept]) for row in rows)


def is_analyst(actor: Actor) -> bool:
    """Whether the actor works with figures and not with people."""
    return actor.has(Role.ANALYST) and not actor.has(
        Role.OFFICE, Role.MANAGER, Role.COORDINATOR, Role.REFERRER
    )


_reports: dict[str, Report] = {}


def register(report: type[Report]) -> type[Report]:
    """Class decorator: the report joins the catalogue. A code can be taken once."""
    if report.code in _reports:
        raise ValueError(f"two reports named {report.code!r}")
    _reports[report.code] = report()
    return report


def report_of(code: str) -> Report | None:
    """The report, or None for a code that the portal does not know."""
    return _reports.get(code)


def catalogue(actor: Actor) -> list[Report]:
    """The listed reports that the actor may run, by group and title."""
    order = list(GROUPS)
    open_ones = (report for report in _reports.values() if report.listed and report.allows(actor))
    return sorted(open_ones, key=lambda report: (order.index(report.group), str(report.title)))


def codes() -> frozenset[str]:
    """Every registered code, exports included."""
    return frozenset(_reports)
