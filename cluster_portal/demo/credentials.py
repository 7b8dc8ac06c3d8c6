"""Accreditations of the demo's clinics, and the quotas of their dearest services."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from clinics import occupants
from clinics.models import Accreditation, Clinic, Quota, Service
from clinics.selectors.calendar import today_at
from clinics.selectors.quotas import month_after, month_of
from clinics.states import CareType, ClinicStatus, Ownership, Payment, Scheme

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance

#: What each kind of owner is accredited by: scheme, body, its country, what it covers.
SCHEMES = {
    Ownership.FOREIGN: (Scheme.JCI, "Joint Commission International", "US", "Hospital, 7th edition"),
    Ownership.PRIVATE: (Scheme.ISO_9001, "TÜV Rheinland", "DE", "ISO 9001:2015"),
    Ownership.STATE: (Scheme.ISO_15189, "Росаккредитация", "RU", "Клинико-диагностическая лаборатория"),
}
#: A site in so many is accredited; the first one's ends in two months.
EVERY, FIRST_ENDS = 3, 58
#: Quotas are planned for so many services, this month and the next.
PLANNED, MONTHS = 10, 2
DEAR = (CareType.TOMOGRAPHY, CareType.HIGH_TECH)


def accredit(chance: Chance, now: datetime) -> int:
    """Accredit every third hospital and centre. Returns how many."""
    sites = Clinic.objects.filter(status=ClinicStatus.OPEN, level__gte=2).select_related("organization")
    today, rows = now.date(), []
    for number, site in enumerate(sites.order_by("id")[::EVERY]):
        scheme, body, country, scope = SCHEMES[site.organization.ownership]
        since = today - timedelta(days=chance.randint(200, 900))
        left = FIRST_ENDS if not number else chance.randint(120, 800)
        rows.append(
            Accreditation(
                id=UUID(chance.key(now)), clinic=site, scheme=scheme, authority=body, country=country, scope=scope,
                number=f"{scheme.value.upper().replace('_', '-')}-{since.year}-{1040 + 7 * number}",
                valid_from=since, valid_to=today + timedelta(days=left),
            )
        )  # fmt: skip
    return len(Accreditation.objects.bulk_create(rows))


def plan_quotas(chance: Chance, now: datetime) -> int:
    """Quotas of the dearest services for those who pay by OMS; the bookings that are there count. Returns how many."""
    services = Service.objects.filter(
        is_active=True, payments__contains=[Payment.OMS], service_type__care_type__in=DEAR,
        clinic__status=ClinicStatus.OPEN,
    ).select_related("clinic")  # fmt: skip
    made = 0
    for number, service in enumerate(services.order_by("-clinic__level", "id")[:PLANNED]):
        first = month_of(today_at(service.clinic.time_zone, now))
        for ahead in range(MONTHS):
            quota = Quota(
                id=UUID(chance.key(now)),
                service=service,
                payment=Payment.OMS,
                month=month_after(first, ahead),
            )
            quota.save(force_insert=True)
            quota.used = occupants.count_into(quota)
            # The second service's quota of this month is used up: the demo shows what is said then.
            room = 0 if (number, ahead) == (1, 0) else chance.randint(6, 40)
            Quota.objects.filter(pk=quota.pk).update(volume=quota.used + room)
            made += 1
    return made
