"""The pipeline of interests: how many, how far they have come, how old they are, what should have been done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from clinics.reports.figures import share
from clinics.selectors.wording import country_name
from cluster_portal.reports.base import Report, is_analyst, register
from cluster_portal.reports.columns import Column, Type
from investors.policies import REPORTERS
from investors.reports.parameters import AnyPeriodParameters, period_of
from investors.selectors.funnel import stages
from investors.selectors.outcomes import Stretch, pipeline_by
from investors.states import Direction, InterestState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


class By(TextChoices):
    """What a row stands for."""

    STATE = "state", pgettext_lazy("report", "stage")
    DIRECTION = "direction", pgettext_lazy("report", "direction")
    COUNTRY = "country", _("country")
    RESPONSIBLE = "responsible", pgettext_lazy("report", "responsible person")
    MONTH = "month", _("month")


class PipelineParameters(AnyPeriodParameters):
    by = forms.ChoiceField(label=_("A row for each"), choices=By, initial=By.STATE, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.actor and is_analyst(self.actor):
            # Who works on it is not theirs to know.
            self.fields["by"].choices = [choice for choice in By.choices if choice[0] != By.RESPONSIBLE]

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or By.STATE.value


@register
class Pipeline(Report):
    """What becomes of investors' interests."""

    code = "investors.pipeline"
    title = _("Pipeline of interests")
    description = _(
        "Interests by stage, direction, country, person or month: conversion, age, overdue steps."
    )
    group = "investors"
    roles = REPORTERS
    parameters = PipelineParameters
    notes = (
        _("Counted by the day on which the interest was told, at the stage where it stands now."),
        _("The conversion is the share of those told that came to an agreement."),
        _("Age, overdue steps, investment and jobs are of interests in work; the age is the median in days."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        number = {"type": Type.INTEGER, "width": 14, "total": True}
        head = Type.DATE if params["by"] == By.MONTH else Type.TEXT
        return [
            Column(params["by"], capfirst(By(params["by"]).label), head, width=30),
            Column("told", pgettext_lazy("report", "Told in all"), **number),
            Column("in_work", pgettext_lazy("report", "In work"), **number),
            Column("agreed", pgettext_lazy("report", "Agreements"), **number),
            Column("lost", pgettext_lazy("report", "Lost"), **number),
            Column("conversion", pgettext_lazy("report", "Conversion"), Type.PERCENT, width=12),
            Column("age", pgettext_lazy("report", "Age, days"), Type.DURATION, width=12),
            Column("overdue", pgettext_lazy("report", "Step overdue"), **number),
            Column("without_step", pgettext_lazy("report", "No day for a step"), **number),
            Column("investment", _("Planned investment"), Type.DECIMAL, width=20, total=True),
            Column("jobs", pgettext_lazy("interest", "Jobs"), **number),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        by = params["by"]
        for line in _in_order(by, pipeline_by(by, period_of(params))):
            yield [
                _words(by, line.key), line.told, line.in_work, line.agreed, line.lost,
                share(line.agreed, line.told), line.age, line.overdue, line.without_step, line.investment, line.jobs,
            ]  # fmt: skip


@register
class Funnel(Report):
    """How far investors' interests come."""

    code = "investors.funnel"
    title = _("Interests from stage to stage")
    description = _("How many interests reach each stage, how long they stay there, and where they are lost.")
    group = "investors"
    roles = REPORTERS
    parameters = AnyPeriodParameters
    notes = (
        _("Counted by the day on which the interest was told; one that skipped a stage has reached it too."),
        _("The stay is the median in days of those that went on from the stage or were lost at it."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        number = {"type": Type.INTEGER, "width": 14}
        return [
            Column("state", capfirst(By.STATE.label), width=24),
            Column("reached", pgettext_lazy("report", "Reached it"), **number),
            Column("of_told", pgettext_lazy("report", "Of those told"), Type.PERCENT, width=14),
            Column("of_before", pgettext_lazy("report", "Of the stage before"), Type.PERCENT, width=18),
            Column("here", pgettext_lazy("report", "Stand at it now"), **number, total=True),
            Column("lost", pgettext_lazy("report", "Lost at it"), **number, total=True),
            Column("days", pgettext_lazy("report", "Stay, days"), Type.DURATION, width=14),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        found = stages(period_of(params))
        before = told = found[0].reached
        for stage in found:
            yield [
                capfirst(str(stage.state.label)), stage.reached, share(stage.reached, told),
                share(stage.reached, before), stage.here, stage.lost, stage.days,
            ]  # fmt: skip
            before = stage.reached


def _in_order(by: str, lines: list[Stretch]) -> list[Stretch]:
    """Stages and months as they follow each other, the rest by their number."""
    if by == By.STATE:
        return sorted(lines, key=lambda line: InterestState.values.index(line.key))
    if by == By.MONTH:
        return sorted(lines, key=lambda line: line.key)
    return sorted(lines, key=lambda line: (-line.told, str(line.key)))


def _words(by: str, key: Any) -> Any:
    match by:
        case By.MONTH:
            return key.date()
        case By.COUNTRY:
            return country_name(key)
        case By.RESPONSIBLE:
            return key or pgettext("report", "nobody yet")
    return capfirst(str((InterestState if by == By.STATE else Direction)(key).label))
