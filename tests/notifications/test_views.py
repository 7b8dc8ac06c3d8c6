"""The page of notices."""

import pytest
from django.urls import reverse

from cluster_portal.common.actor import SYSTEM
from cluster_portal.notifications.models import Notice, Preference
from cluster_portal.notifications.services import notify
from tests.factories.clinics import make_member, make_organization, make_user

pytestmark = pytest.mark.django_db

PARAMS = {"by": {"ru": "ОКБ", "en": "Regional hospital"}, "number": "SKH-26-0000001-X"}


def say(user, n=1, **fields):
    for index in range(n):
        notify(
            SYSTEM, users=[user.pk], kind="patients.accept", params=PARAMS, url="/notices/?show=unread",
            key=f"cause:{index}:{fields}", **fields,
        )  # fmt: skip


@pytest.fixture
def user(client):
    user = make_member()
    client.force_login(user)
    return user


def test_visitor_is_led_to_sign_in(client):
    response = client.get(reverse("notifications:list"))
    assert response.status_code == 302
    assert "login" in response["Location"]


def test_empty_list_says_what_it_is_for(client, user):
    client.cookies["language"] = "en"
    response = client.get(reverse("notifications:list"))
    assert response.status_code == 200
    assert "No notices yet" in response.content.decode()


def test_list_shows_own_notices_only(client, user):
    say(user)
    say(make_user(), organization_id=None)
    page = client.get(reverse("notifications:list")).content.decode()
    assert page.count('class="notice is-unread"') == 1
    assert "SKH-26-0000001-X" in page


def test_opening_reads_and_leads_on(client, user):
    say(user)
    notice = Notice.objects.get()
    response = client.get(reverse("notifications:open", args=[notice.pk]))
    assert response.status_code == 302
    assert response["Location"] == "/notices/?show=unread"
    notice.refresh_from_db()
    assert notice.read_at


def test_opening_switches_to_the_organisation_concerned(client, user):
    other, foreign = make_organization(), make_organization()
    make_member(organization=other, user=user)
    say(user, organization_id=other.pk)
    client.get(reverse("notifications:open", args=[Notice.objects.get().pk]))
    assert client.session["organization"] == str(other.pk)
    say(user, organization_id=foreign.pk)
    client.get(reverse("notifications:open", args=[Notice.objects.get(organization_id=foreign.pk).pk]))
    assert client.session["organization"] == str(other.pk)


def test_notice_leads_nowhere_outside(client, user):
    say(user)
    Notice.objects.update(url="https://evil.example/")
    response = client.get(reverse("notifications:open", args=[Notice.objects.get().pk]))
    assert response["Location"] == "/"


def test_strangers_notice_is_not_there(client, user):
    say(make_user())
    notice = Notice.objects.get()
    response = client.get(reverse("notifications:open", args=[notice.pk]))
    assert response.status_code == 404
    assert "SKH-26-0000001-X" not in response.content.decode()
    notice.refresh_from_db()
    assert notice.read_at is None


def test_mark_all_read_and_switch_letters(client, user):
    say(user, 3)
    assert client.post(reverse("notifications:read_all")).status_code == 303
    assert not Notice.objects.filter(read_at__isnull=True).exists()
    client.post(reverse("notifications:email"), {"on": "0"})
    assert Preference.objects.get(pk=user.pk).by_email is False
    client.post(reverse("notifications:email"), {"on": "1"})
    assert Preference.objects.get(pk=user.pk).by_email is True


def test_reading_by_get_is_refused(client, user):
    assert client.get(reverse("notifications:read_all")).status_code == 405
    assert client.get(reverse("notifications:email")).status_code == 405


def test_query_count_does_not_grow(client, user, django_assert_max_num_queries):
    counts = []
    for n in (1, 30):
        say(user, n)
        client.get(reverse("notifications:list"))
        with django_assert_max_num_queries(8) as captured:
            assert client.get(reverse("notifications:list")).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_programs_read_and_mark_their_own_alone(client, user):
    say(make_member(), 1)
    say(user, 30)
    place = "/api/v1/notices/"
    rows = client.get(f"{place}?unread=true", headers={"Accept-Language": "en"}).json()["results"]
    assert len(rows) == 30
    assert rows[0]["text"] == "Regional hospital accepted referral SKH-26-0000001-X"
    assert (rows[0]["url"], rows[0]["read_at"]) == ("/notices/?show=unread", None)
    read = client.post(f"{place}{rows[0]['id']}/read/", {}, content_type="application/json")
    assert read.status_code == 200 and read.json()["read_at"]
    assert len(client.get(f"{place}?unread=true").json()["results"]) == 29
    assert [row["id"] for row in client.get(f"{place}?unread=false").json()["results"]] == [rows[0]["id"]]
    assert client.post(f"{place}read/", {}, content_type="application/json").json() == {"read": 29}
    assert Notice.objects.exclude(user=user).get().read_at is None
    theirs = Notice.objects.exclude(user=user).get()
    assert client.get(f"{place}{theirs.pk}/").status_code == 404
