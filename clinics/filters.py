"""The catalogue's filters, as its address has them. What makes no sense is left out rather than refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clinics.selectors.wording import LANGUAGES
from clinics.states import Ownership, Payment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

#: «Not later than», in days from today.
WITHIN = (0, 1, 3, 7, 14, 30)
MAX_TEXT = 100


@dataclass(frozen=True, slots=True)
class CatalogueFilter:
    """What the visitor asked for."""

    text: str = ""
    town: str = ""
    payment: str = ""
    language: str = ""
    within_days: int | None = None
    ownership: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: QueryDict) -> CatalogueFilter:
        within = query.get("within", "")
        # All of them is as good as none of them.
        kinds = [kind for kind in Ownership.values if kind in query.getlist("ownership")]
        return cls(
            # A zero byte is the one character that PostgreSQL cannot take.
            text=query.get("q", "").replace("\x00", "").strip()[:MAX_TEXT],
            town=query.get("town", "").replace("\x00", "")[:MAX_TEXT],
            payment=_one_of(query.get("payment"), Payment.values),
            language=_one_of(query.get("language"), LANGUAGES),
            within_days=int(within)
            if within.isascii() and within.isdigit() and int(within) in WITHIN
            else None,
            ownership=tuple(kinds) if len(kinds) < len(Ownership) else (),
        )

    @property
    def is_empty(self) -> bool:
        return self == CatalogueFilter()


def _one_of(value: str | None, known: Sequence[str]) -> str:
    return value if value in known else ""
