"""What only the registry's own templates need."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone

from clinics.selectors import week
from clinics.selectors import wording as words
from cluster_portal.web import wording
from cluster_portal.web.templatetags.portal import url_with

register = template.Library()


@register.filter
def clock(moment: datetime | None, clinic: Any) -> str:
    """`09:20` by the clinic's own clock."""
    return f"{moment.astimezone(ZoneInfo(clinic.time_zone)):%H:%M}" if moment else ""


@register.filter
def hour(moment: datetime | None, clinic: Any) -> str:
    """`09` by the clinic's own clock, `09:30` where it is not the full hour."""
    return clock(moment, clinic).removesuffix(":00")


@register.filter
def reason_label(code: str) -> str:
    """A block reason in words."""
    return str(week.reason_label(code))


@register.filter
def subtract(number: int, less: int) -> int:
    return number - less


@register.filter
def language_name(code: str) -> str:
    """A language by its code, in the reader's own."""
    return words.language_name(code)


@register.filter
def weekday_short(number: int) -> str:
    """`Mon` for ISO weekday 1."""
    return wording.weekday_name(number)


@register.filter
def hour_lines(schedule: Any) -> list[str]:
    """A pattern's hours, weekdays with the same ones together: `пн, ср 09:00–13:00`."""
    return words.hour_lines(schedule)


@register.filter
def payments(service: Any) -> str:
    """How a service is paid for, in short words: `ОМС, платно`."""
    return words.short_payments(service.payments)


@register.filter
def payment_words(codes: list[str]) -> str:
    """Payment codes in short words."""
    return words.short_payments(codes)


@register.filter
def payment_word(code: str) -> str:
    """`ОМС`."""
    return words.short_payments([code])


@register.filter
def country_name(code: str) -> str:
    """A country by its ISO code, in the reader's language."""
    return words.country_name(code)


@register.simple_tag(takes_context=True)
def toggled(context: template.Context, pk: Any, compared: list[str]) -> str:
    """This page's address with a clinic ticked for the comparison, or not ticked any more."""
    left = [one for one in compared if one != str(pk)]
    return url_with(context, compare=left if len(left) < len(compared) else [*compared, str(pk)])


@register.filter
def place(clinic: Any) -> str:
    """Where a clinic is, with its town said once."""
    return words.address_line(clinic)


@register.filter
def day_words(day: date) -> str:
    """`26 ноября`."""
    return wording.date_words(day)


@register.filter
def full_name(person: Any) -> str:
    """A practitioner's name in the letters that the reader reads."""
    return person.name_latin if wording.language() == "en" and person.name_latin else person.full_name


@register.filter
def person_meta(person: Any) -> str:
    """What a practitioner does, with which diploma, in which languages (Russian alone goes without saying)."""
    languages = ", ".join(words.language_name(code) for code in person.languages if len(person.languages) > 1)
    return " · ".join(filter(None, (person.position, person.qualification, languages)))


@register.filter
def phone_link(phone: str) -> str:
    """A telephone number as a `tel:` address takes it."""
    return "".join(c for c in phone if c.isdigit() or c == "+")


@register.filter
def zone_offset(name: str) -> str:
    """`UTC+3` of a time zone, today."""
    return wording.utc_offset(timezone.now().astimezone(ZoneInfo(name)))


@register.filter
def at(rows: list, index: int) -> Any:
    """The row at an index."""
    return rows[index]
