"""The summary of the cluster: the figures of its apps, said once, on two pages."""

from datetime import timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from pypdf import PdfReader

from clinics.selectors.measures import Period
from cluster_portal.accounts.roles import Role
from cluster_portal.pages.selectors.summary import Figure, Kind, shown, summary_of
from cluster_portal.reports.base import About, report_of
from tests.factories.clinics import at, make_actor, make_clinic, make_cluster, make_service, make_slot, today
from tests.factories.investors import (
    make_interest,
    make_investor,
    make_plot,
    make_roadmap_item,
    make_site,
    make_tender,
)
from tests.factories.patients import make_booking, make_patient, make_referral
from tests.pages.support import CANARY, count_by_day

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cluster():
    return make_cluster()


def drawn(actor, language="en", **asked):
    report = report_of("pages.federal")
    with translation.override(language):
        params = report.check(actor, asked or {"period": "last_30"})
        about = About(timezone.now(), ZoneInfo("Asia/Sakhalin"), "Office")
        pages = PdfReader(BytesIO(report.drawn(actor, params, about))).pages
    return [" ".join(page.extract_text().split()) for page in pages]


def figures(period, **options):
    with translation.override("en"):
        return {figure.label: figure for _section, figure in summary_of(period, **options).lines()}


def test_it_says_what_the_rows_say():
    for n in range(6):
        make_referral(
            state="submitted", submitted_at=at(-n, 12), due_on=timezone.localdate() - timedelta(days=1)
        )
    slot = make_slot(make_service(), start=at(-1, 8))
    make_booking(make_referral(state="completed", slot=slot, submitted_at=at(-60, 12)), slot, state="no_show")
    make_clinic(status="under_construction")
    site = make_site(area=100)
    make_plot(site, area=3, direction="clinical")
    make_plot(site, at=(2, 2), area=2, direction="scientific", state="allocated")
    make_tender(state="bidding", published_at=timezone.now())
    make_interest(make_investor(), investment=900_000_000)
    make_roadmap_item(state="done", started_on=today(), finished_on=today())
    make_roadmap_item(begins_on=today() - timedelta(days=60))
    make_roadmap_item(is_public=False)
    count_by_day()
    found = figures(Period.of_last(30))
    assert (found["Items done"].value, found["Items done"].whole) == (1, 3)
    assert (found["Items overdue"].value, found["Items still ahead"].value) == (1, 1)
    assert found["Referrals sent in the period"].value == 6
    assert found["Wait past the norm now"].value == 6
    assert found["Under construction"].value == 1
    # The tender and the interest brought a plot and a site each.
    assert found["Land of the cluster"].value == 300
    assert (found["Plots that can be had"].value, found["Plots that can be had"].whole) == (3, 4)
    assert (found["Tenders on"].value, found["Tenders on"].note) == (1, "1 announced in the period")
    assert (found["Interests in work"].value, found["They plan to invest"].value) == (1, 900_000_000)
    assert (found["Science"].value, found["Science"].whole, found["Science"].note) == (2, 7, "1 plot")
    # Before all that: what is counted over the period is gone, what is counted as of now stays.
    earlier = Period(
        Period.of_last(30).first - timedelta(days=60), Period.of_last(30).first - timedelta(days=20)
    )
    found = figures(earlier)
    assert found["Referrals sent in the period"].value == 1
    assert found["Wait past the norm now"].value == 6
    assert found["Tenders on"].note == "0 announced in the period"


@pytest.mark.parametrize(
    ("language", "title"),
    [("ru", "Сводка по кластеру"), ("en", "Summary of the cluster"), ("kk", "Кластер бойынша жиынтық")],
)
def test_it_is_two_pages_in_each_language(language, title):
    patient = make_patient(family=CANARY)
    for n in range(12):
        make_referral(state="submitted", submitted_at=at(-n, 12), service=make_service(), patient=patient)
    count_by_day()
    first, second = drawn(make_actor("office"), language, period="last_30")
    assert title in first
    assert CANARY not in first + second


def test_an_empty_cluster_has_one_too():
    assert len(drawn(make_actor("office"))) == 2


def test_analysts_learn_no_small_count():
    for _ in range(3):
        make_referral(state="submitted")
    count_by_day()
    analyst = make_actor(Role.ANALYST)
    assert "< 5" in drawn(analyst)[0]
    assert figures(Period.of_last(30), hide=True)["Referrals sent in the period"].value == -1
    report = report_of("pages.federal")
    with translation.override("en"):
        rows = {row[1]: row for row in report.rows(analyst, report.check(analyst, {"period": "this_year"}))}
    sent = rows["Referrals sent in the period"]
    assert (sent[2], sent[5]) == (None, "< 5")


@pytest.mark.parametrize("role", [Role.LAND, Role.MANAGER, Role.COORDINATOR, Role.TRAINING])
def test_it_is_the_offices(role):
    assert not report_of("pages.federal").allows(make_actor(role))


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Kind.NUMBER, None, "—"), (Kind.PEOPLE, -1, "< 5"), (Kind.PEOPLE, 1015, "1 015"), (Kind.PERCENT, 0.5, "50,0 %"),
        (Kind.HECTARES, 2.54, "2,54 га"), (Kind.MONEY, 4_100_000, "4,1 млн ₽"),
    ],
)  # fmt: skip
def test_figures_in_words(kind, value, words):
    with translation.override("ru"):
        assert shown(Figure("", value, kind), value).replace("\u00a0", " ") == words
