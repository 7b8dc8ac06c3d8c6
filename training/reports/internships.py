"""Who is trained where and in what, against a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.reports.figures import share
from cluster_portal.reports.base import Parameters, Report, is_analyst, register
from cluster_portal.reports.columns import SMALL, Column, Type
from training.policies import REPORTERS, nomination_report_policy
from training.selectors.targets import division, targets_to_choose, without_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor
    from training.models import TrainingTarget
    from training.selectors.targets import Figures

#: The choice of no target: everybody who was ever placed.
ALL = "all"


class By(TextChoices):
    """What a row stands for."""

    PROGRAMME = "programme", pgettext_lazy("report", "programme")
    COUNTRY = "country", _("country")
    WHERE = "where", pgettext_lazy("report", "at home or abroad")
    SPECIALTY = "specialty", _("specialty")
    EMPLOYER = "employer", _("employer")
    OWNERSHIP = "ownership", _("ownership of the employer")
    YEAR = "year", _("year")


class InternshipParameters(Parameters):
    """Cleans `target` to the target itself, the first of the list where none was chosen; None: against none."""

    target = forms.ChoiceField(label=pgettext_lazy("report", "Target"), required=False)
    by = forms.ChoiceField(label=_("A row for each"), choices=By, initial=By.PROGRAMME, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = {str(row.pk): row for row in targets_to_choose()} if self.actor else {}
        self.fields["target"].choices = [
            *((pk, _named(row)) for pk, row in self.targets.items()),
            (ALL, _("none: everybody who was ever placed")),
        ]

    def clean_target(self) -> str:
        return self.cleaned_data["target"] or next(iter(self.targets), ALL)

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or By.PROGRAMME.value


def _named(target: TrainingTarget) -> str:
    return f"{target.title}, {target.first_year}–{target.last_year}"


@register
class Internships(Report):
    """How many people learn or have learned, by what and where, and what that is of a target."""

    code = "training.internships"
    title = _("Internships against the target")
    description = _(
        "People who have learned, learn or are confirmed: by programme, country, specialty or employer."
    )
    group = "training"
    roles = REPORTERS
    parameters = InternshipParameters
    notes = (
        _("Each person counts once, at the furthest that they have come within the years of the target."),
        _("The share is of the people that the target plans. An employer's manager reads of the own people alone."),
        _("Analysts see no counts of fewer than five people, and no shares or medians that would reveal them."),
    )  # fmt: skip

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        people = {"type": Type.INTEGER, "total": True, "people": True}
        return [
            Column(params["by"], capfirst(By(params["by"]).label), width=44),
            Column("people", pgettext_lazy("report", "People"), **people),
            Column("completed", _("Completed"), of="people", **people),
            Column("in_progress", _("Learning"), of="people", **people),
            Column("confirmed", _("Confirmed"), of="people", **people),
            Column("share", _("Share of the plan"), Type.PERCENT),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        target = self.form(actor).targets.get(params["target"])
        plan, hide = target.people if target else 0, is_analyst(actor)
        placements = nomination_report_policy.queryset(actor)
        for line in division(target or without_target(), params["by"], placements):
            figures = line.figures
            told = None if hide and _is_small(figures) else share(figures.people, plan)
            yield [
                capfirst(line.words), figures.people, figures.completed, figures.in_progress, figures.confirmed, told,
            ]  # fmt: skip


def _is_small(figures: Figures) -> bool:
    """Whether the share could give a count of few people away."""
    return any(0 < n < SMALL for n in (figures.completed, figures.in_progress, figures.confirmed))
