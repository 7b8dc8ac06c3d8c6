"""A change of a record is proposed, read, decided, and nothing of anybody's is lost."""

import pytest
from django.utils import translation

from clinics.errors import ChangeConflict, ChangePending, InnTaken, NothingChanged, RecordChanged
from clinics.models import ChangeRequest
from clinics.selectors.changes import differences, pending_changes
from clinics.services.changes import approve_change, refuse_change, request_change, withdraw_change
from clinics.services.records import update_clinic, update_organization
from cluster_portal.audit.selectors import history
from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return make.make_clinic(phone="+7 4242 11-11-11", website="https://old.example")


@pytest.fixture
def manager(clinic):
    return make.make_actor("manager", organization=clinic.organization)


@pytest.fixture
def office():
    return make.make_actor("office")


def test_a_proposal_changes_nothing_until_the_office_approves(clinic, manager, office):
    data = {"phone": " +7 4242 22-22-22 ", "wheelchair": True, "website": clinic.website}
    change = request_change(manager, clinic_id=clinic.pk, data=data, note="Новый номер")
    clinic.refresh_from_db()
    assert clinic.phone == "+7 4242 11-11-11"
    # What is the same already is no part of the change.
    assert change.changes == {
        "phone": ["+7 4242 11-11-11", "+7 4242 22-22-22"],
        "wheelchair": [False, True],
    }
    assert list(pending_changes(office)) == [change]
    assert list(pending_changes(manager)) == []
    approve_change(office, change_id=change.pk, comment="Проверено")
    clinic.refresh_from_db()
    change.refresh_from_db()
    assert (clinic.phone, clinic.wheelchair) == ("+7 4242 22-22-22", True)
    assert (change.state, change.comment, change.decided_by_id) == ("approved", "Проверено", office.user_id)
    entry = history(clinic).last()
    assert (entry.action, entry.user_id) == ("approve_change", office.user_id)
    assert entry.before["phone"] == "+7 4242 11-11-11"


def test_the_diff_reads_in_the_reader_s_language(clinic, manager):
    data = {
        "opening_hours": {"1": ["08:00", "20:00"], "2": ["08:00", "20:00"]}, "languages": ["ru", "ko"], "level": 2,
        "type": "hospital", "country": "KZ", "wheelchair": True, "address_kk": "Бейбітшілік к-сі, 1", "phone": "",
    }  # fmt: skip
    change = request_change(manager, clinic_id=clinic.pk, data=data)
    with translation.override("ru"):
        rows = {row.field: row for row in differences(change)}
    assert list(rows) == [
        "type", "level", "country", "address_kk", "phone", "wheelchair", "opening_hours", "languages",
    ]  # fmt: skip
    assert rows["languages"].shown[:2] == ("русский", "русский, корейский")
    assert rows["country"].shown[:2] == ("Россия", "Казахстан")
    assert rows["type"].shown[1] == "Больница"
    assert rows["wheelchair"].shown[:2] == ("нет", "да")
    assert rows["address_kk"].label == "Адрес по-казахски"
    assert rows["phone"].shown[1] == ""
    assert rows["opening_hours"].shown[1] == "пн–вт 08:00–20:00; ср–вс закрыто"
    with translation.override("en"):
        assert {row.field: row.label for row in differences(change)}["address_kk"] == "Address in Kazakh"


def test_one_change_of_a_record_waits_at_a_time(clinic, manager):
    first = request_change(manager, clinic_id=clinic.pk, data={"phone": "1"})
    with pytest.raises(ChangePending) as caught:
        request_change(manager, clinic_id=clinic.pk, data={"email": "a@example.org"})
    assert caught.value.extra == {"change_request": str(first.pk)}
    # The organisation's own record is another one.
    request_change(manager, organization_id=clinic.organization_id, data={"phone": "1"})
    withdraw_change(manager, change_id=first.pk)
    request_change(manager, clinic_id=clinic.pk, data={"email": "a@example.org"})


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"email": "нет"}, "email"), ({"name_ru": " "}, "name_ru"), ({"level": 9}, "level"), ({"lat": 99}, "lat"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"), ({"country": "ZZ"}, "country"),
        ({"languages": ["xx"]}, "languages"),
        ({"opening_hours": {"8": ["08:00", "20:00"]}}, "opening_hours"), ({"opening_hours": []}, "opening_hours"),
        ({"opening_hours": {"1": ["20:00", "08:00"]}}, "opening_hours"), ({"beds": 500}, "beds"),
        ({"status": "closed"}, "status"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(clinic, manager, data, field):
    with pytest.raises(Invalid) as caught:
        request_change(manager, clinic_id=clinic.pk, data=data)
    assert list(caught.value.errors) == [field]


def test_a_register_number_in_use_is_refused_at_once(clinic, manager):
    make.make_organization(inn="7707083893")
    with pytest.raises(InnTaken):
        request_change(manager, organization_id=clinic.organization_id, data={"inn": "7707083893"})


def test_nothing_new_is_no_request(clinic, manager):
    with pytest.raises(NothingChanged):
        request_change(manager, clinic_id=clinic.pk, data={"phone": clinic.phone})


def test_who_may_what(clinic, manager, office):
    stranger = make.make_actor("manager")
    coordinator = make.make_actor("coordinator", organization=clinic.organization)
    colleague = make.make_actor("manager", organization=clinic.organization)
    for actor in (stranger, coordinator, office):
        with pytest.raises(Forbidden):
            request_change(actor, clinic_id=clinic.pk, data={"phone": "1"})
    with pytest.raises(Forbidden):
        update_clinic(manager, clinic_id=clinic.pk, data={"phone": "1"})
    change = request_change(manager, clinic_id=clinic.pk, data={"phone": "1"})
    for actor, error in ((stranger, NotFound), (coordinator, NotFound), (manager, Forbidden)):
        with pytest.raises(error):
            approve_change(actor, change_id=change.pk)
        with pytest.raises(error):
            refuse_change(actor, change_id=change.pk, comment="Нет")
    for actor in (colleague, office):
        with pytest.raises(Forbidden):
            withdraw_change(actor, change_id=change.pk)


def test_a_refusal_needs_words_and_the_clinic_hears(clinic, manager, office):
    change = request_change(manager, clinic_id=clinic.pk, data={"phone": "1"})
    with pytest.raises(Invalid):
        refuse_change(office, change_id=change.pk, comment=" ")
    refuse_change(office, change_id=change.pk, comment="Номер не отвечает")
    clinic.refresh_from_db()
    assert clinic.phone == "+7 4242 11-11-11"
    relay()
    notice = Notice.objects.get()
    assert (notice.user_id, notice.kind) == (manager.user_id, "clinics.change_refused")
    assert notice.params["record"]["ru"] == clinic.short_name_ru
    for again in (
        lambda: approve_change(office, change_id=change.pk),
        lambda: refuse_change(office, change_id=change.pk, comment="Ещё раз"),
        lambda: withdraw_change(manager, change_id=change.pk),
    ):
        with pytest.raises(IllegalTransition):
            again()


def test_managers_hear_of_what_a_program_asked_for(clinic, manager, office):
    program = make.make_client(clinic.organization)
    actor = make.actor_of_client(program, clinic.organization)
    change = request_change(actor, clinic_id=clinic.pk, data={"phone": "1"})
    assert (change.author_id, change.client_id) == (None, program.pk)
    approve_change(office, change_id=change.pk)
    relay()
    assert list(Notice.objects.values_list("user", "kind")) == [(manager.user_id, "clinics.change_approved")]


def test_what_changed_in_other_fields_meanwhile_stays(clinic, manager, office):
    change = request_change(manager, clinic_id=clinic.pk, data={"phone": "1"})
    update_clinic(office, clinic_id=clinic.pk, data={"email": "new@example.org"})
    approve_change(office, change_id=change.pk)
    clinic.refresh_from_db()
    assert (clinic.phone, clinic.email) == ("1", "new@example.org")


def test_what_changed_in_the_same_field_is_shown_and_decided(clinic, manager, office):
    change = request_change(manager, clinic_id=clinic.pk, data={"phone": "1", "email": "asked@example.org"})
    update_clinic(office, clinic_id=clinic.pk, data={"phone": "2"})
    with pytest.raises(ChangeConflict) as caught:
        approve_change(office, change_id=change.pk)
    assert caught.value.extra["conflicts"] == [
        {"field": "phone", "before": "+7 4242 11-11-11", "now": "2", "after": "1"}
    ]
    clinic.refresh_from_db()
    looked_at = clinic.updated_at
    # Without saying which state of the record was looked at, nobody overwrites it.
    with pytest.raises(ChangeConflict):
        approve_change(office, change_id=change.pk, overwrite=["phone"])
    update_clinic(office, clinic_id=clinic.pk, data={"phone": "3"})
    with pytest.raises(ChangeConflict):
        approve_change(office, change_id=change.pk, overwrite=["phone"], seen=looked_at)
    clinic.refresh_from_db()
    assert clinic.phone == "3"
    approve_change(office, change_id=change.pk, keep=["phone"], seen=clinic.updated_at)
    clinic.refresh_from_db()
    assert (clinic.phone, clinic.email) == ("3", "asked@example.org")
    assert ChangeRequest.objects.get().kept == ["phone"]


def test_a_conflict_may_be_overwritten_knowingly(clinic, manager, office):
    change = request_change(manager, clinic_id=clinic.pk, data={"phone": "1"})
    update_clinic(office, clinic_id=clinic.pk, data={"phone": "2"})
    clinic.refresh_from_db()
    approve_change(office, change_id=change.pk, overwrite=["phone"], seen=clinic.updated_at)
    clinic.refresh_from_db()
    assert clinic.phone == "1"


def test_what_the_record_says_already_is_no_conflict(clinic, manager, office):
    change = request_change(manager, clinic_id=clinic.pk, data={"phone": "1"})
    update_clinic(office, clinic_id=clinic.pk, data={"phone": "1"})
    assert approve_change(office, change_id=change.pk).state == "approved"


def test_keeping_everything_is_a_refusal(clinic, manager, office):
    change = request_change(manager, clinic_id=clinic.pk, data={"phone": "1"})
    with pytest.raises(Invalid):
        approve_change(office, change_id=change.pk, keep=["phone"])


def test_what_no_longer_fits_is_not_applied(clinic, manager, office):
    change = request_change(manager, organization_id=clinic.organization_id, data={"inn": "7707083893"})
    make.make_organization(inn="7707083893")
    with pytest.raises(InnTaken):
        approve_change(office, change_id=change.pk)
    assert ChangeRequest.objects.get().state == "pending"


def test_an_old_version_is_not_written_over(clinic, office, manager):
    before = clinic.updated_at
    update_clinic(office, clinic_id=clinic.pk, data={"phone": "2"}, seen=before)
    with pytest.raises(RecordChanged):
        update_clinic(office, clinic_id=clinic.pk, data={"phone": "3"}, seen=before)
    with pytest.raises(RecordChanged):
        request_change(manager, clinic_id=clinic.pk, data={"phone": "3"}, seen=before)
    organization = clinic.organization
    update_organization(
        office, organization_id=organization.pk, data={"phone": "2"}, seen=organization.updated_at
    )
    with pytest.raises(RecordChanged):
        update_organization(
            office, organization_id=organization.pk, data={"status": "left"}, seen=organization.updated_at
        )
