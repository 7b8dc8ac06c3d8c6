"""Nominations from a table: every mistake named, all or nothing, the same file once, rights as one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cluster_portal.common import numbering
from tests.factories import clinics as make
from tests.factories import training as rows
from tests.imports import support
from tests.imports.files import csv_file, xlsx
from training.models import Nomination, NominationStep

pytestmark = pytest.mark.django_db

CODE = "training.nominations"
HEADINGS = (
    "ФИО", "НМО", "Почта", "Организация", "Набор", "Дата начала", "Порядок", "Обоснование",
)  # fmt: skip


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def checked(actor, path: Path):
    return support.check(actor, support.upload(actor, path, CODE))


def table(folder: Path, lines, name: str = "table") -> Path:
    """Lines of (who, programme, more by heading)."""
    filled = []
    for who, intake, more in lines:
        cells = {"ФИО": who, "Набор": intake, **more}
        filled.append([cells.get(heading) for heading in HEADINGS])
    return xlsx(folder / f"{name}.xlsx", [HEADINGS, *filled])


def test_every_mistake_is_named_and_nothing_is_taken_in(hospital, manager, tmp_path):
    """Who, for what, when, in which order: refused at the column, whole file."""
    intake = rows.make_intake(per_organization=1)
    title = intake.programme.title_ru
    nurses = rows.make_intake(rows.make_programme(audience=["nurse"])).programme.title_ru
    twice = rows.make_programme()
    first, _second = rows.make_intake(twice), rows.make_intake(twice, begins=100)
    over = rows.make_intake(nominate_by=make.at(-1, 10)).programme.title_ru
    anna, boris, third, placed = (rows.make_specialist(hospital, cme_number=f"НМО-{n}") for n in range(4))
    alike = rows.make_specialist(hospital, family=anna.family)
    left = rows.make_specialist(hospital, state="left", left_on=make.today(), leave_reason="Переезд")
    stranger = rows.make_specialist()
    rows.make_nomination(placed, rows.make_intake(begins=61), "accepted")
    day = first.starts_on.strftime("%d.%m.%Y")
    lines = [
        (anna.full_name, title, {}),
        (None, title, {}),
        (stranger.full_name, title, {}),
        (boris.full_name, title, {"НМО": "НМО-0"}),
        (left.full_name, twice.title_ru, {"Дата начала": day}),
        (boris.full_name, "Нет такой", {}),
        (boris.full_name, nurses, {}),
        (boris.full_name, twice.title_ru, {}),
        (boris.full_name, twice.title_ru, {"Дата начала": "01.01.2031"}),
        (boris.full_name, over, {}),
        (boris.full_name, title, {"Порядок": "первый"}),
        (None, title, {"НМО": "НМО-2"}),
        (third.full_name, title, {}),
        (placed.full_name, title, {}),
        (boris.full_name, title, {"Организация": "Поликлиника Луны"}),
        (boris.full_name, None, {}),
        (third.full_name, twice.title_ru, {"Дата начала": day, "Порядок": 3}),
        (third.full_name, nurses, {"Порядок": 3}),
        (anna.full_name, title, {"НМО": "НМО-0", "Обоснование": "ы" * 1001}),
        (boris.full_name, title, {"НМО": "НМО-1"}),
    ]
    run = checked(manager, table(tmp_path, lines))
    assert alike.full_name == anna.full_name
    assert [(line, column) for line, column, _text in support.found(run)] == [
        (2, "full_name"), (3, "full_name"), (4, "full_name"), (5, "full_name"), (6, "full_name"), (7, "programme"),
        (8, "full_name"), (9, "starts_on"), (10, "starts_on"), (11, "programme"), (12, "choice"), (14, "full_name"),
        (15, "full_name"), (16, "employer"), (17, "programme"), (19, "choice"), (20, "motivation"), (21, "cme_number"),
    ]  # fmt: skip
    texts = {line: text for line, _column, text in support.found(run)}
    assert "Several people" in texts[2] and "Line 13" in texts[14] and "another seat" in texts[15]
    assert "Line 18" in texts[19] and "as many people" in texts[21]
    assert run.counts == {"refused": 18, "new": 2} and Nomination.objects.count() == 1
    assert "Say who it is" in texts[3] and "somebody else" in texts[5] and "any more" in texts[6]


def test_an_employer_endorses_and_the_same_file_changes_nothing(hospital, manager, tmp_path):
    """New ones with number and story, known ones brought up to date, drafts put forward, those with a seat left."""
    person, drafted, seated, gone = (
        rows.make_specialist(hospital, cme_number=f"C{n}", email=f"P.{n}@example.org") for n in range(4)
    )
    intake, other = rows.make_intake(), rows.make_intake(begins=90)
    titles = intake.programme.title_ru, other.programme.title_en
    draft = rows.make_nomination(drafted, intake, "draft", choice=5)
    seat = rows.make_nomination(seated, intake, "accepted", choice=4)
    rows.make_nomination(gone, intake, "declined")
    lines = [
        (None, titles[0], {"НМО": "c0", "Обоснование": "Ведёт отделение"}),
        (person.full_name.upper(), titles[1], {"Почта": "p.0@EXAMPLE.org"}),
        (drafted.full_name, titles[0], {"Порядок": 2}),
        (seated.full_name, titles[0], {"Порядок": 1}),
        (gone.full_name, titles[0], {}),
    ]
    path = table(tmp_path, lines)
    run = checked(manager, path)
    assert run.counts == {"new": 2, "changed": 1, "unchanged": 1, "asked": 1}
    with CaptureQueriesContext(connection) as queries:
        assert support.apply(manager, run, answer="skip").state == "applied"
    first, second = Nomination.objects.filter(specialist=person).order_by("choice")
    assert (first.intake_id, first.state, first.choice, first.motivation) == (
        intake.pk, "endorsed", 1, "Ведёт отделение",
    )  # fmt: skip
    assert (second.intake_id, second.choice) == (other.pk, 2)
    assert numbering.is_number(first.number) and first.nominated_at and first.organization_id == hospital.pk
    steps = NominationStep.objects.filter(nomination=first).order_by("id")
    assert [(step.action, step.from_state, step.to_state) for step in steps] == [
        ("draft", "", "draft"), ("nominate", "draft", "nominated"), ("endorse", "nominated", "endorsed"),
    ]  # fmt: skip
    draft.refresh_from_db()
    seat.refresh_from_db()
    assert (draft.state, draft.choice) == ("endorsed", 2) and (seat.state, seat.choice) == ("accepted", 4)
    again = checked(manager, path)
    assert again.counts == {"unchanged": 4, "asked": 1}
    before = Nomination.objects.count()
    support.apply(manager, again, answers={6: "again"})
    assert Nomination.objects.count() == before + 1
    assert Nomination.objects.filter(specialist=gone, state="endorsed").exists()
    assert checked(manager, path).counts == {"unchanged": 5}
    assert sum("jobs_job" not in query["sql"] for query in queries) < 60


def test_the_office_names_employers_and_leaves_the_endorsement_to_them(hospital, office, manager, tmp_path):
    """Namesakes of two employers; a CSV in the office's hand; what costs as much for twelve rows as for two."""
    other = make.make_organization()
    for employer in (hospital, other):
        rows.make_specialist(employer, family="Ёлкина", given="Анна", patronymic="")
    title = rows.make_intake(seats=100).programme.title_ru
    head = ["Специалист", "Работодатель", "Программа"]

    def csv_of(lines, name):
        return csv_file(tmp_path / f"{name}.csv", [head, *lines])

    run = checked(office, csv_of([["Елкина Анна", "", title]], "alike"))
    assert [(line, column) for line, column, _text in support.found(run)] == [(2, "full_name")]
    run = checked(office, csv_of([["Елкина Анна", other.short_name, title]], "named"))
    support.apply(office, run)
    made = Nomination.objects.get()
    assert (made.organization_id, made.state) == (other.pk, "nominated")
    mine = csv_of([["Ёлкина Анна", "", title]], "mine")
    assert support.apply(manager, checked(manager, mine)).counts == {"new": 1}

    def cost(people, name):
        path = csv_of([[person.full_name, "", title] for person in people], name)
        run = checked(manager, path)
        with CaptureQueriesContext(connection) as queries:
            support.apply(manager, run)
        # Keeping the job alive is a matter of time, not of rows; one number in 37 is left out.
        return sum("jobs_job" not in query["sql"] and "nextval" not in query["sql"] for query in queries)

    few, many = ([rows.make_specialist(hospital) for _n in range(n)] for n in (2, 12))
    assert cost(few, "few") == cost(many, "many")


def test_who_may_take_in_such_a_table(hospital, manager, office):
    from cluster_portal.imports.base import import_of

    kind = import_of(CODE)
    own = make.make_actor("specialist", organization=hospital)
    cluster_office = make.make_actor("office")
    assert [kind.allows(actor) for actor in (manager, office, own, cluster_office)] == [
        True,
        True,
        False,
        False,
    ]
