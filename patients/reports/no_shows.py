"""Booked times that came to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clinics.policies import REPORTERS
from clinics.reports.figures import share
from cluster_portal.reports.base import Report, is_analyst, register
from cluster_portal.reports.columns import HIDDEN, Column, Type, gives_away
from patients.reports.grouped import grouped
from patients.reports.parameters import By, ReferralParameters, heads, parts, scope_of
from patients.selectors.figures.attendance import MOVED, times_given
from patients.selectors.reasons import Names
from patients.states import RECEIVING, REFERRING, BookingState, ReasonKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


#: How a booked time comes to nothing.
LAPSED = (BookingState.NO_SHOW, BookingState.CANCELLED)


class Parameters(ReferralParameters):
    by = forms.ChoiceField(label=_("A row for each"), choices=By, initial=By.CLINIC, required=False)

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or By.CLINIC.value


@register
class NoShows(Report):
    """Patients who did not come, and times that were given back, by whom and why."""

    code = "patients.no_shows"
    title = _("No-shows and cancelled visits")
    description = _("Times that were booked and came to nothing: by clinic and service, by whom, and why.")
    group = "waits"
    roles = REPORTERS
    parameters = Parameters
    notes = (
        _("Counted are booked times that begin in the period, each once: a visit that was moved has two."),
        _("The share is of all times that were booked there for the period, those yet to come included."),
        _("Who cancelled is the side that entered it; the patient's own wish is among the reasons."),
        _(
            "Analysts see no counts of fewer than five people, and no shares or medians that would reveal them."
        ),
        _(
            "“…” stands for a count that is left out because one of fewer than five could be worked out of it."
        ),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            *heads(parts(params["by"])),
            Column("outcome", _("What happened"), width=18),
            Column("who", _("Who cancelled"), width=20),
            Column("reason", pgettext_lazy("report", "Reason"), width=30),
            Column("count", pgettext_lazy("report", "How many"), Type.INTEGER, total=True, people=True),
            Column("booked", _("Times booked there"), Type.INTEGER, people=True),
            Column("share", _("Share of the times booked"), Type.PERCENT),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        by, hide, names = parts(params["by"]), is_analyst(actor), Names()
        sides = {RECEIVING: gettext("receiving clinic"), REFERRING: gettext("referring clinic"), "": ""}
        came_not = pgettext("report", "did not come")
        moved, cancelled = pgettext("report", "moved to another time"), pgettext("report", "cancelled")
        for heading, found, every in grouped(times_given(actor, scope_of(params), by), len(by)):
            # All that were booked, beside the counts of a group, tell those that are hidden.
            lapsed = (n for state, _reason, _who, n in found if state in LAPSED)
            hidden = hide and gives_away(every, lapsed)
            for state, reason, who, n in found:
                if state == BookingState.NO_SHOW:
                    what = came_not, "", names(ReasonKind.NO_SHOW, reason)
                elif state == BookingState.CANCELLED:
                    words = "" if reason == MOVED else names.of_ended_booking(reason)
                    what = moved if reason == MOVED else cancelled, sides[who or ""], words
                else:
                    continue
                told = (HIDDEN, None) if hidden else (every, share(n, every, hide=hide))
                yield [*heading, *what, n, *told]
