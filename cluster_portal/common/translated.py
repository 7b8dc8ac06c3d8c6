"""Content that outsiders read, kept in Russian, English and Kazakh.

`name = Translated(models.CharField(max_length=200))` gives a model the columns `name_ru` (required as the field
says), `name_en` and `name_kk` (may be empty), and `obj.name` in the reader's language, Russian where that is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import translation
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django.db.models import Field
    from django.db.models.expressions import Combinable

LANGUAGES = ("ru", "en", "kk")
FALLBACK = "ru"


def current_language() -> str:
    """The reader's language, one of LANGUAGES."""
    language = (get_language() or FALLBACK)[:2]
    return language if language in LANGUAGES else FALLBACK


class Translated:
    """Three columns of a text and a read-only attribute that picks one of them."""

    def __init__(self, field: Field) -> None:
        self.field = field

    def contribute_to_class(self, model, name: str) -> None:
        for language in LANGUAGES:
            field = self.field.clone()
            if language != FALLBACK:
                field.blank, field.default = True, ""
            field.contribute_to_class(model, f"{name}_{language}")
        self.name = name
        setattr(model, name, self)

    def __get__(self, obj, owner=None):
        if obj is None:
            return self
        return getattr(obj, f"{self.name}_{current_language()}") or getattr(obj, f"{self.name}_{FALLBACK}")


def columns(*names: str) -> tuple[str, ...]:
    """The columns of translated texts, in the order of LANGUAGES."""
    return tuple(f"{name}_{language}" for name in names for language in LANGUAGES)


def in_every_language(text: object) -> dict[str, str]:
    """A lazy text of the catalogues in each language, for what is kept now and read later."""
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            found[language] = str(text)
    return found


def localized(path: str) -> Combinable:
    """The same choice inside a query: `.annotate(clinic_name=localized("clinic__name"))`."""
    suffix = current_language()
    if suffix == FALLBACK:
        return F(f"{path}_{FALLBACK}")
    return Coalesce(
        NullIf(F(f"{path}_{suffix}"), Value("")), F(f"{path}_{FALLBACK}"), output_field=TextField()
    )
