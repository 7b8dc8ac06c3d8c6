"""Times that repeat, by a rule of RFC 5545: small enough to be looked at before anything is booked."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext

from cluster_portal.common.errors import Invalid
from cluster_portal.web import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: The most times that a rule may make, and how far ahead they may lie.
MOST, HORIZON = 100, timedelta(days=400)
#: Weekdays as RFC 5545 writes them.
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: The parts of a rule that are understood, with what may stand in them. With these a rule that begins soon ends soon:
#: none of them can look for a day that never comes.
PARTS = {
    "FREQ": re.compile(r"DAILY|WEEKLY|MONTHLY"),
    "INTERVAL": re.compile(r"[1-9]|[1-4][0-9]|5[0-2]"),
    "COUNT": re.compile(r"[1-9][0-9]{0,2}"),
    "UNTIL": re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?"),
    "BYDAY": re.compile(r"(-?[1-4])?(MO|TU|WE|TH|FR|SA|SU)(,(-?[1-4])?(MO|TU|WE|TH|FR|SA|SU))*"),
    "BYMONTHDAY": re.compile(r"-?([1-9]|1[0-9]|2[0-8])"),
    "WKST": re.compile(r"MO|SU"),
}


def occurrences(
    starts: datetime, ends: datetime, rule: str, time_zone: str
) -> list[tuple[datetime, datetime]]:
    """The times that `rule` makes of the first one, by the wall clock of `time_zone`: 10:00 stays 10:00 when clocks
    change. Without a rule it is the one time. Raises Invalid at `rule` for what is not understood, has no end, makes
    more than MOST times or reaches beyond HORIZON.
    """
    if not rule:
        return [(starts, ends)]
    zone = ZoneInfo(time_zone)
    first, last = starts.astimezone(zone).replace(tzinfo=None), ends.astimezone(zone).replace(tzinfo=None)
    parts = _parts(rule)
    if "UNTIL" in parts:
        parts["UNTIL"] = _until(parts["UNTIL"], zone)
    try:
        made = rrulestr(_line(parts), dtstart=first)
        found = list(islice(made.xafter(first, inc=True), MOST + 1))
    except (ValueError, OverflowError):
        raise Invalid({"rule": [_("This rule is not understood.")]}) from None
    if len(found) > MOST:
        raise Invalid({"rule": [_("A rule makes at most %(n)d times.") % {"n": MOST}]})
    if not found:
        raise Invalid({"rule": [_("No time fits this rule.")]})
    if found[-1] > first + HORIZON:
        raise Invalid({"rule": [_("A rule reaches at most %(n)d days ahead.") % {"n": HORIZON.days}]})
    length = last - first
    return [(at.replace(tzinfo=zone), (at + length).replace(tzinfo=zone)) for at in found]


def rule_of(frequency: str, *, interval: int = 1, days: Iterable[str] = (), until: datetime) -> str:
    """The rule that a form's answers mean. `days` are "MO"…"SU", for weeks."""
    parts = {"FREQ": frequency, "INTERVAL": str(interval), "UNTIL": f"{until:%Y%m%dT235959}"}
    if days := ",".join(days):
        parts["BYDAY"] = days
    return _line(parts)


def words_of(rule: str) -> str:
    """A rule as it is said: `every 2 weeks, Mon, Thu, until 20 Dec`; one that only programs make as it is written."""
    parts = _parts(rule)
    if "BYMONTHDAY" in parts or re.search(r"[0-9]", parts.get("BYDAY", "")):
        return _line(parts)
    n = int(parts.get("INTERVAL", 1))
    each, several = {
        "DAILY": (
            pgettext("repeats", "every day"),
            npgettext("repeats", "every %(n)d day", "every %(n)d days", n),
        ),
        "WEEKLY": (
            pgettext("repeats", "every week"),
            npgettext("repeats", "every %(n)d week", "every %(n)d weeks", n),
        ),
        "MONTHLY": (
            pgettext("repeats", "every month"),
            npgettext("repeats", "every %(n)d month", "every %(n)d months", n),
        ),
    }[parts["FREQ"]]
    often = each if n == 1 else several % {"n": n}
    days = [
        wording.weekday_name(DAYS.index(day) + 1) for day in filter(None, parts.get("BYDAY", "").split(","))
    ]
    if count := parts.get("COUNT"):
        end = npgettext("repeats", "%(n)d time", "%(n)d times", int(count)) % {"n": int(count)}
    else:
        end = _("until %(day)s") % {
            "day": wording.date_short(datetime.strptime(parts["UNTIL"][:8], "%Y%m%d"))
        }
    return ", ".join([often, *days, end])


def _parts(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.strip().upper().removeprefix("RRULE:").split(";"):
        name, _sign, value = part.partition("=")
        if name in parts or name not in PARTS or not PARTS[name].fullmatch(value):
            raise Invalid(
                {"rule": [_("This part of the rule is not understood: %(part)s.") % {"part": part[:40]}]}
            )
        parts[name] = value
    if "FREQ" not in parts or ("COUNT" in parts) == ("UNTIL" in parts):
        raise Invalid({"rule": [_("A rule says how often (FREQ) and either COUNT or UNTIL.")]})
    fitting = {"DAILY": (), "WEEKLY": ("BYDAY",), "MONTHLY": ("BYDAY", "BYMONTHDAY")}[parts["FREQ"]]
    if any(name in parts and name not in fitting for name in ("BYDAY", "BYMONTHDAY")):
        raise Invalid({"rule": [_("BYDAY goes with weeks and months, BYMONTHDAY with months.")]})
    if parts["FREQ"] == "WEEKLY" and re.search(r"[0-9]", parts.get("BYDAY", "")):
        raise Invalid({"rule": [_("Numbered weekdays go with months.")]})
    return parts


def _until(text: str, zone: ZoneInfo) -> str:
    """The end of a rule by the wall clock of `zone`; of a day alone its end."""
    try:
        if "T" not in text:
            return f"{datetime.strptime(text, '%Y%m%d'):%Y%m%d}T235959"
        moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")
    except ValueError:
        raise Invalid({"rule": [_("This rule is not understood.")]}) from None
    if text.endswith("Z"):
        moment = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
    return f"{moment:%Y%m%dT%H%M%S}"


def _line(parts: Mapping[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())
