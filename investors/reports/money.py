"""Money and jobs that residents pledged, against what they have made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from clinics.reports.figures import share
from clinics.selectors.cluster import current_cluster
from cluster_portal.reports.base import Parameters, Report, register
from cluster_portal.reports.columns import Column, Type
from investors.policies import REPORTERS
from investors.selectors.progress import currencies, money_by, source_words, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


class By(TextChoices):
    """What a row stands for."""

    PROJECT = "project", pgettext_lazy("report", "project")
    RESIDENT = "resident", pgettext_lazy("report", "resident")
    DIRECTION = "direction", pgettext_lazy("report", "direction")
    STATE = "state", pgettext_lazy("report", "phase")
    SOURCE = "source", pgettext_lazy("report", "source of funding")


class MoneyParameters(Parameters):
    """Sums are made in one currency at a time."""

    by = forms.ChoiceField(label=_("A row for each"), choices=By, initial=By.PROJECT, required=False)
    currency = forms.ChoiceField(label=_("Currency"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = current_cluster().currency
        found = {own, *(currencies(self.actor) if self.actor else ())}
        self.fields["currency"].choices = [
            (one, one) for one in sorted(found, key=lambda one: (one != own, one))
        ]

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or By.PROJECT.value

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"] or current_cluster().currency


@register
class MoneyMade(Report):
    """What was promised and what came."""

    code = "investors.money"
    title = _("Money pledged against made")
    description = _("Money and jobs by project, resident, direction, phase or source of funding.")
    group = "investors"
    roles = REPORTERS
    parameters = MoneyParameters
    notes = (
        _("Made is what the last confirmed figure of a project tells. Cancelled projects are left out."),
        _("By sources stands what they are to pay: what was made is not told source by source."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        number = {"type": Type.INTEGER, "width": 14, "total": True}
        money = {"type": Type.DECIMAL, "width": 22, "total": True}
        head = Column(params["by"], capfirst(By(params["by"]).label), width=50)
        pledged = Column(
            "pledged", _("Money pledged, %(currency)s") % {"currency": params["currency"]}, **money
        )
        projects = Column(
            "projects", pgettext_lazy("page", "Projects"), **number | {"total": params["by"] != By.SOURCE}
        )
        if params["by"] == By.SOURCE:
            return [
                head,
                projects,
                pledged,
                Column("share", pgettext_lazy("report", "Share"), Type.PERCENT, width=12),
            ]
        return [
            head, projects, pledged,
            Column("made", _("Money made, %(currency)s") % {"currency": params["currency"]}, **money),
            Column("share", pgettext_lazy("report", "Share made"), Type.PERCENT, width=12),
            Column("jobs_pledged", pgettext_lazy("report", "Jobs pledged"), **number),
            Column("jobs_made", pgettext_lazy("report", "Jobs made"), **number),
            Column("jobs_share", pgettext_lazy("report", "Share of jobs"), Type.PERCENT, width=12),
        ]  # fmt: skip

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        if params["by"] == By.SOURCE:
            found = sources(actor, params["currency"])
            whole = sum(source.amount for source in found)
            for source in found:
                words = (
                    source_words(source.kind) if source.kind else pgettext("report", "Nobody is named yet")
                )
                yield [words, source.projects, source.amount, share(source.amount, whole)]
            return
        for line in money_by(actor, params["by"], params["currency"]):
            yield [
                line.words, line.projects, line.pledged, line.made, share(line.made, line.pledged),
                line.jobs_pledged, line.jobs_made, share(line.jobs_made, line.jobs_pledged),
            ]  # fmt: skip
