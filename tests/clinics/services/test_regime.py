"""The special regime: who may be under it, permits, and what is not registered at home from draft to withdrawal."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from clinics.errors import MethodExists, MethodIncomplete, PermitExists, RegimeExists
from clinics.models import Permit, Practitioner, SpecialMethod
from clinics.selectors.regime import methods_with
from clinics.services.licences import add_credential, renew_credential
from clinics.services.methods import begin_method, draft_method, edit_method, withdraw_method
from clinics.states import MethodState, Ownership
from cluster_portal.accounts.roles import Role
from cluster_portal.audit.selectors import history
from cluster_portal.common.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

REGIME = {
    "number": "МК-1", "authority": "Фонд кластера", "country": "IL", "valid_from": date(2026, 1, 1),
    "legal_basis_ru": "Закон об особом режиме, ст. 15",
}  # fmt: skip
PERMIT = {
    "number": "Р-1", "authority": "Фонд кластера", "country": "IL", "valid_from": date(2026, 2, 1),
    "home_document": "Диплом № 7", "specialties": ["cardiology"],
}  # fmt: skip
DRAFT = {
    "kind": "medicine", "name_ru": "Онкоред", "country": "IL", "home_authority": "Минздрав Израиля",
    "home_number": "172", "home_date": date(2024, 3, 14),
}  # fmt: skip
WHOLE = {
    "name_en": "Oncored", "name_kk": "Онкоред", "approval_authority": "Фонд кластера", "approval_number": "ММ-1",
    "approval_date": date(2025, 1, 9), "consent_ru": "Согласен", "consent_en": "I agree", "consent_kk": "Келісемін",
}  # fmt: skip


@pytest.fixture
def service():
    make.make_cluster()
    owner = make.make_organization(ownership=Ownership.FOREIGN, country="IL")
    return make.make_service(make.make_clinic(owner))


@pytest.fixture
def clinic(service):
    return service.clinic


@pytest.fixture
def office(clinic):
    return make.make_actor(Role.OFFICE)


@pytest.fixture
def manager(clinic):
    return make.make_actor(Role.MANAGER, organization=clinic.organization)


def enter(actor, clinic, **fields):
    return add_credential(actor, kind="regime", clinic_id=clinic.pk, data=REGIME | fields)


class TestRegime:
    def test_the_office_enters_it_for_a_foreign_clinic_of_an_oecd_country(self, clinic, manager, office):
        with pytest.raises(Forbidden):
            enter(manager, clinic)
        made = enter(office, clinic)
        assert (made.legal_basis_ru, made.steps.get().action) == (REGIME["legal_basis_ru"], "issue")
        with pytest.raises(RegimeExists):
            enter(office, clinic)

    @pytest.mark.parametrize(
        ("owner", "country", "at"),
        [
            ({"ownership": Ownership.STATE, "country": "RU"}, "IL", "clinic"),
            ({"ownership": Ownership.FOREIGN, "country": "CN"}, "IL", "clinic"),
            ({}, "CN", "country"),
            ({}, "RU", "country"),
        ],
    )
    def test_no_other_clinic_and_no_other_papers(self, clinic, office, owner, country, at):
        type(clinic.organization).objects.filter(pk=clinic.organization_id).update(
            **owner or {"country": "IL"}
        )
        with pytest.raises(Invalid) as caught:
            enter(office, clinic, country=country)
        assert set(caught.value.errors) == {at}


class TestPermit:
    @pytest.fixture(autouse=True)
    def regime(self, clinic, office):
        return enter(office, clinic)

    @pytest.fixture
    def doctor(self, clinic):
        return make.make_practitioner(clinic)

    def add(self, actor, clinic, doctor, **fields):
        data = PERMIT | {"practitioner": doctor.pk} | fields
        return add_credential(actor, kind="permit", clinic_id=clinic.pk, data=data)

    def test_its_practitioner_works_by_it_from_now_on(self, clinic, manager, doctor):
        permit = self.add(manager, clinic, doctor)
        doctor.refresh_from_db()
        assert (permit.practitioner, doctor.by_permit) == (doctor, True)
        next_one = renew_credential(
            manager, kind="permit", credential_id=permit.pk, data={"number": "Р-2", "valid_from": date(2027, 2, 1)}
        )  # fmt: skip
        assert (next_one.practitioner_id, next_one.home_document) == (doctor.pk, "Диплом № 7")
        with pytest.raises(PermitExists):
            self.add(manager, clinic, doctor)

    @pytest.mark.parametrize(
        ("fields", "at"),
        [
            ({"valid_from": date(2025, 12, 31)}, "valid_from"),
            ({"country": "RU"}, "country"),
            ({"specialties": []}, "specialties"),
            ({"specialties": ["alchemy"]}, "specialties"),
            ({"home_document": ""}, "home_document"),
            ({"practitioner": "00000000-0000-7000-8000-000000000000"}, "practitioner"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, clinic, manager, doctor, fields, at):
        with pytest.raises(Invalid) as caught:
            self.add(manager, clinic, doctor, **fields)
        assert set(caught.value.errors) == {at}
        assert not Practitioner.objects.filter(by_permit=True).exists()

    def test_for_nobody_who_works_elsewhere(self, clinic, manager):
        with pytest.raises(Invalid) as caught:
            self.add(manager, clinic, make.make_practitioner())
        assert set(caught.value.errors) == {"practitioner"}
        assert not Permit.objects.exists()


class TestMethod:
    @pytest.fixture(autouse=True)
    def regime(self, clinic, office):
        return enter(office, clinic)

    def draft(self, actor, clinic, *services, **fields):
        ids = [service.pk for service in services]
        return draft_method(actor, clinic_id=clinic.pk, data=DRAFT | fields, service_ids=ids)

    def test_from_draft_to_withdrawal(self, service, clinic, manager):
        method = self.draft(manager, clinic)
        for lacking, change in (
            ("name_en", {"data": WHOLE}),
            ("services", {"data": {}, "service_ids": [service.pk]}),
        ):
            with pytest.raises(MethodIncomplete) as caught:
                begin_method(manager, method_id=method.pk)
            assert caught.value.field == lacking
            edit_method(manager, method_id=method.pk, **change)
        assert methods_with(service.pk, clinic) == []
        begin_method(manager, method_id=method.pk)
        assert methods_with(service.pk, clinic) == [method]
        with pytest.raises(MethodIncomplete):
            edit_method(manager, method_id=method.pk, data={"consent_kk": ""})
        with pytest.raises(MethodIncomplete):
            edit_method(manager, method_id=method.pk, data={}, service_ids=[])
        with pytest.raises(Invalid):
            withdraw_method(manager, method_id=method.pk, reason=" ")
        gone = withdraw_method(manager, method_id=method.pk, reason="Зарегистрирован")
        assert (gone.state, gone.withdraw_reason) == (MethodState.WITHDRAWN, "Зарегистрирован")
        assert methods_with(service.pk, clinic) == []
        with pytest.raises(Conflict):
            edit_method(manager, method_id=method.pk, data={"home_number": "173"})
        with pytest.raises(IllegalTransition):
            begin_method(manager, method_id=method.pk)
        assert len(history(method)) >= 4

    def test_it_holds_only_while_the_regime_does(self, service, clinic, manager, regime):
        method = make.make_method(clinic, service)
        yesterday = make.day_of(make.at(-1))
        type(regime).objects.filter(pk=regime.pk).update(valid_to=yesterday)
        assert methods_with(service.pk, clinic) == []
        with pytest.raises(Conflict):
            self.draft(manager, clinic)
        assert SpecialMethod.objects.get() == method

    @pytest.mark.parametrize(
        ("fields", "at"),
        [
            ({"country": "RU"}, "country"),
            ({"country": "CN"}, "country"),
            ({"home_date": date(2100, 1, 1)}, "home_date"),
            ({"name_ru": " "}, "name_ru"),
            ({"kind": "spell"}, "kind"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, clinic, manager, fields, at):
        with pytest.raises(Invalid) as caught:
            self.draft(manager, clinic, **fields)
        assert set(caught.value.errors) == {at}

    def test_services_of_its_own_clinic_and_names_once(self, service, clinic, manager):
        with pytest.raises(Invalid) as caught:
            self.draft(manager, clinic, make.make_service())
        assert set(caught.value.errors) == {"services"}
        self.draft(manager, clinic, service)
        with pytest.raises(MethodExists):
            self.draft(manager, clinic)

    def test_the_database_keeps_the_steps_too(self, service, clinic):
        method = make.make_method(clinic, service)
        for change in ({"consent_en": ""}, {"state": "withdrawn"}, {"withdrawn_on": date(2026, 1, 1)}):
            with pytest.raises(IntegrityError), transaction.atomic():
                SpecialMethod.objects.filter(pk=method.pk).update(**change)

    def test_nobody_at_home_is_asked_about(self, django_assert_num_queries):
        service = make.make_service()
        with django_assert_num_queries(0):
            assert methods_with(service.pk, service.clinic) == []
