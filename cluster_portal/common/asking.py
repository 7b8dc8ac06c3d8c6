"""What a reader asks a list to show."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Asking:
    """Base of what a list can be narrowed by: a field for each filter, empty where nothing is asked.

    True where anything is asked, so that an empty list can say whether it is empty or narrowed to nothing.
    """

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))
