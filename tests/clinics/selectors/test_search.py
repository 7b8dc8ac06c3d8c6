"""What visitors type, with mistakes, in three languages."""

import pytest
from django.db.models import Q

from clinics.models import Clinic
from clinics.selectors.search import meaning_of, of_meaning, words_of
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


DOCTOR = {"position_ru": "Врач", "position_en": "Doctor"}


@pytest.fixture
def registry():
    """Three clinics: a cardiologist in Kholmsk, a neurologist and a nephrologist in Korsakov."""
    kholmsk = make.make_clinic(
        name_ru="Холмская центральная районная больница", short_name_ru="Холмская ЦРБ", city_ru="Холмск",
        city_en="Kholmsk", name_kk="Холмск орталық аудандық ауруханасы",
    )  # fmt: skip
    korsakov = make.make_clinic(
        name_ru="Корсаковская ЦРБ", short_name_ru="Корсаковская ЦРБ", city_ru="Корсаков"
    )
    private = make.make_clinic(name_ru="Клиника «Залив»", short_name_ru="«Залив»", city_ru="Корсаков")
    make.make_specialty("neurology", name_ru="Неврология", name_en="Neurology")
    make.make_specialty("nephrology", name_ru="Нефрология", name_en="Nephrology")
    make.make_service(kholmsk)
    neurologist = make.make_service_type(
        "neurologist", "neurology", name_ru="Консультация невролога", name_en="Neurologist consultation"
    )
    nephrologist = make.make_service_type(
        "nephrologist", "nephrology", name_ru="Консультация нефролога", name_en="Nephrologist consultation"
    )
    make.make_service(korsakov, neurologist)
    make.make_service(private, nephrologist)
    make.make_practitioner(
        private, family="Тё", given="Ольга", patronymic="Гвановна", name_latin="Tyo Olga", **DOCTOR
    )
    make.make_practitioner(
        korsakov, family="Баева", given="Мария", patronymic="Юрьевна", name_latin="Baeva Maria", **DOCTOR
    )
    return {"Холмск": kholmsk, "Корсаков": korsakov, "Залив": private}


def find(text):
    meaning = meaning_of(text)
    return set(Clinic.objects.filter(of_meaning(meaning) if meaning is not None else Q()))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("кардиолог", {"Холмск"}),
        ("кардеолог", {"Холмск"}),
        ("КАРДИОЛОГ", {"Холмск"}),
        ("cardiologist", {"Холмск"}),
        ("аудандық", {"Холмск"}),
        ("невролог", {"Корсаков"}),
        ("невролок", {"Корсаков"}),
        ("нефролог", {"Залив"}),
        ("neurology", {"Корсаков"}),
        ("холмк", {"Холмск"}),
        ("Kholmsk", {"Холмск"}),
        ("залив", {"Залив"}),
        ("Тё", {"Залив"}),
        ("баева", {"Корсаков"}),
        ("Baeva", {"Корсаков"}),
        ("корсаков невролог", {"Корсаков"}),
        ("невролог в Корсакове", {"Корсаков"}),
        ("ytdhjkju", {"Корсаков"}),
        ("rjhcfrjd ytdhjkju", {"Корсаков"}),
        ("лкфыуч", set()),
        ("холмск невролог", set()),
        ("прейскурант", set()),
        # Ends like the neurologist and the cardiologist, and is neither.
        ("фармаколог", set()),
        ("урролог", set()),
        ("   ", {"Холмск", "Корсаков", "Залив"}),
        ("%_'\"\\", {"Холмск", "Корсаков", "Залив"}),
    ],
)
def test_finds(registry, text, names):
    assert {name for name, clinic in registry.items() if clinic in find(text)} == names


def test_spoken_words_are_understood():
    assert words_of("Окулист, Ёлкина-Палкина") == ["офтальмолог", "елкина-палкина"]


def test_which_service_was_meant(registry):
    (meant,) = meaning_of("невролог")
    assert meant.kinds == {"neurologist"}


def test_what_is_not_offered_now_is_not_found(registry):
    registry["Холмск"].services.update(is_active=False)
    assert find("кардиолог") == set()


def test_queries_do_not_grow(registry, django_assert_num_queries):
    for _n in range(30):
        make.make_practitioner(registry["Холмск"])
    with django_assert_num_queries(2):
        find("кардиолог холмск")
