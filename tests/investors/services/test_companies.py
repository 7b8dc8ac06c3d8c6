"""From the sign-up of a person to a verified company with two people."""

import re

import pytest
from django.core import mail

from clinics.selectors.actors import resolve
from cluster_portal.accounts.models import User
from cluster_portal.accounts.services import joining
from cluster_portal.common import background
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from investors import errors
from investors.models import InvestorMember
from investors.selectors.companies import company_file
from investors.services import companies, people
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.files.samples import pdf, upload

COMPANY = {
    "name_ru": "", "name_en": "Carmel Clinics Ltd", "country": "IL", "register_number": "51-1234567",
    "activity": "Clinics", "contact_name": "Kim", "contact_email": "kim@example.org",
}  # fmt: skip


@pytest.fixture
def person(site):
    """Somebody who belongs to no organisation."""
    return resolve(user=make.make_user())


def kinds_for(user_id):
    return list(
        Notice.objects.filter(user=user_id).order_by("created_at", "id").values_list("kind", flat=True)
    )


def test_an_account_is_there_only_after_its_letter(site):
    newcomer = joining.Newcomer("new@example.org", "Новикова Анна", "/plots/")
    joining.ask_for_account(newcomer, network="192.0.2.1")
    assert not User.objects.filter(email=newcomer.email).exists()
    token = re.search(r"/accounts/join/([^/\s]+)/", mail.outbox[-1].body)[1]
    assert joining.read_letter(token) == newcomer
    with pytest.raises(joining.LetterOutdated):
        joining.read_letter(token[:-1])
    with pytest.raises(Invalid):
        joining.open_account(ANONYMOUS, token=token, password="short")
    user = joining.open_account(ANONYMOUS, token=token, password="four words of mine")
    assert (resolve(user=user).roles, user.check_password("four words of mine")) == (frozenset(), True)
    with pytest.raises(joining.AccountExists):
        joining.open_account(ANONYMOUS, token=token, password="four words of mine")
    # Whoever has an account gets a letter that says so, and no way to open another one.
    joining.ask_for_account(newcomer, network="192.0.2.1")
    assert "/accounts/join/" not in mail.outbox[-1].body
    sent = len(mail.outbox)
    for _again in range(3):
        joining.ask_for_account(newcomer, network="192.0.2.1")
    assert len(mail.outbox) == sent + joining.LETTERS - 2


def test_a_company_is_entered_verified_and_suspended(person, land):
    company = companies.register_investor(person, data=COMPANY)
    assert (company.name, company.state, company.is_oecd) == ("Carmel Clinics Ltd", "new", True)
    with pytest.raises(Invalid):
        companies.register_investor(person, data=COMPANY)
    key = {"investor_id": company.pk}
    with pytest.raises(errors.InvestorIncomplete):
        companies.submit_investor(person, **key)
    companies.add_owner(person, **key, data={"name": "Kim", "country": "IL", "share": 60})
    with pytest.raises(errors.TooMuchOwned):
        companies.add_owner(person, **key, data={"name": "Lee", "country": "KR", "share": 41})
    document = companies.add_investor_document(
        person,
        **key,
        upload=upload("charter.pdf", pdf()),
        data={"kind": "charter", "title": "", "valid_until": None},
    )
    companies.submit_investor(person, **key)
    assert kinds_for(land.user_id) == ["investors.investor_submit"]
    with pytest.raises(errors.InvestorChecked):
        companies.update_investor(person, **key, data={"register_number": "51-7654321"})
    companies.update_investor(person, **key, data={"contact_phone": "+972 3 123"})
    with pytest.raises(Forbidden):
        companies.remove_investor_document(person, document_id=document.pk)
    with pytest.raises(Invalid):
        companies.refuse_investor(land, **key, reason=" ")
    companies.refuse_investor(land, **key, reason="Нет выписки")
    companies.submit_investor(person, **key)
    with pytest.raises(Forbidden):
        companies.verify_investor(person, **key)
    company = companies.verify_investor(land, **key)
    assert (company.decided_by_id, company.reason) == (land.user_id, "")
    companies.suspend_investor(land, **key, reason="Суд")
    with pytest.raises(IllegalTransition):
        companies.reopen_investor(person, **key)
    told = ["investors.investor_refuse", "investors.investor_verify", "investors.investor_suspend"]
    assert kinds_for(person.user_id) == told


def test_numbers_are_checked_and_verified_once(person, land):
    russian = COMPANY | {"country": "RU", "register_number": "1027700132196"}
    with pytest.raises(Invalid) as refused:
        companies.register_investor(person, data=russian)
    assert list(refused.value.errors) == ["register_number"]
    assert (
        companies.register_investor(
            person, data=russian | {"register_number": "1 0277 00132195"}
        ).register_number
        == "1027700132195"
    )
    first, second = (
        rows.make_investor(state="review", register_number="51-1", country="IL") for _n in range(2)
    )
    companies.verify_investor(land, investor_id=first.pk)
    assert company_file(land, second.pk).twins == [first]
    with pytest.raises(errors.InvestorNumberTaken):
        companies.verify_investor(land, investor_id=second.pk)


def test_a_colleague_is_invited_by_a_letter(person):
    company = companies.register_investor(person, data=COMPANY)
    colleague, stranger = make.make_user(email="colleague@example.org"), make.make_user()
    people.invite_person(person, investor_id=company.pk, email="Colleague@example.org", role="member")
    background.relay()
    token = re.search(r"/companies/join/([^/\s]+)/", mail.outbox[-1].body)[1]
    with pytest.raises(errors.InvitedAnother):
        people.accept_invitation(resolve(user=stranger), token=token)
    actor = resolve(user=colleague)
    member = people.accept_invitation(actor, token=token)
    with pytest.raises(errors.InvitationOutdated):
        people.accept_invitation(actor, token=token)
    with pytest.raises(errors.AlreadyActsFor):
        people.invite_person(person, investor_id=company.pk, email=colleague.email, role="member")
    with pytest.raises(Forbidden):
        people.invite_person(actor, investor_id=company.pk, email="third@example.org", role="member")
    owner = InvestorMember.objects.get(user=person.user_id)
    with pytest.raises(errors.LastOwner):
        people.remove_person(person, member_id=owner.pk)
    people.remove_person(person, member_id=member.pk)
    with pytest.raises(NotFound):
        company_file(actor, company.pk)
