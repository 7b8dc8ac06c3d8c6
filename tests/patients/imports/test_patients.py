"""Patients from a table: every mistake by row and column, twins asked about, and nothing twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cluster_portal.audit.models import Access, Entry
from cluster_portal.common.errors import Forbidden
from cluster_portal.imports.errors import RowsRefused, RowsUnanswered
from patients.models import Patient, PatientLink, PatientNumber
from patients.states import LinkKind
from tests.factories import clinics, patients
from tests.factories.patients import enp, snils
from tests.imports.support import apply, check, found, fresh, job_of, upload, whole, work

pytestmark = pytest.mark.django_db

BORN = date(1980, 2, 1)


def person(n, **changes):
    """A row: surname, given name, patronymic, birth date, sex, СНИЛС, policy, own number."""
    row = {
        "family": f"Ли{'абвгдежзик'[n % 10]}{n}", "given": "Анна", "patronymic": "Сергеевна", "birth_date": BORN,
        "sex": "ж", "snils": snils(n), "enp": enp(n), "number": f"К-{n}",
    }  # fmt: skip
    return list((row | changes).values())


def test_new_patients_belong_to_the_organisation_that_brings_them(actor, table):
    run = whole(actor, table(person(1), person(2, birth_date="05.03.1991", sex="м")))
    assert (run.state, run.counts) == ("applied", {"new": 2})
    first, second = Patient.objects.order_by("birth_date")
    assert (first.full_name, first.birth_date, first.sex, first.snils, first.enp) == (
        "Либ1 Анна Сергеевна", BORN, "f", snils(1), enp(1)
    )  # fmt: skip
    assert (second.birth_date, second.sex) == (date(1991, 3, 5), "m")
    assert {first.registered_by_id, second.registered_by_id} == {actor.organization_id}
    links = PatientLink.objects.filter(organization=actor.organization_id, kind=LinkKind.REGISTERED)
    assert {link.patient_id for link in links} == {first.pk, second.pk}
    assert PatientNumber.objects.get(patient=first).number == "К-1"


def test_every_write_is_in_the_journal_with_its_actor(actor, table):
    whole(actor, table(person(1)))
    entry = Entry.objects.get(table_name="patients_patient", operation="INSERT")
    assert (entry.user_id, entry.organization_id, entry.action) == (
        actor.user_id,
        actor.organization_id,
        "take_in",
    )
    assert Entry.objects.filter(table_name="patients_patientlink").count() == 1


MISTAKES = {
    "no surname": ({"family": None}, "family", "This has to be filled in."),
    "no birth date": ({"birth_date": None}, "birth_date", "This has to be filled in."),
    "no sex": ({"sex": None}, "sex", "This has to be filled in."),
    "a sex of no kind": ({"sex": "q"}, "sex", "Nothing here is called so. Write one of: м, ж."),
    "a date of no calendar": (
        {"birth_date": "31.02.1980"},
        "birth_date",
        "This is no date. Write it as 31.12.1980.",
    ),
    "a year of two digits": (
        {"birth_date": "01.02.80"},
        "birth_date",
        "This is no date. Write it as 31.12.1980.",
    ),
    "the future": ({"birth_date": date(2400, 1, 1)}, "birth_date", "The birth date lies in the future."),
    "too long ago": (
        {"birth_date": date(1900, 3, 5)},
        "birth_date",
        "The birth date is more than 125 years ago.",
    ),
    "check digits": (
        {"snils": "112-233-445 96"},
        "snils",
        "The check digits of СНИЛС do not fit. Please compare with the document.",
    ),
    "a letter in a number": ({"snils": "112-233-44O 95"}, "snils", "СНИЛС has 11 digits: 123-456-789 00."),
    "a policy that lost digits": (
        {"enp": 1234567890123456},
        "enp",
        "The table keeps this number with lost digits. Format the column as text and enter it anew.",
    ),
    "a shortened policy": (
        {"enp": "1,23457E+15"},
        "enp",
        "The table keeps this number with lost digits. Format the column as text and enter it anew.",
    ),
    "a formula": ({"family": "=HYPERLINK(1)"}, "family", "It begins with “=”, as a formula does."),
    "a long surname": (
        {"family": "Я" * 101},
        "family",
        "There are 101 characters here, and 100 at most fit.",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_by_row_and_column(actor, checked, name):
    changes, column, text = MISTAKES[name]
    run = checked(person(1), person(2, **changes))
    assert run.counts == {"new": 1, "refused": 1}
    assert found(run) == [(3, column, text)]


def test_all_mistakes_of_a_row_at_once(actor, checked):
    run = checked(person(1, sex="?", snils="1", family=None))
    assert {column for _line, column, _text in found(run)} == {"sex", "family", "snils"} - {"snils"}
    # What is left to check is checked when the cells themselves can be read.
    run = checked(person(1, snils="1", enp="2"))
    assert [column for _line, column, _text in found(run)] == ["snils", "enp"]


def test_leading_zeros_that_the_table_dropped_come_back(actor, table):
    number = next(snils(n) for n in range(-98_000_000, -97_000_000) if snils(n).startswith("00"))
    whole(actor, table(person(1, snils=int(number))))
    assert Patient.objects.get().snils == number


def test_a_name_in_one_column_and_an_address_in_one_line(actor, table):
    headings = ("ФИО", "Д.р.", "Пол", "Адрес", "Язык", "Занятость")
    row = (
        "Ким Анна Сергеевна кызы",
        BORN,
        "жен",
        "Сахалинская обл., г. Оха, ул. Мира, д. 5, кв. 12",
        "корейский",
        3,
    )
    run = check(actor, upload(actor, table(row, headings=headings)), {
        "full_name": 0, "birth_date": 1, "sex": 2, "residence": 3, "language": 4, "employment": 5,
    })  # fmt: skip
    apply(actor, run)
    patient = Patient.objects.get()
    assert (patient.family, patient.given, patient.patronymic) == ("Ким", "Анна", "Сергеевна кызы")
    assert patient.residence == {
        "subject": "Сахалинская обл.", "locality": "г. Оха", "street": "ул. Мира", "house": "5", "flat": "12"
    }  # fmt: skip
    assert (patient.language, patient.employment) == ("ko", "3")


def test_a_clinic_is_found_by_its_name(actor, table, checked):
    clinic = clinics.make_clinic()
    headings = ("Фамилия", "Имя", "Дата рождения", "Пол", "Поликлиника")
    run = checked(
        ("Ким", "Анна", BORN, "ж", clinic.name_en.upper()),
        ("Ли", "Олег", BORN, "м", "Нет такой"),
        headings=headings,
    )
    assert found(run) == [(3, "home_clinic", "No clinic of the cluster is called so.")]
    apply(actor, run, leave_out=True)
    assert Patient.objects.get().home_clinic == clinic


def test_the_same_file_again_changes_nothing(actor, table):
    nameless = {"snils": None, "enp": None}
    path = table(
        person(1),
        person(2, **nameless, birth_date=date(1991, 1, 2)),
        person(3, **nameless, birth_date=date(1992, 1, 2), number=None),
    )
    assert whole(actor, path).counts == {"new": 3}
    before, entries = (
        list(Patient.objects.order_by("id").values()),
        Entry.objects.filter(table_name__startswith="pat"),
    )
    count = entries.count()
    assert whole(actor, path).counts == {"unchanged": 3}
    assert list(Patient.objects.order_by("id").values()) == before
    assert entries.count() == count


def test_own_patients_are_brought_up_to_date_and_empty_cells_say_nothing(actor, table):
    whole(actor, table(person(1)))
    run = whole(actor, table(person(1, family="Иванова", patronymic=None)))
    assert run.counts == {"changed": 1}
    patient = Patient.objects.get()
    assert (patient.family, patient.patronymic) == ("Иванова", "Сергеевна")
    entry = Entry.objects.get(table_name="patients_patient", operation="UPDATE")
    assert set(entry.after) - {"updated_at", "sort_name", "name_words"} == {"family"}


@pytest.mark.parametrize("key", ["snils", "enp"])
def test_a_stranger_is_refused_and_not_named(actor, checked, key):
    stranger = patients.make_patient(family="Скрытова")
    run = checked(person(1, **{key: getattr(stranger, key)}))
    assert run.counts == {"refused": 1}
    assert found(run) == [(2, key, "A patient with this identifier is already registered.")]
    assert "Скрытова" not in str(list(run.findings.values()))


def test_two_rows_with_one_identifier(actor, checked):
    run = checked(person(1), person(2, snils=snils(1)), person(3, number="К-1"))
    assert found(run) == [
        (3, "snils", "The same stands in line 2 of the file."),
        (4, "number", "The same stands in line 2 of the file."),
    ]


def test_two_rows_of_one_patient_by_different_identifiers(actor, checked, table):
    whole(actor, table(person(1)))
    run = checked(
        person(1, enp=None, number=None), person(2, snils=None, enp=enp(1), number=None, family="Либ1")
    )
    assert found(run) == [(3, "enp", "Line 2 of the file is the same patient.")]


def test_identifiers_of_two_people_in_one_row(actor, checked, table):
    whole(actor, table(person(1), person(2)))
    run = checked(person(1, enp=enp(2), number=None))
    assert found(run) == [(2, "snils", "These belong to different people on record: СНИЛС, OMS policy.")]


def test_an_identifier_of_somebody_else(actor, checked, table):
    whole(actor, table(person(1)))
    run = checked(person(1, family="Орлов", given="Пётр", patronymic="Ильич", birth_date=date(1950, 1, 1)))
    assert found(run) == [
        (2, "snils", "On record this belongs to somebody with another name and birth date.")
    ]


def test_a_number_for_life_is_not_replaced(actor, checked, table):
    whole(actor, table(person(1)))
    run = checked(person(1, snils=snils(5)))
    assert found(run) == [(2, "snils", "On record this patient has another number.")]


def test_somebody_like_one_on_record_is_asked_about_and_never_merged(actor, checked, table):
    own = patients.make_patient(
        clinics.Organization.objects.get(pk=actor.organization_id),
        family="Либ1", given="Анна", patronymic="Сергеевна", birth_date=BORN, snils="", enp="",
    )  # fmt: skip
    run = checked(person(1))
    assert run.counts == {"asked": 1}
    finding = run.findings.get()
    assert finding.text == "Somebody with a similar name who was born on this day is registered."
    assert finding.choices == [[str(own.pk), "The same person: Либ1 Анна Сергеевна"]]
    with pytest.raises(RowsUnanswered):
        apply(actor, run)
    run = apply(actor, run, answers={2: str(own.pk)})
    assert run.counts == {"changed": 1}
    assert Patient.objects.get().snils == snils(1)


@pytest.mark.parametrize(
    ("answer", "counts", "people"), [("new", {"new": 1}, 2), ("skip", {"skipped": 1}, 1)]
)
def test_the_answer_for_all_that_are_asked_about(actor, checked, answer, counts, people):
    stranger = patients.make_patient(
        family="Либ1", given="Анна", patronymic="Сергеевна", birth_date=BORN, snils=""
    )
    run = checked(person(1))
    finding = run.findings.get()
    assert finding.choices == [] and str(stranger.pk) not in str(finding.text)
    assert apply(actor, run, answer=answer).counts == counts
    assert Patient.objects.count() == people


def test_people_with_numbers_for_life_that_differ_are_not_asked_about(actor, checked):
    patients.make_patient(family="Либ1", given="Анна", patronymic="Сергеевна", birth_date=BORN)
    assert checked(person(1)).counts == {"new": 1}


def test_look_alikes_inside_the_file(actor, checked):
    run = checked(person(1, snils=None, enp=None), person(1, snils=None, enp=None, number="К-2"))
    assert run.counts == {"new": 1, "asked": 1}
    assert found(run) == [(3, "", "Similar lines of the file: 2.")]
    assert apply(actor, run, answer="new").counts == {"new": 2}


def test_an_answer_that_the_row_does_not_offer(actor, checked):
    from cluster_portal.common.errors import Invalid

    stranger = patients.make_patient(
        family="Либ1", given="Анна", patronymic="Сергеевна", birth_date=BORN, snils=""
    )
    run = checked(person(1))
    with pytest.raises(Invalid):
        apply(actor, run, answers={2: str(stranger.pk)})


def test_nothing_is_taken_in_while_rows_are_refused_unless_they_are_left_out(actor, checked):
    run = checked(person(1), person(2, sex="?"))
    with pytest.raises(RowsRefused):
        apply(actor, run)
    assert not Patient.objects.exists()
    assert apply(actor, run, leave_out=True).counts == {"new": 1, "refused": 1}


def test_what_changed_since_the_check_stops_it_all(actor, checked):
    run = checked(person(1), person(2))
    patients.make_patient(snils=snils(2))
    run = apply(actor, run)
    job = job_of(run)
    assert (run.state, job.state, job.error_code) == ("checked", "failed", "changed_since_check")
    assert "Line 3" in job.error
    assert not Patient.objects.filter(snils=snils(1)).exists()
    assert check(actor, run).counts == {"new": 1, "refused": 1}


def test_those_who_were_looked_at_are_in_the_journal_of_reads(actor, checked, table):
    whole(actor, table(person(1)))
    patient = Patient.objects.get()
    assert not Access.objects.filter(subject_type="patient").exists()
    checked(person(1))
    access = Access.objects.get(subject_type="patient")
    assert (access.subject_id, access.purpose, access.user_id) == (patient.pk, "import", actor.user_id)


def test_who_does_not_work_with_patients_takes_none_in(db, table):
    clinics.make_cluster()
    office = clinics.make_actor("office")
    with pytest.raises(Forbidden):
        upload(office, table(person(1)))


def test_chunks_cost_the_same_number_of_queries(actor, table):
    """Ten rows or five hundred: each chunk asks as often."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(first, count):
        path = table(*(person(n, birth_date=date(1950 + first, 1, 1)) for n in range(first, first + count)))
        with CaptureQueriesContext(connection) as checking:
            run = check(actor, upload(actor, path))
        with CaptureQueriesContext(connection) as taking:
            assert apply(actor, run).counts == {"new": count}
        with CaptureQueriesContext(connection) as again:
            assert whole(actor, path).counts == {"unchanged": count}
        return len(checking), len(taking), len(again)

    assert cost(1, 10) == cost(20, 400)


def test_five_thousand_rows(actor, table):
    days = [date(1950, 1, 1) + timedelta(days=n) for n in range(5_000)]
    path = table(*(person(n, birth_date=day) for n, day in enumerate(days)))
    assert whole(actor, path).counts == {"new": 5_000}
    assert Patient.objects.count() == 5_000
    run = check(actor, upload(actor, path))
    assert run.counts == {"unchanged": 5_000}
    work()
    assert fresh(run).state == "checked"
