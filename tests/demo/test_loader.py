"""What the loader leaves in the database: every rule of the portal holds for generated rows too."""

import random
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction

from clinics.models import (
    ChangeRequest,
    Clinic,
    ClinicLink,
    ClusterTarget,
    Licence,
    Membership,
    Schedule,
    Service,
    Slot,
)
from clinics.selectors.changes import differences
from clinics.selectors.openness import covering_licence, day_of
from clinics.selectors.premises import beds_today
from clinics.services import records
from clinics.services.generation import fill
from clinics.states import ClinicStatus, Ownership, SlotState
from cluster_portal.accounts.models import User
from cluster_portal.accounts.roles import Role
from cluster_portal.common import numbering
from cluster_portal.common.models import OutboxMessage
from cluster_portal.demo.facts import Facts
from cluster_portal.demo.files import MARK, told_of
from cluster_portal.demo.loader import AlreadyLoaded, Loader
from cluster_portal.demo.staff import PASSWORD
from cluster_portal.demo.twins import TWINS
from cluster_portal.demo.waiting import OFFERED
from cluster_portal.documents import rendering
from cluster_portal.files.checks import examine
from cluster_portal.notifications.models import Notice
from patients.models import (
    Attachment,
    Booking,
    Conclusion,
    Consent,
    DuplicatePair,
    Patient,
    PatientLink,
    Reason,
    Referral,
    ReferralStep,
    WaitlistEntry,
    WaitlistOffer,
)
from patients.services.deadlines import due_day
from patients.states import MAY_BE_REASONED, REASONED, REFERRAL, BookingState, ReferralState
from patients.tasks import sweep_waiting_list
from tests.demo.conftest import NOW, PATIENTS, REFERRALS
from tests.demo.support import bid_files_are_open, none_of

# On one process: the cluster is loaded once for the whole module.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]
HOUR = timedelta(hours=1)


def test_amounts(sakhalin):
    # Some are on record twice.
    twins = Patient.objects.count() - PATIENTS
    assert 0 < twins <= TWINS and Patient.objects.count() == sakhalin["patient"]
    assert DuplicatePair.objects.filter(signs__contains=["name"]).count() >= twins
    assert Referral.objects.count() == REFERRALS == sakhalin["referral"]
    assert Clinic.objects.filter(status=ClinicStatus.OPEN).count() == 74
    assert Service.objects.count() >= 150
    assert not Patient.objects.filter(is_generated=False).exists()
    assert set(Clinic.objects.values_list("organization__ownership", flat=True)) == set(Ownership.values)
    targets = dict(ClusterTarget.objects.values_list("code", "value"))
    assert targets == {"facilities": 60, "specialists": 1000, "equipment": 1100}
    assert not Clinic.objects.filter(
        organization__ownership__in=[Ownership.PRIVATE, Ownership.FOREIGN], is_demo=False
    ).exists()


def test_sites_have_rooms_beds_and_links(sakhalin):
    none_of(
        """
        SELECT h.id FROM clinics_schedule h JOIN clinics_service s ON s.id = h.service_id
        WHERE NOT EXISTS (SELECT FROM clinics_room r WHERE r.clinic_id = s.clinic_id AND r.number = h.room)
        """
    )
    clinics = list(Clinic.objects.filter(beds__gt=0))
    sums = beds_today(clinics)
    assert clinics and all(sum(sums[clinic.pk].values()) == clinic.beds for clinic in clinics)
    assert ClinicLink.objects.count() > 10


def test_changes_of_records_wait_and_are_decided(sakhalin):
    states = Counter(ChangeRequest.objects.values_list("state", flat=True))
    assert states == {"pending": 5, "approved": 4, "refused": 2, "withdrawn": 1}
    waiting = list(ChangeRequest.objects.filter(state="pending").select_related("clinic", "organization"))
    assert sum(any(each.conflicts for each in differences(row)) for row in waiting) == 1
    for row in waiting:
        # The office could approve it: every value still fits.
        records.fill(row.record, {name: after for name, (_before, after) in row.changes.items()}, row.changes)


def test_every_state_has_referrals(sakhalin):
    states = set(Referral.objects.values_list("state", flat=True))
    assert states == set(ReferralState.values)


def test_slots_count_their_bookings(sakhalin):
    """A place stays taken when the visit is over; it is given back when the patient does not come or cancels."""
    none_of(
        """
        SELECT s.id, s.taken FROM clinics_slot s
        LEFT JOIN patients_booking b ON b.slot_id = s.id AND b.state IN ('held', 'booked', 'arrived', 'fulfilled')
        GROUP BY s.id HAVING s.taken <> count(b.id)
        """
    )
    none_of("SELECT 1 FROM clinics_slot WHERE state <> 'published' AND taken > 0")


def test_bookings_repeat_their_slots(sakhalin):
    none_of(
        """
        SELECT 1 FROM patients_booking b JOIN clinics_slot s ON s.id = b.slot_id
        WHERE (b.start, b.end, b.clinic_id, b.organization_id) <> (s.start, s.end, s.clinic_id, s.organization_id)
        """
    )
    none_of(
        """
        SELECT 1 FROM patients_booking b JOIN clinics_slot s ON s.id = b.slot_id
        JOIN patients_referral r ON r.id = b.referral_id
        WHERE s.service_type_id <> r.service_type_id OR b.patient_id <> r.patient_id OR b.booked_at >= b.start
        """
    )


def test_slots_repeat_their_services(sakhalin):
    none_of(
        """
        SELECT 1 FROM clinics_slot s JOIN clinics_service v ON v.id = s.service_id
        JOIN clinics_clinic c ON c.id = v.clinic_id JOIN clinics_schedule h ON h.id = s.schedule_id
        WHERE (s.clinic_id, s.organization_id, s.service_type_id, s.service_id, s.practitioner_id)
           <> (v.clinic_id, c.organization_id, v.service_type_id, h.service_id, h.practitioner_id)
        """
    )


def test_stories_follow_the_state_table(sakhalin):
    allowed = {(t.action, source, t.target) for t in REFERRAL.transitions for source in t.sources}
    states = dict(Referral.objects.values_list("pk", "state"))
    story: dict = {}
    for step in ReferralStep.objects.order_by("referral", "id"):
        before = story.get(step.referral_id)
        if before is None:
            assert (step.action, step.from_state, step.to_state) == ("draft", "", "draft")
        else:
            assert step.from_state == before.to_state
            assert step.at >= before.at
            stays = step.action in ("read", "send_outside") and step.from_state == step.to_state
            assert stays or (step.action, step.from_state, step.to_state) in allowed
        assert step.at <= NOW
        story[step.referral_id] = step
    assert {pk: step.to_state for pk, step in story.items()} == states


def test_referrals_agree_with_their_bookings(sakhalin):
    none_of(
        """
        SELECT r.number FROM patients_referral r WHERE (r.state IN ('booked', 'in_care')) <> EXISTS (
            SELECT 1 FROM patients_booking b WHERE b.referral_id = r.id AND b.state IN ('booked', 'arrived')
            AND b.start = r.appointment_at AND b.clinic_id = r.appointment_clinic_id)
        """
    )
    none_of(
        """
        SELECT r.number FROM patients_referral r WHERE (r.state = 'completed') <> EXISTS (
            SELECT 1 FROM patients_conclusion c
            WHERE c.referral_id = r.id AND (c.read_at IS NULL) = r.conclusion_unread)
        """
    )
    none_of(
        """
        SELECT r.number FROM patients_referral r WHERE r.no_shows <> (
            SELECT count(*) FROM patients_booking b WHERE b.referral_id = r.id AND b.state = 'no_show')
        """
    )
    none_of("SELECT 1 FROM patients_booking WHERE state = 'cancelled' AND end_reason = ''")
    none_of(
        "SELECT 1 FROM patients_referral WHERE submitted_at IS NULL AND state NOT IN ('draft', 'cancelled')"
    )


def test_whoever_waits_is_on_the_list_and_nobody_else(sakhalin):
    none_of(
        """
        SELECT 1 FROM patients_referral r
        LEFT JOIN patients_waitlistentry e ON e.referral_id = r.id AND e.ended_at IS NULL
        WHERE (r.state = 'waitlisted') <> (e.id IS NOT NULL)
        """
    )
    assert WaitlistEntry.objects.filter(ended_at__isnull=False).exists()
    assert WaitlistEntry.objects.filter(ended_at__isnull=True).count() >= 6


def test_the_first_round_offers_a_few_times(sakhalin):
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        made = sweep_waiting_list()
        assert 1 <= made <= OFFERED
        assert WaitlistOffer.objects.filter(state="open").count() == made
        transaction.set_rollback(True)


def test_coded_reasons(sakhalin):
    # Times are offered, and referrals handed back, by the running portal alone.
    for action in (REASONED | MAY_BE_REASONED) - {"decline_offer", "hand_back"}:
        used = set(ReferralStep.objects.filter(action=action).values_list("reason", flat=True))
        assert used
        assert used <= set(Reason.objects.filter(kind=action).values_list("code", flat=True))


def test_deadlines_are_those_of_the_service(sakhalin):
    referrals = (
        Referral.objects.exclude(submitted_at=None)
        .exclude(service=None)
        .select_related("service_type", "target_clinic")
    )
    # A redirected or accepted referral keeps the deadline of its first submission to another clinic.
    for referral in referrals.filter(past_targets=[])[:150]:
        place = referral.target_clinic
        on = day_of(referral.submitted_at, place.time_zone)
        assert referral.due_on == due_day(referral, country=place.country, on=on)
    late = referrals.filter(state="booked", due_on__isnull=False)
    for referral in late:
        if day_of(referral.appointment_at, referral.target_clinic.time_zone) > referral.due_on:
            assert referral.late_code


def test_appointments_lie_within_a_licence(sakhalin):
    for booking in Booking.objects.filter(state="booked").select_related("slot__service_type", "clinic"):
        day = day_of(booking.start, booking.clinic.time_zone)
        assert covering_licence(booking.clinic_id, booking.slot.service_type.specialty_id, day)


def test_licences_lapse_soon_and_have_lapsed(sakhalin):
    today = day_of(NOW, "Asia/Sakhalin")
    ends = [day for day in Licence.objects.values_list("valid_to", flat=True) if day]
    assert any(day < today for day in ends)
    assert any(today < day <= today + timedelta(days=7) for day in ends)
    assert any(today < day <= today + timedelta(days=30) for day in ends)
    assert Licence.objects.filter(status="suspended").exists()


def test_both_sides_may_see_the_patient(sakhalin):
    links = set(PatientLink.objects.values_list("patient_id", "organization_id", "kind"))
    for referral in Referral.objects.all():
        assert (referral.patient_id, referral.source_organization_id, "referred") in links
        if referral.submitted_at and referral.target_organization_id:
            assert (referral.patient_id, referral.target_organization_id, "received") in links
        for member in referral.past_targets:
            assert (referral.patient_id, member, "received") in links


def test_data_leave_only_with_consent(sakhalin):
    given = set(Consent.objects.values_list("patient_id", "kind"))
    referrals = Referral.objects.exclude(submitted_at=None).exclude(target_clinic=None)
    for referral in referrals.select_related("source_clinic", "target_clinic"):
        if referral.target_organization_id != referral.source_organization_id:
            assert (referral.patient_id, "transfer") in given
        if referral.target_clinic.country != referral.source_clinic.country:
            assert (referral.patient_id, "abroad") in given


def test_numbers_are_valid_and_go_on(sakhalin):
    numbers = set(Referral.objects.values_list("number", flat=True))
    assert len(numbers) == REFERRALS
    assert all(numbering.is_valid(number) for number in numbers)
    assert numbering.next_number("referral_number_seq", prefix="SKH", year=2026) not in numbers


def test_rows_pass_the_models_own_validation(sakhalin):
    """Choices, lengths, identifiers and formats, on a sample of every model."""
    for model in (Patient, Referral, Booking, Slot, Clinic, Licence, Service, Schedule, Conclusion, Consent):
        keys = sorted(model.objects.values_list("pk", flat=True))
        for row in model.objects.filter(pk__in=random.Random(1).sample(keys, min(60, len(keys)))):
            empty = [f.name for f in model._meta.fields if f.null and getattr(row, f.attname) is None]
            row.clean_fields(exclude=empty)


def test_nightly_generation_has_nothing_to_add(sakhalin):
    schedules = list(Schedule.objects.select_related("service__clinic", "practitioner").order_by("pk"))
    for schedule in random.Random(2).sample(schedules, 40):
        assert fill(schedule, now=NOW) == []


def test_slots_stand_for_eight_weeks_and_are_mixed(sakhalin):
    ahead = Slot.objects.filter(start__gt=NOW)
    last = ahead.order_by("-start").values_list("start", flat=True)[0]
    assert NOW + timedelta(weeks=7, days=5) < last < NOW + timedelta(weeks=8, days=2)
    assert set(ahead.values_list("audience", flat=True)) == {"own", "cluster", "urgent"}
    assert set(ahead.values_list("state", flat=True)) == set(SlotState.values)
    tomorrow = ahead.filter(
        service_type="cardiologist",
        start__range=(NOW + 10 * HOUR, NOW + 34 * HOUR),
        audience="cluster",
        taken=0,
    )
    assert tomorrow.values("clinic").distinct().count() >= 2


def test_everybody_of_the_demo_has_work(sakhalin):
    """Queues of those who sign in with one click."""
    people = {user.email.split("@")[0]: user for user in User.objects.filter(is_demo=True)}
    assert set(people) == {login["email"].split("@")[0] for login in Facts("sakhalin").about["logins"]}
    # An investor's person serves no organisation of the cluster.
    investor = people.pop("investor")
    assert investor.investor_memberships.exists() and not investor.memberships.exists()
    for user in people.values():
        assert user.memberships.exists()
    assert people["dubova"].check_password(PASSWORD)
    roles = set(Membership.objects.filter(user__is_demo=True).values_list("role", flat=True))
    assert roles == set(Role.values) - {Role.CLIENT}

    korsakov = people["dubova"].memberships.get().organization
    mine = Referral.objects.filter(source_organization=korsakov)
    for state in ("draft", "returned", "submitted", "accepted", "waitlisted", "booked"):
        assert mine.filter(state=state).exists(), state
    assert mine.filter(conclusion_unread=True).exists()

    okb = people["kaigorodova"].memberships.filter(role=Role.COORDINATOR).get().organization
    incoming = Referral.objects.filter(target_organization=okb)
    today = day_of(NOW, "Asia/Sakhalin")
    assert incoming.filter(state="submitted").count() >= 3
    assert incoming.filter(state="submitted", due_on__lt=today).exists()
    arrivals = [
        booking.state
        for booking in Booking.objects.filter(organization=okb).exclude(state__in=["cancelled", "no_show"])
        if day_of(booking.start, "Asia/Sakhalin") == today
    ]
    assert BookingState.BOOKED in arrivals
    assert {BookingState.ARRIVED, BookingState.FULFILLED} & set(arrivals)
    assert Notice.objects.filter(user=people["dubova"], read_at=None).exists()
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_loading_leaves_no_work_behind(sakhalin):
    """No mail, no message: nothing that a worker would do when it comes."""
    assert Notice.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert mail.outbox == []


def test_names_can_be_found(sakhalin):
    """The dictionary of name words is what the resting trigger would have written."""
    none_of(
        """
        SELECT word FROM (SELECT DISTINCT unnest(name_words) AS word FROM patients_patient) words
        WHERE NOT EXISTS (SELECT 1 FROM patients_nameword n WHERE n.word = words.word)
        """
    )


def test_loading_again_says_so(sakhalin, capsys):
    call_command("load_demo", "sakhalin")
    assert "already loaded" in capsys.readouterr().out
    with pytest.raises(CommandError, match="holds the cluster sakhalin"):
        call_command("load_demo", "aktobe")
    with pytest.raises(AlreadyLoaded):
        Loader("sakhalin", now=NOW).load()


def test_logins_are_printed(sakhalin, capsys):
    call_command("demo_logins")
    out = capsys.readouterr().out
    assert "dubova@demo.example" in out
    assert PASSWORD in out


def test_nothing_happens_outside_of_the_demo(sakhalin, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="PORTAL_DEMO"):
        call_command("load_demo", "sakhalin")
    with pytest.raises(CommandError, match="PORTAL_DEMO"):
        call_command("demo_logins")


def test_files_are_such_as_people_may_send(sakhalin):
    rows = list(Attachment.objects.select_related("referral"))
    assert {row.kind for row in rows} >= {"examination", "discharge", "conclusion"}
    for row in rows:
        sides = (row.referral.source_organization_id, row.referral.target_organization_id)
        assert row.organization_id in sides and row.name.endswith(".pdf") and row.size < 60_000
        assert row.seen_at is None or row.seen_at > row.created_at
    told = told_of(rows[0].referral, "Выписка", "discharge", rows[0].created_at)
    assert told["mark"] == MARK
    assert examine(rendering.pdf("demo_file", told), "Выписка.pdf").format == "pdf"
    bid_files_are_open()
