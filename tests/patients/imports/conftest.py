"""A registrar of a clinic with a table of patients in hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from cluster_portal.common.actor import Actor
from cluster_portal.imports.models import ImportRun
from tests.factories import clinics
from tests.imports import support
from tests.imports.files import xlsx

HEADINGS = ("Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "СНИЛС", "Полис ОМС", "№ карты")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def actor(db: None) -> Actor:
    clinics.make_cluster()
    return clinics.make_actor("referrer")


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """A table of patients with these rows."""
    numbers = iter(range(1000))

    def make(*rows: Any, headings: Any = HEADINGS) -> Path:
        return xlsx(tmp_path / f"{next(numbers)}.xlsx", [headings, *rows])

    return make


@pytest.fixture
def checked(actor: Actor, table: Callable[..., Path]) -> Callable[..., ImportRun]:
    """A table with these rows, uploaded and checked."""

    def check(*rows: Any, **options: Any) -> ImportRun:
        return support.check(actor, support.upload(actor, table(*rows, **options)))

    return check
