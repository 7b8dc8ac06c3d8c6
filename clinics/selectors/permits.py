"""Whether a practitioner who works under a permit may see patients at a clinic on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics.models import Permit, Practitioner, Regime, ServiceType
from clinics.selectors.validity import day_in, in_force_on, why_not

if TYPE_CHECKING:
    from datetime import date

    from clinics.models import Slot


def may_practise() -> Q:
    """The slots whose practitioner may give the service there on the slot's day; others than those who work
    `by_permit` always may.

    The papers of those few are looked at for their own slots alone, and no other table is joined to the slots.
    """
    on_its_day = in_force_on(day_in(F("clinic__time_zone"), OuterRef("start")))
    specialty = ServiceType.objects.filter(pk=OuterRef(OuterRef("service_type"))).values("specialty")
    here = {"clinic": OuterRef("clinic")}
    permit = Permit.objects.filter(
        on_its_day, **here, practitioner=OuterRef("practitioner"), specialties__contains=ArraySubquery(specialty)
    )  # fmt: skip
    regime = Regime.objects.filter(on_its_day, **here)
    under_permit = Practitioner.objects.filter(by_permit=True).values("pk")
    return ~Q(practitioner__in=under_permit) | Exists(permit) & Exists(regime)


def why_barred(slot: Slot, day: date) -> str:
    """Why the slot's practitioner may not see patients there on a day on which `may_practise` says no, in words.

    The slot comes with its service type.
    """
    regimes = list(Regime.objects.filter(clinic=slot.clinic_id))
    if not any(regime.is_valid(day) for regime in regimes):
        return why_not(regimes, day, _REGIME) or gettext("The clinic is under no special regime.")
    permits = Permit.objects.filter(
        clinic=slot.clinic_id,
        practitioner=slot.practitioner_id,
        specialties__contains=[slot.service_type.specialty_id],
    )
    return why_not(permits, day, _PERMIT) or gettext("There is no permit for this specialty at the clinic.")


_REGIME = {
    "suspended_to": _("The clinic’s special regime is suspended from %(from)s to %(to)s."),
    "suspended": _("The clinic’s special regime is suspended from %(from)s on."),
    "ended": _("The clinic’s special regime ends on %(to)s."),
    "ahead": _("The clinic’s special regime begins on %(from)s."),
}
_PERMIT = {
    "suspended_to": _("Permit %(number)s is suspended from %(from)s to %(to)s."),
    "suspended": _("Permit %(number)s is suspended from %(from)s on."),
    "ended": _("Permit %(number)s ends on %(to)s."),
    "ahead": _("Permit %(number)s begins on %(from)s."),
}
