"""The list to decide on: one click an item, the next one follows."""

import json

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.accounts.roles import Role
from patients.models import Referral
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db


def test_the_list_with_the_first_one_open_beside_it(pair, coordinator):
    late = pair.referral(
        "submitted", due_on=at(-1).date(), priority="urgent", reason="Боли при ходьбе до 100 метров."
    )
    calm = pair.referral("submitted", due_on=at(9).date())
    answer = coordinator.get("/referrals/in/triage/")
    assert [row.id for row in answer.context["page"]] == [late.pk, calm.pk]
    page = answer.content.decode()
    assert "Боли при ходьбе" in page and "просрочено" in page
    item = coordinator.get(f"/referrals/in/triage/{calm.pk}/").content.decode()
    assert f"/referrals/in/triage/{late.pk}/" in item and "2 из 2" in item


def test_accepting_goes_on_to_the_next(pair, coordinator):
    first, second = (pair.referral("submitted", due_on=at(n).date()) for n in (1, 2))
    answer = coordinator.post(f"/referrals/{first.pk}/accept/", {"next": "triage"})
    assert answer.url == f"/referrals/in/triage/{second.pk}/"
    answer = coordinator.post(
        f"/referrals/{second.pk}/reject/", {"next": "triage", "reason": "not_indicated"}
    )
    assert answer.url == "/referrals/in/triage/"
    assert "Всё разобрано" in coordinator.get(answer.url).content.decode()
    assert set(Referral.objects.values_list("state", flat=True)) == {"accepted", "rejected"}


def test_one_decided_meanwhile_leads_to_its_page(pair, coordinator):
    referral = pair.referral("accepted")
    assert coordinator.get(f"/referrals/in/triage/{referral.pk}/").url == f"/referrals/{referral.pk}/"


def test_what_is_missing_is_named(pair, coordinator):
    pair.patient.consents.all().delete()
    referral = pair.referral("submitted", reason="коротко", question="")
    page = coordinator.get(f"/referrals/in/triage/{referral.pk}/").content.decode()
    assert "не хватает 3" in page and "очень короткое" in page and "не внесено" in page


def test_a_registrar_reads_but_does_not_decide(pair, sign_in):
    referral = pair.referral("submitted")
    registrar = sign_in(clinics.make_actor(Role.REFERRER, organization=pair.target.organization))
    page = registrar.get(f"/referrals/in/triage/{referral.pk}/").content.decode()
    assert referral.number in page and "/accept/" not in page
    assert registrar.post(f"/referrals/{referral.pk}/accept/").status_code == 403


def test_strangers(pair, sign_in):
    referral = pair.referral("submitted")
    stranger = sign_in(clinics.make_actor(Role.COORDINATOR))
    assert stranger.get(f"/referrals/in/triage/{referral.pk}/").status_code == 404
    assert referral.number not in stranger.get("/referrals/in/triage/").content.decode()


def test_thirty_cost_what_one_does(pair, coordinator):
    referral = pair.referral("submitted")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert coordinator.get(f"/referrals/in/triage/{referral.pk}/").status_code == 200
        return len(queries)

    cost()
    one = cost()
    for _ in range(30):
        pair.referral("submitted")
    assert cost() == one


def ask(client, path, data=None, **headers):
    """As htmx asks; `beside`: the list stands beside the pane."""
    headers = {"HX-Request": "true", **headers}
    return client.get(path, headers=headers) if data is None else client.post(path, data, headers=headers)


BESIDE = {"X-Triage": "list"}


def test_the_pane_alone_is_what_the_script_asks_for(pair, coordinator):
    referral = pair.referral("submitted")
    page = ask(coordinator, f"/referrals/in/triage/{referral.pk}/").content.decode()
    assert referral.number in page and "<html" not in page and "<h1" not in page
    Referral.objects.filter(pk=referral.pk).update(state="accepted")
    page = ask(coordinator, f"/referrals/in/triage/{referral.pk}/").content.decode()
    assert "Ждёт записи" in page and "/accept/" not in page and "/change_priority/" not in page


def test_a_decision_answers_with_the_next_pane_and_the_number_left(pair, coordinator):
    first, second, third = (pair.referral("submitted", due_on=at(n).date()) for n in (1, 2, 3))
    answer = ask(coordinator, f"/referrals/{first.pk}/accept/", {"next": "triage"}, **BESIDE)
    page = answer.content.decode()
    assert second.number in page and first.number not in page and third.number not in page
    assert json.loads(answer["HX-Trigger-After-Settle"])["triage:done"] == {
        "id": str(first.pk), "next": str(second.pk), "stays": False, "text": "Направление принято.",
        "tone": "success", "waiting": "2",
    }  # fmt: skip
    # On a telephone the next one is a page.
    answer = ask(coordinator, f"/referrals/{second.pk}/accept/", {"next": "triage"})
    assert answer["HX-Redirect"] == f"/referrals/in/triage/{third.pk}/"
    # The last one leads to the empty list.
    answer = ask(coordinator, f"/referrals/{third.pk}/accept/", {"next": "triage"}, **BESIDE)
    assert answer["HX-Redirect"] == "/referrals/in/triage/"


def test_the_followers_are_those_of_the_filtered_list(pair, coordinator):
    first, _other, last = (
        pair.referral("submitted", due_on=at(n).date(), priority=priority)
        for n, priority in ((1, "urgent"), (2, "planned"), (3, "urgent"))
    )
    data = {"next": "triage", "list": "priority=urgent"}
    answer = coordinator.post(f"/referrals/{first.pk}/accept/", data)
    assert answer.url == f"/referrals/in/triage/{last.pk}/?priority=urgent"
    page = coordinator.get(answer.url)
    assert page.context["place"].total == 1 and len(page.context["page"].items) == 1


def test_a_changed_priority_keeps_the_line(pair, coordinator):
    referral = pair.referral("submitted")
    data = {"next": "triage", "priority": "urgent", "suspicion": "", "comment": "Хуже"}
    answer = ask(coordinator, f"/referrals/{referral.pk}/change_priority/", data, **BESIDE)
    told = json.loads(answer["HX-Trigger-After-Settle"])["triage:done"]
    assert told["stays"] and told["next"] == str(referral.pk)
    assert f'id="triage-{referral.pk}"' in answer.content.decode()


def test_what_a_colleague_decided_goes_with_a_word(pair, coordinator):
    first, second = (pair.referral("submitted", due_on=at(n).date()) for n in (1, 2))
    Referral.objects.filter(pk=first.pk).update(state="accepted")
    answer = ask(coordinator, f"/referrals/{first.pk}/accept/", {"next": "triage"}, **BESIDE)
    told = json.loads(answer["HX-Trigger-After-Settle"])["triage:done"]
    assert (told["tone"], told["next"]) == ("info", str(second.pk)) and "Ничего не изменилось" in told["text"]


def test_the_number_of_a_long_list_is_its_own(pair, coordinator, monkeypatch):
    monkeypatch.setattr("patients.selectors.referrals.READ_TO", 2)
    for n in range(1, 4):
        pair.referral("submitted", due_on=at(n).date())
    assert coordinator.get("/referrals/in/triage/").context["place"].total == 3


class TestSeveralAtOnce:
    def accept(self, client, *referrals, back="/referrals/in/triage/"):
        data = {"row": [str(each.pk) for each in referrals], "act": "accept", "side": "in", "queue": "triage"}
        return client.post("/referrals/bulk/", data | {"next": back}, follow=True)

    def test_all_of_them(self, pair, coordinator):
        chosen = [pair.referral("submitted") for _ in range(3)]
        answer = self.accept(coordinator, *chosen, back="/referrals/in/triage/?priority=planned")
        assert answer.redirect_chain[-1][0] == "/referrals/in/triage/?priority=planned"
        assert "Готово: 3 направления" in answer.content.decode()
        assert set(Referral.objects.values_list("state", flat=True)) == {"accepted"}

    def test_those_that_can_not_be_keep_no_other_back(self, pair, coordinator):
        mine, decided = pair.referral("submitted"), pair.referral("returned")
        strangers = patients.make_referral(state="submitted")
        page = self.accept(coordinator, decided, strangers, mine).content.decode()
        assert decided.number in page and strangers.number not in page
        assert dict(Referral.objects.values_list("pk", "state")) == {
            mine.pk: "accepted", decided.pk: "returned", strangers.pk: "submitted",
        }  # fmt: skip

    def test_a_registrar_does_not(self, pair, sign_in):
        referral = pair.referral("submitted")
        registrar = sign_in(clinics.make_actor(Role.REFERRER, organization=pair.target.organization))
        assert 'name="row"' not in registrar.get("/referrals/in/triage/").content.decode()
        self.accept(registrar, referral)
        referral.refresh_from_db()
        assert referral.state == "submitted"


@pytest.mark.parametrize("language", ["ru", "en", "kk"])
def test_without_a_norm_the_words_say_so(pair, coordinator, language):
    words = {"ru": "срок не установлен", "en": "no norm set", "kk": "мерзім белгіленбеген"}[language]
    referral = pair.referral("submitted", due_on=None)
    coordinator.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for path in ("/referrals/in/triage/", f"/referrals/{referral.pk}/", "/referrals/in/all/", "/desk/"):
        assert words in coordinator.get(path).content.decode().lower(), path
