"""Licences and accreditations: entering, renewing, suspending, resuming, cancelling; their scans."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from clinics.errors import AccreditationExists, CredentialRenewed, LicenceExists, TooManyScans
from clinics.models import Accreditation, CredentialScan, Licence
from clinics.selectors.credentials import Narrowing, actions, is_renewed, kept_credentials, standing
from clinics.services import licences as services
from clinics.services.licences import (
    add_credential,
    attach_scan,
    cancel_credential,
    renew_credential,
    resume_credential,
    suspend_credential,
)
from clinics.states import Jurisdiction, LicenceStatus
from cluster_portal.accounts.roles import Role
from cluster_portal.audit.selectors import history
from cluster_portal.common.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.files.errors import FileRefused
from tests.factories import clinics as make
from tests.files.samples import pdf

pytestmark = pytest.mark.django_db

TODAY = make.day_of(make.at(0))
DATA = {
    "number": "Л041-7", "authority": "Росздравнадзор", "country": "RU", "valid_from": date(2026, 1, 1),
    "valid_to": date(2030, 1, 1), "activities": ["cardiology"],
}  # fmt: skip
ISO = {
    "number": "QM-7", "authority": "TÜV", "country": "DE", "valid_from": date(2026, 1, 1), "scheme": "iso_9001",
}  # fmt: skip


@pytest.fixture
def clinic():
    make.make_cluster()
    return make.make_service().clinic


@pytest.fixture
def licence(clinic):
    return clinic.licences.get()


@pytest.fixture
def manager(clinic):
    return make.make_actor(Role.MANAGER, organization=clinic.organization)


def a_scan(name="Лицензия.pdf"):
    return SimpleUploadedFile(name, pdf(), "application/pdf")


def add(actor, clinic, kind="licence", scan=None, **fields):
    data = (DATA if kind == "licence" else ISO) | fields
    return add_credential(actor, kind=kind, clinic_id=clinic.pk, data=data, scan=scan)


class TestAdd:
    def test_a_licence_with_its_scan_and_its_story(self, clinic, manager):
        made = add(manager, clinic, scan=a_scan())
        assert (made.jurisdiction, made.activities) == (Jurisdiction.NATIONAL, ["cardiology"])
        step = made.steps.get()
        assert (step.action, step.first_day, step.last_day) == ("issue", DATA["valid_from"], DATA["valid_to"])
        assert made.scans.get().name == "Лицензия.pdf"
        assert history(made)[0].action == "write_credential"

    def test_an_accreditation(self, clinic, manager):
        made = add(manager, clinic, "accreditation")
        assert (made.scheme, made.valid_to, made.is_valid(TODAY)) == ("iso_9001", None, True)

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"activities": []}, "activities"),
            ({"activities": ["cardiology", "palmistry"]}, "activities"),
            ({"valid_to": date(2025, 1, 1)}, "valid_to"),
            ({"valid_from": None}, "valid_from"),
            ({"country": "KR"}, "country"),
            ({"country": "XX"}, "country"),
            ({"jurisdiction": "foreign"}, "country"),
            ({"jurisdiction": "martian"}, "jurisdiction"),
            ({"number": "  "}, "number"),
            ({"status": "active"}, "status"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, clinic, manager, fields, field):
        with pytest.raises(Invalid) as refused:
            add(manager, clinic, **fields)
        assert list(refused.value.errors) == [field]

    def test_a_foreign_licence_is_of_another_country(self, clinic, manager):
        made = add(manager, clinic, jurisdiction="foreign", country="kr")
        assert (made.jurisdiction, made.country) == ("foreign", "KR")

    def test_a_number_is_there_once(self, clinic, manager, licence):
        with pytest.raises(LicenceExists), transaction.atomic():
            add(manager, clinic, number=licence.number)
        add(manager, clinic, "accreditation")
        with pytest.raises(AccreditationExists), transaction.atomic():
            add(manager, clinic, "accreditation")

    def test_a_refused_scan_enters_nothing(self, clinic, manager):
        with pytest.raises(FileRefused):
            add(manager, clinic, scan=SimpleUploadedFile("Лицензия.pdf", b"<html>", "application/pdf"))
        assert not Licence.objects.filter(number=DATA["number"]).exists()

    def test_others_may_not(self, clinic):
        for role in (Role.COORDINATOR, Role.REFERRER):
            with pytest.raises(Forbidden):
                add(make.make_actor(role, organization=clinic.organization), clinic)
        with pytest.raises(Forbidden):
            add(make.make_actor(Role.MANAGER), clinic)
        add(make.make_actor(Role.OFFICE), clinic)


class TestRenewal:
    def renew(self, actor, old, **fields):
        data = {"number": "Л041-8", "valid_from": date(2031, 1, 1)} | fields
        return renew_credential(actor, kind="licence", credential_id=old.pk, data=data)

    def test_it_names_what_it_renews_and_takes_the_rest_over(self, manager, licence):
        made = self.renew(manager, licence)
        assert made.renews == licence
        assert (made.activities, made.authority, made.valid_to) == (
            licence.activities,
            licence.authority,
            None,
        )
        old = Licence.objects.get(pk=licence.pk)
        assert is_renewed(old)
        assert "renew" not in actions(old)
        assert [step.action for step in old.steps.all()] == ["renew"]

    def test_once(self, manager, licence):
        self.renew(manager, licence)
        with pytest.raises(CredentialRenewed):
            self.renew(manager, licence, number="Л041-9")

    def test_again_when_the_renewal_was_cancelled(self, manager, licence):
        made = self.renew(manager, licence)
        cancel_credential(manager, kind="licence", credential_id=made.pk, reason="Введена по ошибке")
        assert self.renew(manager, licence, number="Л041-9").renews == licence

    @pytest.mark.parametrize(
        ("fields", "field"),
        [({"valid_from": date(2020, 1, 1)}, "valid_from"), ({"valid_to": date(2026, 1, 1)}, "valid_to")],
    )
    def test_it_comes_after(self, manager, licence, fields, field):
        Licence.objects.filter(pk=licence.pk).update(valid_to=date(2030, 1, 1))
        with pytest.raises(Invalid) as refused:
            self.renew(manager, licence, **{"valid_from": date(2021, 1, 1)} | fields)
        assert list(refused.value.errors) == [field]

    def test_what_was_cancelled_is_not_renewed(self, manager, licence):
        cancel_credential(manager, kind="licence", credential_id=licence.pk, reason="Отозвана")
        with pytest.raises(Conflict):
            self.renew(manager, licence)


class TestSuspension:
    def suspend(self, actor, licence, first=0, last=None, reason="Приказ № 7"):
        return suspend_credential(
            actor, kind="licence", credential_id=licence.pk, first_day=TODAY + timedelta(days=first), reason=reason,
            last_day=None if last is None else TODAY + timedelta(days=last),
        )  # fmt: skip

    def test_it_holds_on_its_days_alone(self, manager, licence):
        found = self.suspend(manager, licence, 2, 4)
        assert [found.is_valid(TODAY + timedelta(days=n)) for n in range(1, 6)] == [
            True,
            False,
            False,
            False,
            True,
        ]
        assert standing(found, TODAY, renewed=False).code == "valid"
        assert standing(found, TODAY + timedelta(days=2), renewed=False).code == "suspended"

    def test_until_it_is_resumed(self, manager, licence):
        found = self.suspend(manager, licence)
        assert not found.is_valid(TODAY + timedelta(days=500))
        assert actions(found) == ["renew", "resume", "cancel"]
        found = resume_credential(manager, kind="licence", credential_id=licence.pk, reason="Приказ № 9")
        assert found.is_valid(TODAY)
        assert [(s.action, s.first_day, s.reason) for s in found.steps.all()] == [
            ("suspend", TODAY, "Приказ № 7"), ("resume", TODAY, "Приказ № 9"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"last": -1}, "last_day"),
            ({"reason": " "}, "reason"),
            ({"first": -20_000}, "first_day"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, manager, licence, given, field):
        with pytest.raises(Invalid) as refused:
            self.suspend(manager, licence, **given)
        assert list(refused.value.errors) == [field]

    def test_only_by_the_table(self, manager, licence):
        with pytest.raises(IllegalTransition):
            resume_credential(manager, kind="licence", credential_id=licence.pk)
        self.suspend(manager, licence)
        with pytest.raises(IllegalTransition):
            self.suspend(manager, licence)
        cancel_credential(manager, kind="licence", credential_id=licence.pk, reason="Отозвана")
        for act in (lambda: self.suspend(manager, licence), lambda: resume_credential(
            manager, kind="licence", credential_id=licence.pk)):  # fmt: skip
            with pytest.raises(IllegalTransition):
                act()

    def test_the_database_refuses_days_without_the_state(self, licence):
        with pytest.raises(IntegrityError, match="licence_suspended_since"), transaction.atomic():
            Licence.objects.filter(pk=licence.pk).update(suspended_from=TODAY)
        with pytest.raises(IntegrityError, match="licence_suspended_since"), transaction.atomic():
            Licence.objects.filter(pk=licence.pk).update(status=LicenceStatus.SUSPENDED)


class TestScans:
    def test_given_out_and_taken_away_again(self, manager, licence):
        scan = attach_scan(manager, kind="licence", credential_id=licence.pk, scan=a_scan())
        reader = make.make_actor(Role.REFERRER)
        at = {"kind": "licence", "credential_id": licence.pk, "scan_id": scan.pk}
        assert services.take_scan(reader, **at) == scan
        with pytest.raises(Forbidden):
            services.remove_scan(reader, **at)
        services.remove_scan(manager, **at)
        with pytest.raises(NotFound):
            services.take_scan(manager, **at)

    def test_of_this_paper_alone(self, clinic, manager, licence):
        scan = attach_scan(manager, kind="licence", credential_id=licence.pk, scan=a_scan())
        other = add(manager, clinic)
        with pytest.raises(NotFound):
            services.take_scan(manager, kind="licence", credential_id=other.pk, scan_id=scan.pk)

    def test_not_without_end(self, manager, licence):
        for _n in range(CredentialScan.MOST):
            attach_scan(manager, kind="licence", credential_id=licence.pk, scan=a_scan())
        with pytest.raises(TooManyScans):
            attach_scan(manager, kind="licence", credential_id=licence.pk, scan=a_scan())


class TestList:
    def test_one_s_own_and_the_office_all(self, clinic, manager, licence):
        other = make.make_licence(make.make_clinic())
        assert list(kept_credentials(manager, "licence")) == [licence]
        assert set(kept_credentials(make.make_actor(Role.OFFICE), "licence")) == {licence, other}
        assert not kept_credentials(
            make.make_actor(Role.COORDINATOR, organization=clinic.organization), "licence"
        )

    @time_machine.travel("2026-11-21T03:00:00+00:00", tick=False)
    def test_states(self, clinic, manager, licence):
        today = date(2026, 11, 21)
        soon = make.make_licence(clinic, valid_to=today + timedelta(days=60))
        ended = make.make_licence(clinic, valid_to=today - timedelta(days=2))
        suspended = make.make_licence(clinic, status=LicenceStatus.SUSPENDED)
        cancelled = make.make_licence(clinic, status=LicenceStatus.CANCELLED)
        renewed = make.make_licence(clinic, valid_to=today + timedelta(days=5))
        make.make_licence(clinic, valid_from=today + timedelta(days=6), renews=renewed)

        def found(state):
            return set(kept_credentials(manager, "licence", Narrowing(state=state)))

        assert found("soon") == {soon}
        assert found("ended") == {ended}
        assert found("valid") == {licence, soon, renewed}
        assert found("suspended") == {suspended}
        assert found("cancelled") == {cancelled}

    def test_those_that_end_first_at_the_top(self, clinic, manager, licence):
        first = make.make_licence(clinic, valid_to=TODAY + timedelta(days=3))
        assert list(kept_credentials(manager, "licence")) == [first, licence]

    def test_accreditations_apart(self, clinic, manager):
        made = make.make_accreditation(clinic)
        assert list(kept_credentials(manager, "accreditation")) == [made]
        assert Accreditation.objects.count() == 1
