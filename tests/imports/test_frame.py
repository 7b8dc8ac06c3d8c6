"""From the file to the rows: its columns, its refused rows, and that it is taken in whole, once, or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from clinics.models import Membership
from cluster_portal.audit.models import Access, Entry
from cluster_portal.common import background
from cluster_portal.common.errors import IllegalTransition, NotFound
from cluster_portal.imports import errors, storage
from cluster_portal.imports.base import import_of
from cluster_portal.imports.files import template
from cluster_portal.imports.matching import guess, remembered
from cluster_portal.imports.models import ImportFinding, ImportMemory, ImportRun
from cluster_portal.imports.reading import Limits, open_table
from cluster_portal.imports.selectors import jobs_of_run, runs_of
from cluster_portal.imports.services.deciding import apply_import, check_import, drop_import
from cluster_portal.imports.services.uploading import choose_sheet, upload_file
from cluster_portal.jobs import runner
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.services import cancel_job, retry_job, take_file
from cluster_portal.notifications.models import Notice
from patients.imports import Patients
from patients.imports.patients import _Session
from patients.models import Patient
from tests.factories import clinics
from tests.factories.patients import snils
from tests.imports.support import apply, check, found, fresh, job_of, upload, whole, work

pytestmark = pytest.mark.django_db

NAMES = ("Анна", "Пётр", "Мадина", "Чжон", "Зоя", "Юрий", "Ульяна", "Фёкла")


def row(n, **changes):
    """Surname, given name, patronymic, birth date, sex, СНИЛС, policy, own number."""
    person = {
        "family": f"Ким{n}", "given": NAMES[n % 8], "patronymic": None, "birth_date": date(1980, 1, 1) + timedelta(n),
        "sex": "ж", "snils": snils(n), "enp": None, "number": f"К-{n}",
    }  # fmt: skip
    return list((person | changes).values())


@pytest.fixture
def kind():
    return import_of(Patients.code)


@pytest.mark.parametrize(
    "headings",
    [
        ("ФАМИЛИЯ ", "Имя:", "Дата рождения (дд.мм.гггг)", "пол", "СНИЛС пациента"),
        ("Surname", "Given name", "Date of birth", "gender", "snils"),
        ("Тегі", "Аты", "Туған күні", "Жынысы", "СНИЛС"),
        ("family", "given", "birth_date", "sex", "snils"),
    ],
)
def test_columns_are_recognised_in_three_languages_and_by_their_names(kind, headings):
    names = ("family", "given", "birth_date", "sex", "snils")
    assert guess(kind, headings, {}) == dict(zip(names, range(5), strict=True))


def test_what_the_organisation_said_goes_before_what_is_guessed(kind):
    headings = ("Клиент", "Фамилия", "Код")
    known = remembered(headings, {"full_name": 0, "number": 2})
    assert known == {"клиент": "full_name", "фамилия": "", "код": "number"}
    assert guess(kind, ("Код", "клиент", "ФАМИЛИЯ"), known) == {"number": 0, "full_name": 1}


def test_the_next_file_of_the_organisation_is_understood_at_once(actor, table):
    headings = ("Кого лечим", "Когда родился", "М/Ж")
    people = [("Ким Анна", date(1980, 1, 1), "ж")]
    run = upload(actor, table(*people, headings=headings))
    with pytest.raises(errors.BadMapping, match="name is needed"):
        check_import(actor, run_id=run.pk)
    assert check(actor, run, {"full_name": 0, "birth_date": 1, "sex": 2}).state == "checked"
    colleague = clinics.make_actor(
        "coordinator", organization=Membership.objects.get(user_id=actor.user_id).organization
    )
    again = upload(colleague, table(*people, headings=headings[::-1]))
    assert again.mapping == {"full_name": 2, "birth_date": 1, "sex": 0}
    stranger = clinics.make_actor("referrer")
    assert "full_name" not in upload(stranger, table(*people, headings=headings)).mapping


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ({"family": 0, "given": 0, "birth_date": 3, "sex": 4}, "“Фамилия” stands for two columns."),
        ({"family": 0, "given": 1, "birth_date": 3, "sex": 99}, "The file has no such column."),
        ({"family": 0, "given": 1, "birth_date": 3, "sex": 4, "salary": 5}, "There is no column “salary”."),
        ({"family": 0, "given": 1, "sex": 4}, "The column “Birth date” is needed."),
    ],
)
def test_columns_that_do_not_fit(actor, table, mapping, text):
    run = upload(actor, table(row(1)))
    with pytest.raises(errors.BadMapping) as caught:
        check_import(actor, run_id=run.pk, mapping=mapping)
    assert caught.value.extra["problems"] == [text]
    assert not Job.objects.exists() and not ImportMemory.objects.exists()


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_the_template_is_understood_and_its_example_is_fit(actor, kind, language):
    with translation.override(language):
        content = template(kind)
    run = upload_file(actor, code=kind.code, file=SimpleUploadedFile("Шаблон.xlsx", content))
    assert run.mapping == {column.name: place for place, column in enumerate(kind.columns)}
    assert check(actor, run).counts == {"new": 1}


def test_refused_rows_come_back_with_their_reasons_and_can_be_sent_again(actor, checked, tmp_path):
    run = checked(row(1), row(2, sex="?"), row(3, family="=1+1", birth_date="вчера"))
    job = take_file(actor, job_id=run.check_job)
    assert job.file_name == "Refused rows – Patients.xlsx"
    path = tmp_path / "refused.xlsx"
    path.write_bytes(default_storage.open(job.file).read())
    reader = open_table(path)
    head = reader.head()
    lines = [cells for _line, cells in reader.rows(head.line)]
    assert head.headings[-1] == "Why it was refused"
    assert lines[0][:2] == ["Ким2", "Мадина"] and lines[0][3] == "03.01.1980"
    assert lines[0][-1] == "Sex: Nothing here is called so. Write one of: м, ж. (line 3 of the file)"
    # What would be run by a spreadsheet came back as a text.
    assert lines[1][0] == "=1+1" and b"<f>" not in BytesIO(path.read_bytes()).read()
    assert Access.objects.filter(subject_type="job", subject_id=job.pk, purpose="download").exists()
    again = check(actor, upload(actor, path))
    assert again.mapping == run.mapping and again.counts == {"refused": 2}


def test_nothing_is_written_before_the_confirmation(actor, checked):
    checked(row(1))
    assert not Patient.objects.exists()


def test_a_failure_in_the_middle_leaves_nothing_and_can_be_tried_again(actor, checked, monkeypatch):
    monkeypatch.setattr(Patients, "chunk", 2)
    run = checked(*map(row, range(5)))
    write, calls = _Session.write, []

    def broken(self, rows):
        calls.append(len(rows))
        write(self, rows)
        if len(calls) == 2:
            raise RuntimeError

    monkeypatch.setattr(_Session, "write", broken)
    run = apply(actor, run)
    assert calls == [2, 2]
    assert (run.state, job_of(run).state, Patient.objects.count()) == ("checked", "failed", 0)
    assert jobs_of_run(run).failed == job_of(run)
    retry_job(actor, job_id=run.apply_job)
    work()
    assert (fresh(run).state, Patient.objects.count()) == ("applied", 5)


def test_a_worker_that_dies_before_its_last_word_has_done_it_once(actor, checked, monkeypatch):
    run = checked(row(1))
    apply_import(actor, run_id=run.pk)
    monkeypatch.setattr(runner, "_finish", lambda *args: None)
    work()
    assert fresh(run).state == "applied"
    job = job_of(run)
    assert job.state == "running"
    monkeypatch.undo()
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work()
    job.refresh_from_db()
    assert (job.state, job.result["counts"], job.attempts) == ("done", {"new": 1}, 2)
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("how", ["taken over", "cancelled"])
def test_whoever_lost_the_job_writes_nothing(actor, checked, monkeypatch, how):
    run = checked(row(1))
    write = _Session.write

    def lose(self, rows):
        write(self, rows)
        if how == "cancelled":
            cancel_job(actor, job_id=fresh(run).apply_job)
        else:
            Job.objects.filter(pk=fresh(run).apply_job).update(worker=run.pk)

    monkeypatch.setattr(_Session, "write", lose)
    apply_import(actor, run_id=run.pk)
    runner.run_next()
    assert (fresh(run).state, Patient.objects.count()) == ("checked", 0)


def test_while_it_is_worked_on_nothing_else_is_decided(actor, checked):
    run = checked(row(1))
    apply_import(actor, run_id=run.pk)
    for decide in (check_import, apply_import, drop_import):
        with pytest.raises(errors.ImportRunning):
            decide(actor, run_id=run.pk)
    work()
    for decide in (check_import, apply_import, drop_import):
        with pytest.raises(IllegalTransition):
            decide(actor, run_id=run.pk)
    assert Patient.objects.count() == 1


def test_another_mapping_is_checked_anew(actor, checked):
    run = checked(row(1, sex="?"))
    assert run.findings.count() == 1
    with pytest.raises(errors.RowsRefused):
        apply_import(actor, run_id=run.pk)
    run = check(actor, run, {"full_name": 0, "given": 1, "birth_date": 3, "sex": 4})
    assert len(found(run)) == 1 and run.counts == {"refused": 1}


def test_a_person_who_lost_the_role_meanwhile_takes_nothing_in(actor, checked):
    run = checked(row(1))
    apply_import(actor, run_id=run.pk)
    Membership.objects.filter(user_id=actor.user_id).delete()
    work()
    assert (fresh(run).state, job_of(run).error_code) == ("checked", "forbidden")
    assert not Patient.objects.exists()


def test_a_file_is_its_senders_alone(actor, checked):
    run = checked(row(1))
    colleague = clinics.make_actor(
        "referrer", organization=Membership.objects.get(user_id=actor.user_id).organization
    )
    assert list(runs_of(colleague)) == []
    with pytest.raises(NotFound):
        apply_import(colleague, run_id=run.pk)


def test_the_journal_knows_the_file_and_not_what_it_says_of_people(actor, table):
    whole(actor, table(row(1)))
    entries = Entry.objects.filter(table_name="imports_importrun")
    assert {entry.action for entry in entries} >= {"upload_file", "check_import", "finish_check", "take_in"}
    assert "Ким1" not in str(list(entries.values_list("before", "after")))


def test_a_file_that_is_let_be_is_deleted(actor, checked, django_capture_on_commit_callbacks):
    run = checked(row(1, sex="?"))
    path = run.file
    assert default_storage.exists(path)
    with django_capture_on_commit_callbacks(execute=True):
        drop_import(actor, run_id=run.pk)
    assert not default_storage.exists(path)
    assert (fresh(run).state, run.samples, run.findings.count()) == ("dropped", [], 0)


def test_files_are_deleted_after_a_week_with_what_they_said(actor, checked):
    run = checked(row(1, sex="?"))
    kept = checked(row(2))
    ImportRun.objects.filter(pk=run.pk).update(file_until=timezone.now() - timedelta(seconds=1))
    assert storage.sweep() == 1
    assert (fresh(run).file, run.samples, ImportFinding.objects.filter(run=run).count()) == ("", [], 0)
    assert default_storage.exists(kept.file)
    with pytest.raises(errors.FileGone):
        check_import(actor, run_id=run.pk)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", errors.EmptyTable),
        (b"\x89PNG\r\n\x1a\n\0\0", errors.WrongType),
        (b"x;y\n" * 9, errors.TooLargeFile),
    ],
)
def test_a_hostile_file_is_not_kept(actor, monkeypatch, content, error):
    monkeypatch.setattr(storage, "LIMITS", Limits(size=30))
    with pytest.raises(error):
        upload_file(actor, code=Patients.code, file=SimpleUploadedFile("a.xlsx", content))
    assert not ImportRun.objects.exists()
    assert not default_storage.exists("imports") or default_storage.listdir("imports")[1] == []


def test_too_many_rows_are_told_by_the_check(actor, table, monkeypatch):
    monkeypatch.setattr("cluster_portal.imports.reading.table.LIMITS", Limits(rows=2))
    monkeypatch.setattr(open_table, "__kwdefaults__", {"sheet": "", "limits": Limits(rows=2)})
    run = check(actor, upload(actor, table(row(1), row(2), row(3))))
    job = job_of(run)
    assert (run.state, job.state, job.error_code) == ("draft", "failed", "too_many_rows")
    assert "more than 2 rows" in job.error


def test_another_sheet(actor, tmp_path):
    import xlsxwriter

    path = tmp_path / "two.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, headings in (("Врачи", ["Врач", "Код"]), ("Пациенты", ["Фамилия", "Имя"])):
            page = book.add_worksheet(name)
            page.write_row(0, 0, headings)
            page.write_row(1, 0, ["Ким", "Анна"])
    run = upload(actor, path)
    assert (run.sheet, run.sheets, run.headings) == ("Врачи", ["Врачи", "Пациенты"], ["Врач", "Код"])
    run = choose_sheet(actor, run_id=run.pk, sheet="Пациенты")
    assert (run.sheet, run.mapping) == ("Пациенты", {"family": 0, "given": 1})
    with pytest.raises(errors.NoSuchSheet):
        choose_sheet(actor, run_id=run.pk, sheet="Тайный")


def test_the_person_is_told_when_it_is_done(actor, table):
    run = whole(actor, table(row(1)))
    background.relay()
    notices = Notice.objects.filter(user_id=actor.user_id).order_by("id")
    assert {notice.kind for notice in notices} == {"imports.checked", "imports.applied"}
    assert {notice.url for notice in notices} == {f"/imports/runs/{run.pk}/"}
    assert "Ким" not in str(list(notices.values_list("params")))
