"""The public catalogue and the page of a clinic."""

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

from clinics.selectors.spots import Spot
from clinics.states import ClinicStatus, EquipmentState, OrganizationStatus, Ownership
from clinics.views.maps import catalogue_map, centre_in
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

CATALOGUE = "/clinics/"


@pytest.fixture
def clinic():
    make.make_cluster()
    service = make.make_service(preparation_ru="Натощак", documents_ru="Паспорт")
    make.make_slot(service)
    make.make_practitioner(service.clinic, family="Ковалёва", given="Анна", name_latin="Kovaleva Anna")
    return service.clinic


class TestCatalogue:
    def test_list_and_map_in_step(self, client, clinic):
        html = client.get(CATALOGUE).content.decode()
        assert clinic.name_ru in html
        assert f'aria-label="1. {clinic.name_ru}"' in html
        assert "завтра, 09:00" in html

    @pytest.mark.parametrize("number", [1, 30])
    def test_queries_do_not_grow(self, client, clinic, number, django_assert_max_num_queries):
        for _n in range(number):
            make.make_slot(make.make_service())
        client.get(CATALOGUE)
        with django_assert_max_num_queries(5):
            client.get(CATALOGUE, {"q": "кардиолог"})

    @pytest.mark.parametrize("language", ["ru", "en", "kk"])
    def test_in_each_language(self, client, clinic, language):
        client.cookies["language"] = language
        assert client.get(CATALOGUE).status_code == 200
        assert client.get(reverse("clinics:detail", args=[clinic.pk])).status_code == 200

    @pytest.mark.parametrize(
        "query",
        [
            "page=99", "page=x", "page=-1", "zoom=9", "zoom=x", "centre=x", "centre=91,500", "at=nobody", "within=5",
            "km=7", "km=30", "near=1", "near=46.9,142.7&km=30", "direction=x", "service_type=%00", "open=2",
            "compare=x", "accreditation=x", "equipment=y", "payment=gold", "language=xx", "ownership=x", "q=%00",
            "town=%00", "view=map", "q=" + "я" * 400,
        ],
    )  # fmt: skip
    def test_damaged_addresses_are_understood_as_well_as_they_can_be(self, client, clinic, query):
        assert client.get(f"{CATALOGUE}?{query}").status_code == 200

    def test_chips_take_filters_away_and_the_map_keeps_them(self, client, clinic):
        asked = {"q": "кардиолог", "language": "ru", "view": "map", "page": "1"}
        page = client.get(CATALOGUE, asked)
        assert [chip.words for chip in page.context["chips"]] == ["«кардиолог»", "Русский"]
        assert QueryDict(page.context["chips"][0].without[1:]).dict() == {"language": "ru", "view": "map"}
        assert page.context["small_map"].marks[0].entry.pk == page.context["entries"][0].clinic.pk

    def test_nothing_found_names_the_filter_that_hides_all(self, client, clinic):
        page = client.get(CATALOGUE, {"q": "кардиолог", "language": "zh"})
        html = page.content.decode()
        assert "Убрать «Китайский»: 1 клиника" in html
        assert client.get(CATALOGUE + page.context["hiding"][0].without).context["number"] == 1

    def test_the_place_may_be_asked_of_the_browser_here_alone(self, client, clinic):
        policy = client.get(CATALOGUE)["Permissions-Policy"]
        assert "geolocation=(self)" in policy
        assert "camera=()" in policy
        assert (
            "geolocation=()" in client.get(reverse("clinics:detail", args=[clinic.pk]))["Permissions-Policy"]
        )

    def test_nothing_found_says_what_to_do(self, client, clinic):
        html = client.get(CATALOGUE, {"q": "прейскурант"}).content.decode()
        assert "Ничего не нашлось" in html

    def test_pages(self, client, clinic):
        for _n in range(10):
            make.make_clinic()
        html = client.get(CATALOGUE).content.decode()
        assert "1–10 из 11" in html
        assert "11–11 из 11" in client.get(CATALOGUE, {"page": 2}).content.decode()

    def test_the_selected_one_is_marked_in_list_and_on_the_map(self, client, clinic):
        html = client.get(CATALOGUE, {"at": str(clinic.pk)}).content.decode()
        assert "clinic-row is-selected" in html
        assert "map__mark is-selected" in html

    def test_an_empty_portal(self, client):
        assert client.get(CATALOGUE).status_code == 200


class TestMap:
    def entry(self, number, lat, lon, city="Корсаков", ownership=Ownership.STATE):
        return Spot(number, f"Клиника {number}", city, city, lat, lon, make.ZONE, ownership, number=number)

    def test_close_pins_are_one_ring_with_a_part_for_each_ownership(self):
        entries = [self.entry(n, 46.95 + n / 1e4, 142.73, "Южно-Сахалинск") for n in range(1, 5)]
        entries.append(self.entry(5, 46.96, 142.73, "Дальнее", Ownership.FOREIGN))
        entries.append(self.entry(6, 53.58, 142.94, "Оха"))
        drawing = catalogue_map("sakhalin", entries, width=520, height=1010, core=1)
        (ring,) = [mark for mark in drawing.marks if mark.is_group]
        assert len(ring.entries) == 5
        assert [(s.ownership, s.length) for s in ring.segments] == [("state", 80), ("foreign", 20)]
        assert not ring.one_town
        assert {pin.text for pin in drawing.labels} >= {"Оха"}

    def test_a_few_of_one_town_stand_side_by_side(self):
        entries = [
            self.entry(1, 46.63, 142.78),
            self.entry(2, 46.631, 142.781),
            self.entry(3, 53.58, 142.94, "Оха"),
        ]
        drawing = catalogue_map("sakhalin", entries, width=520, height=1010, core=1)
        assert not any(mark.is_group for mark in drawing.marks)
        one, two = sorted(mark.x for mark in drawing.marks if mark.entry.number < 3)
        assert two - one == 24

    def test_what_lies_outside_is_named(self):
        entries = [self.entry(n, 46.6 + n / 50, 142.7, f"Город {n}") for n in range(1, 10)]
        entries.append(self.entry(10, 37.5, 127, "Сеул"))
        drawing = catalogue_map("sakhalin", entries, width=520, height=1010)
        assert [clinic.city_ru for clinic in drawing.outside_towns] == ["Сеул"]

    def test_closer(self):
        entries = [self.entry(n, 46.6 + n / 50, 142.7, f"Город {n}") for n in range(1, 10)]
        far = catalogue_map("sakhalin", entries, width=520, height=1010)
        near = catalogue_map("sakhalin", entries, width=520, height=1010, zoom=2, centre=(142.7, 46.7))
        assert near.frame.scale > 2 * far.frame.scale
        assert near.scale_km < far.scale_km

    def test_a_town_too_large_for_one_ring_comes_apart_when_it_is_looked_at_closely(self):
        entries = [
            self.entry(n, 46.9 + n % 40 / 400, 142.7 + n // 40 / 400, "Южно-Сахалинск")
            for n in range(1, 1601)
        ]
        far = catalogue_map("sakhalin", entries, width=358, height=412)
        near = catalogue_map("sakhalin", entries, width=358, height=412, zoom=5, centre=(142.75, 46.95))
        assert len(far.marks) < 60 < sum(len(mark.entries) for mark in far.marks)
        assert not all(mark.is_group for mark in near.marks)
        assert all(len({id(e) for e in mark.entries}) == len(mark.entries) for mark in far.marks)

    @pytest.mark.parametrize(("language", "name"), [("ru", "Шалкар"), ("en", "Shalkar"), ("kk", "Шалқар")])
    def test_rivers_and_the_regions_other_towns_are_named_in_the_readers_language(self, language, name):
        with translation.override(language):
            entries = [self.entry(1, 50.28, 57.17, "Актобе"), self.entry(2, 47.2, 60.5, "Станция")]
            drawing = catalogue_map("aktobe", entries, width=520, height=400, core=1)
        assert name in {pin.text for pin in drawing.places}
        assert "Актобе" not in {pin.text for pin in drawing.places}
        assert drawing.frame.rivers.startswith("M") and "z" not in drawing.frame.rivers

    @pytest.mark.parametrize("slug", ["sakhalin", "skolkovo", "aktobe", "nowhere"])
    def test_any_cluster(self, slug):
        assert catalogue_map(slug, [self.entry(1, 50.3, 57.2)], width=520, height=1010) is not None
        assert catalogue_map(slug, [], width=520, height=1010) is None

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("46.9,142.7", (142.7, 46.9)),
            ("x", None),
            ("1,", None),
            ("", None),
            ("nan,nan", None),
            ("99,1", None),
        ],
    )
    def test_a_place_in_an_address(self, text, place):
        assert centre_in(text) == place


class TestDetail:
    def get(self, client, clinic, **query):
        return client.get(reverse("clinics:detail", args=[clinic.pk]), query)

    def test_what_a_patient_asks(self, client, clinic):
        html = self.get(client, clinic).content.decode()
        for text in (
            clinic.name_ru, "Консультация кардиолога", "ОМС, платно", "завтра, 09:00", "Натощак", "Паспорт",
            "Ковалёва Анна", clinic.licences.get().number, "бессрочно", "08:00–20:00",
        ):  # fmt: skip
            assert text in html

    def test_names_in_the_readers_letters(self, client, clinic):
        client.cookies["language"] = "en"
        assert "Kovaleva Anna" in self.get(client, clinic).content.decode()

    def test_a_lapsed_licence_closes_its_services_visibly(self, client, clinic):
        clinic.licences.update(valid_to=make.day_of(make.at(-1)))
        html = self.get(client, clinic).content.decode()
        assert "закрыта: нет лицензии" in html
        assert "закончилась" in html
        assert f"Услуга закрыта, потому что лицензия {clinic.licences.get().number} закончилась" in html
        assert "завтра, 09:00" not in html

    def test_equipment_and_quotas_that_run_out(self, client, clinic):
        make.make_equipment(clinic)
        make.make_equipment(clinic, state=EquipmentState.IN_REPAIR)
        make.make_equipment(clinic, "mri", state=EquipmentState.PLANNED)
        quota = make.make_quota(clinic.services.get(), volume=20, used=14)
        html = self.get(client, clinic).content.decode()
        assert "Компьютерный томограф × 2" in html
        assert "1 в ремонте" in html
        assert "ОМС: в этом месяце осталось 6 из 20" in html
        quota.volume, quota.used = 40, 14
        quota.save()
        assert "осталось" not in self.get(client, clinic).content.decode()

    def test_many_services_fold(self, client, clinic):
        for n in range(12):
            make.make_service(clinic, make.make_service_type(f"type{n}"))
        assert "Все 13" in self.get(client, clinic).content.decode()
        assert len(self.get(client, clinic, services="all").context["services"]) == 13

    @pytest.mark.parametrize("number", [1, 30])
    def test_queries_do_not_grow(self, client, clinic, number, django_assert_max_num_queries):
        for n in range(number):
            make.make_slot(make.make_service(clinic, make.make_service_type(f"type{n}")))
            make.make_practitioner(clinic)
        self.get(client, clinic)
        with django_assert_max_num_queries(10):
            self.get(client, clinic)

    def test_closed_ones_and_candidates_are_not_shown_to_visitors(self, client, clinic):
        organization = clinic.organization
        organization.status = OrganizationStatus.CANDIDATE
        organization.save()
        assert self.get(client, clinic).status_code == 404

    def test_a_closed_one_says_so_to_members(self, client, clinic):
        clinic.status, clinic.closed_on, clinic.close_reason = ClinicStatus.CLOSED, "2026-01-01", "переезд"
        clinic.save()
        assert self.get(client, clinic).status_code == 404
        client.force_login(make.make_member())
        assert "Закрыта 01.01.2026: переезд" in self.get(client, clinic).content.decode()

    def test_one_that_is_planned(self, client, clinic):
        clinic = make.make_clinic(status=ClinicStatus.PLANNED, planned_for="2027")
        assert "Открытие запланировано: 2027" in self.get(client, clinic).content.decode()

    def test_a_bare_record(self, client):
        bare = make.make_clinic(opening_hours={}, languages=[])
        assert self.get(client, bare).status_code == 200
