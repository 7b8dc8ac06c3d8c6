"""The land office enters a site and its plots, and moves them."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from investors.models import Plot, Site
from tests.factories import clinics as make
from tests.factories import investors as rows
from tests.files.samples import pdf

pytestmark = pytest.mark.django_db

LAND = "/land/"


@pytest.fixture
def staff(client, site):
    client.force_login(make.make_member("land"))
    return client


def test_a_site_is_entered_with_its_outline(staff):
    form = {"name_ru": "Новая территория", "area": "4", "outline": json.dumps(rows.square(20, 0, 2, 2))}
    wrong = staff.post(f"{LAND}sites/new/", form | {"area": "5"})
    assert wrong.status_code == 422 and list(wrong.context["form"].errors) == ["area"]
    assert staff.post(f"{LAND}sites/new/", form).status_code == 303
    new = Site.objects.get(name_ru="Новая территория")
    assert staff.post(f"{LAND}sites/{new.pk}/", form | {"name_ru": "Другая"}).status_code == 303
    assert Site.objects.filter(name_ru="Другая").exists()


def test_a_plot_is_entered_published_furnished_and_withdrawn(staff, site):
    form = {
        "site": site.pk, "number": "13", "title_ru": "Участок № 13", "direction": "clinical", "area": "1",
        "tenure": "lease", "term_years": "49", "outline": json.dumps(rows.square()),
    }  # fmt: skip
    rows.make_plot(site, at=(5, 5), number="5")
    for changes, field in (
        ({"outline": ""}, "outline"), ({"outline": "{"}, "outline"), ({"area": "2"}, "area"),
        ({"number": "5", "outline": json.dumps(rows.square(1, 0))}, "number"),
        ({"outline": json.dumps(rows.square(5.5, 5))}, "outline"), ({"cadastral_number": "1"}, "cadastral_number"),
        ({"outline_file": SimpleUploadedFile("a.json", b"\xff")}, "outline_file"),
    ):  # fmt: skip
        wrong = staff.post(f"{LAND}new/", form | changes)
        assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, [field]), changes
    # Where the fault is stands on the plan, and a file that was sent is kept as text.
    file = SimpleUploadedFile("plot.geojson", json.dumps(rows.square(5.5, 5)).encode())
    wrong = staff.post(f"{LAND}new/", form | {"outline": "", "outline_file": file})
    assert wrong.context["fault"] and json.loads(wrong.context["form"]["outline"].value()) == rows.square(
        5.5, 5
    )
    assert (
        b"plan__fault" in wrong.content and staff.post(f"{LAND}new/", form | {"area": "2"}).context["fault"].d
    )
    file = SimpleUploadedFile(
        "plot.geojson", json.dumps({"type": "Feature", "geometry": rows.square()}).encode()
    )
    assert staff.post(f"{LAND}new/", form | {"outline": "", "outline_file": file}).status_code == 303
    plot = Plot.objects.get(number="13")
    own = f"{LAND}{plot.pk}/"
    edit = staff.get(f"{own}edit/")
    assert edit.context["form"]["outline"].value() == json.dumps(plot.outline)
    assert staff.post(f"{own}edit/", form | {"floors": "6"}).status_code == 303

    for name, _act in staff.get(own).context["acts"]:
        assert staff.get(f"{own}{name}/").status_code == 200
    assert staff.post(f"{own}publish/").status_code == 303
    figures = {"kind": "power", "total": "2000", "free": "2500", "stated_on": "2026-11-12"}
    assert list(staff.post(f"{own}utilities/new/", figures).context["form"].errors) == ["free"]
    assert staff.post(f"{own}utilities/new/", figures | {"free": "1250"}).status_code == 303
    assert staff.post(f"{own}utilities/new/", figures | {"free": "1"}).status_code == 422
    utility = plot.utilities.get()
    assert staff.post(f"{LAND}utilities/{utility.pk}/", figures | {"free": "900"}).status_code == 303
    paper = {"kind": "plan", "title_ru": "План", "file": SimpleUploadedFile("plan.pdf", pdf())}
    assert staff.post(f"{own}documents/new/", paper).status_code == 303
    again = staff.post(f"{own}documents/new/", paper | {"file": SimpleUploadedFile("plan.pdf", pdf())})
    assert again.status_code == 422 and list(again.context["form"].errors) == ["file"]
    page = staff.get(own)
    assert len(page.context["files"]) == 1 and page.context["utilities"][0]["utility"].free == 900
    assert staff.post(f"{LAND}documents/{plot.documents.get().pk}/remove/").status_code == 303
    assert staff.post(f"{LAND}utilities/{utility.pk}/remove/").status_code == 303
    assert staff.post(f"{own}withdraw/", {"reason": ""}).status_code == 422
    assert staff.post(f"{own}withdraw/", {"reason": "Делится"}).status_code == 303
    assert [row.number for row in staff.get(f"{LAND}?state=withdrawn").context["page"].items] == ["13"]


def test_the_cost_of_the_list_does_not_grow(staff, site):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = staff.get(LAND)
        return len(queries), len(page.context["page"].items)

    rows.make_plot(site)
    staff.get(LAND)
    one, number = cost()
    for n in range(29):
        rows.make_plot(site, at=(1 + n % 9, n // 9))
    assert (number, cost()) == (1, (one, 30))
