"""The registry on the admin site."""

import pytest
from django.urls import reverse

from clinics.models import Licence, Membership, Schedule, Slot
from cluster_portal.audit.selectors import history
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

EDITABLE = (
    "cluster", "clustertarget", "organization", "membership", "clinic", "licence", "practitioner", "specialty",
    "servicetype", "service", "calendarday", "room",
)  # fmt: skip
READABLE = (
    "schedule", "scheduleexception", "slot", "bedcount", "cliniclink", "clinicphoto", "changerequest",
)  # fmt: skip


@pytest.fixture
def administrator(client):
    user = make.make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def service():
    make.make_cluster()
    service = make.make_service()
    make.make_slot(service)
    make.make_schedule(service)
    return service


@pytest.mark.parametrize("name", EDITABLE + READABLE)
def test_every_list_opens(administrator, service, name):
    assert administrator.get(reverse(f"admin:clinics_{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", [n for n in EDITABLE if n != "cluster"])
def test_every_form_opens(administrator, service, name):
    assert administrator.get(reverse(f"admin:clinics_{name}_add")).status_code == 200


def test_there_is_no_second_cluster(administrator, service):
    assert administrator.get(reverse("admin:clinics_cluster_add")).status_code == 403


@pytest.mark.parametrize("model", [Slot, Schedule])
def test_what_could_strand_a_patient_is_only_read(administrator, service, model):
    name, row = model._meta.model_name, model.objects.first()
    assert administrator.get(reverse(f"admin:clinics_{name}_add")).status_code == 403
    assert administrator.post(reverse(f"admin:clinics_{name}_change", args=[row.pk]), {}).status_code == 403


@pytest.mark.parametrize("name", ["organization", "clinic", "service"])
def test_nothing_is_deleted(administrator, service, name):
    row = {"organization": service.clinic.organization, "clinic": service.clinic, "service": service}[name]
    url = reverse(f"admin:clinics_{name}_delete", args=[row.pk])
    assert administrator.post(url, {"post": "yes"}).status_code == 403


def licence_form(clinic, **fields):
    return {
        "clinic": clinic.pk, "number": "Л041-99999", "authority": "Росздравнадзор", "jurisdiction": "national",
        "country": "RU", "activities": ["cardiology"], "valid_from": "2026-01-01", "status": "active",
    } | fields  # fmt: skip


def test_the_journal_knows_who_did_it(administrator, service):
    page = administrator.post(reverse("admin:clinics_licence_add"), licence_form(service.clinic))
    assert page.status_code == 302
    licence = Licence.objects.get(number="Л041-99999")
    assert licence.activities == ["cardiology"]
    entry = history(licence).get()
    assert (entry.user_id, entry.action) == (administrator.user.pk, "admin")


def test_an_activity_that_nobody_knows_is_refused(administrator, service):
    page = administrator.post(
        reverse("admin:clinics_licence_add"), licence_form(service.clinic, activities=["cardiolgy"])
    )
    assert page.status_code == 200
    assert "activities" in page.context["adminform"].form.errors


def test_a_membership_is_a_persons_or_a_programs(administrator, service):
    organization, person = service.clinic.organization, make.make_user()
    url = reverse("admin:clinics_membership_add")
    of_nobody = {"organization": organization.pk, "role": "manager", "is_active": "on"}
    answer = of_nobody | {"user": person.pk}
    for wrong in (of_nobody, answer | {"role": "client"}):
        page = administrator.post(url, wrong)
        assert page.status_code == 200
        assert "ограничение" not in str(page.context["adminform"].form.non_field_errors()).lower()
        assert page.context["adminform"].form.non_field_errors()
    assert administrator.post(url, answer).status_code == 302
    assert Membership.objects.get(user=person).role == "manager"
    again = administrator.post(url, answer)
    assert again.context["adminform"].form.errors and Membership.objects.filter(user=person).count() == 1


@pytest.mark.parametrize(
    "hours", ['{"8": ["08:00", "20:00"]}', '{"1": ["20:00", "08:00"]}', '{"1": 5}', "[1]"]
)
def test_opening_hours_that_no_page_could_read_are_refused(administrator, service, hours):
    url = reverse("admin:clinics_clinic_change", args=[service.clinic_id])
    page = administrator.post(url, {"opening_hours": hours})
    assert "opening_hours" in page.context["adminform"].form.errors


def test_a_manager_is_no_administrator(client, service):
    client.force_login(make.make_member("manager", organization=service.clinic.organization))
    assert client.get(reverse("admin:clinics_clinic_changelist")).status_code != 200
