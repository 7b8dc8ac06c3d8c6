"""ETag, If-Match and If-None-Match of single resources; pages of lists; limits."""

import re

import pytest

from clinics.models import Organization
from cluster_portal.api import throttling
from cluster_portal.common import redis
from tests.api.support import Caller, assert_problem
from tests.factories.clinics import make_organization

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls")]


@pytest.fixture
def caller() -> Caller:
    return Caller()


def url(organization: Organization) -> str:
    return f"/api/v1/toys/{organization.pk}/"


class TestVersions:
    def test_reading_again_costs_nothing(self, caller: Caller) -> None:
        first = caller.get(url(caller.organization))
        assert re.fullmatch(r'"[0-9a-f]+-[0-9a-f]{12}"', first["ETag"])
        again = caller.get(url(caller.organization), headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        other = caller.get(
            url(caller.organization), headers={"If-None-Match": first["ETag"], "Accept-Language": "ru"}
        )
        assert other.status_code == 200

    def test_change_needs_the_version(self, caller: Caller) -> None:
        assert_problem(caller.patch(url(caller.organization), {"phone": "1"}), 428, "version_required")

    def test_change_with_the_version(self, caller: Caller) -> None:
        tag = caller.get(url(caller.organization), headers={"Accept-Language": "ru"})["ETag"]
        changed = caller.patch(url(caller.organization), {"phone": "1"}, headers={"If-Match": tag})
        assert changed.status_code == 200 and changed["ETag"] != tag
        stale = caller.patch(url(caller.organization), {"phone": "2"}, headers={"If-Match": tag})
        assert_problem(stale, 412, "stale_version")
        assert (
            caller.patch(url(caller.organization), {"phone": "2"}, headers={"If-Match": "*"}).status_code
            == 200
        )

    def test_any_of_several_versions(self, caller: Caller) -> None:
        tag = caller.get(url(caller.organization))["ETag"]
        headers = {"If-Match": f'"abc", {tag}'}
        assert caller.patch(url(caller.organization), {"phone": "1"}, headers=headers).status_code == 200

    def test_made_resource_says_where_it_is(self, caller: Caller) -> None:
        made = caller.post("/api/v1/toys/", {"phone": "5"})
        assert made.status_code == 201
        assert made["Location"].endswith(f"/api/v1/toys/{made.json()['id']}/")
        assert made["ETag"] == caller.get(made["Location"])["ETag"]

    def test_available_actions_are_shown(self, caller: Caller) -> None:
        assert caller.get(url(caller.organization)).json()["available_actions"] == ["call"]


class TestActions:
    def test_action_needs_the_version_where_the_resource_does(self, caller: Caller) -> None:
        answer = caller.post(url(caller.organization) + "call-up/", {"phone": "7"})
        assert_problem(answer, 428, "version_required")

    def test_action_answers_the_resource_and_checks_the_version(self, caller: Caller) -> None:
        tag = caller.get(url(caller.organization))["ETag"]
        path = url(caller.organization) + "call-up/"
        assert caller.post(path, {"phone": "7"}, headers={"If-Match": tag}).json()["phone"] == "7"
        assert_problem(caller.post(path, {"phone": "8"}, headers={"If-Match": tag}), 412, "stale_version")

    def test_input_is_checked(self, caller: Caller) -> None:
        path = url(caller.organization) + "call-up/"
        problem = assert_problem(caller.post(path, {"phone": "", "x": 1}), 400, "invalid")
        assert [error["field"] for error in problem["errors"]] == ["phone", "x"]
        assert_problem(caller.post(path, {}), 400, "invalid")


class TestPages:
    def names(self, caller: Caller, path: str) -> tuple[list[str], dict]:
        page = caller.get(path).json()
        return [row["id"] for row in page["results"]], page

    def test_walk_there_and_back_under_writes(self, caller: Caller) -> None:
        for _ in range(24):
            make_organization()
        everything = [str(key) for key in Organization.objects.order_by("id").values_list("id", flat=True)]
        seen, path = [], "/api/v1/toys/?limit=10"
        pages = []
        while path:
            ids, page = self.names(caller, path)
            seen += ids
            pages.append(page)
            path = page["next"]
            make_organization()
        assert seen[: len(everything)] == everything and len(set(seen)) == len(seen)
        assert pages[0]["previous"] is None
        back, _page = self.names(caller, pages[2]["previous"])
        assert back == [row["id"] for row in pages[1]["results"]]

    def test_no_count_unless_asked(self, caller: Caller) -> None:
        assert "count" not in caller.get("/api/v1/toys/").json()
        assert caller.get("/api/v1/toys/?count=true").json()["count"] == 1

    @pytest.mark.parametrize("limit", ["0", "501", "-1", "x", "1e3", "", "١"])
    def test_limit_out_of_range(self, caller: Caller, limit: str) -> None:
        problem = assert_problem(caller.get(f"/api/v1/toys/?limit={limit}"), 400, "invalid")
        assert problem["errors"][0]["field"] == "limit"

    def test_forged_cursor(self, caller: Caller) -> None:
        assert_problem(caller.get("/api/v1/toys/?cursor=abc"), 400, "invalid")

    @pytest.mark.parametrize("flag", ["maybe", "", " "])
    def test_flag_that_is_neither(self, caller: Caller, flag: str) -> None:
        assert_problem(caller.get(f"/api/v1/toys/?count={flag}"), 400, "invalid")

    def test_misspelt_filter(self, caller: Caller) -> None:
        assert_problem(caller.get("/api/v1/toys/?limt=3"), 400, "invalid")


class TestLimits:
    @pytest.fixture(autouse=True)
    def still_clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(throttling.time, "time", lambda: 1_800_000_030.0)

    def test_beyond_the_limit(self, caller: Caller, settings) -> None:
        settings.API_REQUESTS_PER_MINUTE = 2
        first, second, third = (caller.get("/api/v1/me/") for _ in range(3))
        assert first["RateLimit-Remaining"] == "1"
        assert second["RateLimit"] == '"minute";r=0;t=30'
        assert second["RateLimit-Policy"] == '"minute";q=2;w=60'
        assert_problem(third, 429, "too_many_requests")
        assert third["Retry-After"] == third["RateLimit-Reset"] == "30"
        assert Caller().get("/api/v1/me/").status_code == 200

    def test_redis_away_limits_nobody(
        self, caller: Caller, settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.API_REQUESTS_PER_MINUTE = 1
        monkeypatch.setattr(redis, "client", lambda: redis.redis.Redis(port=1, socket_connect_timeout=0.1))
        answers = [caller.get("/api/v1/me/") for _ in range(3)]
        redis.forget_failure()
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert "RateLimit" not in answers[0]
