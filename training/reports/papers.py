"""Whose papers are missing, intake by intake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.accounts.roles import Role
from cluster_portal.reports.base import Parameters, Report, register
from cluster_portal.reports.columns import Column, Type
from training.policies import REPORTERS
from training.selectors.figures.papers import intakes_with_lacking, lacking, with_papers
from training.states import PaperKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor

SEATED, NOMINATED = "seated", "nominated"


class PaperParameters(Parameters):
    intake = forms.ChoiceField(label=_("Intake"), required=False)
    who = forms.ChoiceField(
        label=pgettext_lazy("report", "Of whom"), required=False,
        choices=[(SEATED, _("those who have a seat")), (NOMINATED, _("everybody who is nominated"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = intakes_with_lacking(self.actor) if self.actor else []
        self.fields["intake"].choices = [("", _("all intakes")), *found]

    def clean_who(self) -> str:
        return self.cleaned_data["who"] or SEATED


@register
class MissingPapers(Report):
    """Which papers are missing for a journey, and how soon it begins."""

    code = "training.papers"
    title = _("Papers missing for intakes")
    description = _("Who still needs which papers for which intake, the one that begins first at the head.")
    group = "training"
    # Papers are a person's: nobody who works with figures alone is shown them.
    roles = REPORTERS - {Role.ANALYST}
    parameters = PaperParameters
    notes = (
        _("Missing are papers that the programme asks for and that are not noted, or end before the intake does."),
        _("Intakes whose last day is over are not listed. A seat counts from the offer on."),
    )  # fmt: skip

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            Column("programme", pgettext_lazy("report", "Programme"), width=40),
            Column("starts_on", _("First day"), Type.DATE, width=12),
            Column("days_left", _("Days left"), Type.INTEGER, width=10),
            Column("employer", _("Employer"), width=30),
            Column("specialist", _("Specialist"), width=28, personal=True),
            Column("number", _("Nomination"), width=18, personal=True),
            Column("state", _("State"), width=22),
            Column("missing", pgettext_lazy("report", "Papers missing"), Type.INTEGER, width=10, total=True),
            Column("papers", _("Which ones"), width=40),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        today, kinds = today_at(current_cluster().time_zone), dict(PaperKind.choices)
        found = lacking(actor, seated=params["who"] == SEATED, intake=params["intake"])
        for row, missing in with_papers(found):
            yield [
                row.intake.programme.title,
                row.starts_on,
                max((row.starts_on - today).days, 0),
                row.organization.short_name,
                row.specialist.full_name,
                row.number,
                capfirst(row.get_state_display()),
                len(missing),
                ", ".join(str(kinds[kind]) for kind in missing),
            ]

    def count(self, actor: Actor, params: dict[str, Any]) -> int:
        return lacking(actor, seated=params["who"] == SEATED, intake=params["intake"]).count()
