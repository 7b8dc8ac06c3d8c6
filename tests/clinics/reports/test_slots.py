"""Slot use: each figure against a count by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from clinics.models import Slot
from clinics.states import Audience, SlotState
from cluster_portal.common.errors import Forbidden
from tests.factories import clinics
from tests.reports.support import FIRST, LAST, QUARTER, made, moment

pytestmark = pytest.mark.django_db
CODE = "clinics.slots"


def slot(
    service,
    start: datetime,
    *,
    taken: int = 0,
    audience=Audience.OWN,
    released=None,
    block_reason="",
    **fields,
) -> Slot:
    """A slot with a counter: it is made ahead, where places may be taken, and then put where it belongs."""
    ahead = timezone.now() + timedelta(days=1)
    made_slot = clinics.make_slot(
        service, start=ahead, audience=audience, release_at=released or start - timedelta(hours=24), **fields
    )
    if taken:
        Slot.objects.filter(pk=made_slot.pk).update(taken=taken)
    put = {"start": start, "end": start + timedelta(minutes=20), "block_reason": block_reason}
    Slot.objects.filter(pk=made_slot.pk).update(**put)
    return made_slot


@pytest.fixture
def service():
    return clinics.make_service()


@pytest.fixture
def quarter(service):
    """Made as on 15 August, 12:00: what begins before that has begun."""
    slot(service, moment(7, 2), capacity=4, taken=3)
    slot(service, moment(8, 15, 11, 40), capacity=1, taken=1, audience=Audience.CLUSTER)
    slot(service, moment(8, 15, 11, 59), capacity=2, taken=1, audience=Audience.URGENT)
    slot(service, moment(8, 16), capacity=3, taken=1, audience=Audience.CLUSTER, released=moment(8, 15, 12))
    slot(service, moment(9, 30), capacity=5, taken=0, audience=Audience.CLUSTER)
    slot(service, moment(9, 1), capacity=7, state=SlotState.BLOCKED, block_reason="Ремонт")
    # It is being closed: whoever is booked still comes, nobody else may.
    slot(service, moment(9, 2), capacity=6, taken=2, block_reason="Отпуск")
    slot(service, moment(9, 3), capacity=9, state=SlotState.DRAFT)
    return service


def test_figures_are_as_counted_by_hand(quarter, office):
    (row,) = made(office, CODE, now=moment(8, 15, 12), **QUARTER)
    assert row == {
        "clinic": quarter.clinic.short_name,
        # 4 + 1 + 2 begun, 3 + 5 ahead, 2 of the one that closes.
        "published": 17, "booked": 8, "unused": 2, "free": 7, "blocked": 7 + 4,
        "share_used": pytest.approx(5 / 7),
        "kept": 11, "kept_booked": 3, "returned_unused": 1 + 2, "share_returned": 0.5,
    }  # fmt: skip


def test_the_period_begins_and_ends_at_the_clusters_midnight(service, office):
    for start in (FIRST - timedelta(hours=1), FIRST, LAST, LAST + timedelta(microseconds=1)):
        slot(service, start)
    (row,) = made(office, CODE, **QUARTER)
    assert (row["published"], row["share_used"]) == (2, 0)
    assert made(office, CODE, period="own", since="2025-01-01", until="2025-12-31") == []


def test_rows_by_clinic_and_service(quarter, office):
    mri = clinics.make_service(quarter.clinic, "mri")
    slot(mri, moment(7, 5), capacity=2)
    other = clinics.make_service()
    slot(other, moment(7, 5))
    rows = made(office, CODE, by="service_type", **QUARTER)
    assert {row["service"]: row["published"] for row in rows} == {
        "Консультация кардиолога": 18, "Услуга mri": 2,
    }  # fmt: skip
    rows = made(office, CODE, by="clinic+service_type", **QUARTER)
    assert {(row["clinic"], row["service"], row["published"]) for row in rows} == {
        (quarter.clinic.short_name, "Консультация кардиолога", 17),
        (quarter.clinic.short_name, "Услуга mri", 2),
        (other.clinic.short_name, "Консультация кардиолога", 1),
    }
    for name, chosen in (
        ("clinic", other.clinic_id),
        ("organization", other.clinic.organization_id),
        ("service_type", "mri"),
    ):
        rows = made(office, CODE, **{name: str(chosen)}, **QUARTER)
        assert [row["published"] for row in rows] == [2 if name == "service_type" else 1]


def test_a_clinic_reads_only_of_itself(quarter, analyst):
    slot(clinics.make_service(), moment(7, 5))
    assert len(made(analyst, CODE, **QUARTER)) == 2
    for role in ("manager", "coordinator"):
        own = clinics.make_actor(role, organization=quarter.clinic.organization)
        assert [row["published"] for row in made(own, CODE, **QUARTER)] == [17]
        assert made(clinics.make_actor(role), CODE, **QUARTER) == []
    with pytest.raises(Forbidden):
        made(clinics.make_actor("referrer", organization=quarter.clinic.organization), CODE, **QUARTER)
