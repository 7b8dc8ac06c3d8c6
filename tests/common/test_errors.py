"""Errors in words, and the database's last word tied to them."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from clinics.errors import LicenceExists, PractitionerBusy, SlotTaken
from clinics.models import Slot
from cluster_portal.common import errors
from patients.errors import AlreadyBooked, EnpTaken, PatientBusy, SnilsTaken
from patients.models import Patient
from patients.states import BookingState
from tests.factories import clinics, patients

#: Constraints that no input of a person or a program can break, and what keeps it so. Whatever is neither here nor
#: tied to an error fails the test.
UNREACHABLE = {
    "advice_abroad_of_any": "the service asks abroad only where any clinic is asked",
    "advice_taken_or_not": "services alone write who answers",
    "clinic_closed_with_reason": "the form and the service ask for both",
    "downtime_order": "services alone write it, by the clock",
    "downtime_overlap": "a fault is reported under the unit's lock, of a unit that works",
    "room_closure_dates": "the form and the service compare the days",
    "equipment_dates": "the service and the import compare the days",
    "exception_dates": "the form and the service compare the days",
    "decision_number": "the service counts them, under the meeting's lock",
    "group_days": "the service ends a group by the clock, never before it was formed",
    "group_member_days": "the service compares the days",
    "group_task_done_on_a_day": "services alone write both",
    "group_task_reason": "the form and the service ask for it",
    "meeting_minutes": "the form and the service ask for them",
    "meeting_presence_once": "the service takes everybody once, under the meeting's lock",
    "meeting_reason": "the form and the service ask for it",
    "roadshow_days": "the service compares the two days",
    "utility_free": "the service compares the two figures",
    "feed_of_one": "the service refuses a room beside a practitioner",
    "hours_order": "the form and the service compare the hours",
    "licence_dates": "the form and the service compare the days",
    "licence_suspended_since": "the service writes days and state together",
    "licence_renews_another": "a renewal is made after what it renews",
    "accreditation_dates": "the form and the service compare the days",
    "accreditation_suspended_since": "the service writes days and state together",
    "accreditation_renews_another": "a renewal is made after what it renews",
    "regime_dates": "the form and the service compare the days",
    "regime_suspended_since": "the service writes days and state together",
    "regime_renews_another": "a renewal is made after what it renews",
    "permit_dates": "the form and the service compare the days",
    "permit_suspended_since": "the service writes days and state together",
    "permit_renews_another": "a renewal is made after what it renews",
    "method_complete": "the service asks for what is missing first",
    "method_withdrawn_with_reason": "the service writes day and reason with the state",
    "method_service_once": "the service writes the difference to what is there, under the method's lock",
    "credentialstep_of_one": "services alone write it",
    "credentialscan_of_one": "services alone write it",
    "clinics_credentialscan_not_empty": "an empty file is refused before it is kept",
    "quota_month": "the service takes the first day of the month",
    "lapsewarning_of_one": "the nightly task alone writes it",
    "lapsewarning_once": "written with ON CONFLICT",
    "target_years": "the service compares the years",
    "roombooking_times": "the service compares the times",
    "roombooking_one_of_session": "a session's booking is moved, never doubled, under the session's lock",
    "norm_dates": "no page edits norms",
    "patients_advicefile_not_empty": "an empty file is refused before it is kept",
    "patients_attachment_not_empty": "an empty file is refused before it is kept",
    "schedule_dates": "the form and the service compare the days",
    "schedule_shares": "the form and the service add them up",
    "service_ages": "the form and the service compare the ages",
    "delivery_once": "the place in the feed is moved on with what it is moved over, under the webhook's lock",
    "delivery_due_or_ended": "services alone write them together",
    "roadmap_dates": "the service compares the days",
    "roadmap_done_on_a_day": "the service writes the day with the state",
    "roadmap_reason": "the service writes the reason with the state",
    "roadmap_link_once": "the service writes the difference to what is there, under the item's lock",
    "project_completed_on_a_day": "the service writes the day with the state",
    "project_clinic_open": "the service writes the clinic with the day",
    "project_cancelled_why": "the service asks for words",
    "slot_times": "slots are cut from schedules",
    "cluster_single": "no page makes a cluster",
    "booking_held_until": "services alone write bookings",
    "booking_times": "copied from the slot",
    "referral_submitted_whole": "submitting checks the form",
    "referral_booked_has_time": "services alone write it",
    "patient_link_unique": "written with ON CONFLICT",
    "mergeproposal_answered": "the service writes both",
    "membership_of_one": "forms offer people and roles of people",
    "membership_client_unique": "a client is made with its membership",
    "membership_user_unique": "made by commands and the admin site, which checks constraints itself",
    "user_email_unique": "made by commands and the admin site, which checks constraints itself",
    "reason_code_once": "kept on the admin site, which checks constraints itself",
    "reason_dates": "kept on the admin site, which checks constraints itself",
    "reason_cancels_where_it_can": "kept on the admin site, which checks constraints itself",
    "change_refused_why": "the service asks for words",
    "change_decided": "services alone write it",
    "agreement_plot_once": "plots of a draft are a set of keys, and those that are there are left out",
    "investors_agreementdocument_not_empty": "an empty file is refused before it is kept",
    "investors_investordocument_not_empty": "an empty file is refused before it is kept",
    "tender_timetable": "the service compares the moments",
    "key_part_once": "the service looks first, under the tender's lock",
    "bid_once": "the service looks first, under the tender's lock",
    "bid_judged_open": "the service asks for words, and judges opened bids alone",
    "evaluator_once": "the service looks first, under the tender's lock",
    "score_once": "the service looks first, under the tender's lock",
    "score_bounds": "the field's own bounds are asked first",
    "award_ended_with_reason": "the service asks for words",
    "envelope_once": "the service looks first, under the tender's lock",
    "tender_plot_once": "the service leaves out what is there, under the tender's lock",
    "criterion_position": "the service replaces all of them, under the tender's lock",
    "tender_version_once": "counted under the tender's lock",
    "tender_document_once": "the service looks first, under the tender's lock",
    "investors_tenderdocument_not_empty": "an empty file is refused before it is kept",
    "interest_plot_once": "the service takes each plot once",
    "plot_watch_once": "written with ON CONFLICT",
    "search_hit_once": "written with ON CONFLICT",
    "investors_plotdocument_not_empty": "an empty file is refused before it is kept",
    "clinics_clinicphoto_not_empty": "an empty file is refused before it is kept",
    "room_dates": "the service compares the days",
    "calendar_day_unique": "kept on the admin site, which checks constraints itself",
    "idempotency_once": "written with ON CONFLICT",
    "notice_once": "written with ON CONFLICT",
    "decisionday_one": "summaries are written by their refresh alone",
    "flowday_one": "summaries are written by their refresh alone",
    "placesday_one": "summaries are written by their refresh alone",
    "sentday_one": "summaries are written by their refresh alone",
    "visitday_one": "summaries are written by their refresh alone",
    "waitday_one": "summaries are written by their refresh alone",
    "import_memory_once": "written with ON CONFLICT",
    "job_once": "written with ON CONFLICT; trying again asks first, under the lock",
    "job_running_has_worker": "workers alone write it",
    "waitlist_dates": "the service compares the days",
    "waitlist_weekdays": "the service asks for days of a week",
    "waitlist_end_has_reason": "services alone write it",
    "waitlist_offer_ends": "services alone write it",
    "advice_converted_has_referral": "services alone write it",
    "advice_declined_why": "the service asks for the reason",
    "duplicatepair_once": "written with ON CONFLICT",
    "duplicatepair_two": "pairs are found, not entered",
    "patientmerge_two": "the service takes both from a pair",
    "outflow_cost_has_currency": "the service asks for the currency",
    "outflow_withdrawn_why": "the service asks for words",
    "message_says_something": "the service asks for words",
    "report_schedule_day": "the service asks for the day",
    "assessment_once": "the service replaces what was said, under the nomination's lock",
    "attendance_once": "written with ON CONFLICT",
    "certificate_one": "issued under the nomination's lock, by its state",
    "certificate_revoked_with_reason": "the service writes both",
    "expense_spent_on_a_day": "the service asks for both",
    "trainingfeed_one": "the service revokes the address before, under the person's lock",
    "training_receipt_not_empty": "an empty file is refused before it is kept",
    "intake_dates": "the service compares the days",
    "intake_cancelled_with_reason": "the service asks for words",
    "nomination_dates": "services alone write it",
    "nomination_offer_ends": "services alone write it",
    "nomination_waits_since": "services alone write it",
    "programme_credits": "the service compares the numbers",
    "session_times": "the service compares the times",
    "specialist_left_with_reason": "the service asks for words",
    "specialistpaper_dates": "the service compares the days",
}


def constraints_of_the_portal() -> dict[str, str]:
    """Unique, exclusion and check constraints that models of the portal declare by name: name → table."""
    from django.apps import apps

    found = {}
    for model in apps.get_models():
        if model.__module__.split(".")[0] in {
            "cluster_portal",
            "clinics",
            "patients",
            "training",
            "investors",
        }:
            found |= {each.name: model._meta.db_table for each in model._meta.constraints}
    return found


def test_every_constraint_has_an_error_or_a_reason_not_to():
    declared = constraints_of_the_portal()
    answered = errors.constraint_names()
    silent = sorted(set(declared) - answered - set(UNREACHABLE))
    assert not silent, f"a reader would see a server error: {silent}"
    assert not (answered & set(UNREACHABLE))


@pytest.mark.django_db
def test_every_name_that_has_an_error_exists_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")
        names = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname LIKE 'pgtrigger_%'")
        sources = " ".join(source for (source,) in cursor.fetchall())
    for name in errors.constraint_names():
        assert name in names or f"'{name}'" in sources, name


def test_the_unreachable_ones_still_exist():
    assert set(UNREACHABLE) <= set(constraints_of_the_portal())


@pytest.mark.django_db
def test_the_database_s_last_word_becomes_an_error_in_words():
    patient = patients.make_patient(snils=patients.snils(1), enp=patients.enp(1))
    cases = [
        (SnilsTaken, "snils", lambda: patients.make_patient(snils=patient.snils)),
        (EnpTaken, "enp", lambda: patients.make_patient(enp=patient.enp)),
    ]
    referral = patients.make_referral(patient, state="booked")
    slot = referral.bookings.get().slot
    other = clinics.make_slot(slot.service, start=clinics.at(40))
    cases += [
        (AlreadyBooked, None, lambda: patients.make_booking(referral, other)),
        (
            PatientBusy,
            "slot",
            lambda: patients.make_booking(
                patients.make_referral(patient, state="accepted"),
                clinics.make_slot(start=slot.start),
                BookingState.HELD,
            ),
        ),
        (SlotTaken, "slot", lambda: Slot.objects.filter(pk=slot.pk).update(taken=9)),
    ]
    doctor = clinics.make_practitioner(slot.clinic)
    clinics.make_slot(slot.service, start=clinics.at(3), practitioner=doctor)
    licence = slot.clinic.licences.first()
    cases += [
        (
            PractitionerBusy,
            "practitioner",
            lambda: clinics.make_slot(slot.service, start=clinics.at(3, 9, 10), practitioner=doctor),
        ),
        (LicenceExists, "number", lambda: clinics.make_licence(slot.clinic, number=licence.number)),
    ]
    for error, field, write in cases:
        with pytest.raises(error) as caught, transaction.atomic(), errors.constraint_errors():
            write()
        assert caught.value.field == field
        assert caught.value.code == error.code


@pytest.mark.django_db
def test_a_constraint_without_an_error_stays_loud():
    patient = patients.make_patient()
    with pytest.raises(IntegrityError), transaction.atomic(), errors.constraint_errors():
        Patient.objects.bulk_create([patient])


def test_the_text_follows_the_reader_and_not_the_moment_of_raising():
    with translation.override("en"):
        error = SlotTaken()
    with translation.override("en"):
        assert "just been taken" in str(error)
    with translation.override("ru"):
        assert str(error)


def test_invalid_names_its_field():
    one = errors.Invalid({"snils": "wrong"})
    assert one.field == "snils"
    assert one.errors == {"snils": ["wrong"]}
    two = errors.Invalid({"snils": ["wrong"], "enp": ["short", "wrong"]})
    assert two.field is None


def test_every_error_has_a_code_of_its_own_and_a_status_of_its_kind():
    def below(error):
        for child in error.__subclasses__():
            yield child
            yield from below(child)

    found = set(below(errors.PortalError))
    codes: dict[str, type] = {}
    for error in sorted(found, key=lambda e: len(e.__mro__)):
        assert 400 <= error.status < 600
        twin = codes.setdefault(error.code, error)
        assert issubclass(error, twin), f"{error} and {twin} share {error.code!r}"
