"""The button is pressed several times at once: the registry gets one clinic."""

import pytest
from django.db import connection

from clinics.models import Clinic
from clinics.services import records
from investors.models import Plot, Project
from investors.policies.projects import project_policy
from investors.services.buildings import open_building
from tests.concurrency.support import deadlocks, together
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.factories import projects as own

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

CLICKS = 6
CLINIC = {
    "name_ru": "Клиника «Восход»", "short_name_ru": "Восход", "type": "hospital", "city_ru": "Корсаков",
    "address_ru": "Медицинский городок, участок № 1",
}  # fmt: skip


@pytest.fixture
def clicks(db):
    """Clerks who open the same building."""
    make.make_cluster()
    actor = make.make_actor("land")
    plot = rows.make_plot(rows.make_site(), state="allocated")
    company = rows.make_investor(organization=make.make_organization())
    project = own.make_project(rows.make_agreement(company, plot, state="in_force"), state="implementation")
    return [lambda: open_building(actor, project_id=project.pk, data=CLINIC) for _click in range(CLICKS)]


def test_six_clicks_make_one_clinic(clicks):
    before = deadlocks()
    outcome = together(*clicks)
    assert outcome.unexpected == [] and not outcome.refused and deadlocks() == before
    assert len({project.clinic_id for project in outcome.results}) == Clinic.objects.count() == 1
    assert Plot.objects.get().state == "built"


def test_without_lock_and_trigger_there_are_several(clicks, monkeypatch):
    """The negative control: the race is a real one, also where nobody looks for clinics that are alike."""
    get = project_policy.get
    monkeypatch.setattr(
        type(project_policy), "get", lambda self, actor, action, key, **how: get(actor, action, key)
    )
    monkeypatch.setattr(records, "_look_for_it", lambda *told: None)
    table = Project._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger_opens_once%'")
        [(trigger,)] = cursor.fetchall()
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{trigger}"')
    try:
        together(*clicks)
        assert Clinic.objects.count() > 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER "{trigger}"')
