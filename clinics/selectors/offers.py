"""Which clinics offer a service, side by side: what a referrer chooses from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Min, Q, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from clinics.models import Clinic, Licence, Service, Slot
from clinics.selectors.calendar import today_at
from clinics.selectors.licences import cover_of
from clinics.selectors.nearby import distance_km
from clinics.selectors.openness import day_of, has_room, open_for
from clinics.selectors.permits import may_practise
from clinics.selectors.quotas import is_used_up
from clinics.selectors.validity import local_day
from clinics.states import ClinicStatus, OrganizationStatus

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from clinics.models import ServiceType

#: How far ahead free times are counted, in days.
HORIZON_DAYS = 56


@dataclass(slots=True)
class Offer:
    """A service of one clinic as a choice.

    `first_free` is the earliest time that this referral may have and a licence covers, `free` the number of such
    places ahead, `by_day` the same for each day of the clinic. `licence` covers the first free day (else today), None:
    the service is closed until there is one. `distance_km` is the straight line from the place asked about.
    """

    service: Service
    licence: Licence | None = None
    first_free: datetime | None = None
    free: int = 0
    by_day: dict[date, int] = field(default_factory=dict)
    distance_km: float | None = None

    @property
    def clinic(self) -> Clinic:
        return self.service.clinic

    @property
    def ownership(self) -> str:
        return self.service.clinic.organization.ownership

    @property
    def median_wait_days(self) -> int | None:
        """Days from submission to visit that half of the patients did not exceed."""
        return self.service.median_wait_days

    @property
    def languages(self) -> list[str]:
        return self.service.clinic.languages

    @property
    def first_day(self) -> date | None:
        """The day of the first free time, at the clinic."""
        return day_of(self.first_free, self.clinic.time_zone) if self.first_free else None

    def fits(self, *, age: int | None = None, sex: str = "") -> bool:
        """Whether the service takes a patient of this age (full years) and sex."""
        service = self.service
        if age is not None and not service.age_min <= age <= service.age_max:
            return False
        return not (service.sex and sex and service.sex != sex)


def clinics_for(
    service_type: ServiceType | str,
    organization_id: uuid.UUID | None,
    *,
    priority: str = "planned",
    payment: str | None = None,
    kept_quota: Any = None,
    place: tuple[float, float] | None = None,
    clinic_ids: Iterable[uuid.UUID] | None = None,
    now: datetime | None = None,
) -> list[Offer]:
    """Every open clinic that offers the service, those with the earliest free time first.

    With a `payment`, times whose quota is used up are not free (`kept_quota`: see `is_used_up`). `place` (lat, lon) is
    where the patient starts from. Four queries, whatever the data.
    """
    now = now or timezone.now()
    services = Service.objects.filter(
        service_type=service_type,
        is_active=True,
        clinic__status=ClinicStatus.OPEN,
        clinic__organization__status=OrganizationStatus.MEMBER,
    ).select_related("clinic__organization", "service_type__specialty")
    if clinic_ids is not None:
        services = services.filter(clinic__in=list(clinic_ids))
    offers = {service.pk: Offer(service) for service in services}
    cover = cover_of({offer.clinic.pk for offer in offers.values()})
    free = (
        Slot.objects.filter(
            open_for(organization_id, priority, now),
            has_room(now),
            may_practise(),
            ~is_used_up(payment, kept=kept_quota) if payment else Q(),
            service_type=service_type,
            start__lt=now + timedelta(days=HORIZON_DAYS),
        )
        .annotate(day=local_day())
        .values("service", "day")
        # One that is full of lapsed holds has at least one place.
        .annotate(first=Min("start"), places=Sum(Greatest(F("capacity") - F("taken"), 1)))
        .order_by("service", "day")
    )
    for row in free:
        offer = offers.get(row["service"])
        if offer is None:
            continue
        licence = cover.on(offer.clinic.pk, offer.service.service_type.specialty_id, row["day"])
        if licence is None:
            continue
        if offer.first_free is None:
            offer.first_free, offer.licence = row["first"], licence
        offer.by_day[row["day"]] = row["places"]
        offer.free += row["places"]
    for offer in offers.values():
        clinic = offer.clinic
        if offer.licence is None:
            specialty = offer.service.service_type.specialty_id
            offer.licence = cover.on(clinic.pk, specialty, today_at(clinic.time_zone, now))
        if place:
            offer.distance_km = distance_km(*place, clinic.lat, clinic.lon)
    return sorted(offers.values(), key=_by_first_time)


def _by_first_time(offer: Offer) -> tuple:
    """Those without a free time come last, the nearer first."""
    never = offer.first_free is None
    moment = offer.first_free.timestamp() if offer.first_free else 0
    return never, moment, offer.distance_km or 0, str(offer.service.pk)
