"""How what was typed gets onto a row: only what may be, stripped, checked, with every field at fault told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cluster_portal.common.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.db.models import Model

    #: Field → what is wrong with it.
    Errors = dict[str, list[Any]]


def fill(
    row: Model, data: Mapping[str, Any], allowed: Iterable[str], check: Callable[[Any], Errors] | None = None
) -> None:
    """Write `data` onto `row` (not saved). `check(row)` knows what fields alone do not. Raises Invalid."""
    allowed = frozenset(allowed)
    if unknown := set(data) - allowed:
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    for name, value in data.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    errors: Errors = {}
    try:
        row.clean_fields(exclude=[field.name for field in row._meta.fields if field.name not in allowed])
    except ValidationError as exc:
        errors = exc.message_dict
    if check is not None:
        # What a field of the wrong type would break is not asked any further.
        errors = (check(row) if not errors else {}) | errors
    if errors:
        raise Invalid(errors)


def require_words(name: str, text: str) -> None:
    """Raise Invalid at `name` where nothing was said."""
    if not text.strip():
        raise Invalid({name: [_("Please say it in words.")]})
