"""Projects: their phases, milestones that are moved, what was made, who pays, and their pages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cluster_portal.common.actor import ANONYMOUS, SYSTEM
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.notifications.models import Notice
from investors import errors
from investors.models import Agreement, Project, ProjectMilestone
from investors.selectors.chain import chain_from
from investors.selectors.projects import jobs_of, money_of, project_file, projects
from investors.services import projects as services
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.factories import projects as own

pytestmark = pytest.mark.django_db
SAID = {"title_ru": "Корпус", "direction": "clinical", "investment_pledged": 8, "jobs_pledged": 4}


@pytest.fixture
def agreement(site):
    plot = rows.make_plot(site, state="allocated")
    return rows.make_agreement(rows.make_investor(), plot, state="in_force")


def test_a_project_goes_through_its_phases(land, agreement):
    draft = rows.make_agreement(rows.make_investor())
    with pytest.raises(errors.ProjectUnfounded):
        services.begin_project(land, agreement_id=draft.pk, data=SAID)
    with pytest.raises(Forbidden):
        services.begin_project(rows.actor_of(agreement.investor), agreement_id=agreement.pk, data=SAID)
    project = services.begin_project(land, agreement_id=agreement.pk, data=SAID)
    key = {"project_id": project.pk}
    assert (project.state, project.currency) == ("identification", "RUB")
    with pytest.raises(IllegalTransition):
        services.implement_project(land, **key)
    milestone = services.add_milestone(land, **key, data={"title_ru": "Стены", "due_on": make.today()})
    for step in (services.prepare_project, services.implement_project, services.deliver_project):
        step(land, **key)
    with pytest.raises(errors.BuildingNotOpen):
        services.complete_project(land, **key)
    Project.objects.filter(pk=project.pk).update(opened_on=make.today())
    with pytest.raises(errors.MilestonesOpen):
        services.complete_project(land, **key)
    services.meet_milestone(land, milestone_id=milestone.pk)
    with pytest.raises(Invalid):
        services.complete_project(land, **key, completed_on=make.today() + timedelta(days=1))
    project = services.complete_project(land, **key)
    assert (project.state, project.completed_on) == ("completed", make.today())
    with pytest.raises(errors.ProjectClosed):
        services.update_project(land, **key, data={"jobs_pledged": 9})
    with pytest.raises(IllegalTransition):
        services.cancel_project(land, **key, reason="Поздно")


def test_what_is_pledged_comes_from_the_interest(land, agreement):
    plot = agreement.plots.get()
    interest = rows.make_interest(
        agreement.investor, plot, state="agreement", investment=7_000_000, jobs=12, direction="scientific"
    )
    Agreement.objects.filter(pk=agreement.pk).update(interest=interest)
    project = services.begin_project(land, agreement_id=agreement.pk, data={"title_ru": "Лаборатория"})
    found = (project.investment_pledged, project.jobs_pledged, project.direction)
    assert found == (Decimal(7_000_000), 12, "scientific")


def test_a_cancelled_project_says_why(land, agreement):
    project = own.make_project(agreement)
    with pytest.raises(Invalid):
        services.cancel_project(land, project_id=project.pk, reason=" ")
    assert services.cancel_project(land, project_id=project.pk, reason="Нет денег").reason == "Нет денег"


def test_the_database_keeps_how_a_milestone_was_moved(land, agreement):
    milestone = own.make_milestone(own.make_project(agreement))
    first, key = milestone.due_on, {"milestone_id": milestone.pk}
    second = first + timedelta(days=60)
    for wrong in ({"due_on": first, "reason": "Зима"}, {"due_on": second, "reason": ""}):
        with pytest.raises(Invalid):
            services.move_milestone(land, **key, **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectMilestone.objects.filter(pk=milestone.pk).update(due_on=second)
    milestone = services.move_milestone(land, **key, due_on=second, reason="Зима")
    [move] = milestone.moves.all()
    assert (move.was, move.becomes, move.reason) == (first, second, "Зима")
    assert [milestone.state_on(day).value for day in (second, second + timedelta(days=1))] == [
        "scheduled",
        "notMet",
    ]
    milestone = services.meet_milestone(land, **key)
    assert milestone.state_on(second).value == "met"
    with pytest.raises(errors.MilestoneMet):
        services.move_milestone(land, **key, due_on=first, reason="Поздно")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectMilestone.objects.filter(pk=milestone.pk).update(due_on=first)


def test_a_figure_counts_once_the_land_office_confirms_it(land, agreement):
    project, person = own.make_project(agreement), rows.actor_of(agreement.investor)
    said = {"counted_on": make.today(), "investment": 50_000_000, "jobs": 10, "source": "Отчёт"}
    key = {"project_id": project.pk}
    with pytest.raises(Forbidden):
        services.report_figure(rows.actor_of(rows.make_investor()), **key, data=said)
    with pytest.raises(Invalid):
        services.report_figure(person, **key, data=said | {"counted_on": make.today() + timedelta(days=1)})
    figure = services.report_figure(person, **key, data=said)
    with pytest.raises(errors.FigureExists):
        services.report_figure(land, **key, data=said)
    row = projects(ANONYMOUS).get()
    assert (money_of(row).percent, project_file(ANONYMOUS, project.pk).figures) == (0, [])
    with pytest.raises(Forbidden):
        services.confirm_figure(person, figure_id=figure.pk)
    services.confirm_figure(land, figure_id=figure.pk)
    row = projects(ANONYMOUS).get()
    assert (money_of(row).percent, jobs_of(row).percent) == (50, 5)
    with pytest.raises(errors.FigureConfirmed):
        services.confirm_figure(land, figure_id=figure.pk)
    with pytest.raises(errors.FigureConfirmed):
        services.reject_figure(land, figure_id=figure.pk, reason="Не сходится")
    yesterday = said | {"counted_on": make.today() - timedelta(days=1)}
    assert services.report_figure(land, **key, data=yesterday).confirmed_at
    older = services.report_figure(
        person, **key, data=said | {"counted_on": make.today() - timedelta(days=9)}
    )
    with pytest.raises(Invalid):
        services.reject_figure(land, figure_id=older.pk, reason=" ")
    services.reject_figure(land, figure_id=older.pk, reason="Не сходится")
    assert len(project_file(land, project.pk).figures) == 2


def test_sources_are_named_and_taken_away(land, agreement):
    project = own.make_project(agreement)
    said = {"kind": "federal", "organization": "Минздрав", "amount": 5}
    funding = services.add_funding(land, project_id=project.pk, data=said)
    assert project_file(ANONYMOUS, project.pk).funding == [funding]
    assert services.remove_funding(land, funding_id=funding.pk) == project.pk
    assert project_file(ANONYMOUS, project.pk).funding == []


def test_a_project_is_public_with_its_agreement_and_stands_in_the_chain(agreement, client):
    project = own.make_project(agreement)
    signed = rows.make_agreement(rows.make_investor(), state="signed")
    hidden = own.make_project(signed)
    assert list(projects(ANONYMOUS)) == [project]
    with pytest.raises(NotFound):
        project_file(ANONYMOUS, hidden.pk)
    steps = chain_from(ANONYMOUS, agreement.plots.get(), agreement, here=project)
    assert [step.url for step in steps if step.here] == [reverse("investors:project", args=[project.pk])]
    client.force_login(make.make_member("land"))
    page = client.get(reverse("investors:project", args=[project.pk]))
    assert page.status_code == 200 and 'class="chain"' in page.content.decode()
    begun = client.get(reverse("investors:project_new"), {"agreement": str(agreement.pk)})
    assert begun.context["form"].initial["agreement"] == agreement.pk


def test_the_pages_cost_the_same_for_one_and_for_thirty(agreement, client, django_assert_num_queries):
    project = own.make_project(agreement)
    addresses = [reverse("investors:projects"), reverse("investors:project", args=[project.pk])]
    own.make_milestone(project)
    own.make_funding(project)
    own.make_figure(project, confirmed=True)
    costs = []
    for address in addresses:
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        costs.append(len(caught))
    for n in range(29):
        own.make_project(agreement)
        own.make_milestone(project)
        own.make_funding(project)
        own.make_figure(project, confirmed=True, counted_on=make.today() - timedelta(days=n + 1))
    for address, cost in zip(addresses, costs, strict=True):
        with django_assert_num_queries(cost):
            client.get(address)


def test_who_keeps_a_project_hears_of_a_late_milestone_once_a_due_day(land, agreement):
    project, person = own.make_project(agreement), rows.actor_of(agreement.investor)
    yesterday = make.today() - timedelta(days=1)
    late = own.make_milestone(project, due_on=yesterday)
    own.make_milestone(project, due_on=make.today())
    own.make_milestone(project, due_on=yesterday, met_on=yesterday)
    own.make_milestone(
        own.make_project(rows.make_agreement(rows.make_investor()), state="cancelled", reason="Нет")
    )
    assert (services.remind_of_milestones(SYSTEM), services.remind_of_milestones(SYSTEM)) == (2, 0)
    told = Notice.objects.filter(kind="investors.milestone_late")
    assert {one.user_id for one in told} == {person.user_id, land.user_id}
    assert all(one.url == f"/projects/{project.pk}/" and "Фундамент" in one.text for one in told)
    services.move_milestone(land, milestone_id=late.pk, due_on=yesterday - timedelta(days=1), reason="Описка")
    assert services.remind_of_milestones(SYSTEM) == 2


def test_each_side_hears_of_the_others_word_on_figures(land, agreement):
    project, person = own.make_project(agreement), rows.actor_of(agreement.investor)
    said = {"investment": 1, "jobs": 1, "source": "Отчёт"}

    def told(actor):
        return list(
            Notice.objects.filter(user=actor.user_id, kind__startswith="investors.figure")
            .order_by("created_at").values_list("kind", flat=True)
        )  # fmt: skip

    first, second = (
        services.report_figure(
            person, project_id=project.pk, data=said | {"counted_on": make.today() - timedelta(days=n)}
        )
        for n in (1, 2)
    )
    assert told(land) == ["investors.figure_reported"] * 2
    services.confirm_figure(land, figure_id=first.pk)
    services.reject_figure(land, figure_id=second.pk, reason="Нет отчёта за май")
    assert told(person) == ["investors.figure_confirmed", "investors.figure_rejected"]
    assert Notice.objects.get(kind="investors.figure_rejected").params["reason"] == "Нет отчёта за май"
    # What the office tells itself is nobody's to confirm.
    services.report_figure(land, project_id=project.pk, data=said | {"counted_on": make.today()})
    assert len(told(land)) == 2 and len(told(person)) == 2
