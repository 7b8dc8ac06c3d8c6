"""A calendar as programs read it (RFC 5545). Moments are told in UTC, so no zone has to be described."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from clinics.selectors.feeds import Entry

CONTENT_TYPE = "text/calendar; charset=utf-8"
#: Octets of a line without its break (RFC 5545, 3.1).
WIDTH = 75
#: How often programs should ask again.
REFRESH = "PT15M"


def calendar(entries: Iterable[Entry], *, title: str, time_zone: str, domain: str) -> bytes:
    """The calendar of `entries`; `time_zone` is that in which programs should show it, `domain` makes UIDs the
    portal's own.
    """
    return b"".join(_folded(line) for line in _lines(entries, title, time_zone, domain))


def _lines(entries: Iterable[Entry], title: str, time_zone: str, domain: str) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//Cluster portal//Schedule//EN"
    yield "CALSCALE:GREGORIAN"
    yield "METHOD:PUBLISH"
    # NAME and REFRESH-INTERVAL are RFC 7986; the others are what Outlook and Apple's Calendar read.
    for name in ("NAME", "X-WR-CALNAME"):
        yield f"{name}:{_escaped(title)}"
    yield f"X-WR-TIMEZONE:{time_zone}"
    yield f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"
    yield f"X-PUBLISHED-TTL:{REFRESH}"
    for entry in entries:
        yield "BEGIN:VEVENT"
        yield f"UID:{entry.uid}@{domain}"
        yield f"DTSTAMP:{_moment(entry.changed_at)}"
        yield f"LAST-MODIFIED:{_moment(entry.changed_at)}"
        yield f"DTSTART:{_moment(entry.start)}"
        yield f"DTEND:{_moment(entry.end)}"
        yield f"SUMMARY:{_escaped(entry.title)}"
        yield f"LOCATION:{_escaped(entry.place)}"
        yield "STATUS:CONFIRMED"
        yield f"TRANSP:{'OPAQUE' if entry.is_busy else 'TRANSPARENT'}"
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for char in "\\;,":
        text = text.replace(char, f"\\{char}")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> bytes:
    """The line with its breaks: never longer than WIDTH octets, and no letter cut in two."""
    octets = line.encode()
    parts, room = [], WIDTH
    while len(octets) > room:
        cut = room
        while octets[cut] & 0xC0 == 0x80:
            cut -= 1
        parts.append(octets[:cut])
        # The blank that begins what goes on counts.
        octets, room = octets[cut:], WIDTH - 1
    return b"\r\n ".join([*parts, octets]) + b"\r\n"
