"""The programs of organisations: made with a secret that is seen once, given another without a gap, switched off."""

from __future__ import annotations

import re

import pytest

from cluster_portal.accounts.models import ApiClient
from cluster_portal.accounts.roles import Role
from tests.factories.clinics import make_client, make_cluster, make_member, make_organization

pytestmark = pytest.mark.django_db
PAGE = "/programs/"


@pytest.fixture
def office(client):
    make_cluster()
    client.force_login(make_member(Role.OFFICE))
    client.cookies["language"] = "en"
    return client


def secret_in(answer) -> str:
    return re.search(r"<dt>client_secret</dt><dd><code>([^<]+)<", answer.content.decode())[1]


def token(client, program: ApiClient, secret: str) -> int:
    form = {"grant_type": "client_credentials", "client_id": program.client_id, "client_secret": secret}
    return client.post("/oauth/token/", form).status_code


def test_a_program_is_connected_and_its_secret_seen_once(office):
    organization = make_organization()
    form = {"organization": str(organization.pk), "name": "HIS", "scopes": ["slots:read", "referrals:write"]}
    made = office.post(PAGE, form)
    program = ApiClient.objects.get(name="HIS")
    secret = secret_in(made)
    assert made["Cache-Control"] == "no-store"
    assert program.allowed_scopes == ["referrals:write", "slots:read"]
    assert program.memberships.get().organization == organization
    assert secret not in office.get(PAGE).content.decode()
    assert token(office, program, secret) == 200


def test_what_is_missing_is_told_and_the_rest_stays(office):
    refused = office.post(PAGE, {"name": "HIS", "scopes": ["nothing:read"]})
    assert refused.status_code == 422 and 'value="HIS"' in refused.content.decode()
    assert not ApiClient.objects.exists()


def test_another_secret_leaves_no_gap(office):
    program = make_client(make_organization())
    first = secret_in(office.post(f"{PAGE}{program.pk}/secret/"))
    second = secret_in(office.post(f"{PAGE}{program.pk}/secret/"))
    assert first != second
    assert [token(office, program, secret) for secret in (first, second)] == [200, 200]
    assert "two, the old one until" in office.get(PAGE).content.decode()


def test_a_program_that_is_switched_off_is_dead_at_once(office):
    program = make_client(make_organization())
    secret = secret_in(office.post(f"{PAGE}{program.pk}/secret/"))
    office.post(f"{PAGE}{program.pk}/switch/")
    assert token(office, program, secret) == 401
    office.post(f"{PAGE}{program.pk}/switch/", {"active": "1"})
    assert token(office, program, secret) == 200


def test_a_manager_keeps_the_own_ones(client):
    make_cluster()
    own, foreign = make_organization(), make_organization()
    mine, theirs = make_client(own, name="Mine"), make_client(foreign, name="Theirs")
    client.force_login(make_member(Role.MANAGER, organization=own))
    text = client.get(PAGE).content.decode()
    assert "Mine" in text and "Theirs" not in text
    assert client.post(f"{PAGE}{theirs.pk}/secret/").status_code == 404
    assert client.post(f"{PAGE}{mine.pk}/secret/").status_code == 200


def test_the_cost_of_the_list_is_constant(office, django_assert_max_num_queries):
    for number in (1, 29):
        for _n in range(number):
            make_client(make_organization())
        office.get(PAGE)
        with django_assert_max_num_queries(20):
            office.get(PAGE)
