"""The dictionaries of patients on the admin site."""

import pytest
from django.urls import reverse

from cluster_portal.audit.selectors import history
from patients.models import Diagnosis, Reason, WaitingNorm
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    client.force_login(make.make_user(is_staff=True, is_superuser=True))
    return client


def test_the_norms_of_the_law_are_listed(administrator):
    assert WaitingNorm.objects.exists()
    listed = administrator.get(reverse("admin:patients_waitingnorm_changelist"))
    assert WaitingNorm.objects.filter(country="RU", valid_to=None).first().source in listed.content.decode()
    form = administrator.get(reverse("admin:patients_waitingnorm_add")).content.decode()
    assert "не сверен" in form and 'name="source"' in form


def test_a_changed_name_of_a_diagnosis_is_journalled(administrator):
    Diagnosis.objects.create(code="I20.8", name_ru="а", name_en="a", name_kk="а")
    address = reverse("admin:patients_diagnosis_change", args=["I20.8"])
    data = {
        "code": "I20.8",
        "name_ru": "Иные формы стенокардии",
        "name_en": "Other angina",
        "name_kk": "Өзге",
    }
    assert administrator.post(address, data).status_code == 302
    assert Diagnosis.objects.get(code="I20.8").name_en == "Other angina"
    assert history(Diagnosis.objects.get(code="I20.8")).last().operation


def test_nothing_is_deleted_there(administrator):
    Diagnosis.objects.create(code="I20.8", name_ru="а", name_en="a", name_kk="а")
    assert administrator.post(reverse("admin:patients_diagnosis_delete", args=["I20.8"])).status_code == 403


def test_a_reason_ends_but_its_code_stays(administrator):
    reason = Reason.objects.get(kind="reject", code="prerequisites")
    address = reverse("admin:patients_reason_change", args=[reason.pk])
    page = administrator.get(address).content.decode()
    assert 'name="code"' not in page and 'name="kind"' not in page and 'name="name_kk"' in page
    data = {
        "name_ru": "не выполнены условия", "name_en": "conditions", "name_kk": "шарттар", "needs_comment": "on",
        "valid_from": "2020-01-01", "valid_to": "2026-01-31", "position": "30", "code": "renamed",
    }  # fmt: skip
    assert administrator.post(address, data).status_code == 302
    reason.refresh_from_db()
    assert (reason.code, reason.needs_comment, str(reason.valid_to)) == ("prerequisites", True, "2026-01-31")
    assert history(reason).last().operation == "UPDATE"


@pytest.mark.parametrize(
    ("kind", "code"), [("reject", "other"), ("late", "other"), ("cancel_booking", "practitioner_away")]
)
def test_what_the_portal_itself_names_cannot_end(administrator, kind, code):
    reason = Reason.objects.get(kind=kind, code=code)
    data = {"name_ru": "как прежде", "valid_from": "2020-01-01", "valid_to": "2026-01-31", "position": "1"}
    answer = administrator.post(reverse("admin:patients_reason_change", args=[reason.pk]), data)
    assert answer.status_code == 200 and answer.context["adminform"].form.errors["valid_to"]


def test_a_new_reason_is_added_there_with_a_proper_code(administrator):
    data = {
        "kind": "no_show", "name_ru": "не отпустили с работы", "valid_from": "2026-01-01", "position": "70",
        "code": "С работы", "cancels_appointment": "on",
    }  # fmt: skip
    address = reverse("admin:patients_reason_add")
    errors = administrator.post(address, data).context["adminform"].form.errors
    assert "code" in errors
    errors = administrator.post(address, data | {"code": "work"}).context["adminform"].form.errors
    assert errors  # the flag means nothing there
    del data["cancels_appointment"]
    assert administrator.post(address, data | {"code": "work"}).status_code == 302
    assert Reason.objects.get(kind="no_show", code="work").name_ru == "не отпустили с работы"
