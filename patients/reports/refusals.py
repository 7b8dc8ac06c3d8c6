"""Refusals and returns by reason."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from clinics.policies import REPORTERS
from clinics.reports.figures import share
from cluster_portal.reports.base import Report, is_analyst, register
from cluster_portal.reports.columns import Column, Type, gives_away
from patients.reports.grouped import grouped
from patients.reports.parameters import By, ReferralParameters, heads, parts, scope_of
from patients.selectors.figures.decisions import decisions
from patients.selectors.measures import REFUSE, RETURN
from patients.selectors.reasons import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


class Parameters(ReferralParameters):
    by = forms.ChoiceField(label=_("A row for each"), choices=By, initial=By.CLINIC, required=False)

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or By.CLINIC.value


@register
class Refusals(Report):
    """Why receiving clinics refuse referrals or send them back."""

    code = "patients.refusals"
    title = _("Refusals and returns by reason")
    description = _("Why referrals are refused or sent back, by clinic and service, and how often.")
    group = "waits"
    roles = REPORTERS
    parameters = Parameters
    notes = (
        _("Counted are decisions that fell in the period. A referral that was sent back twice counts twice."),
        _(
            "Where a referral has gone to another organisation since, its decision counts for the organisation that "
            "took it, not for one of its clinics."
        ),
        _("The first share is of the refusals, or of the returns, of the same clinic or service."),
        _(
            "The second share is of all decisions there: accepted, refused, sent back and redirected. What is booked "
            "without a decision is not among them."
        ),
        _(
            "Analysts see no counts of fewer than five people, and no shares or medians that would reveal them."
        ),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            *heads(parts(params["by"])),
            Column("decision", _("Decision"), width=18),
            Column("reason", pgettext_lazy("report", "Reason"), width=34),
            Column("count", pgettext_lazy("report", "How many"), Type.INTEGER, total=True, people=True),
            Column("share_of_kind", _("Share among the same decisions"), Type.PERCENT),
            Column("share_of_all", _("Share of all decisions"), Type.PERCENT),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        by, hide, names = parts(params["by"]), is_analyst(actor), Names()
        kinds = {
            REFUSE: pgettext("report", "refused"),
            RETURN: pgettext("report", "sent back"),
        }
        for heading, found, every in grouped(decisions(actor, scope_of(params), by), len(by)):
            sums: Counter[str] = Counter()
            for action, _reason, n in found:
                sums[action] += n
            told = [n for action, _reason, n in found if action in kinds]
            # A share tells its whole, and that beside the counts tells those that are hidden.
            no_share = (
                {
                    action
                    for action in kinds
                    if gives_away(sums[action], (n for a, _reason, n in found if a == action))
                }
                if hide
                else set()
            )
            no_share_of_all = hide and gives_away(every, told)
            for action, reason, n in found:
                if action in kinds:
                    yield [
                        *heading, kinds[action], names(action, reason), n,
                        None if action in no_share else share(n, sums[action], hide=hide),
                        None if no_share_of_all else share(n, every, hide=hide),
                    ]  # fmt: skip
