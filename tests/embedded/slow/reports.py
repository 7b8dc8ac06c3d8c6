"""Reports of an office that has time."""

from __future__ import annotations

import time

from django import forms
from django.db import connection

from cluster_portal.accounts.roles import Role
from cluster_portal.reports import base
from cluster_portal.reports.columns import Column, Type


class _Parameters(base.Parameters):
    number = forms.IntegerField()


class _Numbers(base.Report):
    group = "security"
    roles = frozenset({Role.OFFICE})
    parameters = _Parameters
    listed = False

    def columns(self, actor, params):
        return [Column("n", "n", Type.INTEGER)]


@base.register
class Small(_Numbers):
    """A tenth of a second of work."""

    code = title = "tests.small"

    def rows(self, actor, params):
        for n in range(10):
            time.sleep(0.01)
            yield (n,)


@base.register
class Long(_Numbers):
    """Hours of rows."""

    code = title = "tests.long"

    def rows(self, actor, params):
        for n in range(1_000_000):
            time.sleep(0.05)
            yield (n,)


@base.register
class Query(_Numbers):
    """Minutes of one query that gives no row."""

    code = title = "tests.query"

    def rows(self, actor, params):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 /* long-run-of-tests */ FROM pg_sleep(600)")
            yield from cursor
