"""Planning quotas. Bookings count themselves (the trigger of their table); here volumes are set.

Locks: the service, its slots of the month by id, the quotas by id. A booking takes its slot before its quota, so once
the slots are locked no booking is under way that the count would miss, and whoever comes later sees the new row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from clinics import occupants
from clinics.models import Quota, Service, Slot
from clinics.policies import service_policy
from clinics.selectors.calendar import start_of, today_at
from clinics.selectors.quotas import month_after, month_of
from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping
    from datetime import date

    from cluster_portal.common.actor import Actor


@service
def set_quota(actor: Actor, *, service_id: uuid.UUID, payment: str, month: date, volume: int | None) -> Quota:
    """Set the volume of a month (any day of it); None: not limited. The same again changes nothing.

    Raises NotFound, Forbidden, and Invalid: a payment that the service does not take, a month that is over, fewer than
    are booked already.
    """
    offered = service_policy.get(actor, "plan_quotas", service_id)
    month = month_of(month)
    if payment not in offered.payments:
        raise Invalid({"payment": [_("The clinic does not offer this service with this payment.")]})
    if month < month_of(today_at(offered.clinic.time_zone)):
        raise Invalid({"month": [_("This month is over.")]})
    if volume is not None and volume < 0:
        raise Invalid({"volume": [_("A volume is not negative.")]})
    named = {"service_id": service_id, "payment": payment, "month": month}
    quota = _locked(**named) or _counted(offered, **named)
    if volume is not None and volume < quota.used:
        raise Invalid({"volume": [_("%(used)d are booked already.") % {"used": quota.used}]})
    if quota.volume != volume:
        quota.volume = volume
        quota.save(update_fields=["volume", "updated_at"])
    return quota


@service
def plan_quotas(actor: Actor, *, payment: str, volumes: Mapping[tuple[uuid.UUID, date], int | None]) -> int:
    """Set several months of several services at once, all or nothing. Returns how many.

    Raises what `set_quota` raises; Invalid names the cells as (service, month) under the names of `Cell.name`.
    """
    errors: dict[str, list] = {}
    for (service_id, month), volume in sorted(volumes.items()):
        try:
            set_quota(actor, service_id=service_id, payment=payment, month=month, volume=volume)
        except Invalid as refused:
            errors[f"q-{service_id}-{month:%Y-%m}"] = [
                text for texts in refused.errors.values() for text in texts
            ]
    if errors:
        raise Invalid(errors)
    return len(volumes)


def _locked(**named: object) -> Quota | None:
    return Quota.objects.select_for_update(no_key=True).filter(**named).first()


def _counted(offered: Service, *, service_id: uuid.UUID, payment: str, month: date) -> Quota:
    """A new quota, not limited yet, with the month's bookings counted; somebody else's that came first."""
    zone = offered.clinic.time_zone
    # The whole lock: no slot can be added to the service meanwhile.
    Service.objects.select_for_update(of=("self",)).get(pk=service_id)
    slots = Slot.objects.filter(
        service=service_id, start__gte=start_of(month, zone), start__lt=start_of(month_after(month), zone)
    )
    list(slots.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    if quota := _locked(service_id=service_id, payment=payment, month=month):
        return quota
    quota = Quota.objects.create(service_id=service_id, payment=payment, month=month)
    quota.used = occupants.count_into(quota)
    return quota


def lock_quotas(quota_ids: Iterable[uuid.UUID | None]) -> None:
    """Lock quotas in the order of their ids, after the slots; one alone needs no order."""
    wanted = {pk for pk in quota_ids if pk}
    if len(wanted) > 1:
        rows = Quota.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
        list(rows.values_list("pk", flat=True))
