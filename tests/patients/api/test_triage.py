"""Judging and deciding on several referrals by programs."""

import uuid

import pytest

from patients.models import Referral
from tests.api.support import Caller
from tests.factories import patients

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return patients.make_pair(triage=True)


@pytest.fixture
def caller(pair):
    return Caller(pair.target.organization)


def test_several_are_accepted_and_each_answers_for_itself(caller, pair):
    mine, decided = pair.referral("submitted"), pair.referral("returned")
    gone = uuid.uuid4()
    data = {"act": "accept", "referrals": [str(decided.pk), str(gone), str(mine.pk), str(mine.pk)]}
    answer = caller.post("/api/v1/referrals/bulk/", data)
    assert answer.status_code == 200
    outcomes = {row["referral"]: row for row in answer.json()}
    assert list(outcomes) == [str(decided.pk), str(gone), str(mine.pk)]
    assert outcomes[str(mine.pk)] == {"referral": str(mine.pk), "done": True, "problem": None}
    assert outcomes[str(decided.pk)]["problem"]["code"] == "illegal_transition"
    assert outcomes[str(gone)]["problem"]["status"] == 404
    assert dict(Referral.objects.values_list("pk", "state")) == {mine.pk: "accepted", decided.pk: "returned"}


def test_the_priority_is_judged_anew_and_the_deadline_follows(caller, pair):
    referral = pair.referral("submitted", suspicion="oncology")
    address = f"/api/v1/referrals/{referral.pk}/"
    assert "change_priority" in caller.get(address).json()["available_actions"]
    answer = caller.post(f"{address}change_priority/", {"priority": "urgent"})
    assert [error["field"] for error in answer.json()["errors"]] == ["comment"]
    answer = caller.post(f"{address}change_priority/", {"priority": "urgent", "comment": "Хуже"}).json()
    assert (answer["priority"], answer["suspicion"]) == ("urgent", "oncology")
    assert answer["due_on"] < referral.due_on.isoformat()
    answer = caller.post(f"{address}accept/", {"suspicion": "", "comment": "Не подтвердилось"}).json()
    assert (answer["state"], answer["suspicion"]) == ("accepted", "")
    assert caller.get(f"{address}history/").json()[-1]["action"] == "accept"


def test_without_a_norm_due_on_is_null(caller, pair):
    referral = pair.referral("submitted", due_on=None)
    assert caller.get(f"/api/v1/referrals/{referral.pk}/").json()["due_on"] is None
