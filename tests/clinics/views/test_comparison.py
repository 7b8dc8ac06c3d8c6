"""Up to four clinics side by side, and the card of one."""

import pytest
from django.http import QueryDict
from django.utils import translation

from clinics.filters import chosen_in
from clinics.papers.card import clinic_card, page_address
from clinics.selectors.comparison import compare_clinics
from clinics.states import EquipmentState, Ownership, Payment
from cluster_portal.common.actor import ANONYMOUS
from cluster_portal.reports.services.asking import find_report
from tests.documents.support import text_of
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

PAGE = "/clinics/compare/"


@pytest.fixture
def pair():
    """A state clinic with a free time and a tomograph, a private one whose licence has ended."""
    make.make_cluster()
    state = make.make_clinic(short_name_ru="Областная", languages=["ru", "ko"], beds=120, wheelchair=True)
    make.make_slot(make.make_service(state, price=1800))
    make.make_equipment(state)
    make.make_equipment(state, "mri", state=EquipmentState.IN_REPAIR)
    make.make_accreditation(state)
    private = make.make_clinic(
        make.make_organization(ownership=Ownership.PRIVATE), short_name_ru="Залив", lat=46.63, lon=142.78
    )
    make.make_service(private, payments=[Payment.PAID], price=3200)
    private.licences.update(valid_to=make.day_of(make.at(-1)))
    return state, private


def cells(comparison):
    return {row.label: (row.cells, row.differs) for section in comparison.sections for row in section.rows}


def test_what_each_has_and_where_they_differ(pair, django_assert_num_queries):
    ids = [clinic.pk for clinic in pair]
    compare_clinics(ANONYMOUS, ids)
    with translation.override("ru"), django_assert_num_queries(6):
        found = cells(compare_clinics(ANONYMOUS, ids, place=(46.95, 142.73)))
    assert found["Форма собственности"] == ([["Государственная"], ["Частная"]], True)
    assert found["Вид клиники"][1] is False
    assert found["Языки"] == ([["русский", "корейский"], ["русский"]], True)
    assert found["Оборудование в работе"] == ([["Компьютерный томограф"], ["–"]], True)
    assert found["Койки"] == ([["120"], ["–"]], True)
    assert found["Лицензии"][0][1] == ["–"]
    assert [lines[0].split()[-1] for lines in found["Расстояние"][0]] == ["км", "км"]
    (state, private), differs = found["Консультация кардиолога (очно)"]
    assert state == ["завтра, 09:00", "ОМС, платно", "1\u00a0800\u00a0₽"]
    assert private[0] == "закрыта: нет лицензии"
    assert differs


@pytest.mark.parametrize("number", [1, 30])
def test_queries_do_not_grow(client, pair, number, django_assert_max_num_queries):
    for n in range(number):
        make.make_slot(make.make_service(pair[0], make.make_service_type(f"type{n}")))
    query = {"compare": [str(clinic.pk) for clinic in pair]}
    client.get(PAGE, query)
    with django_assert_max_num_queries(7):
        html = client.get(PAGE, query).content.decode()
    assert "Областная" in html and "Залив" in html and 'class="differs"' in html


def test_the_address_holds_four_at_most_and_each_once(pair, client):
    ids = [str(make.make_clinic().pk) for _ in range(5)]
    query = QueryDict(mutable=True)
    query.setlist("compare", ["x", ids[0], ids[0], *ids])
    assert [str(pk) for pk in chosen_in(query)] == ids[:4]
    page = client.get("/clinics/", {"compare": ids[:4], "q": "поликлиника"})
    assert len(page.context["tray"]) == 4
    assert page.context["may_compare_more"] == 0
    assert "Пока нечего сравнивать" in client.get(PAGE, {"compare": "x"}).content.decode()


def test_the_comparison_as_a_file(pair):
    actor = make.make_actor()
    report = find_report(actor, "clinics.comparison")
    params = report.check(actor, {"compare": ",".join(str(clinic.pk) for clinic in pair)})
    with translation.override("ru"):
        assert [str(c.title) for c in report.columns(actor, params)][1:3] == ["Областная", "Залив"]
        rows = {row[0]: row[1:] for row in report.rows(actor, params)}
    assert rows["Языки"] == ("русский; корейский", "русский", True)


@pytest.mark.parametrize(
    ("language", "words"), [("ru", "Часы работы"), ("en", "Opening hours"), ("kk", "Жұмыс уақыты")]
)
def test_the_card_in_each_language(pair, client, language, words):
    client.cookies["language"] = language
    response = client.get(f"/clinics/{pair[0].pk}/card/")
    assert response["Content-Type"] == "application/pdf"
    text = text_of(response.content)
    assert words in text
    assert page_address(pair[0].pk).split("/clinics/")[1].strip("/")[:8] in text


def test_a_closed_service_is_not_on_the_card(pair):
    with translation.override("ru"):
        assert "кардиолога" in text_of(clinic_card(ANONYMOUS, pair[0].pk))
        assert "кардиолога" not in text_of(clinic_card(ANONYMOUS, pair[1].pk))
