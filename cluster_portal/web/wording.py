"""Dates, times, spans and numbers as a reader of each language writes them."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_compact_decimal
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, override

from cluster_portal.common.translated import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

NBSP = "\u00a0"
MINUTE, HOUR, DAY = 60, 3600, 86400


def language() -> str:
    """The two-letter code of the reader's language, Russian where none is active."""
    return (get_language() or "ru")[:2]


@cache
def _locale(code: str) -> Locale:
    return Locale(code if code in {"ru", "kk", "en"} else "ru")


def in_every_language(words: Callable[[], str]) -> dict[str, str]:
    """What `words()` says in each language of the portal, as notices take it."""
    found = {}
    for code in LANGUAGES:
        with override(code):
            found[code] = str(words())
    return found


def day_in_every_language(day: dt.date) -> dict[str, str]:
    """A day with its year, as notices take it."""
    return in_every_language(lambda: date_words(day, year=True))


def month(number: int) -> str:
    """A month as it stands in a date («ноября»)."""
    return _locale(language()).months["format"]["wide"][number]


def weekday(day: dt.date) -> str:
    """The short name of a day of the week («чт»)."""
    return _locale(language()).days["format"]["abbreviated"][day.weekday()].rstrip(".")


def weekday_name(number: int, width: str = "abbreviated") -> str:
    """The name of an ISO weekday (1 is Monday) as it stands alone: `пн`, with width `wide` `понедельник`."""
    return _locale(language()).days["stand-alone"][width][number - 1].rstrip(".")


def day_month(day: dt.date) -> str:
    """`26.11`, in English `26 Nov` (26.11 would be read both ways)."""
    if language() == "en":
        return f"{day.day}{NBSP}{_locale('en').months['format']['abbreviated'][day.month]}"
    return f"{day:%d.%m}"


def date_short(day: dt.date) -> str:
    """`26.11.2026`, in English `26 Nov 2026`."""
    return f"{day_month(day)} {day.year}" if language() == "en" else f"{day:%d.%m.%Y}"


def date_words(day: dt.date, *, year: bool = False, week: bool = False) -> str:
    """`26 ноября`, with `week` `чт 26 ноября` (in English `Thu 26 Nov`), with `year` `26 ноября 2026`."""
    text = f"{day.day}{NBSP}{month(day.month)}"
    if week:
        text = f"{weekday(day)} {day_month(day) if language() == 'en' else text}"
    return f"{text} {day.year}" if year else text


def zone(name: str | dt.tzinfo | None) -> dt.tzinfo:
    """A time zone by name; the reader's own for None."""
    if name is None:
        return timezone.get_current_timezone()
    return ZoneInfo(name) if isinstance(name, str) else name


def utc_offset(moment: dt.datetime) -> str:
    """`UTC+11`, `UTC+5:30`."""
    minutes = int(moment.utcoffset().total_seconds() // MINUTE)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}"


def moment(value: dt.datetime, style: str = "short", *, now: dt.datetime | None = None) -> str:
    """A local moment. Styles: `short` 26.11, 12:30 · `time` 12:30 · `date` 26.11.2026 · `day` 26 ноября ·
    `weekday` чт 26 ноября · `long` чт 26 ноября, 12:30 · `smart` сегодня, 10:31 / вчера, 17:52 / 23.11, 17:40.
    """
    clock = f"{value:%H:%M}"
    if style == "time":
        return clock
    if style == "date":
        return date_short(value)
    if style == "day":
        return date_words(value)
    if style == "weekday":
        return date_words(value, week=True)
    if style == "long":
        return f"{date_words(value, week=True)}, {clock}"
    now = (now or timezone.now()).astimezone(value.tzinfo)
    if style == "smart":
        apart = (value.date() - now.date()).days
        near = {0: gettext("today"), -1: gettext("yesterday"), 1: gettext("tomorrow")}
        if apart in near:
            return f"{near[apart]}, {clock}"
    return f"{day_month(value) if value.year == now.year else date_short(value)}, {clock}"


def span(seconds: float) -> str:
    """A span in its largest unit, rounded down, as a chip has room for: `33 минуты`, `5 ч`, `3 д`."""
    seconds = abs(seconds)
    if seconds < HOUR:
        minutes = max(1, int(seconds // MINUTE))
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    if seconds < DAY:
        return gettext("%(count)d h") % {"count": int(seconds // HOUR)}
    return gettext("%(count)d d") % {"count": int(seconds // DAY)}


def number(value: float, places: int | None = None) -> str:
    """`1 038`, `92,4`; in English `1,038`, `92.4`. Trailing zeros are dropped unless `places` asks for them."""
    text = f"{value:,.{places}f}" if places is not None else f"{value:,}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if language() == "en":
        return text
    return text.replace(",", NBSP).replace(".", ",")


#: What currencies are written with, after the amount in every language; those without a sign by their code.
SIGNS = {"RUB": "₽", "KZT": "₸", "USD": "$", "EUR": "€", "KRW": "₩"}


def money(amount: Decimal, currency: str = "RUB") -> str:
    """An amount with its sign: `3 200 ₽`; kopecks are shown only where there are any."""
    places = 0 if amount == amount.to_integral() else 2
    return f"{number(amount, places)}{NBSP}{SIGNS.get(currency, currency)}"


def money_short(amount: Decimal, currency: str = "RUB") -> str:
    """An amount in thousands or millions: `4,1 млн ₽`."""
    return f"{short(amount)}{NBSP}{SIGNS.get(currency, currency)}"


def short(amount: Decimal) -> str:
    """A number in thousands or millions: `4,1 млн`."""
    return format_compact_decimal(amount, locale=_locale(language()), fraction_digits=1)


def browser(agent: str) -> str:
    """`Chrome, Windows` out of a browser's description of itself; what is unknown is left as it came."""
    programs = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("YaBrowser/", "Yandex"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
    ]
    systems = ["Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux"]
    found = next((name for mark, name in programs if mark in agent), "Safari" if "Safari/" in agent else "")
    system = next((name for name in systems if name in agent), "")
    return ", ".join(filter(None, (found, system))) or agent[:60]


def initials(name: str) -> str:
    """Two letters for an avatar: surname and given name."""
    words = [word for word in name.replace("«", " ").replace("»", " ").split() if word[0].isalpha()]
    return "".join(word[0] for word in words[:2]).upper() or "?"
