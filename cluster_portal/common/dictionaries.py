"""Dictionaries that come with the portal as CSV files."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from django.db.models import Model


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_rows(rows: Sequence[Model], *, refresh: Sequence[str] = ()) -> None:
    """Write the rows that are not there yet; those that are get the columns named in `refresh`, or stay as they are."""
    model = type(rows[0])
    if refresh:
        model._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=refresh
        )
    else:
        model._default_manager.bulk_create(rows, ignore_conflicts=True)
