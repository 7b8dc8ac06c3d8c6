"""Specialists: entering them, leaving and coming back, the account, the papers, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import Membership
from cluster_portal.audit.models import Entry
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from tests.factories import clinics as make
from tests.factories.training import make_paper, make_specialist
from training.errors import AccountTaken, CmeNumberTaken
from training.models import Specialist
from training.selectors.specialists import available_actions, personal_file
from training.services import specialists as services

pytestmark = pytest.mark.django_db


def data(**fields):
    return {
        "family": " Сон ", "given": "Ольга", "position": "Врач", "specialty": make.make_specialty(),
        "languages": {"en": "B1", "ko": "native"},
    } | fields  # fmt: skip


def test_a_manager_enters_their_own_people_and_the_journal_knows(manager, hospital):
    person = services.add_specialist(manager, data=data())
    person.refresh_from_db()
    assert (person.family, person.organization, person.languages["ko"]) == ("Сон", hospital, "native")
    entry = Entry.objects.get(table_name="training_specialist", row_id=str(person.pk))
    assert (entry.user_id, entry.action) == (manager.user_id, "add_specialist")


def test_only_the_training_office_enters_people_of_any_employer(manager, office):
    other = make.make_organization()
    with pytest.raises(Forbidden):
        services.add_specialist(manager, data=data(), organization=other)
    assert services.add_specialist(office, data=data(), organization=other).organization == other
    for role in ("referrer", "office", "specialist"):
        with pytest.raises(Forbidden):
            services.add_specialist(make.make_actor(role), data=data())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"languages": {"en": "fluent"}}, "languages"), ({"languages": {"xx": "B1"}}, "languages"),
        ({"languages": ["en"]}, "languages"), ({"family": " "}, "family"), ({"position": ""}, "position"),
        ({"email": "nobody"}, "email"), ({"grade": "king"}, "grade"), ({"state": "left"}, "state"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_the_field(manager, wrong, field):
    with pytest.raises(Invalid) as caught:
        services.add_specialist(manager, data=data(**wrong))
    assert list(caught.value.errors) == [field]
    assert not Specialist.objects.exists()


def test_a_cme_number_is_one_persons_while_they_work(manager, hospital):
    first = make_specialist(hospital, cme_number="НМО-77")
    with pytest.raises(CmeNumberTaken) as caught:
        services.add_specialist(manager, data=data(cme_number="НМО-77"))
    assert caught.value.field == "cme_number"
    services.leave_specialist(manager, specialist_id=first.pk, reason="Уволилась")
    assert services.add_specialist(manager, data=data(cme_number="НМО-77")).cme_number == "НМО-77"
    with pytest.raises(CmeNumberTaken):
        services.return_specialist(manager, specialist_id=first.pk)


def test_who_leaves_keeps_the_file_and_loses_the_account(manager, hospital):
    user = make.make_member("referrer", organization=hospital)
    person = make_specialist(hospital)
    services.link_account(manager, specialist_id=person.pk, email=user.email.upper())
    own = make.actor_of(user, hospital)
    assert "specialist" in own.roles and personal_file(own, person.pk).may_edit is False
    assert available_actions(own, person) == []
    with pytest.raises(Invalid) as caught:
        services.leave_specialist(manager, specialist_id=person.pk, reason=" ")
    assert list(caught.value.errors) == ["reason"]
    day = timezone.localdate() - timedelta(days=3)
    left = services.leave_specialist(manager, specialist_id=person.pk, reason="Переезд", on=day)
    assert (left.state, left.left_on, left.user, available_actions(manager, left)) == (
        "left", day, None, ["return"],
    )  # fmt: skip
    assert make.actor_of(user, hospital).roles == {"referrer"}
    with pytest.raises(NotFound):
        personal_file(own, person.pk)
    with pytest.raises(IllegalTransition):
        services.leave_specialist(manager, specialist_id=person.pk, reason="ещё раз")
    assert services.return_specialist(manager, specialist_id=person.pk).leave_reason == ""


def test_an_account_is_one_of_the_employers_people_and_one_persons(manager, hospital):
    user, stranger = make.make_member("referrer", organization=hospital), make.make_member("referrer")
    first, second = make_specialist(hospital), make_specialist(hospital)
    for email in (stranger.email, "nobody@example.org"):
        with pytest.raises(Invalid) as caught:
            services.link_account(manager, specialist_id=first.pk, email=email)
        assert list(caught.value.errors) == ["email"]
    services.link_account(manager, specialist_id=first.pk, email=user.email)
    with pytest.raises(AccountTaken):
        services.link_account(manager, specialist_id=second.pk, email=user.email)
    services.link_account(manager, specialist_id=first.pk, email="")
    assert not Membership.objects.filter(user=user, role="specialist", is_active=True).exists()
    assert services.link_account(manager, specialist_id=second.pk, email=user.email).user == user


def test_a_strangers_file_is_not_there_and_the_office_only_reads(hospital, office):
    person, stranger = make_specialist(hospital), make.make_actor("manager")
    with pytest.raises(NotFound):
        services.update_specialist(stranger, specialist_id=person.pk, data={"position": "Заведующая"})
    with pytest.raises(Forbidden):
        services.update_specialist(make.make_actor("office"), specialist_id=person.pk, data={})
    changed = services.update_specialist(office, specialist_id=person.pk, data={"position": "Заведующая"})
    assert (changed.position, changed.family) == ("Заведующая", person.family)


def test_papers_are_noted_and_corrected(manager, hospital):
    person = make_specialist(hospital)
    today = timezone.localdate()
    paper = services.add_paper(
        manager, specialist_id=person.pk, data={"kind": "visa", "country": "KR", "valid_until": today}
    )
    services.update_paper(manager, paper_id=paper.pk, data={"valid_until": today + timedelta(days=90)})
    make_paper(person, days=None)
    found = personal_file(manager, person.pk).papers
    assert [(row.kind, row.valid_until and (row.valid_until - today).days) for row in found] == [
        ("passport", None), ("visa", 90),
    ]  # fmt: skip
    for wrong, field in (
        ({"country": "ZZ"}, "country"), ({"issued_on": today + timedelta(days=91)}, "valid_until"),
        ({"kind": "pass"}, "kind"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            services.update_paper(manager, paper_id=paper.pk, data=wrong)
        assert list(caught.value.errors) == [field]
    with pytest.raises(NotFound):
        services.update_paper(make.make_actor("manager"), paper_id=paper.pk, data={})
