"""A report for tests, and those who ask for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django import forms

from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import Actor
from cluster_portal.reports import base
from cluster_portal.reports.columns import Column, Type
from tests.factories import clinics

MOMENT = dt.datetime(2026, 11, 20, 22, 30, tzinfo=dt.UTC)


class Parameters(base.Parameters):
    since = forms.DateField(label="Since")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "Alpha"), ("b", "Beta")], required=False)


class Example(base.Report):
    code = "tests.example"
    title = "Пример: отчёт"
    group = "waits"
    roles = frozenset({Role.OFFICE, Role.ANALYST})
    parameters = Parameters
    notes = ("Counted by hand.",)

    def columns(self, actor, params):
        return [
            Column("clinic", "Клиника", width=30),
            Column("patient", "Пациент", personal=True),
            Column("people", "Людей", Type.INTEGER, people=True, total=True),
            Column("share", "Доля", Type.PERCENT),
            Column("days", "Дней", Type.DURATION),
            Column("on", "День", Type.DATE),
            Column("at", "Время", Type.MOMENT, width=20),
            Column("open", "Открыта", Type.BOOLEAN),
        ]

    def rows(self, actor, params):
        yield ("Ёлка №1", "Иванов", 1234, Decimal("0.125"), 3.5, dt.date(2026, 11, 21), MOMENT, True)
        yield ("Кедр", "=1+1", 3, 1, Decimal("-2.25"), None, None, False)

    def count(self, actor, params):
        return 2


@pytest.fixture
def example() -> Iterator[Example]:
    base.register(Example)
    yield base._reports[Example.code]
    del base._reports[Example.code]


@pytest.fixture
def office(db: None) -> Actor:
    clinics.make_cluster()
    return clinics.make_actor("office")


@pytest.fixture
def analyst(db: None) -> Actor:
    clinics.make_cluster()
    return clinics.make_actor("analyst")
