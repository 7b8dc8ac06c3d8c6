"""Tenders: drafted, published, changed, ended; and what the clock does to them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from cluster_portal.audit.models import Entry
from cluster_portal.common.actor import ANONYMOUS, SYSTEM
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from investors.errors import TenderIncomplete, TenderPublished, TermsFixed, TimetableOutOfOrder
from investors.models import Tender
from investors.policies import tender_policy
from investors.services import clock
from investors.services import tenders as services
from investors.states import TENDER, TenderState
from tests.factories import clinics as make
from tests.factories import investors as rows

pytestmark = pytest.mark.django_db

REASON = {"reason_ru": "Уточнена площадь", "reason_en": "The area is stated anew"}
#: The table, written a second time: what each state lets whom do, and where that leads.
ORACLE = {
    "draft": {"publish": ("published", "land_office"), "cancel": ("cancelled", "land_office")},
    "published": {
        "take_questions": ("questions", "portal"), "change_terms": ("published", "land_office"),
        "cancel": ("cancelled", "land_office"),
    },
    "questions": {
        "take_bids": ("bidding", "portal"), "change_terms": ("questions", "land_office"),
        "cancel": ("cancelled", "land_office"),
    },
    "bidding": {
        "close_bidding": ("opening", "portal"), "change_terms": ("bidding", "land_office"),
        "cancel": ("cancelled", "land_office"),
    },
    "opening": {
        "evaluate": ("evaluation", "officials"), "fail": ("unsuccessful", "land_office"),
        "cancel": ("cancelled", "land_office"),
    },
    "evaluation": {
        "award": ("awarded", "land_office"), "fail": ("unsuccessful", "land_office"),
        "cancel": ("cancelled", "land_office"),
    },
    "awarded": {
        "award": ("awarded", "land_office"), "complete": ("complete", "land_office"),
        "fail": ("unsuccessful", "land_office"), "cancel": ("cancelled", "land_office"),
    },
    "complete": {}, "unsuccessful": {}, "cancelled": {},
}  # fmt: skip


def data(plots, **changes):
    begin = (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    return {
        "title_ru": "Конкурс", "title_en": "Tender", "terms_ru": "Условия", "terms_en": "Terms", "guarantee": 5_000_000,
        "questions_from": begin, "questions_until": begin + timedelta(days=10),
        "bids_until": begin + timedelta(days=40), "opening_at": begin + timedelta(days=40),
        "evaluation_until": begin + timedelta(days=60), "plots": plots,
        "criteria": [
            {"name_ru": "Цена", "name_en": "Price", "weight": 60}, {"name_ru": "Инвестиции", "weight": 40},
        ],
    } | changes  # fmt: skip


def published(land):
    tender = rows.make_tender()
    rows.appoint(tender)
    return services.publish_tender(land, tender_id=tender.pk)


def test_the_table_is_what_was_agreed():
    found = {state: {} for state in TenderState.values}
    for line in TENDER.transitions:
        for state in line.sources:
            found[state][line.action] = (line.target, *line.sides)
    assert found == ORACLE


def test_a_tender_is_drafted_published_and_cancelled_with_its_plots(site, land):
    first, second = rows.make_plot(site), rows.make_plot(site, at=(2, 0))
    tender = services.add_tender(land, data=data([first]))
    services.update_tender(land, tender_id=tender.pk, data={"plots": [first, second]})
    rows.appoint(tender)
    assert not tender_policy.queryset(ANONYMOUS).exists()
    tender = services.publish_tender(land, tender_id=tender.pk)
    assert (tender.state, tender.version) == ("published", 1)
    assert tender_policy.queryset(ANONYMOUS).get() == tender
    assert set(tender.plots.values_list("state", flat=True)) == {"in_tender"}
    said = tender.versions.get().said
    assert said["plots"] == sorted([first.number, second.number]) and said["criteria"][0]["weight"] == 60
    with pytest.raises(TenderPublished):
        services.update_tender(land, tender_id=tender.pk, data={"guarantee": 1})
    with pytest.raises(Exception, match="kept"), transaction.atomic():
        tender.versions.update(number=7)
    with pytest.raises(Invalid):
        services.cancel_tender(land, tender_id=tender.pk, reason=" ")
    services.cancel_tender(land, tender_id=tender.pk, reason="Участок изъят")
    assert set(tender.plots.values_list("state", flat=True)) == {"published"}
    entries = Entry.objects.filter(table_name="investors_tender", row_id=str(tender.pk))
    assert entries.filter(action="cancel_tender", user_id=land.user_id).exists()


def test_what_is_lacking_is_told_at_its_field(site, land):
    plot = rows.make_plot(site, state="reserved")
    for changes, error, fields in (
        ({"questions_until": timezone.now()}, Invalid, {"questions_until"}),
        ({"criteria": [{"name_ru": "Цена", "weight": 60}]}, Invalid, {"criteria"}),
        ({"colour": 1}, Invalid, {"colour"}),
    ):
        with pytest.raises(error) as refused:
            services.add_tender(land, data=data([plot], **changes))
        assert set(refused.value.errors) == fields
    for changes, error, fields in (
        ({"title_en": "", "criteria": []}, TenderIncomplete, {"title_en", "criteria", "plots"}),
        ({"plots": []}, TenderIncomplete, {"plots"}),
        (
            {
                "plots": [rows.make_plot(site, at=(3, 0))], "standstill_days": 2,
                "questions_until": timezone.now() + timedelta(days=2), "bids_until": timezone.now() + timedelta(days=9),
            },
            TimetableOutOfOrder,
            {"questions_until", "bids_until", "standstill_days"},
        ),
    ):  # fmt: skip
        tender = services.add_tender(land, data=data([plot]) | changes)
        rows.appoint(tender)
        with pytest.raises(error) as refused:
            services.publish_tender(land, tender_id=tender.pk)
        assert set(refused.value.errors) == fields
    office = make.make_actor("office")
    with pytest.raises(Forbidden):
        services.add_tender(office, data=data([plot]))
    with pytest.raises(NotFound):
        services.publish_tender(make.make_actor("manager"), tender_id=tender.pk)


def test_the_clock_leads_through_the_states_and_a_late_task_changes_nothing(site, land):
    tender = published(land)
    for moment, state in (
        (tender.questions_from - timedelta(seconds=1), "published"), (tender.questions_from, "questions"),
        (tender.questions_until, "bidding"), (tender.bids_until - timedelta(microseconds=1), "bidding"),
        (tender.bids_until, "opening"), (tender.evaluation_until + timedelta(days=9), "opening"),
    ):  # fmt: skip
        assert tender.phase(moment) == state
    with time_machine.travel(tender.bids_until, tick=False):
        # The row still says "published": no round has come by.
        with pytest.raises(TermsFixed):
            services.change_terms(land, tender_id=tender.pk, data={}, **REASON)
        tender.refresh_from_db()
        assert tender.state == "published"
        assert clock.follow_clock(SYSTEM) == 1 and clock.follow_clock(SYSTEM) == 0
    tender.refresh_from_db()
    assert tender.state == "opening"
    with pytest.raises(IllegalTransition):
        services.complete_tender(land, tender_id=tender.pk)
    services.fail_tender(land, tender_id=tender.pk, reason="Заявок нет")
    assert set(tender.plots.values_list("state", flat=True)) == {"published"}
    with pytest.raises(Exception, match="state"), transaction.atomic():
        Tender.objects.filter(pk=tender.pk).update(state="bidding")


def test_new_terms_are_a_new_version_and_leave_time(site, land, settings):
    tender = published(land)
    near = tender.bids_until - timedelta(days=2)
    with time_machine.travel(near, tick=False):
        change = {"tender_id": tender.pk, **REASON}
        for changes, fields in (
            ({"guarantee": 7_000_000}, {"bids_until"}),
            ({"questions_until": near + timedelta(days=1)}, {"questions_until"}),
        ):
            with pytest.raises(TimetableOutOfOrder) as refused, transaction.atomic():
                services.change_terms(land, data=changes, **change)
            assert set(refused.value.errors) == fields
        with pytest.raises(Invalid), transaction.atomic():
            services.change_terms(land, data={"plots": []}, **change)
        with pytest.raises(Invalid), transaction.atomic():
            services.change_terms(land, data={}, **change | {"reason_en": " "})
        later = near + timedelta(days=settings.TENDER_EXTENSION_DAYS)
        dates = {"bids_until": later, "opening_at": later, "evaluation_until": later + timedelta(days=20)}
        services.change_terms(land, data={"guarantee": 7_000_000, **dates}, **change)
    tender.refresh_from_db()
    assert (tender.state, tender.version, tender.bids_until) == ("bidding", 2, later)
    assert [one.said["guarantee"] for one in tender.versions.all()] == ["7000000.00", "5000000.00"]
