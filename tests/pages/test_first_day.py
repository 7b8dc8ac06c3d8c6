"""The first day of an empty portal: from its first administrator to a confirmed time at another organisation."""

import io
from datetime import timedelta
from unittest import mock

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics.models import Clinic, Cluster, Licence, Membership, Organization, Practitioner, Service, Slot
from clinics.selectors.cluster import forget_cluster
from cluster_portal.accounts.models import User
from cluster_portal.accounts.roles import Role
from cluster_portal.common.actor import resolve_actor
from patients.models import Booking, Referral, WaitingNorm
from patients.services.booking import book_referral
from patients.services.drafts import draft_referral, submit_referral
from patients.services.patients import record_consent, register_patient
from patients.states import BookingState, ConsentKind, ReferralState
from tests.factories.patients import snils

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-enough-passphrase"
ZONE = "Asia/Sakhalin"


@pytest.fixture(autouse=True)
def _empty():
    forget_cluster()
    yield
    forget_cluster()


def signed_in(email: str) -> Client:
    """A browser in which the person has signed in with the password, as people do."""
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    assert browser.get("/desk/").status_code == 200
    return browser


class Office:
    """The administrator at the admin site: fills in what a form asks for and takes the rest as it is offered."""

    def __init__(self, email: str) -> None:
        self.browser = signed_in(email)

    def add(self, model, **answers):
        """A new row by the admin's form; what is not answered is sent as the form shows it."""
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
        page = self.browser.get(address)
        assert page.status_code == 200
        form = page.context["adminform"].form
        offered = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        sent = {
            name: value for name, value in offered.items() if value is not None and value is not False
        } | answers
        known = set(model._default_manager.values_list("pk", flat=True))
        answer = self.browser.post(address, {n: v() if callable(v) else v for n, v in sent.items()})
        errors = answer.context["adminform"].form.errors if answer.status_code == 200 else None
        assert answer.status_code == 302, errors
        return model._default_manager.exclude(pk__in=known).get()

    def person(self, email: str, name: str, organization: Organization, role: Role) -> User:
        user = self.add(
            User, email=email, name=name, password1=PASSWORD, password2=PASSWORD, usable_password="true"
        )
        self.add(Membership, user=user.pk, organization=organization.pk, role=role.value)
        return user


def found() -> Office:
    """``./portal manage create_administrator`` on an empty portal, the password from a pipe."""
    call_command("prepare_portal", "--database-only")
    with mock.patch("sys.stdin", io.StringIO(f"{PASSWORD}\n")):
        call_command(
            "create_administrator", email="admin@example.org", name="Администратор", cluster_name="Кластер",
            region="Сахалинская область", cluster_code="SKH", country="RU", time_zone=ZONE, stdout=io.StringIO(),
        )  # fmt: skip
    return Office("admin@example.org")


def organisation_with_a_clinic(office: Office, name: str) -> Clinic:
    organization = office.add(
        Organization, name_ru=name, short_name_ru=name, ownership="state", country="RU", status="member"
    )
    return office.add(
        Clinic, organization=organization.pk, name_ru=name, short_name_ru=name, type="polyclinic",
        address_ru="ул. Ленина, 1", city_ru="Южно-Сахалинск", country="RU", lat="46.95", lon="142.73",
        time_zone=ZONE, languages=["ru"],
    )  # fmt: skip


def test_from_nothing_to_a_confirmed_time() -> None:
    office = found()
    cluster = Cluster.objects.get()
    assert (cluster.code, cluster.time_zone) == ("SKH", ZONE)
    assert WaitingNorm.objects.filter(country="RU").exists()

    sending = organisation_with_a_clinic(office, "ЦРБ")
    receiving = organisation_with_a_clinic(office, "Диспансер")
    office.add(
        Licence, clinic=receiving.pk, number="Л041-1", authority="Росздравнадзор", jurisdiction="national",
        country="RU", activities=["cardiology"], valid_from="2026-01-01", status="active",
    )  # fmt: skip
    doctor = office.add(
        Practitioner, organization=receiving.organization_id, clinics=[receiving.pk], family="Ким",
        given="Анна", position_ru="кардиолог", specialties=["cardiology"], languages=["ru"],
    )  # fmt: skip
    service = office.add(Service, clinic=receiving.pk, service_type="cardiologist", payments=["oms"])
    office.person("manager@example.org", "Заведующая", receiving.organization, Role.MANAGER)
    registrar = office.person("registrar@example.org", "Регистратор", sending.organization, Role.REFERRER)

    # The clinic's own manager makes the timetable and publishes it.
    manager = signed_in("manager@example.org")
    today = timezone.localdate()
    pattern = {
        "service": service.pk, "practitioner": doctor.pk, "slot_minutes": 20, "capacity": 1, "share_own": 0,
        "share_cluster": 100, "share_urgent": 0, "release_hours": 0, "valid_from": today.isoformat(),
        **{f"day{day}_1_starts": "09:00" for day in range(1, 6)},
        **{f"day{day}_1_ends": "12:00" for day in range(1, 6)},
    }  # fmt: skip
    made = manager.post(f"{reverse('clinics:schedule_pattern_new')}?clinic={receiving.pk}", pattern)
    assert made.status_code == 303, made.context and made.context["form"].errors
    schedule = service.schedules.get()
    answer = manager.post(reverse("clinics:schedule_pattern_publish", args=[schedule.pk]))
    assert answer.status_code == 303
    slots = Slot.objects.filter(service=service, state="published")
    assert slots.count() > 100

    # A colleague of another organisation finds the clinic, refers a patient and books.
    browser = signed_in("registrar@example.org")
    assert "Диспансер" in browser.get("/clinics/").content.decode()
    actor = resolve_actor(user=registrar)
    patient = register_patient(
        actor,
        data={
            "family": "Пак", "given": "Мария", "birth_date": today - timedelta(days=15000), "sex": "f",
            "snils": snils(77), "residence": {"locality": "Корсаков"},
        },
    )  # fmt: skip
    record_consent(actor, patient_id=patient.pk, kind=ConsentKind.TRANSFER, given_on=today)
    referral = draft_referral(
        actor,
        patient_id=patient.pk,
        data={"service": service, "diagnosis_code": "I20.8", "reason": "Боли при ходьбе"},
    )
    submit_referral(actor, referral_id=referral.pk)
    slot = slots.filter(start__gt=timezone.now()).earliest("start")
    book_referral(actor, referral_id=referral.pk, slot_id=slot.pk)
    referral = Referral.objects.get()
    assert referral.state == ReferralState.BOOKED and referral.number.startswith("SKH-")
    assert referral.due_on is not None
    assert Booking.objects.get(slot=slot).state == BookingState.BOOKED
    assert browser.get(f"/referrals/{referral.pk}/").status_code == 200
    assert manager.get(f"/referrals/{referral.pk}/").status_code == 200
