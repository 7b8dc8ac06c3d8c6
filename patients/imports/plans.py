"""What a row of a table of patients means, and what the table has said so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from patients.models import Patient


@dataclass(slots=True)
class Plan:
    """What a row means: the data for the record, who is meant, and what is to be written."""

    data: dict[str, Any]
    keys: dict[str, str]
    patient: Patient | None = None
    number: str = ""
    name: str = ""


@dataclass(slots=True)
class Seen:
    """What the file has said so far, by line: identifiers, records, and who was born on which day."""

    keys: dict[tuple[str, str], int] = field(default_factory=dict)
    patients: dict[uuid.UUID, int] = field(default_factory=dict)
    born: dict[date, list[tuple[str, int, str]]] = field(default_factory=dict)
