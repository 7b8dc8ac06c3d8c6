"""A project's page and its forms, clicked through by the land office and by the company."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cluster_portal.accounts.models import User
from investors.models import ProjectMilestone
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.factories import projects


@pytest.fixture
def project(site):
    agreement = rows.make_agreement(
        rows.make_investor(), rows.make_plot(site, state="allocated"), state="in_force"
    )
    return projects.make_project(agreement, state="implementation")


@pytest.fixture
def office(client, land):
    client.force_login(User.objects.get(pk=land.user_id))
    return client


def test_the_office_keeps_what_is_planned_and_who_pays(office, project):
    page = f"/projects/{project.pk}/"
    due = make.today() + timedelta(days=60)
    office.post(f"{page}milestones/new/", {"title_ru": "Стены", "due_on": due.isoformat()})
    milestone = project.milestones.get()
    edit = f"/projects/milestones/{milestone.pk}/edit/"
    assert edit in office.get(page).content.decode()
    shown = office.get(edit).context["form"]
    assert list(shown.fields) == ["title_ru", "title_en", "title_kk"] and shown["title_ru"].value() == "Стены"
    refused = office.post(edit, {"title_ru": "", "title_en": "Walls"})
    assert refused.status_code == 422 and "title_ru" in refused.context["form"].errors
    assert 'value="Walls"' in refused.content.decode()
    office.post(edit, {"title_ru": "Стены и кровля", "title_en": "Walls and roof"})
    milestone.refresh_from_db()
    assert (milestone.title_ru, milestone.title_en, milestone.due_on) == (
        "Стены и кровля",
        "Walls and roof",
        due,
    )

    office.post(f"{page}funding/new/", {"kind": "bank", "organization": "ВЭБ.РФ", "amount": "5"})
    funding = project.funding.get()
    edit = f"/projects/funding/{funding.pk}/edit/"
    assert edit in office.get(page).content.decode()
    refused = office.post(edit, {"kind": "bank", "organization": "ВЭБ.РФ", "amount": "-1"})
    assert refused.status_code == 422 and "amount" in refused.context["form"].errors
    office.post(edit, {"kind": "federal", "organization": "Минздрав", "amount": "7000000"})
    funding.refresh_from_db()
    assert (funding.kind, funding.organization, funding.amount) == ("federal", "Минздрав", 7_000_000)


def test_the_chain_on_a_page_leads_to_its_own_project(office, project):
    second = projects.make_project(project.agreement, state="implementation", title_ru="Второй корпус")
    for one in (project, second):
        [chain] = office.get(f"/projects/{one.pk}/").context["chains"]
        assert [step.text for step in chain if step.here] == [one.title]


def test_figures_are_rejected_with_a_reason(office, project):
    figure = projects.make_figure(project)
    page = f"/projects/figures/{figure.pk}/reject/"
    assert page in office.get(f"/projects/{project.pk}/").content.decode()
    assert office.get(page).status_code == 200
    refused = office.post(page, {"reason": " "})
    assert refused.status_code == 422 and "reason" in refused.context["form"].errors
    office.post(page, {"reason": "Нет отчёта за май"})
    assert not project.figures.exists()


def test_what_is_over_is_not_corrected(office, project):
    milestone, funding = projects.make_milestone(project), projects.make_funding(project)
    office.post(f"/projects/{project.pk}/cancel/", {"reason": "Передумали"})
    page = office.get(f"/projects/{project.pk}/").content.decode()
    for address in (f"/projects/milestones/{milestone.pk}/edit/", f"/projects/funding/{funding.pk}/edit/"):
        assert address not in page
        answer = office.post(
            address, {"title_ru": "Иначе", "kind": "own", "organization": "Иначе", "amount": "1"}
        )
        assert answer.status_code == 422 and answer.context["form"].non_field_errors()
    assert ProjectMilestone.objects.get().title_ru == "Фундамент"


def test_the_company_sees_and_does_not_correct(client, project):
    milestone = projects.make_milestone(project)
    client.force_login(project.agreement.investor.members.get().user)
    edit = f"/projects/milestones/{milestone.pk}/edit/"
    assert edit not in client.get(f"/projects/{project.pk}/").content.decode()
    assert client.get(edit).status_code == 403
