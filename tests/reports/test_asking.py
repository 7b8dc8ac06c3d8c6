"""Asking for a report: who may, with what."""

import pytest

from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from cluster_portal.jobs import runner
from cluster_portal.reports import base
from cluster_portal.reports.services.asking import run_report
from tests.factories import clinics

pytestmark = pytest.mark.django_db

ASKED = {"since": "2026-11-01"}


def ask(actor, parameters=ASKED, form="csv", code="tests.example"):
    return run_report(actor, code=code, parameters=parameters, file_format=form)


def test_only_its_roles_may_ask(example, office):
    with pytest.raises(Forbidden):
        ask(clinics.make_actor("manager"))
    with pytest.raises(NotFound):
        ask(office, code="tests.nothing")
    assert example in base.catalogue(office)
    assert example not in base.catalogue(clinics.make_actor("manager"))


@pytest.mark.parametrize(
    ("parameters", "form", "field"),
    [
        ({}, "csv", "since"),
        ({"since": "yesterday"}, "csv", "since"),
        ({**ASKED, "kind": "c"}, "csv", "kind"),
        ({**ASKED, "kinds": "a"}, "csv", "kinds"),
        (ASKED, "exe", "file_format"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(example, office, parameters, form, field):
    with pytest.raises(Invalid) as caught:
        ask(office, parameters, form)
    assert list(caught.value.errors) == [field]


def test_the_same_report_asked_five_times_runs_once(example, office):
    jobs = {ask(office, {**ASKED, "kind": ""}).pk for _n in range(4)} | {ask(office).pk}
    assert len(jobs) == 1
    assert runner.work() == 1


def test_a_report_that_is_gone_says_so(example, office):
    job = ask(office)
    del base._reports[example.code]
    try:
        runner.run_next()
    finally:
        base._reports[example.code] = example
    job.refresh_from_db()
    assert job.state == "failed"
