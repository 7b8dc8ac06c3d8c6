"""Organisations, the demo's one-click sign-in, the admin site, the journal of accounts."""

import pytest
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory

from clinics.selectors.actors import resolve
from clinics.services.clients import create_api_client
from clinics.states import OrganizationStatus
from cluster_portal.accounts.models import ApiClient, User
from cluster_portal.accounts.services.clients import rotate_secret
from cluster_portal.audit.selectors import history
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Forbidden, NotFound
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


class TestResolve:
    def test_roles_of_the_chosen_organisation_in_one_query(self, django_assert_num_queries) -> None:
        make.make_cluster(time_zone="Asia/Aqtobe")
        first, second = make.make_organization(), make.make_organization()
        make.make_clinic(second)
        user = make.make_member("referrer", organization=first)
        make.make_member("coordinator", "manager", organization=second, user=user)
        with django_assert_num_queries(1):
            actor = resolve(user=user)
        assert (actor.organization_id, actor.roles) == (first.pk, frozenset({"referrer"}))
        assert actor.time_zone == "Asia/Aqtobe"
        assert actor.memberships == ((first.pk, first.short_name), (second.pk, second.short_name))
        actor = resolve(user=user, organization_id=str(second.pk))
        assert (actor.organization_id, actor.roles) == (second.pk, frozenset({"coordinator", "manager"}))
        assert actor.time_zone == make.ZONE

    def test_foreign_organisation_is_ignored(self) -> None:
        user = make.make_member()
        stranger = make.make_organization()
        assert resolve(user=user, organization_id=stranger.pk).organization_id != stranger.pk

    def test_what_ended_does_not_count(self) -> None:
        organization = make.make_organization()
        user = make.make_member("manager", organization=organization)
        user.memberships.update(is_active=False)
        assert resolve(user=user).roles == frozenset()
        user.memberships.update(is_active=True)
        organization.status = OrganizationStatus.LEFT
        organization.save()
        assert resolve(user=user).organization_id is None

    def test_inactive_person_is_nobody(self) -> None:
        user = make.make_member()
        user.is_active = False
        assert not resolve(user=user).is_authenticated

    def test_main_site_gives_the_zone(self) -> None:
        organization = make.make_organization()
        make.make_clinic(organization, time_zone="Europe/Moscow", level=1)
        make.make_clinic(organization, time_zone="Asia/Aqtobe", level=3)
        make.make_clinic(organization, time_zone="UTC", level=3, status="planned")
        assert resolve(user=make.make_member(organization=organization)).time_zone == "Asia/Aqtobe"


class TestSwitch:
    URL = "/accounts/organization/"

    def test_switch_and_stay(self) -> None:
        user = make.make_member()
        other = make.make_organization()
        make.make_member("manager", organization=other, user=user)
        client = Client()
        client.force_login(user)
        response = client.post(self.URL, {"organization": str(other.pk), "next": "/clinics/"})
        assert (response.status_code, response["Location"]) == (302, "/clinics/")
        assert client.get("/api/v1/me/").json()["organization"]["id"] == str(other.pk)

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
    def test_never_leads_outside(self, target: str, settings) -> None:
        settings.LOGIN_REDIRECT_URL = "/desk/"
        user = make.make_member()
        client = Client()
        client.force_login(user)
        organization = user.memberships.get().organization_id
        assert (
            client.post(self.URL, {"organization": str(organization), "next": target})["Location"] == "/desk/"
        )

    @pytest.mark.parametrize("organization", ["stranger", "", "x"])
    def test_only_one_s_own(self, organization: str) -> None:
        user = make.make_member()
        client = Client()
        client.force_login(user)
        if organization == "stranger":
            organization = str(make.make_organization().pk)
        assert client.post(self.URL, {"organization": organization}).status_code == 404

    def test_only_by_post_and_signed_in(self) -> None:
        assert Client().get(self.URL).status_code == 405
        assert Client().post(self.URL).status_code == 401


class TestDemo:
    URL = "/accounts/demo/"

    def test_one_click(self) -> None:
        user = make.make_member()
        User.objects.filter(pk=user.pk).update(is_demo=True)
        client = Client()
        response = client.post(self.URL, {"user": user.email, "next": "/clinics/"})
        assert response["Location"] == "/clinics/"
        assert client.get("/api/v1/me/").json()["id"] == str(user.pk)

    def test_never_a_real_person_or_an_administrator(self) -> None:
        real = make.make_member()
        admin = make.make_user(is_demo=True, is_staff=True)
        for email in (real.email, admin.email, "nobody@example.org", ""):
            client = Client()
            assert client.post(self.URL, {"user": email}).status_code == 404
            assert client.get("/api/v1/me/").status_code == 401

    def test_outside_of_the_demo_its_people_do_not_exist(self, settings) -> None:
        user = make.make_user(is_demo=True)
        client = Client()
        client.force_login(user)
        request = RequestFactory().post("/")
        assert authenticate(request, email=user.email, password=make.PASSWORD) == user
        settings.DEMO = False
        assert authenticate(request, email=user.email, password=make.PASSWORD) is None
        assert client.get("/api/v1/me/").status_code == 401
        assert Client().post(self.URL, {"user": user.email}).status_code == 404


class TestSignup:
    def test_staff_come_by_invitation(self) -> None:
        form = {"email": "new@example.org", "password1": make.PASSWORD, "password2": make.PASSWORD}
        Client().post("/accounts/signup/", form)
        assert not User.objects.filter(email="new@example.org").exists()


class TestAdmin:
    def test_behind_the_portal_s_own_sign_in(self) -> None:
        response = Client().get("/admin/")
        assert response.status_code == 302
        response = Client().get("/admin/login/")
        assert response.status_code == 302 and response["Location"].startswith("/accounts/login/")

    def test_not_for_staff_of_clinics(self) -> None:
        client = Client()
        client.force_login(make.make_member("manager"))
        assert client.get("/admin/accounts/user/").status_code in {302, 403}

    @pytest.fixture
    def admin(self) -> Client:
        client = Client()
        client.force_login(make.make_user(is_staff=True, is_superuser=True))
        return client

    @pytest.mark.parametrize(
        "path",
        ["", "accounts/user/", "accounts/user/add/", "accounts/apiclient/", "audit/entry/", "audit/access/"],
    )
    def test_pages(self, admin: Client, path: str) -> None:
        assert admin.get(f"/admin/{path}").status_code == 200

    def test_tokens_and_groups_are_not_there(self, admin: Client) -> None:
        for path in ("oauth2_provider/accesstoken/", "auth/group/", "accounts/apiclient/add/"):
            assert admin.get(f"/admin/{path}").status_code in {403, 404}

    def test_change_is_journalled_with_its_author(self, admin: Client) -> None:
        user = make.make_user()
        form = {"email": user.email, "name": "Новое имя", "position": "", "language": "", "is_active": "on"}
        response = admin.post(f"/admin/accounts/user/{user.pk}/change/", form)
        assert response.status_code == 302, response.content.decode()[-2000:]
        entry = history(user).last()
        assert entry.after == {"name": "Новое имя"}
        assert (entry.action, entry.actor_kind) == ("admin", "user") and entry.user_id

    def test_new_person(self, admin: Client) -> None:
        form = {"email": "New@Example.org", "name": "Новая", "password1": make.PASSWORD,
                "password2": make.PASSWORD, "usable_password": "true"}  # fmt: skip
        assert admin.post("/admin/accounts/user/add/", form).status_code == 302
        assert User.objects.get(email="new@example.org").check_password(make.PASSWORD)


class TestJournal:
    def test_secrets_stay_out(self) -> None:
        organization = make.make_organization()
        client, _secret = create_api_client(
            SYSTEM, organization_id=organization.pk, scopes=frozenset({"slots:read"})
        )
        rotate_secret(SYSTEM, client_id=client.pk)
        user = make.make_user()
        user.set_password("another long password")
        user.save()
        for row in (client, user):
            for entry in history(row):
                columns = {*(entry.before or {}), *(entry.after or {})}
                assert columns.isdisjoint({"password", "client_secret", "previous_secret", "last_login"})
        assert history(client).last().action == "rotate_secret"

    def test_client_belongs_to_whom_may_manage_it(self) -> None:
        organization = make.make_organization()
        manager = make.make_actor("manager", organization=organization)
        client, _secret = create_api_client(manager, organization_id=organization.pk, scopes=frozenset())
        assert client.memberships.get().organization == organization
        with pytest.raises(Forbidden):
            create_api_client(make.make_actor("manager"), organization_id=organization.pk, scopes=frozenset())
        with pytest.raises(NotFound):
            rotate_secret(SYSTEM, client_id=organization.pk)
        assert ApiClient.objects.count() == 1
