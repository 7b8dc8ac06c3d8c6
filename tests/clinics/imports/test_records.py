"""Organisations, clinics, services and practitioners from tables; what was given out comes back as no change."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from clinics.models import Clinic, Equipment, Organization, Practitioner, Service
from clinics.services.dictionaries import load_nomenclature
from clinics.states import ClinicType
from cluster_portal.accounts.roles import Role
from cluster_portal.audit.models import Entry
from cluster_portal.common.actor import SYSTEM
from cluster_portal.imports import base
from cluster_portal.imports.files import template
from cluster_portal.imports.reading import open_table
from cluster_portal.reports.base import report_of
from tests.factories import clinics as make
from tests.imports import support
from tests.imports.files import xlsx

pytestmark = pytest.mark.django_db

ORGANIZATIONS, CLINICS = "clinics.organizations", "clinics.clinics"
SERVICES, PRACTITIONERS, EQUIPMENT = "clinics.services", "clinics.practitioners", "clinics.equipment"
INN, OTHER_INN, THIRD_INN = "7707083893", "7736050003", "7740000076"


@pytest.fixture(autouse=True)
def cluster() -> Iterator[None]:
    make.make_cluster()
    load_nomenclature(SYSTEM)
    with translation.override("en"):
        yield


@pytest.fixture
def office():
    return make.make_actor(Role.OFFICE)


def checked(actor, folder: Path, code: str, *rows: dict[str, Any]):
    """A table with the stable names as headings, checked."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    path = xlsx(folder / "table.xlsx", [names, *([row.get(name) for name in names] for row in rows)])
    return support.check(actor, support.upload(actor, path, code))


def taken(actor, folder: Path, code: str, *rows: dict[str, Any]):
    return support.apply(actor, checked(actor, folder, code, *rows))


def wrong(run) -> set[tuple[int, str]]:
    return {(line, column) for line, column, _text in support.found(run)}


def organization(**cells: Any) -> dict[str, Any]:
    row = {
        "name_ru": "ООО «Здоровье Севера»", "short_name_ru": "Здоровье Севера", "ownership": "Частная", "country": "РФ",
        "inn": INN,
    }  # fmt: skip
    return row | cells


def clinic(**cells: Any) -> dict[str, Any]:
    row = {
        "organization": INN, "name_ru": "Поликлиника на Мира", "short_name_ru": "На Мира", "type": "polyclinic",
        "country": "RU", "city_ru": "Холмск", "address_ru": "ул. Мира, 5", "lat": "47,0408", "lon": "142.0414",
        "time_zone": "Asia/Sakhalin", "opening_hours": "пн-пт 8:00–20:00; Сб 09.00-14.00; вс закрыто",
        "languages": "русский, English", "status": "строится",
    }  # fmt: skip
    return row | cells


def test_an_organisation_is_entered_changed_and_known_again(office, tmp_path):
    rows = (organization(), organization(name_ru="Клиника Юга", short_name_ru="Юг", inn=None, country="Kazakhstan",
                                         bin="971240001315", ownership="state", sector="білім беру"))  # fmt: skip
    run = taken(office, tmp_path, ORGANIZATIONS, *rows[:1])
    assert (run.state, run.counts) == ("applied", {"new": 1})
    made = Organization.objects.get(inn=INN)
    assert (made.ownership, made.country, made.sector, made.status) == (
        "private",
        "RU",
        "healthcare",
        "candidate",
    )
    assert Entry.objects.filter(table_name="clinics_organization", row_id=str(made.pk)).count() == 1
    assert checked(office, tmp_path, ORGANIZATIONS, *rows[:1]).counts == {"unchanged": 1}
    # By its number, whatever it is called now; an empty cell says nothing.
    renamed = organization(
        name_ru="ООО «Здоровье»", short_name_ru="Здоровье", phone="+7 4242 50-00-00", ownership=None
    )
    run = checked(office, tmp_path, ORGANIZATIONS, renamed)
    assert wrong(run) == {(2, "ownership")}
    renamed["ownership"] = "private"
    assert taken(office, tmp_path, ORGANIZATIONS, renamed).counts == {"changed": 1}
    made.refresh_from_db()
    assert (made.name_ru, made.phone) == ("ООО «Здоровье»", "+7 4242 50-00-00")


def test_what_is_wrong_with_organisations_is_named_by_row_and_column(office, tmp_path):
    known = make.make_organization(inn=OTHER_INN, name_ru="Областная больница", short_name_ru="ОБ")
    run = checked(
        office, tmp_path, ORGANIZATIONS,
        organization(),
        organization(name_ru="Другая", short_name_ru="Другая"),
        organization(inn="7707083894", name_ru="Ошибка", short_name_ru="Ошибка"),
        organization(inn=THIRD_INN, name_ru="Третья", short_name_ru="Третья", country="Атлантида", ownership="ничья"),
        organization(inn=THIRD_INN, name_ru="Пятая", short_name_ru="Пятая", id=str(known.pk), email="нет"),
        organization(inn=INN, name_ru="Шестая", short_name_ru="Шестая", id=str(known.pk)),
        organization(inn=THIRD_INN, name_ru="Седьмая", short_name_ru="Седьмая", id="7"),
    )  # fmt: skip
    assert wrong(run) == {
        (3, "inn"), (4, "inn"), (5, "country"), (5, "ownership"), (6, "email"), (7, "id"), (8, "id"),
    }  # fmt: skip
    assert not Organization.objects.filter(inn=INN).exists()


def test_what_looks_like_something_on_record_is_asked(office, tmp_path):
    known = make.make_organization(
        name_ru="Холмская центральная районная больница", short_name_ru="Холмская ЦРБ"
    )
    row = organization(name_ru="Холмская центральная районная больнница", short_name_ru="ЦРБ Холмск")
    run = checked(office, tmp_path, ORGANIZATIONS, row)
    assert run.counts == {"asked": 1}
    (finding,) = run.findings.all()
    assert [key for key, _words in finding.choices] == [str(known.pk)]
    run = support.apply(office, run, answers={2: str(known.pk)})
    assert run.counts == {"changed": 1}
    known.refresh_from_db()
    assert known.inn == INN


def test_clinics_come_with_their_organisation_place_and_hours(office, tmp_path):
    owner = make.make_organization(inn=INN)
    run = taken(office, tmp_path, CLINICS, clinic())
    assert run.counts == {"new": 1}
    site = Clinic.objects.get(organization=owner)
    assert (site.lat, site.lon, site.status, site.languages) == (
        47.0408,
        142.0414,
        "under_construction",
        ["ru", "en"],
    )
    assert site.opening_hours == {
        **{str(day): ["08:00", "20:00"] for day in range(1, 6)},
        "6": ["09:00", "14:00"],
    }
    assert checked(office, tmp_path, CLINICS, clinic()).counts == {"unchanged": 1}
    run = checked(
        office, tmp_path, CLINICS,
        clinic(status="open"),
        clinic(name_ru="Вторая", short_name_ru="Вторая", lat=91, time_zone="Asia/Kholmsk"),
        clinic(name_ru="Третья", short_name_ru="Третья", lat=10, opening_hours="пн 20:00-08:00", organization="Никто"),
        clinic(name_ru="Четвёртая", short_name_ru="Четвёртая", lat=12, lon="восток", level=5, status="closed"),
        clinic(name_ru="Пятая", short_name_ru="Пятая", lat=14, opening_hours="когда хотим"),
        clinic(name_ru="Шестая", short_name_ru="Шестая", lat=16, id=str(site.pk), organization=OTHER_INN),
    )  # fmt: skip
    assert wrong(run) == {
        (2, "status"), (3, "lat"), (3, "time_zone"), (4, "opening_hours"), (4, "organization"), (5, "lon"),
            (5, "level"),
        (6, "opening_hours"), (7, "organization"),
    }  # fmt: skip
    # At the same entrance: perhaps it is the same one.
    assert checked(office, tmp_path, CLINICS, clinic(name_ru="Стоматология", short_name_ru="Зуб")).counts == {
        "asked": 1
    }


def test_a_manager_takes_in_services_of_their_own_clinic(tmp_path):
    own, other = make.make_clinic(), make.make_clinic()
    manager = make.make_actor(Role.MANAGER, organization=own.organization)
    row = {"clinic": own.name_ru, "service_type": "Cardiologist consultation", "payments": "ОМС; платно",
           "price": "1 800,50", "age_min": 18, "preparation_ru": "Натощак.\nБез кофе."}  # fmt: skip
    assert taken(manager, tmp_path, SERVICES, row).counts == {"new": 1}
    service = Service.objects.get(clinic=own)
    assert (service.service_type_id, service.payments, str(service.price)) == (
        "cardiologist",
        ["oms", "paid"],
        "1800.50",
    )
    assert (service.mode, service.booking_mode, service.preparation_ru) == (
        "visit",
        "direct",
        "Натощак.\nБез кофе.",
    )
    again = row | {"service_type": "cardiologist", "payments": "paid, oms"}
    assert checked(manager, tmp_path, SERVICES, again).counts == {"unchanged": 1}
    run = checked(
        manager, tmp_path, SERVICES,
        row, row | {"service_type": "CARDIOLOGIST"}, row | {"clinic": other.name_ru}, row | {"service_type": "гадание"},
        row | {"mode": "telemedicine", "age_max": 5}, row | {"mode": "телепатия"}, row | {"payments": "взятка"},
        row | {"mode": "inpatient", "price": -5, "sex": "оба", "is_active": "может быть"},
    )  # fmt: skip
    assert wrong(run) == {
        (3, "service_type"), (4, "clinic"), (5, "service_type"), (6, "age_max"), (7, "mode"), (8, "payments"),
        (9, "price"), (9, "sex"), (9, "is_active"),
    }  # fmt: skip


def test_practitioners_come_to_their_clinics_and_do_not_leave_their_patterns(tmp_path):
    first, other = make.make_clinic(), make.make_clinic()
    second = make.make_clinic(first.organization)
    manager = make.make_actor(Role.MANAGER, organization=first.organization)
    row = {"clinics": first.name_ru, "family": "Ким", "given": "Анна", "position_ru": "Кардиолог",
           "specialties": "Кардиология; аритмология", "languages": "русский"}  # fmt: skip
    assert taken(manager, tmp_path, PRACTITIONERS, row).counts == {"new": 1}
    person = Practitioner.objects.get(family="Ким")
    assert (person.organization_id, person.specialties) == (
        first.organization_id,
        ["cardiology", "arrhythmology"],
    )
    assert list(person.clinics.all()) == [first]
    both = row | {"clinics": f"{first.name_ru}; {second.name_ru}"}
    assert taken(manager, tmp_path, PRACTITIONERS, both).counts == {"changed": 1}
    assert set(person.clinics.all()) == {first, second}
    assert checked(manager, tmp_path, PRACTITIONERS, both).counts == {"unchanged": 1}
    make.make_schedule(make.make_service(first), person)
    run = checked(
        manager, tmp_path, PRACTITIONERS,
        row | {"clinics": second.name_ru, "is_active": "нет"}, row | {"family": "Ли", "clinics": other.name_ru},
        row | {"family": "Пак", "specialties": "хиромантия"}, row | {"family": "Цой", "languages": "эльфийский"},
    )  # fmt: skip
    assert wrong(run) == {
        (2, "clinics"),
        (2, "is_active"),
        (3, "clinics"),
        (4, "specialties"),
        (5, "languages"),
    }


def fill() -> None:
    """A registry in which every column of every kind says something at least once."""
    owner = make.make_organization(
        inn=INN, ogrn="1027700132195", website="https://example.org", phone="+7 4242 500"
    )
    make.make_organization(
        country="KR", foreign_number="110-82-09661", ownership="foreign", sector="education"
    )
    site = make.make_clinic(
        owner, description_ru="Первая строка.\n\nВторая.", interpreters=["ko", "ja"], wheelchair=True,
        lat=46.959123456789,
        opening_hours={"1": ["08:00", "20:00"], "3": ["08:00", "20:00"], "6": ["09:00", "14:00"]},
    )  # fmt: skip
    make.make_clinic(owner, opening_hours={}, languages=[])
    make.make_clinic(status="closed", closed_on="2025-01-01", close_reason="Снесена")
    for name in ("one", "two"):
        twin = make.make_clinic(
            name_ru="Участковая больница", short_name_ru="УБ", name_en="", short_name_en=name
        )
        make.make_service(twin)
        make.make_practitioner(twin)
    make.make_service(site, comment_ru="Только взрослым", age_min=18, sex="f", price="1800.50", phone="-")
    make.make_service(site, "ct_head", mode="telemedicine", is_active=False, price=None)
    person = make.make_practitioner(site, name_latin="Andrei Belousov", qualification_ru="высшая; д. м. н.")
    person.clinics.add(make.make_clinic(owner))
    for place in (site, twin):
        make.make_equipment(
            place, country="DE", funding="gift", programme_year=2024, warranty_until="2030-01-31", place="7",
            ordered_on="2024-01-10", delivered_on="2024-02-10", commissioned_on="2024-03-10",
        )  # fmt: skip
    make.make_practitioner(site, is_active=False, patronymic="", languages=[])


@pytest.mark.parametrize("language", ["ru", "en", "kk"])
def test_what_was_given_out_comes_back_as_no_change(office, tmp_path, language):
    fill()
    with translation.override(language):
        for code, model in (
            (ORGANIZATIONS, Organization), (CLINICS, Clinic), (SERVICES, Service), (PRACTITIONERS, Practitioner),
            (EQUIPMENT, Equipment),
        ):  # fmt: skip
            report = report_of(f"{code}_list" if code == EQUIPMENT else f"{code}_table")
            columns = report.columns(office, {})
            assert [column.name for column in columns] == [c.name for c in base.import_of(code).columns]
            rows = [list(row) for row in report.rows(office, {"q": ""})]
            path = xlsx(tmp_path / "given.xlsx", [[str(column.title) for column in columns], *rows])
            run = support.check(office, support.upload(office, path, code))
            assert support.found(run) == []
            assert run.counts == {"unchanged": model.objects.count()}, code


def test_the_check_costs_the_same_for_few_rows_and_for_many(office, tmp_path):
    owner = make.make_organization(inn=INN)
    site = make.make_clinic(owner)
    make.make_practitioner(site)

    def cost(code: str, *rows: dict[str, Any]) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert wrong(checked(office, tmp_path, code, *rows)) == set()
        return sum("jobs_job" not in query["sql"] for query in caught)

    def people(count: int) -> list[dict[str, Any]]:
        return [
            {"clinics": site.name_ru, "family": f"Ким{n}", "given": "Анна", "position_ru": "Кардиолог",
             "specialties": "cardiology"} for n in range(count)
        ]  # fmt: skip

    def sites(count: int) -> list[dict[str, Any]]:
        return [
            clinic(name_ru=f"Поликлиника № {n + 500}", short_name_ru=f"П {n + 500}", lat=50 + n / 10)
            for n in range(count)
        ]  # fmt: skip

    cost(PRACTITIONERS, *people(1)), cost(CLINICS, *sites(1))
    assert cost(PRACTITIONERS, *people(2)) == cost(PRACTITIONERS, *people(40))
    assert cost(CLINICS, *sites(2)) == cost(CLINICS, *sites(40))


def test_a_choice_names_its_words_in_the_readers_language(office, tmp_path):
    with translation.override("kk"):
        run = checked(office, tmp_path, CLINICS, clinic(type="вокзал", organization="Здоровье Севра"))
    texts = {column: text for _line, column, text in support.found(run)}
    assert "больница" not in texts["type"]
    with translation.override("kk"):
        assert all(str(label) in texts["type"] for label in ClinicType.labels)
        columns = {column.name: column for column in base.import_of(CLINICS).columns}
        assert columns["type"].words == [str(label) for label in ClinicType.labels]
    # Of very many words those that come near are named.
    assert columns["country"].words == []
    with pytest.raises(ValidationError, match="Казахстан"):
        columns["country"].clean("Казакстан")


def test_the_template_offers_the_words_of_choices(office, tmp_path):
    path = tmp_path / "template.xlsx"
    path.write_bytes(template(base.import_of(CLINICS)))
    table = open_table(path, sheet="Words to choose from")
    place = table.head().headings.index("Type")
    words = [cells[place] for _line, cells in table.rows(1) if cells[place]]
    assert words == [str(label) for label in ClinicType.labels]
    sheet = ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    assert "'Words to choose from'!$A$2" in sheet.replace("&apos;", "'")
