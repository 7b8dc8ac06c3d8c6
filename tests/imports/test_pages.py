"""The pages of an import, and the same by REST."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse

from clinics.models import Organization
from cluster_portal.accounts.models import User
from cluster_portal.api import scopes
from cluster_portal.imports.models import ImportRun
from patients.models import Patient
from tests.api.support import Caller, assert_problem
from tests.factories import patients
from tests.imports.support import fresh, work
from tests.imports.test_frame import row

pytestmark = pytest.mark.django_db

CODE = {"code": "patients.patients"}


@pytest.fixture
def browser(client, actor):
    client.force_login(User.objects.get(pk=actor.user_id))
    client.cookies["language"] = "en"
    return client


def sent(path):
    return SimpleUploadedFile("Пациенты.xlsx", path.read_bytes())


def start(browser, path):
    response = browser.post(reverse("imports:start", kwargs=CODE), {"file": sent(path)})
    assert response.status_code == 303, response.text
    return ImportRun.objects.latest("created_at")


def columns(run):
    return {f"column_{place}": name for name, place in run.mapping.items()}


def go_on(browser, name, run, data=None):
    return browser.post(reverse(f"imports:{name}", args=[run.pk]), data or {})


def test_from_the_list_of_patients_to_the_rows(browser, table):
    assert reverse("imports:start", kwargs=CODE) in browser.get(reverse("patients:list")).text
    page = browser.get(reverse("imports:start", kwargs=CODE)).text
    assert reverse("imports:template", kwargs=CODE) in page and "How it works" in page
    run = start(browser, table(row(1), row(2)))
    place = reverse("imports:run", args=[run.pk])
    page = browser.get(place).text
    assert "What stands in the columns of the file?" in page and "Ким1" in page
    assert '<option value="family" selected>' in page
    assert go_on(browser, "check", run, columns(run))["Location"] == place
    assert 'hx-trigger="every 1s"' in browser.get(place).text
    work()
    page = browser.get(place, headers={"HX-Request": "true"}).text
    assert "<html" not in page and "hx-trigger" not in page
    assert "Every row is fit" in page
    assert go_on(browser, "apply", run)["Location"] == place
    assert "The rows are being taken in" in browser.get(place).text
    work()
    assert "The rows are taken in." in browser.get(place).text
    assert Patient.objects.count() == 2
    assert "Пациенты.xlsx" in browser.get(reverse("imports:start", kwargs=CODE)).text


def test_a_bad_file_is_refused_at_its_field(browser):
    response = browser.post(
        reverse("imports:start", kwargs=CODE), {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}
    )
    assert response.status_code == 422
    assert "This is neither an Excel table (.xlsx) nor a CSV file." in response.text
    response = browser.post(reverse("imports:start", kwargs=CODE), {})
    assert response.status_code == 422 and "This field is required." in response.text


def test_columns_that_do_not_fit_are_told_at_their_fields(browser, table):
    run = start(browser, table(row(1)))
    response = go_on(browser, "check", run, {**columns(run), "column_1": "family"})
    assert response.status_code == 422
    assert "This is chosen for “Фамилия” already." in response.text
    chosen = columns(run)
    del chosen["column_3"]
    response = go_on(browser, "check", run, chosen)
    assert response.status_code == 422
    assert "The column “Birth date” is needed." in response.text


def test_mistakes_stand_on_the_page_and_in_the_file(browser, table):
    run = start(browser, table(row(1), row(2, sex="<b>?"), row(3, snils="1")))
    go_on(browser, "check", run, columns(run))
    work()
    page = browser.get(reverse("imports:run", args=[run.pk])).text
    assert "2 rows have mistakes and cannot be taken in." in page
    assert "&lt;b&gt;?" in page and "СНИЛС has 11 digits" in page
    file = browser.get(reverse("imports:refused", args=[run.pk]))
    assert file["Content-Disposition"].startswith("attachment")
    assert b"".join(file.streaming_content).startswith(b"PK")
    response = go_on(browser, "apply", run)
    assert response.status_code == 422
    assert "Some rows have mistakes." in response.text
    go_on(browser, "apply", run, {"leave_out": "on"})
    work()
    assert fresh(run).counts == {"new": 1, "refused": 2}


def test_rows_that_are_asked_about_have_their_answers_on_the_page(browser, table, actor):
    own = patients.make_patient(
        Organization.objects.get(pk=actor.organization_id),
        family="Ким1", given="Пётр", patronymic="", birth_date=row(1)[3], snils="", enp="",
    )  # fmt: skip
    run = start(browser, table(row(1), row(2)))
    go_on(browser, "check", run, columns(run))
    work()
    page = browser.get(reverse("imports:run", args=[run.pk])).text
    assert "Line 2: Ким1 Пётр, 02.01.1980" in page
    assert "Somebody with a similar name" in page and f'<option value="{own.pk}">' in page
    assert go_on(browser, "apply", run).status_code == 422
    go_on(browser, "apply", run, {"row_2": str(own.pk)})
    work()
    assert fresh(run).counts == {"changed": 1, "new": 1}
    own.refresh_from_db()
    assert own.snils == row(1)[5]


@pytest.mark.parametrize("count", [1, 30])
def test_a_page_costs_the_same_with_one_mistake_and_with_thirty(
    browser, table, count, django_assert_max_num_queries
):
    run = start(browser, table(*(row(n, sex="?") for n in range(count))))
    go_on(browser, "check", run, columns(run))
    work()
    browser.get(reverse("imports:run", args=[run.pk]))
    with django_assert_max_num_queries(13):
        browser.get(reverse("imports:run", args=[run.pk]))


def test_without_a_session_nothing_opens(table):
    response = Client().get(reverse("imports:start", kwargs=CODE))
    assert response.status_code in {302, 303} and "login" in response["Location"]


@pytest.fixture
def system(db):
    from tests.factories import clinics

    clinics.make_cluster()
    return Caller()


def encode(data):
    """A form with a file, and its content type."""
    return data, MULTIPART_CONTENT


def test_a_system_sends_a_file_asks_and_takes_it_in(system, table):
    kinds = system.get("/api/v1/import-kinds/").json()
    columns = {kind["code"]: kind["columns"] for kind in kinds}
    assert set(columns) == {"clinics.equipment", "patients.patients", "training.nominations"}
    required = {column["name"] for column in columns["patients.patients"] if column["required"]}
    assert required == {"birth_date", "sex"}
    body, content_type = encode({"file": sent(table(row(1), row(2, sex="?"))), **CODE})
    response = system.post("/api/v1/imports/", body, content_type)
    assert response.status_code == 202, response.text
    place, run = response["Location"], response.json()
    assert (run["state"], run["job"]["state"], run["problems"]) == ("draft", "queued", [])
    work()
    run = system.get(place).json()
    assert (run["state"], run["counts"], run["job"]) == ("checked", {"new": 1, "refused": 1}, None)
    finding = system.get(f"{place}findings/").json()[0]
    assert (finding["line"], finding["column"], finding["value"], finding["verdict"]) == (
        3,
        "sex",
        "?",
        "refused",
    )
    assert b"".join(system.get(f"{place}refused/").streaming_content).startswith(b"PK")
    assert_problem(system.post(f"{place}apply/"), 409, "rows_refused")
    assert system.post(f"{place}apply/", {"leave_out": True}).status_code == 202
    work()
    run = system.get(place).json()
    assert (run["state"], run["counts"], run["available_actions"]) == (
        "applied",
        {"new": 1, "refused": 1},
        [],
    )
    assert Patient.objects.get().registered_by == system.organization
    assert system.get("/api/v1/imports/").json()["results"][0]["id"] == run["id"]


def test_a_system_says_which_columns_are_which(system, table):
    path = table(("Ким Анна", "1", row(1)[3]), headings=("Кто", "Пол (1/2)", "ДР"))
    body, content_type = encode({"file": sent(path), **CODE})
    run = system.post("/api/v1/imports/", body, content_type).json()
    assert (run["state"], run["job"]) == ("draft", None)
    assert run["problems"] == ["The name is needed: surname and given name, or the full name in one column."]
    mapping = {"full_name": 0, "sex": 1, "birth_date": 2}
    response = system.post(f"/api/v1/imports/{run['id']}/check/", {"mapping": mapping})
    assert response.status_code == 202 and response.json()["mapping"] == mapping
    body, content_type = encode({"file": sent(path), **CODE, "mapping": json.dumps(mapping)})
    assert system.post("/api/v1/imports/", body, content_type).json()["mapping"] == mapping


@pytest.mark.parametrize(
    ("fields", "code"), [({"mapping": "no json"}, "invalid"), ({"mapping": '{"family": "x"}'}, "invalid"),
                         ({"salary": "1"}, "invalid"), ({"sheet": "Тайный"}, "no_such_sheet")],
)  # fmt: skip
def test_what_a_system_sends_wrong_is_told(system, table, fields, code):
    body, content_type = encode({"file": sent(table(row(1))), **CODE, **fields})
    assert_problem(system.post("/api/v1/imports/", body, content_type), 400, code)


def test_answers_by_lines_that_are_none(system, table):
    body, content_type = encode({"file": sent(table(row(1))), **CODE})
    place = system.post("/api/v1/imports/", body, content_type)["Location"]
    work()
    for answers in ({"x": "new"}, {"99": "new"}, {"2": "new"}):
        assert_problem(system.post(f"{place}apply/", {"answers": answers}), 400, "invalid")


@pytest.mark.parametrize("lacking", ["imports:write", "patients:write"])
def test_a_token_needs_both_scopes(db, table, lacking):
    from tests.factories import clinics

    clinics.make_cluster()
    system = Caller(granted=scopes.ALL - {lacking})
    body, content_type = encode({"file": sent(table(row(1))), **CODE})
    assert system.post("/api/v1/imports/", body, content_type).status_code == 403


def test_the_same_key_sends_the_file_once(system, table):
    path = table(row(1))
    for _attempt in range(2):
        body, content_type = encode({"file": sent(path), **CODE})
        response = system.post("/api/v1/imports/", body, content_type, headers={"Idempotency-Key": "one"})
        assert response.status_code == 202
    assert ImportRun.objects.count() == 1
