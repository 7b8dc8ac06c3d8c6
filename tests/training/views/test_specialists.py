"""Pages of specialists: the list's filters and cost, the file, the forms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import clinics as make
from tests.factories.training import make_paper, make_specialist
from training.models import Specialist

pytestmark = pytest.mark.django_db

LIST = "/specialists/"


@pytest.fixture
def staff(client, hospital):
    client.force_login(make.make_member("manager", organization=hospital))
    return client


def names(page):
    return [row["person"].family for row in page.context["page"].items]


def test_the_list_is_the_employers_own_and_both_offices_see_all(staff, hospital, client):
    own, other = make_specialist(hospital), make_specialist()
    assert names(staff.get(LIST)) == [own.family]
    for role in ("training", "office"):
        client.force_login(make.make_member(role))
        assert names(client.get(LIST)) == sorted([own.family, other.family])
    client.force_login(make.make_member("referrer", organization=hospital))
    assert client.get(LIST).status_code == 403


def test_each_filter_narrows(staff, hospital):
    today = timezone.localdate()
    base = make_specialist(hospital)
    other = make_specialist(
        hospital, family="Ёлкина", specialty=make.make_specialty("neurology"), cme_number="НМО-5"
    )
    ending = make_specialist(hospital, accredited_until=today + timedelta(days=20))
    over = make_specialist(hospital, accredited_until=today - timedelta(days=2))
    left = make_specialist(hospital, state="left", left_on=today, leave_reason="Переезд")
    for query, expected in (
        ("q=елкина", [other]), ("q=нмо-5", [other]), ("specialty=neurology", [other]), ("state=left", [left]),
        ("accreditation=ending", [ending]), ("accreditation=over", [over]), ("state=left&specialty=neurology", []),
        (f"employer={hospital.pk}", [base, ending, over, left, other]),
        ("accreditation=nonsense&q=ветров", [base, ending, over, left]),
    ):  # fmt: skip
        assert sorted(names(staff.get(f"{LIST}?{query}"))) == sorted(row.family for row in expected), query


def test_the_cost_of_the_list_does_not_grow(staff, hospital):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = staff.get(LIST)
        return len(queries), len(names(page))

    make_specialist(hospital)
    staff.get(LIST)
    one, rows = cost()
    Specialist.objects.bulk_create(
        Specialist(
            organization=hospital, family=f"Орлов{n}", given="Пётр", position="Врач",
            specialty=make.make_specialty(), languages={"en": "A2", "ja": "B1"},
        )
        for n in range(29)
    )  # fmt: skip
    assert (rows, cost()) == (1, (one, 30))


def test_a_person_is_entered_and_corrected_by_the_form(staff, hospital):
    make.make_specialty()
    form = {
        "family": "Сон", "given": "Ольга", "grade": "doctor", "position": "Врач", "specialty": "cardiology",
        "language_0": "en", "level_0": "B2", "language_1": "ko",
    }  # fmt: skip
    wrong = staff.post(f"{LIST}new/", form)
    assert wrong.status_code == 422 and list(wrong.context["form"].errors) == ["level_1"]
    assert staff.post(f"{LIST}new/", form | {"level_1": "native"}).status_code == 303
    person = Specialist.objects.get()
    assert (person.organization, person.languages) == (hospital, {"en": "B2", "ko": "native"})
    page = staff.get(f"{LIST}{person.pk}/edit/")
    assert page.context["form"].initial["language_1"] == "ko"
    assert staff.post(f"{LIST}{person.pk}/edit/", form | {"language_1": ""}).status_code == 303
    person.refresh_from_db()
    assert person.languages == {"en": "B2"}


def test_the_training_office_says_whose_the_person_is(client, hospital):
    client.force_login(make.make_member("training"))
    make.make_specialty()
    form = {
        "family": "Сон",
        "given": "Ольга",
        "grade": "doctor",
        "position": "Врач",
        "specialty": "cardiology",
    }
    assert list(client.post(f"{LIST}new/", form).context["form"].errors) == ["organization"]
    assert client.post(f"{LIST}new/", form | {"organization": str(hospital.pk)}).status_code == 303
    assert Specialist.objects.get().organization == hospital


def test_the_file_tells_of_papers_and_offers_only_what_works(staff, hospital, client):
    person = make_specialist(hospital, user=make.make_member("specialist", organization=hospital))
    make_paper(person, "visa", days=30, country="KR")
    page = staff.get(f"{LIST}{person.pk}/")
    assert [row["near"] for row in page.context["papers"]] == ["soon"]
    for name, _act in page.context["acts"]:
        assert staff.get(f"{LIST}{person.pk}/{name}/").status_code == 200
    done = staff.post(f"{LIST}{person.pk}/leave/", {"reason": "Переезд", "on": ""})
    assert done.status_code == 303
    assert [name for name, _act in staff.get(f"{LIST}{person.pk}/").context["acts"]] == ["return"]
    # The own file opens for the person, who changes nothing there.
    Specialist.objects.filter(pk=person.pk).update(user=person.user)
    client.force_login(person.user)
    own = client.get(f"{LIST}{person.pk}/")
    assert own.status_code == 200 and not own.context["acts"] and f"{person.pk}/edit/" not in own.text
    assert client.get(f"{LIST}{person.pk}/edit/").status_code == 403
    assert client.get(LIST).status_code == 403


def test_forms_about_a_person_say_what_is_wrong(staff, hospital):
    person = make_specialist(hospital)
    account = staff.post(f"{LIST}{person.pk}/account/", {"email": "nobody@example.org"})
    assert account.status_code == 422 and "email" in account.context["form"].errors
    paper = {"kind": "passport", "issued_on": "2026-02-01", "valid_until": "2026-01-01"}
    refused = staff.post(f"{LIST}{person.pk}/papers/new/", paper)
    assert refused.status_code == 422 and "valid_until" in refused.context["form"].errors
    assert staff.post(f"{LIST}{person.pk}/papers/new/", paper | {"valid_until": ""}).status_code == 303
    found = person.papers.get()
    edit = staff.get(f"{LIST}papers/{found.pk}/")
    assert edit.context["form"].initial["kind"] == "passport"
    assert staff.post(f"{LIST}papers/{found.pk}/", paper | {"valid_until": "2030-01-01"}).status_code == 303
    assert person.papers.get().valid_until.year == 2030
    assert staff.get(f"{LIST}{person.pk}/explode/").status_code == 404
