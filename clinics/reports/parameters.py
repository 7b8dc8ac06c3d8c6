"""Parameters that reports share: the period, and what of the cluster they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.policies import sees_all_figures
from clinics.selectors.figures import places
from clinics.selectors.measures import Period
from clinics.selectors.week import own_clinics
from cluster_portal.reports.base import Parameters
from cluster_portal.reports.periods import PeriodParameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor


class OfOwnClinic(Parameters):
    """A clinic of one's own organisation; cleaned it is the clinic itself."""

    clinic = forms.UUIDField(label=_("Clinic"))

    def clinics(self, actor: Actor) -> Sequence[Clinic]:
        """Those to choose from."""
        return own_clinics(actor)

    def clean_clinic(self) -> Clinic:
        for clinic in self.clinics(self.actor) if self.actor else []:
            if clinic.pk == self.cleaned_data["clinic"]:
                return clinic
        raise forms.ValidationError(_("Your organisation has no such clinic."))


class Places(Parameters):
    """An organisation, a clinic, a service type; each empty for all.

    Whoever reads of one organisation only chooses among its clinics and is not asked for the organisation.
    """

    organization = forms.ChoiceField(label=_("Organisation"), required=False)
    clinic = forms.ChoiceField(label=_("Clinic"), required=False)
    service_type = forms.ChoiceField(label=_("Service"), required=False)

    def __init__(self, *args: Any, actor: Actor | None = None, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        if actor is None:
            return
        if "organization" in self.fields:
            if actor.is_system or sees_all_figures(actor):
                self._offer("organization", _("all organisations"), places.organizations(actor))
            else:
                del self.fields["organization"]
        if "clinic" in self.fields:
            self._offer("clinic", _("all clinics"), places.clinics(actor))
        if "service_type" in self.fields:
            self._offer("service_type", _("all services"), places.service_types())

    def _offer(self, name: str, every: Any, rows: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", every), *rows]


class PeriodAndPlaces(Places, PeriodParameters):
    """A period of the cluster's days, at some of its places."""

    field_order = ["period", "since", "until"]


def period_of(params: dict[str, Any]) -> Period:
    """The period of `params`: days of the cluster's calendar."""
    return Period(params["since"], params["until"])


def narrowed(params: dict[str, Any]) -> dict[str, str]:
    """What of the cluster was chosen, for a selector: `organization`, `clinic`, `service_type` where they are named."""
    names = ("organization", "clinic", "service_type")
    return {name: params[name] for name in names if params.get(name)}
