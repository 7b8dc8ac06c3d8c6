"""The outflow: each figure against a count by hand, and the register as a file."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from clinics.selectors.measures import Period
from cluster_portal.common.errors import Forbidden, NotFound
from patients.models import Outflow
from patients.selectors.figures.outflow import totals
from patients.selectors.reasons import every
from tests.factories import clinics, patients
from tests.reports.support import QUARTER, made

pytestmark = pytest.mark.django_db
CODE, LIST = "patients.outflow", "patients.outflow_list"


@pytest.fixture
def quarter(pair):
    """Eight entries of the quarter in three currencies, one before it, one withdrawn."""
    mri = clinics.make_service_type("mri")
    for n, (country, region, reason, cost, currency) in enumerate(
        [
            ("RU", "Новосибирская область", "no_service", "100000.10", "RUB"),
            ("RU", "Новосибирская область", "no_service", "200000.20", "RUB"),
            ("RU", "Москва", "long_wait", "50000", "RUB"),
            ("RU", "Москва", "long_wait", None, ""),
            ("KR", "Сеул", "patient_choice", "9000000", "KRW"),
            ("KR", "", "patient_choice", "7000", "USD"),
            ("KR", "", "patient_choice", "8000.55", "USD"),
            ("DE", "Берлин", "other", "11000", "EUR"),
        ]
    ):
        patients.make_outflow(
            pair.patient, source=pair.source, country=country, region=region, reason=reason, currency=currency,
            cost=cost and Decimal(cost), sent_on=date(2026, 7 + n % 3, 1 + 29 * (n % 2)),
            service_type=mri if n % 2 else clinics.make_service_type(),
        )  # fmt: skip
    patients.make_outflow(pair.patient, source=pair.source, sent_on=date(2026, 6, 30))
    patients.make_outflow(
        pair.patient, source=pair.source, sent_on=date(2026, 8, 1), withdrawn_at="2026-08-02T00:00Z",
        withdrawn_why="Ошибка",
    )  # fmt: skip
    return pair


def recounted(*names):
    """The same sums from the rows, one after another."""
    sums = defaultdict(lambda: [0, None])
    for row in Outflow.objects.select_related("service_type"):
        if row.withdrawn_at or not date(2026, 7, 1) <= row.sent_on <= date(2026, 9, 30):
            continue
        cell = sums[(*(getattr(row, name) for name in names), row.currency)]
        cell[0] += 1
        if row.cost is not None:
            cell[1] = (cell[1] or 0) + row.cost
    return sums


def told(rows, *names, words=lambda values: values):
    return {
        (*words([row[name] for name in names]), row["currency"]): [row["patients"], row["cost"]]
        for row in rows
    }


def test_sums_are_those_of_the_rows(quarter, office):
    labels = {reason.code: reason.name[0].upper() + reason.name[1:] for reason in every("send_outside")}
    assert told(made(office, CODE, by="reason", **QUARTER), "reason") == {
        (labels[reason], currency): cell for (reason, currency), cell in recounted("reason").items()
    }
    names = {"RU": "Россия", "KR": "Республика Корея", "DE": "Германия"}
    assert told(made(office, CODE, by="country", **QUARTER), "country") == {
        (names[country], currency): cell for (country, currency), cell in recounted("country").items()
    }
    by_service = told(made(office, CODE, **QUARTER), "service")
    assert by_service == {
        (service.name, currency): cell for (service, currency), cell in recounted("service_type").items()
    }
    assert sum(n for n, _cost in by_service.values()) == 8
    regions = told(made(office, CODE, by="country+region", **QUARTER), "country", "region")
    assert regions["Россия", "Новосибирская область", "RUB"] == [2, Decimal("300000.30")]
    assert regions["Россия", "Москва", ""] == [1, None]


def test_the_offices_figure_is_the_reports(quarter, office):
    found = totals(Period(date(2026, 7, 1), date(2026, 9, 30)))
    rows = made(office, CODE, **QUARTER)
    assert found.number == sum(row["patients"] for row in rows) == 8
    sums = defaultdict(Decimal)
    for row in rows:
        if row["cost"] is not None:
            sums[row["currency"]] += row["cost"]
    assert dict(found.costs) == sums == {
        "RUB": Decimal("350000.30"), "KRW": Decimal(9_000_000), "USD": Decimal("15000.55"), "EUR": Decimal(11_000),
    }  # fmt: skip
    assert sorted(n for _name, n in found.services) == [4, 4]


def test_a_clinic_reads_only_of_itself_and_an_analyst_recognises_nobody(quarter, office, analyst):
    patients.make_outflow(sent_on=date(2026, 8, 8), cost=Decimal(5), currency="RUB")
    own = clinics.make_actor("manager", organization=quarter.source.organization)
    assert sum(row["patients"] for row in made(own, CODE, **QUARTER)) == 8
    assert sum(row["patients"] for row in made(office, CODE, **QUARTER)) == 9
    assert made(clinics.make_actor("manager"), CODE, **QUARTER) == []
    assert {(row["patients"], row["cost"]) for row in made(analyst, CODE, by="reason", **QUARTER)} == {
        (None, None)
    }
    for _n in range(5):
        patients.make_outflow(sent_on=date(2026, 8, 8), cost=Decimal(5), currency="RUB")
    many = [row for row in made(analyst, CODE, by="country", **QUARTER) if row["patients"]]
    assert [(row["patients"], row["cost"]) for row in many] == [(9, Decimal("350030.30"))]


def test_the_list_is_told_with_names_to_its_clinic_and_without_to_the_office(quarter, office, analyst):
    own = made(quarter.referrer, LIST)
    assert len(own) == 9
    assert {row["patient"] for row in own} == {quarter.patient.short_name}
    assert [row["sent_on"] for row in own] == sorted((row["sent_on"] for row in own), reverse=True)
    assert [row["cost"] for row in made(quarter.referrer, LIST, reason="other")] == [Decimal(11_000)]
    assert len(made(quarter.referrer, LIST, since="2026-07-01", until="2026-09-30", country="RU")) == 4
    assert len(made(quarter.referrer, LIST, withdrawn="1")) == 1
    rows = made(office, LIST)
    assert len(rows) == 9
    assert not set(rows[0]) & {"patient", "birth_year", "referral"}
    assert quarter.patient.family not in str(rows)
    with pytest.raises((Forbidden, NotFound)):
        made(analyst, LIST)
