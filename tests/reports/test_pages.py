"""The pages of reports and jobs, and the same by REST."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cluster_portal.accounts.models import User
from cluster_portal.jobs import runner
from cluster_portal.jobs.models import Job
from cluster_portal.reports.models import Schedule

pytestmark = pytest.mark.django_db

CODE = {"code": "tests.example"}
ASKED = {"since": "2026-11-01", "file_format": "csv"}


@pytest.fixture
def browser(client, office):
    client.force_login(User.objects.get(pk=office.user_id))
    return client


def test_from_the_catalogue_to_the_file(browser, example):
    page = browser.get(reverse("reports:catalogue")).text
    assert reverse("reports:report", kwargs=CODE) in page
    assert "Counted by hand." in browser.get(reverse("reports:report", kwargs=CODE)).text
    response = browser.post(reverse("reports:report", kwargs=CODE), ASKED)
    job = Job.objects.get()
    assert response["Location"] == reverse("jobs:detail", args=[job.pk])
    assert 'hx-trigger="every 1s"' in browser.get(response["Location"]).text
    runner.work()
    page = browser.get(response["Location"], headers={"HX-Request": "true"}).text
    assert "<html" not in page
    assert "hx-trigger" not in page
    file = browser.get(reverse("jobs:file", args=[job.pk]))
    assert file["Content-Disposition"].startswith("attachment")
    assert file["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert file["Cache-Control"] == "private, no-store"
    assert b"".join(file.streaming_content).startswith(b"\xef\xbb\xbf")
    assert "report" in browser.get(reverse("jobs:list")).text


def test_a_wrong_answer_keeps_what_was_typed(browser, example):
    response = browser.post(reverse("reports:report", kwargs=CODE), {"since": "soon", "kind": "b"})
    assert response.status_code == 422
    assert 'value="soon"' in response.text
    assert response.text.count("error-summary") >= 2
    assert not Job.objects.exists()


def test_a_double_click_asks_once(browser, example):
    for _click in range(2):
        browser.post(reverse("reports:report", kwargs=CODE), ASKED)
    assert Job.objects.count() == 1


def test_cancel_and_try_again(browser, example):
    browser.post(reverse("reports:report", kwargs=CODE), ASKED)
    job = Job.objects.get()
    browser.post(reverse("jobs:cancel", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == "cancelled"
    browser.post(reverse("jobs:retry", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == "queued"
    assert browser.post(reverse("jobs:retry", args=[job.pk])).status_code == 409


def test_let_it_come_by_itself(browser, example):
    address = reverse("reports:schedule", kwargs=CODE)
    assert browser.get(address).status_code == 200
    data = ASKED | {"frequency": "weekly", "hour": "8"}
    assert browser.post(address, data).status_code == 422
    assert browser.post(address, data | {"weekday": "1"}).status_code == 303
    schedule = Schedule.objects.get()
    assert (schedule.weekday, schedule.hour, schedule.parameters) == (1, 8, {"since": "2026-11-01"})
    page = browser.get(reverse("reports:schedules")).text
    assert "Пример: отчёт" in page
    browser.post(reverse("reports:switch", args=[schedule.pk]), {"on": "0"})
    schedule.refresh_from_db()
    assert not schedule.is_active


def test_by_rest(browser, example):
    listed = browser.get("/api/v1/reports/").json()
    assert [report["code"] for report in listed if report["code"] == "tests.example"]
    one = browser.get("/api/v1/reports/tests.example/").json()
    assert one["parameters"][0] == {
        "name": "since", "label": "Since", "type": "date", "required": True, "choices": None
    }  # fmt: skip
    asked = {"format": "json", "parameters": {"since": "2026-11-01"}}
    response = browser.post("/api/v1/reports/tests.example/runs/", asked, content_type="application/json")
    assert response.status_code == 202
    place = response["Location"]
    assert response.json()["state"] == "queued"
    again = browser.post("/api/v1/reports/tests.example/runs/", asked, content_type="application/json")
    assert again["Location"] == place
    runner.work()
    job = browser.get(place).json()
    assert (job["state"], job["percent"], job["available_actions"]) == ("done", 100, ["download"])
    assert b'"rows":[' in b"".join(browser.get(f"{place}file/").streaming_content)
    assert [row["id"] for row in browser.get("/api/v1/jobs/").json()["results"]] == [job["id"]]


def test_by_rest_what_is_wrong_is_a_problem(browser, example):
    response = browser.post(
        "/api/v1/reports/tests.example/runs/",
        {"format": "json", "parameters": {"since": "soon"}},
        content_type="application/json",
    )
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "since"


def test_schedules_by_rest(browser, example):
    body = {
        "report": "tests.example", "parameters": {"since": "2026-11-01"}, "format": "xlsx",
        "frequency": "monthly", "day": 31,
    }  # fmt: skip
    response = browser.post("/api/v1/report-schedules/", body, content_type="application/json")
    assert response.status_code == 201
    address = response["Location"]
    stopped = browser.patch(address, {"is_active": False}, content_type="application/json")
    assert stopped.json()["is_active"] is False


@pytest.mark.parametrize("many", [1, 30])
def test_lists_ask_the_same_number_of_questions(
    browser, example, office, django_assert_max_num_queries, many
):
    from cluster_portal.reports.services.asking import run_report

    for n in range(many):
        job = run_report(
            office, code="tests.example", parameters={"since": f"2026-11-{n % 28 + 1:02}"}, file_format="csv"
        )
        Job.objects.filter(pk=job.pk).update(state="cancelled")
    browser.get(reverse("jobs:list"))
    with django_assert_max_num_queries(6):
        browser.get(reverse("jobs:list"))
    with django_assert_max_num_queries(8):
        browser.get(reverse("reports:report", kwargs=CODE))
