"""Slot use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.policies import REPORTERS
from clinics.reports.figures import share
from clinics.reports.parameters import PeriodAndPlaces, narrowed, period_of
from clinics.selectors.figures.slots import FIGURES, Scope, slot_use
from cluster_portal.reports.base import Report, register
from cluster_portal.reports.columns import Column, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


class By(TextChoices):
    """What a row stands for; its parts are joined by `+`."""

    CLINIC = "clinic", _("clinic")
    SERVICE_TYPE = "service_type", _("service")
    CLINIC_SERVICE = "clinic+service_type", _("clinic and service")


class Parameters(PeriodAndPlaces):
    by = forms.ChoiceField(label=_("A row for each"), choices=By, initial=By.CLINIC, required=False)

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or By.CLINIC.value


HEADS = {
    "clinic": Column("clinic", _("Clinic"), width=34),
    "service_type": Column("service", _("Service"), width=34),
}


@register
class Slots(Report):
    """How the times that clinics publish are used. It counts places, not people."""

    code = "clinics.slots"
    title = _("Use of slots")
    description = _("Places that clinics published, how many were booked, lapsed unused or were blocked.")
    group = "capacity"
    roles = REPORTERS
    parameters = Parameters
    notes = (
        _("Counted are places of slots that begin in the period; a slot for several patients has several."),
        _("The share used is of the places of slots that have begun already."),
        _(
            "Places kept for others are those for the cluster and for urgent referrals. Returned unused are those "
            "whose release has come and that nobody has taken, the clinic's own patients included; their share is of "
            "the places whose release has come."
        ),
        _("Drafts are not counted. Free places of a slot that is being closed count as blocked."),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        counts = (
            ("published", pgettext_lazy("report", "Published places")),
            ("booked", pgettext_lazy("report", "Booked")),
            ("unused", pgettext_lazy("report", "Lapsed unused")),
            ("free", pgettext_lazy("report", "Free ahead")),
            ("blocked", pgettext_lazy("report", "Blocked")),
        )
        return [
            *(HEADS[key] for key in params["by"].split("+")),
            *(Column(name, title, Type.INTEGER, total=True) for name, title in counts),
            Column("share_used", _("Share used"), Type.PERCENT),
            Column("kept", _("Kept for others"), Type.INTEGER, total=True),
            Column("kept_booked", _("Booked of those"), Type.INTEGER, total=True),
            Column("returned_unused", _("Returned unused"), Type.INTEGER, total=True),
            Column("share_returned", _("Share returned"), Type.PERCENT),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        by = params["by"].split("+")
        for row in slot_use(actor, Scope(period_of(params), **narrowed(params)), by):
            told = dict(zip(FIGURES, row[len(by) :], strict=True))
            yield [
                *row[: len(by)], told["published"], told["taken"], told["unused"], told["free"], told["blocked"],
                share(told["past_taken"], told["past"]), told["kept"], told["kept_taken"], told["returned"],
                share(told["returned"], told["released"]),
            ]  # fmt: skip
