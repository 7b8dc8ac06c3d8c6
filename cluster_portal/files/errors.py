"""Why a file is not taken, in words that say what to do."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from cluster_portal.common.errors import Invalid, PortalError
from cluster_portal.files.formats import ALL_LABELS, MAX_POINTS, MAX_SIZE, MAX_UNPACKED, MEGABYTE

#: Reason → words. The reason goes to programs as `reason`.
REASONS: dict[str, Any] = {
    "missing": _("Please choose a file."),
    "too_many": _("At most %(n)s files can be sent at once."),
    "empty": _("The file is empty."),
    "too_large": _("The file is larger than %(megabytes)s MB."),
    "no_ending": _("The name of the file has no ending, such as .pdf. Accepted are: %(accepted)s."),
    "ending": _("Files named “.%(ending)s” are not accepted. Accepted are: %(accepted)s."),
    "content": _("The file is named as %(expected)s, but its content is something else."),
    "other_format": _("The file is named as %(expected)s, but it is %(found)s. Give the name its right ending."),
    "mixed": _("The file is of several kinds at once. Please save or scan it anew and send that."),
    "damaged": _("The file is damaged or cut off. Please open it, save it anew and send that."),
    "points": _("The picture has more than %(points)s million points. Please make it smaller."),
    "pages": _("The file has too many pages or parts."),
    "unpacked": _("Unpacked, the file is larger than %(unpacked)s MB, or than it says."),
    "protected": _("The file is protected with a password and cannot be checked. Please save it without."),
    "active": _("The PDF holds a program or other files. Please print it to PDF anew and send that."),
    "macros": _("The document holds macros. Please save it as DOCX or XLSX without them."),
    "embedded": _("The document holds objects of other programs. Please save it without them, or as PDF."),
    "external": _("The document loads parts of itself from elsewhere. Please save it as PDF."),
    "infected": _("The virus scanner found a threat in the file. It was not kept."),
}  # fmt: skip


class FileRefused(Invalid):
    """A file is not taken; `extra["reason"]` names why, as in `REASONS`."""

    code = "file_refused"

    def __init__(self, reason: str, *, field: str = "file", name: str = "", **values: Any) -> None:
        self.reason, self.values = reason, values
        text = REASONS[reason] % {
            "accepted": ALL_LABELS,
            "megabytes": MAX_SIZE // MEGABYTE,
            "points": MAX_POINTS // 1_000_000,
            "unpacked": MAX_UNPACKED // MEGABYTE,
            **values,
        }
        super().__init__({field: f"{name}: {text}" if name else text}, field=field, extra={"reason": reason})


class ContentGone(PortalError):
    """The row is there and its content is not: somebody put a database back without its files."""

    code, status = "content_gone", 410
    title = _("The portal no longer has the content of this file. Please tell the administrator.")


class ScannerAway(PortalError):
    """The virus scanner that the operator configured does not answer: nothing is taken without it."""

    code, status = "scanner_away", 503
    title = _(
        "The virus scanner does not answer, so no file can be taken. Please try again in a few minutes."
    )
