"""One act on the chosen rows of a list: by each row's own rules, and told row by row."""

from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from cluster_portal.api import scopes
from cluster_portal.audit.models import Access
from cluster_portal.common.errors import Invalid
from cluster_portal.jobs.models import Job
from patients.models import Conclusion
from patients.services.bulk import AT_MOST, act_on_referrals
from patients.views.bulk import acts_of
from tests.api.support import make_token
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db

ADDRESS = "/referrals/bulk/"


def some(pair, state="accepted", number=2, **fields):
    """Referrals of patients of their own."""
    people = [patients.make_patient(pair.source.organization) for _ in range(number)]
    for person in people:
        patients.make_consent(person)
    return [pair.referral(state, patient=person, **fields) for person in people]


def send(client, act, rows, side="out", **more):
    data = {"side": side, "queue": "all", "act": act, "row": [str(row.pk) for row in rows], **more}
    return client.post(ADDRESS, data)


def states(rows):
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


class TestService:
    def test_each_row_stands_for_itself(self, pair):
        good, closed = some(pair), some(pair, "cancelled", 1)
        stranger = patients.make_referral(state="accepted")
        ids = [good[0].pk, closed[0].pk, stranger.pk, good[1].pk]
        results = act_on_referrals(pair.referrer, act="wait", referral_ids=ids)
        assert [result.error and result.error.code for result in results] == [
            None, "illegal_transition", "not_found", None,
        ]  # fmt: skip
        assert states([*good, stranger]) == ["waitlisted", "waitlisted", "accepted"]

    def test_what_makes_no_sense_is_refused_before_the_first_row(self, pair):
        rows = some(pair)
        ids = [row.pk for row in rows]
        for data in (
            {"act": "submit"}, {"act": "cancel"}, {"act": "cancel", "reason": "x"},
            {"act": "cancel", "reason": "other", "comment": " "},
        ):  # fmt: skip
            with pytest.raises(Invalid):
                act_on_referrals(pair.referrer, referral_ids=ids, **data)
        with pytest.raises(Invalid):
            act_on_referrals(
                pair.referrer, act="wait", referral_ids=[clinics.make_user().pk for _ in range(AT_MOST + 1)]
            )
        assert states(rows) == ["accepted", "accepted"]

    def test_a_row_named_twice_is_done_once(self, pair):
        row = some(pair, number=1)[0]
        assert len(act_on_referrals(pair.referrer, act="wait", referral_ids=[row.pk, row.pk])) == 1


class TestPage:
    def test_the_list_has_boxes_and_its_own_acts(self, pair, referrer):
        row = some(pair, number=1)[0]
        page = referrer.get("/referrals/out/accepted/").content.decode()
        assert (
            f'name="row" value="{row.pk}"' in page and 'value="cancel"' in page and 'value="read"' not in page
        )
        assert "checked" not in page.split("<tbody")[1].split("</tbody>")[0]
        whole = referrer.get("/referrals/out/accepted/?select=all").content.decode()
        assert "checked" in whole.split("<tbody")[1].split("</tbody>")[0]
        assert acts_of("in", "triage") == []

    def test_conclusions_are_marked_as_read(self, pair, referrer):
        rows = some(pair, "completed", 3)
        answer = send(referrer, "read", rows, next="/referrals/out/conclusions/")
        assert (answer.status_code, answer["Location"]) == (303, "/referrals/out/conclusions/")
        assert Conclusion.objects.filter(read_by=pair.referrer.user_id).count() == 3

    def test_partial_success_says_row_by_row_why_not(self, pair, referrer):
        good, moved_on = some(pair, number=1), some(pair, "booked", 1)
        answer = send(referrer, "wait", [*good, *moved_on])
        text = answer.content.decode()
        assert [line["number"] for line in answer.context["refused"]] == [moved_on[0].number]
        assert "невозможно" in text and good[0].number in text
        assert states([*good, *moved_on]) == ["waitlisted", "booked"]

    def test_cancelling_asks_once_why(self, pair, referrer):
        rows = some(pair, number=3)
        asked = send(referrer, "cancel", rows)
        assert asked.status_code == 200 and asked.context["form"] and states(rows) == ["accepted"] * 3
        for data in ({}, {"reason": "other", "comment": ""}):
            wrong = send(referrer, "cancel", rows, confirmed="1", **data)
            assert wrong.status_code == 422 and wrong.context["form"].errors
        done = send(referrer, "cancel", rows, confirmed="1", reason="moved", comment="Переезд")
        assert done.status_code == 303 and states(rows) == ["cancelled"] * 3
        assert [row.steps.last().reason for row in rows] == ["moved"] * 3

    def test_nothing_chosen_and_nonsense(self, pair, referrer):
        assert send(referrer, "wait", [])["Location"] == "/referrals/out/all/"
        assert send(referrer, "wait", [], next="//evil.example/")["Location"] == "/referrals/out/all/"
        assert referrer.post(ADDRESS, {"side": "out", "act": "wait", "row": "nonsense"}).status_code == 303
        assert send(referrer, "burn", some(pair, number=1)).status_code == 404

    def test_strangers_rows_are_not_there(self, pair, referrer):
        foreign = patients.make_referral(state="accepted")
        own = some(pair, number=1)
        asked = send(referrer, "cancel", [foreign, *own]).content.decode()
        assert foreign.number not in asked and foreign.patient.family not in asked and own[0].number in asked

    def test_the_chosen_are_exported(self, pair, referrer):
        rows = some(pair, number=3)
        answer = send(referrer, "export", rows[:2])
        job = Job.objects.get()
        assert answer["Location"] == reverse("jobs:detail", args=[job.pk])
        assert job.params["parameters"]["numbers"] == ",".join(row.number for row in rows[:2])


class TestPrinting:
    def test_slips_are_one_file_and_each_is_journalled(self, pair, coordinator):
        rows = [pair.referral("booked", patient=p, slot=pair.slot(at(2 + n))) for n, p in enumerate(
            patients.make_patient(pair.source.organization) for _ in range(3))]  # fmt: skip
        answer = send(coordinator, "slips", rows, side="in")
        assert answer["Content-Type"] == "application/pdf"
        pages = [page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages]
        assert len(pages) == 3
        assert all(row.number in page for row, page in zip(rows, pages, strict=True))
        printed = Access.objects.filter(purpose="print").values_list("subject_id", flat=True)
        assert {str(pk) for pk in printed} >= {str(row.pk) for row in rows}

    def test_who_has_no_time_is_named_and_the_others_can_be_printed(self, pair, referrer):
        booked, waiting = some(pair, "booked", 1), some(pair, number=1)
        answer = send(referrer, "slips", [*booked, *waiting])
        assert answer.status_code == 422
        assert [line["number"] for line in answer.context["refused"]] == [waiting[0].number]
        again = send(referrer, "slips", booked)
        assert again["Content-Type"] == "application/pdf"

    def test_forms_of_both_sides(self, pair, referrer):
        rows = some(pair, "booked")
        answer = send(referrer, "forms", rows)
        assert len(PdfReader(BytesIO(answer.content)).pages) == 2


class TestApi:
    @pytest.fixture
    def program(self, pair, client):
        row = clinics.make_client(pair.source.organization, allowed_scopes=sorted(scopes.ALL))
        headers = {"Authorization": f"Bearer {make_token(row, scopes.ALL)}"}
        return lambda body: client.post("/api/v1/referrals/bulk/", body, "application/json", headers=headers)

    def test_outcomes_row_by_row(self, pair, program):
        good, closed = some(pair, number=1), some(pair, "completed", 1)
        body = {"act": "cancel", "reason": "recovered", "referrals": [str(r.pk) for r in (*good, *closed)]}
        answer = program(body)
        assert answer.status_code == 200
        assert [row["done"] for row in answer.json()] == [True, False]
        assert answer.json()[1]["problem"]["code"] == "illegal_transition"

    def test_refusals_are_problems(self, pair, program):
        row = str(some(pair, number=1)[0].pk)
        for body in (
            {"act": "cancel", "referrals": [row]},
            {"act": "x", "referrals": [row]},
            {"act": "wait", "referrals": []},
        ):
            refused = program(body)
            assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
