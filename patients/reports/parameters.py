"""What the reports of referrals have in common: the side, the grouping, its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from clinics.reports.parameters import PeriodAndPlaces, narrowed, period_of
from cluster_portal.reports.columns import Column
from patients.selectors.figures.scope import RECEIVED, REFERRED, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence


class Side(TextChoices):
    """From which side an organisation looks at its referrals."""

    RECEIVED = RECEIVED, _("those received: by receiving clinic")
    REFERRED = REFERRED, _("those sent: by referring clinic")


class ReferralParameters(PeriodAndPlaces):
    """A period, a side, and what of the cluster."""

    side = forms.ChoiceField(label=_("Referrals"), choices=Side, initial=Side.RECEIVED, required=False)

    def clean_side(self) -> str:
        return self.cleaned_data["side"] or Side.RECEIVED.value


class By(TextChoices):
    """What the rows of a report stand for, more general first; its parts are joined by `+`."""

    SERVICE_TYPE = "service_type", _("service")
    CLINIC = "clinic", _("clinic")
    CLINIC_SERVICE = "clinic+service_type", _("clinic and service")


def parts(by: str) -> list[str]:
    """The things that a choice of `By` groups by."""
    return by.split("+")


def scope_of(params: dict[str, Any]) -> Scope:
    """The parameters as a selector takes them."""
    return Scope(period_of(params), side=params.get("side") or RECEIVED, **narrowed(params))


_HEADS = {
    "clinic": Column("clinic", _("Clinic"), width=34),
    "service_type": Column("service", _("Service"), width=34),
    "priority": Column("priority", _("Priority"), width=14),
}


def heads(by: Sequence[str]) -> list[Column]:
    """The columns of what rows are grouped by."""
    return [_HEADS[key] for key in by]
