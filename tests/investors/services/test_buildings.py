"""A building opens: once, on plots that are given, as a clinic that the cluster office then opens."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinics.errors import LikelyDuplicate
from clinics.models import Clinic
from clinics.services.records import announce_clinic, create_clinic
from clinics.services.sites import open_clinic
from cluster_portal.audit.models import Entry
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from investors import errors
from investors.models import AgreementPlot, Plot, Project
from investors.selectors.chain import chain_from, chain_to
from investors.selectors.projects import actions_on
from investors.services import projects as phases
from investors.services.buildings import open_building
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.factories import projects as own

pytestmark = pytest.mark.django_db
CLINIC = {
    "name_ru": "Клиника «Восход»", "short_name_ru": "Восход", "type": "hospital", "city_ru": "Корсаков",
    "address_ru": "Медицинский городок, участок № 1",
}  # fmt: skip


@pytest.fixture
def project(site):
    """A resident's project that is being built on two plots."""
    plots = [rows.make_plot(site, at=(2 * n, 0), state="allocated") for n in range(2)]
    company = rows.make_investor(organization=make.make_organization())
    agreement = rows.make_agreement(company, *plots, state="in_force")
    return own.make_project(agreement, state="implementation")


def test_it_opens_as_a_planned_clinic_that_the_office_opens(land, project):
    office = make.make_actor("office")
    person = rows.actor_of(project.agreement.investor)
    with pytest.raises(Forbidden):
        open_building(person, project_id=project.pk, data=CLINIC)
    project = open_building(land, project_id=project.pk, data=CLINIC)
    clinic, plots = project.clinic, list(Plot.objects.order_by("number"))
    assert (project.state, project.opened_on, clinic.status) == ("completion", make.today(), "planned")
    assert {plot.state for plot in plots} == {"built"}
    assert clinic.organization_id == project.agreement.investor.organization_id
    steps = [step.text for step in chain_to(ANONYMOUS, clinic)]
    assert steps[0] == f"№ {plots[0].number}" and steps[-1] == "Восход"
    # The other plot of the building leads to it too.
    assert chain_from(ANONYMOUS, plots[1], project.agreement)[-1].text == "Восход"
    kinds = dict(Notice.objects.values_list("user", "kind"))
    assert (kinds[person.user_id], kinds[office.user_id]) == (
        "investors.project_open",
        "investors.clinic_announced",
    )
    entry = Entry.objects.get(table_name="clinics_clinic", row_id=str(clinic.pk))
    assert (entry.action, entry.user_id) == ("open_building", land.user_id)
    # What follows is the registry's: the land office may not.
    with pytest.raises(Forbidden):
        open_clinic(land, clinic_id=clinic.pk, opened_on=make.today())
    assert open_clinic(office, clinic_id=clinic.pk, opened_on=make.today()).status == "open"


def test_saying_it_again_changes_nothing_and_saying_otherwise_is_refused(land, project):
    first = open_building(land, project_id=project.pk, data=CLINIC)
    again = open_building(land, project_id=project.pk, data=CLINIC)
    assert (again.clinic_id, Clinic.objects.count()) == (first.clinic_id, 1)
    with pytest.raises(errors.BuildingOpen):
        open_building(land, project_id=project.pk, opened_on=make.today() - timedelta(days=1), data=CLINIC)
    with pytest.raises(errors.BuildingOpen):
        phases.cancel_project(land, project_id=project.pk, reason="Передумали")
    assert actions_on(land, again) == ["complete"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(opened_on=make.today() - timedelta(days=9))


def test_only_what_is_given_and_known_opens(land, project):
    key = {"project_id": project.pk}
    refused = [
        (Invalid, {"data": None}),
        (Invalid, {"data": CLINIC, "opened_on": make.today() + timedelta(days=1)}),
        (Invalid, {"data": CLINIC, "plot_ids": [rows.make_plot(at=(0, 4)).pk]}),
        (Invalid, {"data": CLINIC | {"type": "palace"}}),
        (Invalid, {"data": CLINIC | {"is_programme": True}}),
        (Invalid, {"clinic_id": make.make_clinic().pk}),
    ]
    for error, said in refused:
        with pytest.raises(error):
            open_building(land, **key, **said)
    held = AgreementPlot.objects.filter(agreement=project.agreement)
    held.update(is_held=False)
    with pytest.raises(errors.PlotNotGiven):
        open_building(land, **key, data=CLINIC)
    held.update(is_held=True)
    company = project.agreement.investor
    organization, company.organization = company.organization, None
    company.save()
    with pytest.raises(errors.ResidentUnregistered):
        open_building(land, **key, data=CLINIC)
    company.organization = organization
    company.save()
    early = own.make_project(project.agreement)
    with pytest.raises(IllegalTransition):
        open_building(land, project_id=early.pk, data=CLINIC)
    with pytest.raises(NotFound):
        open_building(land, project_id=company.pk, data=CLINIC)
    assert not Clinic.objects.filter(name_ru=CLINIC["name_ru"]).exists()


def test_a_clinic_that_stands_there_is_named_and_a_like_one_looked_at(land, project):
    plot = project.agreement.plots.order_by("number").first()
    middle = {"lon": rows.LON + rows.EAST / 2, "lat": rows.LAT + rows.NORTH / 2}
    there = make.make_clinic(project.agreement.investor.organization, **middle)
    with pytest.raises(LikelyDuplicate):
        open_building(land, project_id=project.pk, data=CLINIC, plot_ids=[plot.pk])
    project = open_building(land, project_id=project.pk, clinic_id=there.pk, plot_ids=[plot.pk])
    assert project.clinic == there
    assert sorted(Plot.objects.values_list("state", flat=True)) == ["allocated", "built"]
    # The second building of the same agreement.
    other = own.make_project(project.agreement, state="completion", direction="technology")
    assert open_building(land, project_id=other.pk).clinic is None
    assert set(Plot.objects.values_list("state", flat=True)) == {"built"}
    third = own.make_project(project.agreement, state="completion")
    with pytest.raises(Invalid):
        open_building(land, project_id=third.pk, clinic_id=there.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=third.pk).update(opened_on=make.today(), clinic=there)


def test_the_land_office_enters_clinics_in_no_other_way(land, project):
    organization = project.agreement.investor.organization_id
    place = CLINIC | {"lat": 46.9, "lon": 142.7}
    with pytest.raises(Forbidden):
        create_clinic(land, organization_id=organization, data=place)
    for stranger in (make.make_actor("manager"), make.make_actor("office")):
        with pytest.raises(Forbidden):
            announce_clinic(stranger, organization_id=organization, data=place)


def test_the_page_asks_for_a_few_facts_and_tells_what_is_wrong(project, client):
    client.force_login(make.make_member("land"))
    address = reverse("investors:project_open", args=[project.pk])
    page = reverse("investors:project", args=[project.pk])
    assert address in client.get(page).content.decode()
    form = client.get(address).context["form"]
    assert form.initial["name_ru"] == project.title_ru and "plots" in form.fields
    plots = [str(plot.pk) for plot in project.agreement.plots.all()]
    wrong = client.post(address, CLINIC | {"plots": plots, "name_ru": "", "type": ""})
    assert wrong.status_code == 422 and {"name_ru", "type"} <= set(wrong.context["form"].errors)
    make.make_clinic(name_ru="Клиника Восход", short_name_ru="Восход")
    sent = CLINIC | {"plots": plots}
    like = client.post(address, sent)
    assert like.status_code == 422 and 'name="distinct"' in like.content.decode()
    for _click in range(2):
        assert client.post(address, sent | {"distinct": "1"}).url == page
    assert Clinic.objects.filter(projects=project).count() == 1
    assert address not in client.get(page).content.decode()
