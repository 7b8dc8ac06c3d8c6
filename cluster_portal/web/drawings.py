"""Small drawings as SVG: icons, ownership shapes, bars, rings. Sizes are SVG attributes: the CSP knows no `style`."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cluster_portal.web import wording

#: One shape for each form of ownership, in a box of 10 × 10.
SHAPES = {
    "state": SafeString('<circle cx="5" cy="5" r="4.5"/>'),
    "private": SafeString('<path d="M5 0l5 5l-5 5l-5 -5z"/>'),
    "foreign": SafeString('<path d="M0.5 0.5h9v9h-9z"/>'),
}


@cache
def _sprite() -> str:
    return static("icons/icons.svg")


@cache
def draw_icon(name: str, extra: str = "") -> SafeString:
    """An icon of the sprite; always decoration, the words stand beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false" viewBox="0 0 24 24"><use href="{}#{}"/></svg>',
        f" {extra}" if extra else "",
        _sprite(),
        name,
    )


def glyph(kind: Any) -> SafeString:
    """The bare shape of a form of ownership."""
    kind = getattr(kind, "value", kind)
    return format_html(
        '<svg class="glyph glyph--{}" viewBox="0 0 10 10" aria-hidden="true">{}</svg>',
        kind,
        SHAPES.get(kind, ""),
    )


def number_glyph(kind: Any, number: Any) -> SafeString:
    """A numbered ownership shape: the same in a list and on a map."""
    kind = getattr(kind, "value", kind)
    return format_html(
        '<svg class="number-glyph" viewBox="0 0 26 26" aria-hidden="true">'
        '<g class="glyph--{}" transform="translate(1 1) scale(2.4)">{}</g><text x="13" y="13">{}</text></svg>',
        kind,
        SHAPES.get(kind, SHAPES["state"]),
        number,
    )


def gauge(value: float, total: float, plan: float | None = None, label: str = "") -> SafeString:
    """A bar with a tick at the plan. `label` says the same in words for those who do not see it."""
    scale = 100 / float(total) if total else 0
    filled = min(100.0, max(0.0, float(value) * scale))
    tick = ""
    if plan is not None and plan != "":
        at = min(99.5, max(0.5, float(plan) * scale))
        tick = format_html('<line class="gauge__plan" x1="{0}" x2="{0}" y1="0" y2="14"/>', f"{at:.2f}")
    return format_html(
        '<svg class="gauge" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="gauge__track" y="4" width="100" height="6" rx="1"/>'
        '<rect class="gauge__value" y="4" width="{}" height="6" rx="1"/>{}</svg>',
        label or f"{wording.number(round(filled))}{wording.NBSP}%",
        f"{filled:.2f}",
        tick,
    )


def shares(*parts: Any, label: str = "") -> SafeString:
    """One bar split into parts: name, value, name, value …; the classes are `shares--<name>`."""
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    total = sum(float(value) for _name, value in pairs) or 1
    x, bars = 0.0, []
    for name, value in pairs:
        width = float(value) * 100 / total
        bars.append((name, f"{x:.2f}", f"{max(0, width - 0.3):.2f}"))
        x += width
    return format_html(
        '<svg class="shares" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        label,
        format_html_join("", '<rect class="shares--{}" x="{}" width="{}" height="10"/>', bars),
    )


def ring(fraction: float) -> SafeString:
    """The ring of a countdown, `fraction` of it still to go (0…1)."""
    length = 2 * 3.14159 * 15
    return format_html(
        '<svg class="ring" viewBox="0 0 36 36" aria-hidden="true"><circle cx="18" cy="18" r="15"/>'
        '<circle class="ring__value" cx="18" cy="18" r="15" '
        'stroke-dasharray="{0} {0}" stroke-dashoffset="{1}"/></svg>',
        f"{length:.2f}",
        f"{length * (1 - float(fraction)):.2f}",
    )


def columns(points: Any, label: str = "") -> SafeString:
    """Columns over time: pairs (whole, part of it); the part is drawn dark at the foot. Scales with its place.

    A reader of the page gets the numbers from the table beside; `label` says what is drawn.
    """
    pairs = [(max(0, whole), max(0, part)) for whole, part in points]
    top = round_up(max((whole for whole, _part in pairs), default=0))
    step = 100 / max(1, len(pairs))
    bars = []
    for place, (whole, part) in enumerate(pairs):
        high, low = whole * 100 / top, min(part, whole) * 100 / top
        bars.append((f"{place * step + step * 0.12:.2f}", f"{step * 0.76:.2f}", f"{100 - high:.2f}", f"{high:.2f}",
                     f"{100 - low:.2f}", f"{low:.2f}"))  # fmt: skip
    return format_html(
        '<svg class="columns" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="columns__grid" d="M0 0.3H100M0 50H100M0 99.7H100"/>{}</svg>',
        label,
        format_html_join(
            "",
            '<rect class="columns__whole" x="{0}" width="{1}" y="{2}" height="{3}"/>'
            '<rect class="columns__part" x="{0}" width="{1}" y="{4}" height="{5}"/>',
            bars,
        ),
    )


def round_up(number: float) -> int:
    """The next of 2, 4, 6, 10, 20, 40, 60, 100 …: the top of an axis whose half is whole too."""
    size = 1
    while number > 10 * size:
        size *= 10
    return next(size * n for n in (2, 4, 6, 10) if size * n >= number)


def waits(half: float | None, most: float | None, norm: float | None, longest: float) -> SafeString:
    """A bar of waits: what half of the patients waited at most, and nine of ten; what is past the norm is red."""
    scale = 100 / longest if longest else 0
    half_to, most_to = (half or 0) * scale, (most or 0) * scale
    at = None if norm is None else norm * scale
    late = "" if at is None or most_to <= at else format_html(
        '<rect class="wait--late" x="{}" y="2" width="{}" height="10"/>',
        f"{max(at, half_to):.2f}", f"{max(0, most_to - max(at, half_to)):.2f}",
    )  # fmt: skip
    tick = "" if at is None else format_html(
        '<line class="wait--norm" x1="{0}" x2="{0}" y1="0" y2="14"/>', f"{min(99.5, at):.2f}"
    )  # fmt: skip
    return format_html(
        '<svg viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="wait--most" y="2" width="{}" height="10"/>{}'
        '<rect class="wait--half" y="2" width="{}" height="10"/>{}</svg>',
        f"{most_to:.2f}",
        late,
        f"{half_to:.2f}",
        tick,
    )
