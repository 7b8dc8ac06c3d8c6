"""From opened envelopes to the award, on the pages of the office, the evaluators, the bidders and everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from investors.models import Award, Evaluator, Score
from investors.selectors.evaluation import awaited_of, key_of
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender(site):
    tender = rows.make_tender(
        rows.make_plot(site, state="in_tender"), state="evaluation", version=1,
        at=rows.timezone.now() - timedelta(days=41),
    )  # fmt: skip
    rows.make_version(tender)
    return tender


def test_the_whole_way(client, tender):
    bids = [rows.make_opened_bid(tender, state="submitted") for _ in range(2)]
    office, people = make.make_member("land"), [make.make_user(), make.make_user()]
    page = f"/land/tenders/{tender.pk}/evaluation/"
    client.force_login(office)
    wrong = client.post(f"/land/tenders/bids/{bids[0].pk}/qualify/", {"reason": ""})
    assert wrong.status_code == 422 and "reason" in wrong.context["form"].errors
    for bid in bids:
        assert client.post(f"/land/tenders/bids/{bid.pk}/qualify/", {"reason": "Есть"}).status_code == 303
    unknown = client.post(f"/land/tenders/{tender.pk}/evaluators/new/", {"email": "x@example.org"})
    assert unknown.status_code == 422 and "email" in unknown.context["form"].errors
    for person in people:
        client.post(f"/land/tenders/{tender.pk}/evaluators/new/", {"email": person.email})
    shown = client.get(page)
    assert len(shown.context["people"]) == 2 and not shown.context["may_award"]
    for person, value in zip(people, ("80", "90,5"), strict=True):
        client.force_login(person)
        evaluator = Evaluator.objects.get(user=person)
        sheet = f"/tenders/marks/{evaluator.pk}/"
        assert client.get(f"/tenders/{tender.pk}/").context["tasks"] == [evaluator]
        before = client.get(sheet)
        assert before.context["sheet"].companies and not before.context["bids"]
        assert client.post(f"{sheet}declare/").status_code == 303
        keys = [key_of(*pair) for pair in awaited_of(tender)]
        late = client.post(sheet, {keys[0]: "70", "finish": "1"})
        assert late.status_code == 422 and set(late.context["form"].errors) == set(keys[1:])
        assert b'value="70"' in late.content
        assert client.post(sheet, {keys[0]: "70", f"{keys[0]}:why": "Нет плана"}).status_code == 303
        assert Score.objects.get(evaluator=evaluator).comment == "Нет плана"
        marks = dict.fromkeys(keys, value.replace(",", "."))
        assert client.post(sheet, marks | {"finish": "1"}).status_code == 303
        assert client.get(sheet).status_code == 200
    client.force_login(office)
    assert client.get(page).context["may_award"]
    blank = client.post(f"/land/tenders/{tender.pk}/award/", {"reasons_ru": "Лучшее"})
    assert blank.status_code == 422 and list(blank.context["form"].errors) == ["reasons_en"]
    grounds = {"reasons_ru": "Лучшее предложение", "reasons_en": "The best offer"}
    assert client.post(f"/land/tenders/{tender.pk}/award/", grounds).status_code == 303
    award = Award.objects.get()
    shown = client.get(page)
    assert (
        shown.context["revocable"] and shown.context["stands_still"] and not shown.context["may_award_next"]
    )
    assert "complete" not in dict(client.get(f"/land/tenders/{tender.pk}/").context["acts"])
    client.logout()
    public = client.get(f"/tenders/{tender.pk}/")
    assert (
        award.bid.investor.name_ru in public.content.decode()
        and "Лучшее предложение" in public.content.decode()
    )
    assert client.get(f"/tenders/{tender.pk}/protocol.pdf")["Content-Type"] == "application/pdf"
    client.force_login(award.bid.investor.members.get().user)
    own = client.get(f"/tenders/bids/{award.bid_id}/")
    assert own.context["may_decline"] and own.context["standing"].rank == 1
    assert client.post(f"/tenders/awards/{award.pk}/decline/", {"reason": "Передумали"}).status_code == 303
    assert client.get(f"/tenders/bids/{award.bid_id}/").status_code == 200
    client.force_login(office)
    assert client.get(page).context["may_award_next"]
    assert client.get(f"/land/tenders/{tender.pk}/").status_code == 200


def test_a_page_costs_the_same_for_many_bids(client, tender, django_assert_max_num_queries):
    for _ in range(2):
        rows.make_opened_bid(tender)
        rows.make_evaluator(tender)
    client.force_login(make.make_member("land"))
    with django_assert_max_num_queries(22):
        client.get(f"/land/tenders/{tender.pk}/evaluation/")
    for _ in range(5):
        rows.make_opened_bid(tender)
        rows.make_evaluator(tender)
    with django_assert_max_num_queries(22):
        client.get(f"/land/tenders/{tender.pk}/evaluation/")
