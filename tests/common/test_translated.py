"""Content in three languages, read in the reader's, falling back to Russian."""

import pytest
from django.utils import translation

from clinics.models import Clinic
from cluster_portal.common.translated import Translated, localized
from tests.factories import clinics


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ru", "Поликлиника"), ("en", "Clinic"), ("kk", "Емхана"), ("de", "Поликлиника"), ("en-gb", "Clinic")],
)
def test_the_reader_gets_her_own_language(language, expected):
    clinic = Clinic(name_ru="Поликлиника", name_en="Clinic", name_kk="Емхана")
    with translation.override(language):
        assert clinic.name == expected


def test_what_is_not_translated_is_read_in_russian():
    clinic = Clinic(name_ru="Поликлиника")
    for language in ("ru", "en", "kk"):
        with translation.override(language):
            assert clinic.name == "Поликлиника"
    with translation.override(None):
        assert clinic.name == "Поликлиника"


@pytest.mark.django_db
def test_a_query_chooses_as_the_attribute_does():
    whole = clinics.make_clinic(name_ru="Аа", name_en="Bb", name_kk="Ққ")
    bare = clinics.make_clinic(name_ru="Яя", name_en="", name_kk="")
    for language in ("ru", "en", "kk"):
        with translation.override(language):
            rows = dict(Clinic.objects.annotate(shown=localized("name")).values_list("pk", "shown"))
            assert rows[whole.pk] == whole.name
            assert rows[bare.pk] == bare.name == "Яя"


def test_russian_is_required_and_the_others_are_not():
    fields = {name: Clinic._meta.get_field(f"name_{name}") for name in ("ru", "en", "kk")}
    assert not fields["ru"].blank
    assert fields["en"].blank
    assert fields["kk"].blank
    assert isinstance(Clinic.name, Translated)
