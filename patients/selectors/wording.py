"""Words that the pages and the files of referrals share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cluster_portal.web import wording
from patients.states import DayPart

if TYPE_CHECKING:
    from clinics.models import Clinic

#: Why a line of the queue stands below the one above it, by the first column in which they differ.
WHY = {
    "rank": gettext_lazy("less urgent than the one before"),
    "due_order": gettext_lazy("as urgent, the deadline is later"),
    "since": gettext_lazy("same urgency and deadline, waits less long"),
    "id": gettext_lazy("began to wait at the same moment"),
}


def why(above: dict[str, Any] | None, row: dict[str, Any]) -> str:
    """Why a line of the queue stands where it does, beneath the line `above`."""
    if above is None:
        return _("asked first")
    return str(WHY[next(name for name in WHY if above[name] != row[name])])


def wishes(values: dict[str, Any], clinics: list[Clinic] | None = None) -> list[str]:
    """What times suit a patient, in short phrases; nothing said suits everything."""
    found = []
    if values["weekdays"] and len(values["weekdays"]) < 7:
        found.append(", ".join(wording.weekday_name(number) for number in values["weekdays"]))
    if values["parts"] and len(values["parts"]) < len(DayPart):
        found.append(", ".join(str(DayPart(part).label) for part in values["parts"]))
    if values["earliest_on"]:
        found.append(_("from %(day)s") % {"day": wording.date_words(values["earliest_on"])})
    if values["latest_on"]:
        found.append(_("not after %(day)s") % {"day": wording.date_words(values["latest_on"])})
    if values["notice_hours"]:
        found.append(_("needs %(span)s to get there") % {"span": span(values["notice_hours"])})
    if clinics:
        found.append(", ".join(clinic.short_name for clinic in clinics))
    elif values.get("clinics"):
        n = len(values["clinics"])
        found.append(ngettext("only %(n)d clinic", "only %(n)d clinics", n) % {"n": n})
    return found


def span(hours: int) -> str:
    """`6 ч`, `2 д`: whole days where they are whole."""
    return (
        wording.span(hours * wording.HOUR)
        if hours % 24 == 0 or hours < 24
        else _("%(count)d h") % {"count": hours}
    )
