"""Bases of what the API takes in and gives out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cluster_portal.common.translated import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable


class StrictMixin:
    """Refuses fields that the serializer does not declare: a misspelt name is an error, never silence.

    It is told together with all that is wrong with the others.
    """

    default_error_messages = {
        "unknown_field": _("There is no such field."),
        "invalid": _("A JSON object with named fields is expected here."),
    }

    def to_internal_value(self, data: Any) -> Any:
        known = {name for name, field in self.fields.items() if not field.read_only}
        text = serializers.ErrorDetail(self.error_messages["unknown_field"], code="unknown_field")
        wrong = {str(name): [text] for name in data if name not in known} if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as exc:
            raise serializers.ValidationError(exc.detail | wrong) from exc
        if wrong:
            raise serializers.ValidationError(wrong)
        return value


class Translations:
    """A text in the portal's languages: `name = Translations(200)` declares `name_ru`, `name_en` and `name_kk`.

    The keywords are the first one's alone; the others may be left out or empty.
    """

    def __init__(self, max_length: int | None = None, **kwargs: Any) -> None:
        # Made here, so that they stand among the class's fields where this stands.
        first, *others = LANGUAGES
        self.fields = {first: serializers.CharField(max_length=max_length, **kwargs)}
        for language in others:
            self.fields[language] = serializers.CharField(
                max_length=max_length, required=False, allow_blank=True
            )


class _InputMeta(serializers.SerializerMetaclass):
    """Declares the fields of `Translations`."""

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> type:
        for text in [key for key, value in attrs.items() if isinstance(value, Translations)]:
            attrs |= {f"{text}_{language}": field for language, field in attrs.pop(text).fields.items()}
        return super().__new__(cls, name, bases, attrs)


class InputSerializer(StrictMixin, serializers.Serializer, metaclass=_InputMeta):
    """Base of every body that the API takes: `validated_data` goes to a service as keyword arguments."""


class EmptySerializer(InputSerializer):
    """The body of an action that needs nothing said: `{}` or no body."""


class OutputSerializer(serializers.Serializer):
    """Base of every answer; documents it in the schema too.

    A page has hundreds of rows of some forty columns. What each field does with a row is therefore found once; REST
    framework finds it anew for each value, which took most of a list's time.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = {}
        for name, write in self._writers:
            try:
                shown[name] = write(instance)
            except serializers.SkipField:
                continue
        return shown

    @cached_property
    def _writers(self) -> list[tuple[str, Callable[[Any], Any]]]:
        return [(name, _writer(field)) for name, field in self.fields.items() if not field.write_only]


#: Fields that show one attribute of a row.
_PLAIN = (
    serializers.CharField, serializers.ChoiceField, serializers.DateField, serializers.DateTimeField,
    serializers.IntegerField, serializers.UUIDField,
)  # fmt: skip


def _writer(field: serializers.Field) -> Callable[[Any], Any]:
    """What `field` shows of a row."""
    name, render = field.source, field.to_representation

    def ask(row: Any) -> Any:
        value = field.get_attribute(row)
        return None if value is None else render(value)

    def take(row: Any) -> Any:
        try:
            value = row[name] if isinstance(row, dict) else getattr(row, name)
        except (AttributeError, KeyError, ObjectDoesNotExist):
            return ask(row)
        if callable(value):
            return ask(row)
        return None if value is None else render(value)

    plain = isinstance(field, _PLAIN) and type(field).get_attribute is serializers.Field.get_attribute
    return take if plain and len(field.source_attrs) == 1 else ask


class ReadSerializer(OutputSerializer):
    """What reading everything at once did."""

    read = serializers.IntegerField(help_text=_("How many were unread."))


class DateTimeField(serializers.DateTimeField):
    """A moment: comes in with an offset (`2026-11-21T10:00:00+11:00`), goes out in UTC."""

    default_error_messages = {"naive": _("Say the offset too, as in 2026-11-21T10:00:00+11:00.")}

    def to_internal_value(self, value: Any) -> dt.datetime:
        if isinstance(value, str):
            try:
                parsed = parse_datetime(value)
            except ValueError:
                parsed = None
            if parsed is not None and parsed.tzinfo is None:
                self.fail("naive")
        try:
            return super().to_internal_value(value).astimezone(dt.UTC)
        except (OverflowError, ValueError):
            self.fail("overflow", timezone="UTC")

    def to_representation(self, value: dt.datetime | None) -> dt.datetime | None:
        # orjson writes it, in UTC.
        return value and value.astimezone(dt.UTC)


@extend_schema_field(
    {
        "type": "object",
        "required": list(LANGUAGES),
        "properties": {language: {"type": "string"} for language in LANGUAGES},
    }
)
class TranslatedField(serializers.Field):
    """A text in all its languages: `{"ru": …, "en": …, "kk": …}`, empty where it was not translated."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def get_attribute(self, instance: Any) -> dict[str, str]:
        name = self.source
        return {language: getattr(instance, f"{name}_{language}") for language in LANGUAGES}

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        return value


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class AvailableActionsField(serializers.Field):
    """What the caller may do to the object now, by the view's `available_actions(actor, obj)`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, obj: Any) -> list[str]:
        return list(self.context["view"].available_actions(self.context["request"].actor, obj))


class FieldErrorSerializer(OutputSerializer):
    """One wrong field."""

    field = serializers.CharField(
        allow_null=True, help_text=_("Place in the body (`items.0.name`); null: the whole.")
    )
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(OutputSerializer):
    """RFC 9457 problem details."""

    type = serializers.CharField(help_text=_("`urn:problem:` and the code."))
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text=_("What went wrong, in the language of Accept-Language."))
    code = serializers.CharField(help_text=_("Stable name of the failure."))
    errors = FieldErrorSerializer(many=True)
    request_id = serializers.CharField(help_text=_("Quote it when asking for help."))
