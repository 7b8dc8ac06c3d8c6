"""The portal's template tags. Registered as built-ins: no `{% load %}` is needed.

Cells of long tables come from these tags rather than from `{% include %}`: a tag costs microseconds.
"""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from cluster_portal.common import identifiers
from cluster_portal.web import drawings, sign_in, wording
from cluster_portal.web.drawings import draw_icon

register = template.Library()

#: A deadline closer than this (seconds) is shown as near.
NEAR = 2 * wording.DAY

PRIORITIES = {
    "emergency": pgettext_lazy("priority", "Emergency"),
    "urgent": pgettext_lazy("priority", "Urgent"),
    "planned": pgettext_lazy("priority", "Planned"),
}
OWNERSHIP = {
    "state": pgettext_lazy("ownership", "state clinic"),
    "private": pgettext_lazy("ownership", "private clinic"),
    "foreign": pgettext_lazy("ownership", "foreign clinic"),
}

for _tag in (
    drawings.number_glyph,
    drawings.gauge,
    drawings.shares,
    drawings.ring,
    drawings.columns,
    drawings.waits,
):
    register.simple_tag(_tag)


@register.filter
def codes(text: Any) -> str:
    """Words in which names of programs stand between `backticks`, with those marked as code."""
    parts = str(text).split("`")
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", one) if n % 2 else one,) for n, one in enumerate(parts))
    )


@register.simple_tag
def icon(name: str, extra: str = "") -> str:
    """A Tabler icon of the sprite, by name; `extra` adds classes (`icon--sm`, `icon--lg`, `icon--xl`).

    Always decoration: the words stand beside it, or in a `visually-hidden` span or an `aria-label`.
    """
    return draw_icon(name, extra)


@register.simple_tag
def chip(
    state: Any,
    label: Any = None,
    icon: str = "",
    when: dt.datetime | None = None,
    tz: Any = None,
    small: bool = False,
) -> str:
    """A status chip: `{% chip referral.state referral.get_state_display %}`, `{% chip "good" "до 2028" "check" %}`.

    `state` is a state of a referral or a tone (good, warn, danger, info, urgent, violet, neutral, soft, accent,
    outline); `when` (with `tz`) adds the moment: «Записан 26.11, 12:30».
    """
    words = label if label is not None else getattr(state, "label", state)
    if when is not None:
        words = f"{words} {wording.moment(when.astimezone(wording.zone(tz)))}"
    return format_html(
        '<span class="chip chip--{}{}">{}{}</span>',
        getattr(state, "value", state),
        " chip--small" if small else "",
        draw_icon(icon) if icon else "",
        words,
    )


@register.simple_tag
def priority(code: Any, label: Any = None) -> str:
    """The priority of a referral as coloured words (never a chip)."""
    code = getattr(code, "value", code)
    return format_html(
        '<span class="priority priority--{}">{}</span>', code, label or PRIORITIES.get(code, code)
    )


def _deadline_moment(value: dt.datetime | dt.date, tz: Any) -> dt.datetime:
    """A deadline by date lasts until the end of that day."""
    if isinstance(value, dt.datetime):
        return value
    return dt.datetime.combine(value + dt.timedelta(days=1), dt.time(), wording.zone(tz))


@register.simple_tag
def edge(priority: Any = "", deadline: Any = None, tz: Any = None, met: bool = False) -> str:
    """The classes of a row's coloured edge: red when overdue or an emergency, orange when urgent."""
    if deadline is not None and not met and _deadline_moment(deadline, tz) <= timezone.now():
        return "edge edge--overdue"
    code = getattr(priority, "value", priority)
    return f"edge edge--{code}" if code in {"emergency", "urgent"} else "edge"


@register.simple_tag
def deadline(
    value: dt.datetime | dt.date | None, met: bool = False, tz: Any = None, now: dt.datetime | None = None
) -> str:
    """The time left in words with an icon: «осталось 5 ч», «просрочено на 1 д»; calm when `met` (a slot in time).

    Without a deadline it says so: no norm is set for such care.
    """
    if value is None:
        return format_html('<span class="deadline deadline--none">{}</span>', _("no norm set"))
    moment = _deadline_moment(value, tz)
    local = moment.astimezone(wording.zone(tz))
    shown = local - dt.timedelta(seconds=1) if not isinstance(value, dt.datetime) else local
    if met:
        tone, sign, words = "met", "clock", _("due %(date)s, in time") % {"date": wording.day_month(shown)}
    else:
        now = now or timezone.now()
        left = (moment - now).total_seconds()
        if left <= 0:
            tone, sign, words = (
                "overdue",
                "alert-triangle",
                _("overdue by %(span)s") % {"span": wording.span(left)},
            )
        else:
            tone, sign = ("near", "hourglass") if left < NEAR else ("calm", "clock")
            today = shown.date() == now.astimezone(shown.tzinfo).date()
            words = (
                _("by the end of the day")
                if today and not isinstance(value, dt.datetime)
                else (_("%(span)s left") % {"span": wording.span(left)})
            )
    return format_html(
        '<span class="deadline deadline--{}" title="{}">{}{}</span>',
        tone, wording.moment(shown, "long") if isinstance(value, dt.datetime) else wording.date_words(shown, week=True),
        draw_icon(sign), words,
    )  # fmt: skip


@register.simple_tag
def local_time(value: dt.datetime | None, tz: Any = None, style: str = "short", both: bool = True) -> str:
    """A moment in the zone where it happens (`tz`; the reader's own without it).

    Where the reader's clock shows something else, the zone is named and the reader's own time follows (`both`).
    Styles: short, time, date, day, weekday, long, smart (see `wording.moment`).
    """
    if value is None:
        return ""
    there, here = value.astimezone(wording.zone(tz)), value.astimezone(wording.zone(None))
    text = wording.moment(there, style)
    if not both or style in {"date", "day", "weekday"} or there.utcoffset() == here.utcoffset():
        return format_html('<time datetime="{}">{}</time>', there.isoformat(timespec="minutes"), text)
    own = wording.moment(here, "time" if here.date() == there.date() else "short")
    return format_html(
        '<time datetime="{}">{}</time> <span class="zone muted">{} · {}</span>',
        there.isoformat(timespec="minutes"), text, wording.utc_offset(there), _("%(time)s your time") % {"time": own},
    )  # fmt: skip


@register.simple_tag
def ownership(kind: Any, label: Any = None, words: bool = True) -> str:
    """The glyph of a clinic's ownership (circle, diamond, square) with its word."""
    kind = getattr(kind, "value", kind)
    shape = drawings.glyph(kind)
    if not words:
        return shape
    return format_html(
        '<span class="ownership ownership--{}">{}{}</span>', kind, shape, label or OWNERSHIP.get(kind, kind)
    )


@register.simple_tag
def avatar(name: str, tone: str = "", large: bool = False) -> str:
    """A circle with initials; the name itself stands beside it."""
    classes = f"avatar{f' avatar--{tone}' if tone else ''}{' avatar--large' if large else ''}"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, wording.initials(name))


@register.simple_tag
def person(name: str, meta: Any = "", url: str = "", tone: str = "", large: bool = False) -> str:
    """A person's card in one line: initials, name (a link where `url` is given), a line of secondary facts."""
    shown = (
        format_html('<a class="person__name" href="{}">{}</a>', url, name)
        if url
        else format_html('<span class="person__name">{}</span>', name)
    )
    below = format_html('<span class="person__meta">{}</span>', meta) if meta else ""
    return format_html(
        '<span class="person">{}<span class="person__text">{}{}</span></span>',
        avatar(name, tone, large),
        shown,
        below,
    )


@register.simple_tag
def heat(value: float, top: float) -> str:
    """The class of a heat cell in five fixed steps of `top`."""
    if not value or not top:
        return "heat-0"
    return f"heat-{min(5, 1 + int(5 * value / (top * 1.0001)))}"


@register.simple_tag
def count(value: int | None, alert: bool = False, key: str = "") -> str:
    """A counter of a menu line or tab; empty for None. `key` names it for scripts that change it."""
    if value is None:
        return ""
    return format_html(
        '<span class="counter{}"{}>{}</span>',
        " counter--alert" if alert and value else "",
        format_html(' data-counter="{}"', key) if key else "",
        wording.number(value),
    )


@register.simple_tag
def field(bound: Any, label: Any = None, help: Any = None, classes: str = "") -> str:
    """A form field with label, help and errors; `label` (with it the placeholder goes) and `help` replace
    the form's own, `classes` go outside."""
    if label is not None:
        bound.label = label
        bound.field.widget.attrs.pop("placeholder", None)
    if help is not None:
        bound.help_text = help
    return render_to_string("components/field.html", {"field": bound, "classes": classes})


@register.simple_tag(takes_context=True)
def url_with(context: template.Context, **changes: Any) -> str:
    """This page's address with some of the query changed: `{% url_with cursor=page.next %}`; None or "" removes.

    Any change but of the cursor itself leaves the cursor out: another filter begins at the first page.
    """
    request = context.get("request")
    query = request.GET.copy() if request else {}
    if "cursor" not in changes:
        query.pop("cursor", None)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        elif isinstance(value, list | tuple):
            query.setlist(name, value)
        else:
            query[name] = value
    encoded = query.urlencode() if query else ""
    path = request.path if request else ""
    return f"{path}?{encoded}" if encoded else path


@register.simple_tag(takes_context=True)
def sort_head(context: template.Context, label: Any, name: str, default: str = "") -> str:
    """The head of a sortable column: a link that sorts by `?sort=name`, then the other way round."""
    request = context.get("request")
    now = (request.GET.get("sort") if request else None) or default
    other = f"-{name}" if now == name else name
    sign = {name: "arrow-up", f"-{name}": "arrow-down"}.get(now)
    return format_html(
        '<a href="{}">{}{}</a>', url_with(context, sort=other), label, draw_icon(sign) if sign else ""
    )


@register.simple_tag(takes_context=True)
def aria_sort(context: template.Context, name: str, default: str = "") -> str:
    """The `aria-sort` attribute of that column's `<th>`."""
    request = context.get("request")
    now = (request.GET.get("sort") if request else None) or default
    value = {name: "ascending", f"-{name}": "descending"}.get(now)
    return format_html(' aria-sort="{}"', value) if value else ""


@register.simple_tag
def url_or_none(name: str, *args: Any, **kwargs: Any) -> str | None:
    """Like `{% url %}`, but None where that page does not exist: `{% url_or_none "x:y" as address %}`."""
    try:
        return reverse(name, args=args or None, kwargs=kwargs or None)
    except NoReverseMatch:
        return None


@register.simple_tag
def demo_logins() -> list[sign_in.DemoLogin]:
    """The demo people of the sign-in page; empty outside the demo."""
    return sign_in.demo_logins()


@register.inclusion_tag("components/confirm.html")
def confirm(id: str, title: Any, action: str, submit: Any, **options: Any) -> dict[str, Any]:
    """A dialog that asks before something is done; its options are described in `components/confirm.html`."""
    return {"id": id, "title": title, "action": action, "submit": submit, **options}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: template.Context, page: Any, shown: Any = "") -> dict[str, Any]:
    """Next and previous of a `keyset.Page`; `shown` says what is seen («1–50 из 213»)."""
    return {
        "next": url_with(context, cursor=page.next) if page.next else None,
        "previous": url_with(context, cursor=page.previous) if page.previous else None,
        "shown": shown,
    }


@register.filter
def number(value: Any, places: int | None = None) -> str:
    """A number with the reader's separators."""
    if value is None or value == "":
        return ""
    return wording.number(value if isinstance(value, int | float | decimal.Decimal) else float(value), places)


@register.filter
def people(value: int | None) -> str:
    """A count of people; -1 stands for a few, whom the reader may not count."""
    return _("< 5") if value is not None and value < 0 else number(value)


@register.filter
def percent(value: Any, places: int = 0) -> str:
    """A share of 0…1 as per cent: `92,4 %`."""
    if value is None or value == "":
        return ""
    shown = wording.number(round(float(value) * 100, places), places)
    return f"{shown}%" if wording.language() == "en" else f"{shown}{wording.NBSP}%"


@register.filter
def money(value: Any, currency: str = "RUB") -> str:
    """An amount with its sign: `3 200 ₽`; kopecks are shown only where there are any."""
    return "" if value is None or value == "" else wording.money(decimal.Decimal(value), currency)


@register.filter
def money_short(value: Any, currency: str = "RUB") -> str:
    """An amount in thousands or millions with its sign: `4,1 млн ₽`."""
    return "" if value is None or value == "" else wording.money_short(decimal.Decimal(value), currency)


@register.filter
def browser(agent: str) -> str:
    """The name of a browser and its system."""
    return wording.browser(agent or "")


@register.filter
def masked(value: str) -> str:
    """An identifier of a person as lists show it: all but the last four characters hidden."""
    return identifiers.mask(value or "")


@register.filter
def initials(name: str) -> str:
    """Two letters of a name."""
    return wording.initials(name or "")


@register.filter
def day_month(value: dt.date) -> str:
    """`26.11`."""
    return wording.day_month(value) if value else ""


@register.filter
def date_short(value: dt.date) -> str:
    """`26.11.2026`."""
    return wording.date_short(value) if value else ""


@register.filter
def date_words(value: dt.date) -> str:
    """`чт 26 ноября`."""
    return wording.date_words(value, week=True) if value else ""


@register.filter
def weekday(value: dt.date) -> str:
    """`чт`."""
    return wording.weekday(value) if value else ""
