"""Each report on a whole demo cluster, loaded once, against the same figures counted row by row in Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage

from clinics.models import Accreditation, Clinic, Licence, Organization, Service, Slot
from cluster_portal.audit.models import Access
from cluster_portal.common.actor import Actor
from cluster_portal.jobs import runner
from cluster_portal.reports import base
from cluster_portal.reports.services.asking import run_report
from patients.models import Booking, Patient, Referral, ReferralStep
from patients.selectors.patients import open_patient
from patients.states import Priority
from tests.demo.conftest import NOW, sakhalin  # noqa: F401 - a fixture
from tests.factories import clinics
from tests.reports.support import ZONE as HOME
from tests.reports.support import made, percentile

# On one process: the cluster is loaded once for the whole module.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.xdist_group("demo"),
    pytest.mark.usefixtures("sakhalin"),
]
PERIOD = {"period": "own", "since": "2026-07-01", "until": "2026-11-30"}
BEGIN, END = datetime(2026, 7, 1, tzinfo=HOME), datetime(2026, 12, 1, tzinfo=HOME)
WAITING = {"submitted", "returned", "accepted", "waitlisted", "booked"}
SEEN = {"in_care", "completed"}


@pytest.fixture
def office() -> Actor:
    return clinics.make_actor("office")


def rows_by(rows, *names):
    """The rows under what they are grouped by; no two may stand for the same."""
    found = {tuple(row.pop(name) for name in names): row for row in rows}
    assert len(found) == len(rows) > 10
    return found


def share(part, whole):
    return pytest.approx(part / whole) if whole else None


def submitted():
    return [
        r
        for r in Referral.objects.select_related(
            "target_clinic",
            "appointment_clinic",
            "service_type",
            "source_organization",
            "target_organization",
        )
        if r.submitted_at and BEGIN <= r.submitted_at < END
    ]


def zone_of(referral):
    place = referral.appointment_clinic or referral.target_clinic
    return ZoneInfo(place.time_zone) if place else HOME


def day(moment, zone):
    return moment.astimezone(zone).date()


def outcome(referral):
    """(seen, waits, breach, decided) of one referral."""
    zone = zone_of(referral)
    visit = day(referral.appointment_at, zone) if referral.appointment_at else None
    seen, waits, due = referral.state in SEEN, referral.state in WAITING, referral.due_on
    overdue = waits and due is not None and day(NOW, HOME) > due
    if overdue and referral.state == "booked" and visit <= due:
        overdue = False
    late = seen and due is not None and visit > due
    return seen, waits, late or overdue, (seen and due is not None) or overdue


def test_waits(office):
    booked: dict = {}
    for booking in Booking.objects.exclude(booked_at=None):
        first = booked.setdefault(booking.referral_id, booking.booked_at)
        booked[booking.referral_id] = min(first, booking.booked_at)
    groups = defaultdict(list)
    for referral in submitted():
        place = referral.target_clinic.short_name if referral.target_clinic else None
        groups[place, referral.service_type.name, Priority(referral.priority).label].append(referral)
    expected = {}
    for key, referrals in groups.items():
        told = [(referral, zone_of(referral), *outcome(referral)) for referral in referrals]
        begun = {r.pk: day(r.submitted_at, zone) for r, zone, *_rest in told}
        to_booking = [
            (day(booked[r.pk], HOME) - day(r.submitted_at, HOME)).days for r, *_ in told if r.pk in booked
        ]
        to_visit = [(day(r.appointment_at, z) - begun[r.pk]).days for r, z, seen, *_ in told if seen]
        norms = [(r.due_on - day(r.submitted_at, HOME)).days for r, *_ in told if r.due_on]
        breaches, decided = sum(t[4] for t in told), sum(t[5] for t in told)
        expected[key] = {
            "referrals": len(told), "seen": len(to_visit), "waiting": sum(t[3] for t in told),
            "median_to_booking": pytest.approx(percentile(to_booking, 0.5)),
            "median_to_visit": pytest.approx(percentile(to_visit, 0.5)),
            "p90_to_visit": pytest.approx(percentile(to_visit, 0.9)),
            "norm": pytest.approx(percentile(norms, 0.5)), "breaches": breaches,
            "share_of_breaches": share(breaches, decided),
        }  # fmt: skip
    rows = made(office, "patients.waits", now=NOW, by="clinic+service_type+priority", **PERIOD)
    assert rows_by(rows, "clinic", "service", "priority") == expected
    assert sum(told["breaches"] for told in expected.values()) > 5


def test_flow(office):
    expected: dict = defaultdict(Counter)
    named = {
        "submitted": "deciding", "returned": "deciding", "accepted": "unbooked", "waitlisted": "unbooked",
        "booked": "booked", "in_care": "seen", "completed": "seen", "rejected": "rejected", "cancelled": "cancelled",
    }  # fmt: skip
    for referral in submitted():
        target = referral.target_organization
        told = expected[
            referral.source_organization.short_name, target.short_name if target else "ещё не выбрано"
        ]
        seen, _waits, breach, decided = outcome(referral)
        told["referrals"] += 1
        told[named[referral.state]] += 1
        told["in_time"] += seen and decided and not breach
        told["decided"] += decided
    rows = rows_by(made(office, "patients.flow", now=NOW, **PERIOD), "source", "target")
    assert rows.keys() == expected.keys()
    for key, told in expected.items():
        in_time = share(told["in_time"], told.pop("decided"))
        counts = {name: told[name] for name in (*set(named.values()), "referrals", "in_time")}
        assert rows[key] == {**counts, "share_in_time": in_time}, key


def test_refusals(office):
    counts: Counter = Counter()
    for step in ReferralStep.objects.select_related("referral__service_type"):
        if BEGIN <= step.at < END and step.action in ("accept", "reject", "return_for_info", "redirect"):
            counts[step.referral.service_type.name, step.action, step.reason] += 1
    every, kinds = Counter(), Counter()
    for (service, action, _reason), n in counts.items():
        every[service] += n
        kinds[service, action] += n
    expected = Counter(
        (service, n, share(n, kinds[service, action]).expected, share(n, every[service]).expected)
        for (service, action, _reason), n in counts.items()
        if action in ("reject", "return_for_info")
    )
    rows = made(office, "patients.refusals", now=NOW, by="service_type", **PERIOD)
    assert len(rows) > 10
    assert (
        Counter((r["service"], r["count"], r["share_of_kind"], r["share_of_all"]) for r in rows) == expected
    )


def test_no_shows(office):
    every: Counter = Counter()
    lost: Counter = Counter()
    for booking in Booking.objects.select_related("clinic", "referral"):
        if not BEGIN <= booking.start < END:
            continue
        every[booking.clinic_id] += 1
        if booking.state == "no_show":
            lost[booking.clinic_id, "no_show", booking.end_reason, ""] += 1
        elif booking.state == "cancelled":
            # The demo writes both at the same moment.
            (step,) = booking.referral.steps.filter(
                at=booking.updated_at, action__in=("cancel", "cancel_booking", "reschedule")
            )
            who = "here" if step.organization_id == booking.organization_id else "there"
            lost[booking.clinic_id, step.action, step.reason, who] += 1
    names = dict(Clinic.objects.values_list("pk", "short_name_ru"))
    # One and the same reason may end a booking or a referral: in words they are one row.
    merged: Counter = Counter()
    for (clinic, action, reason, who), n in lost.items():
        merged[clinic, "cancel" if action == "cancel_booking" else action, reason, who] += n
    expected = Counter(
        (names[clinic], n, every[clinic], n / every[clinic]) for (clinic, *_), n in merged.items()
    )
    rows = made(office, "patients.no_shows", now=NOW, **PERIOD)
    assert len(rows) > 10
    assert Counter((r["clinic"], r["count"], r["booked"], r["share"]) for r in rows) == expected


def test_slots(office):
    expected: dict = defaultdict(Counter)
    fields = (
        "clinic__short_name_ru",
        "service_type__name_ru",
        "state",
        "start",
        "capacity",
        "taken",
        "audience",
    )
    for *key, state, start, capacity, taken, audience, release in Slot.objects.values_list(
        *fields, "release_at"
    ):
        if not BEGIN <= start < END or state == "draft":
            continue
        told = expected[tuple(key)]
        if state == "blocked":
            told["blocked"] += capacity
            continue
        empty, begun = capacity - taken, start <= NOW
        told["published"] += capacity
        told["booked"] += taken
        told["unused" if begun else "free"] += empty
        told["past"] += capacity * begun
        told["used"] += taken * begun
        if audience != "own":
            told["kept"] += capacity
            told["kept_booked"] += taken
            if release <= NOW:
                told["released"] += capacity
                told["returned_unused"] += empty
    rows = rows_by(
        made(office, "clinics.slots", now=NOW, by="clinic+service_type", **PERIOD), "clinic", "service"
    )
    assert rows.keys() == expected.keys()
    plain = ("published", "booked", "unused", "free", "blocked", "kept", "kept_booked", "returned_unused")
    for key, told in expected.items():
        assert rows[key] == {
            **{name: told[name] for name in plain},
            "share_used": share(told["used"], told["past"]),
            "share_returned": share(told["returned_unused"], told["released"]),
        }, key


def test_registry(office):
    rows = made(office, "clinics.registry", now=NOW)
    sites = list(Clinic.objects.all())
    assert sum(row["clinic"] is not None for row in rows) == len(sites)
    alone = Organization.objects.exclude(pk__in={site.organization_id for site in sites})
    assert sum(row["clinic"] is None for row in rows) == alone.count() > 0
    assert sum(row["beds"] or 0 for row in rows) == sum(site.beds for site in sites) > 1000
    assert sum(row["services"] for row in rows) == sum(s.is_active for s in Service.objects.all())
    today = day(NOW, HOME)
    valid = [
        licence
        for licence in Licence.objects.all()
        if licence.status == "active" and licence.valid_from <= today <= (licence.valid_to or date.max)
    ]
    assert sum(row["licences"] for row in rows) == len(valid) > 50


def test_licences(office):
    expected = {}
    for licence in Licence.objects.select_related("clinic"):
        left = licence.valid_to and (licence.valid_to - day(NOW, ZoneInfo(licence.clinic.time_zone))).days
        if licence.status != "active" or left is None or not 0 <= left <= 90:
            continue
        after = licence.valid_to + timedelta(days=1)
        kept = set()
        for other in licence.clinic.licences.all():
            if other.status == "active" and other.valid_from <= after <= (other.valid_to or date.max):
                kept.update(other.activities)
        closing = [
            service.service_type.name
            for service in licence.clinic.services.select_related("service_type")
            if service.is_active and service.service_type.specialty_id in set(licence.activities) - kept
        ]
        expected[licence.number] = left, len(closing), set(closing)
    assert expected
    for paper in Accreditation.objects.filter(status="active", valid_to__isnull=False).select_related(
        "clinic"
    ):
        left = (paper.valid_to - day(NOW, ZoneInfo(paper.clinic.time_zone))).days
        if 0 <= left <= 90:
            expected[paper.number] = left, 0, set()
    rows = made(office, "clinics.licences", now=NOW)
    assert {
        row["number"]: (row["days_left"], row["closing"], set(filter(None, row["services"].split(", "))))
        for row in rows
    } == expected


def test_access(office):
    site = Clinic.objects.filter(services__isnull=False).first()
    doctor = clinics.make_actor("referrer", organization=site.organization)
    links = Patient.objects.filter(links__organization=site.organization, links__until=None).distinct()
    patients = list(links[:20])
    for patient in patients:
        open_patient(doctor, patient.pk)
    lines = list(Access.objects.filter(user_id=doctor.user_id).order_by("id"))
    at = lines[-1].at
    manager = clinics.make_actor("manager", organization=site.organization)
    rows = made(manager, "patients.access", now=at, period="this_year")
    assert [(r["line"], r["patient"]) for r in rows] == [
        (line.pk, patient.full_name) for line, patient in zip(lines, patients, strict=True)
    ]
    assert len(made(office, "patients.access", now=at, period="this_year")) >= len(rows) > 5


@pytest.mark.parametrize("form", ["xlsx", "csv", "pdf", "json"])
@pytest.mark.parametrize(
    "code",
    [
        "patients.waits", "patients.flow", "patients.refusals", "patients.no_shows", "patients.access",
        "clinics.slots", "clinics.registry", "clinics.licences",
    ],
)  # fmt: skip
def test_every_report_becomes_a_file(office, code, form):
    asked = {} if code in ("clinics.registry", "clinics.licences") else PERIOD
    assert form in base.report_of(code).formats
    job = run_report(office, code=code, parameters=asked, file_format=form)
    assert runner.run_next()
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert default_storage.size(job.file) > 100
