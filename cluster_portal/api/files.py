"""Files by REST: how one comes in, what is told of it, how its content goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers

from cluster_portal.files.formats import ALL_LABELS, MAX_SIZE, MEGABYTE, TRAITS, Format

from .problems import CONTENT_TYPE
from .serializers import OutputSerializer, ProblemSerializer

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What else an upload may be answered: the virus scanner is away.
SCANNER_AWAY = {(503, CONTENT_TYPE): ProblemSerializer}


class UploadField(serializers.FileField):
    """One file of a `multipart/form-data` body; what it may be is checked as it is kept."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text",
            _("%(formats)s, up to %(n)s MB; the ending of its name has to fit.")
            % {"formats": ALL_LABELS, "n": MAX_SIZE // MEGABYTE},
        )
        super().__init__(**{"max_length": None, "allow_empty_file": True, **kwargs})


class StoredFileSerializer(OutputSerializer):
    """A file; `sha256` and `size` are of what is given out: pictures are kept without their metadata."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    format = serializers.ChoiceField(Format.choices)
    size = serializers.IntegerField(help_text=_("Bytes."))
    sha256 = serializers.CharField()


def content_of(formats: Iterable[Format] = TRAITS) -> dict[Any, Any]:
    """What an address of contents answers, for the description: the bytes, or that they are gone."""
    return {
        **{(200, TRAITS[one].content_type): OpenApiTypes.BINARY for one in formats},
        (410, CONTENT_TYPE): ProblemSerializer,
    }
