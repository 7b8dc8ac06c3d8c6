"""The clinic at the end of the chain: what an invented resident built on its plot is open and licensed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clinics.models import Clinic, Licence, Organization, Specialty
from clinics.states import ClinicStatus, Jurisdiction, OrganizationStatus
from cluster_portal.common.translated import LANGUAGES
from investors.outlines import middle

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts
    from investors.models import AgreementPlot

HOURS = {str(day): ["08:00", "20:00"] for day in range(1, 7)}


def open_clinic(
    chance: Chance, facts: Facts, now: datetime, given: AgreementPlot, about: dict[str, Any]
) -> Clinic:
    """The resident's clinic on its plot, with its licence; the resident becomes an organisation of the cluster."""

    def key() -> UUID:
        return UUID(chance.key(now))

    investor, said = given.agreement.investor, about["clinic"]
    country = facts.about["cluster"]["country"]
    abroad = investor.country != country
    opened = date.fromisoformat(about["opened"])
    organization = Organization.objects.create(
        id=key(), ownership="foreign" if abroad else "private", country=investor.country,
        foreign_number=f"DEMO-{chance.randint(100000, 999999)}" if abroad else "",
        status=OrganizationStatus.MEMBER, joined_on=opened - timedelta(days=90), is_demo=True,
        email="plot-one@demo.example",
        **{
            f"{name}_{code}": getattr(investor, f"name_{code}")[:120]
            for name in ("name", "short_name") for code in LANGUAGES
        },
    )  # fmt: skip
    investor.organization = organization
    investor.save(update_fields=["organization"])
    lon, lat = middle(given.plot.outline)
    beside = Clinic.objects.filter(status=ClinicStatus.OPEN, country=country).order_by("id").first()
    clinic = Clinic.objects.create(
        id=key(), organization=organization, type=said["type"], country=country, lat=round(lat, 6), lon=round(lon, 6),
        time_zone=facts.time_zone, opening_hours=HOURS, status=ClinicStatus.OPEN, opened_on=opened, is_demo=True,
        phone="", email="plot-one@demo.example", wheelchair=True,
        **{f"name_{code}": text for code, text in zip(LANGUAGES, said["name"], strict=True)},
        **{f"short_name_{code}": text for code, text in zip(LANGUAGES, said["short"], strict=True)},
        **{f"city_{code}": getattr(beside, f"city_{code}") for code in LANGUAGES},
    )  # fmt: skip
    Licence.objects.create(
        id=key(), clinic=clinic, number=f"{facts.about['licence_prefix']}/{chance.randint(360000, 399999):08}",
        authority=facts.about["licence_authority"], jurisdiction=Jurisdiction.NATIONAL, country=country,
        activities=list(Specialty.objects.order_by("code").values_list("pk", flat=True)[: said["activities"]]),
        valid_from=date.fromisoformat(said["licensed"]),
    )  # fmt: skip
    return clinic
