"""Consents to sign: who, to whom, what for, by which law, in the patient's language."""

import pytest

from clinics.models import Organization
from cluster_portal.audit.models import Access
from cluster_portal.common.errors import Invalid, NotFound
from patients import papers
from patients.states import ConsentKind
from tests.documents.support import fonts_of, pages_of, text_of
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    clinics.make_cluster()
    pair = patients.make_pair()
    pair.patient.residence = {
        "subject": "Сахалинская область",
        "locality": "Холмск",
        "street": "Чехова",
        "house": "7",
    }
    pair.patient.document_type, pair.patient.document_number = "Паспорт", "6408 123456"
    pair.patient.save()
    return pair


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("processing", ("обработку персональных данных", "№ 152-ФЗ", "Сбор, запись")),
        (
            "transfer",
            (
                "передачу медицинских данных в другую клинику",
                "№ 323-ФЗ",
                "Клиника, которой передаются данные",
            ),
        ),
        ("abroad", ("в другую страну", "9, 10 и 12", "Страна")),
    ],
)
def test_each_kind_is_filled_in(pair, kind: str, words: tuple[str, ...]) -> None:
    content, name = papers.consent_form(pair.referrer, pair.patient.pk, kind=kind)
    text = text_of(content)
    assert name == f"consent-{kind}-ru" and pages_of(content) == 1 and all(fonts_of(content).values())
    for expected in (
        *words, pair.patient.full_name, "17.05.1970", "Сахалинская область, Холмск, Чехова, 7", "Паспорт 6408 123456",
        pair.source.organization.name_ru, "Подпись", "отозвать",
    ):  # fmt: skip
        assert expected in text, expected
    assert ("Страна" in text) == (kind == "abroad")


def test_every_kind_has_a_paper_in_every_language(pair) -> None:
    for kind in ConsentKind.values:
        for language in ("ru", "en", "kk"):
            content, _name = papers.consent_form(pair.referrer, pair.patient.pk, kind=kind, language=language)
            assert pages_of(content) == 1, (kind, language)


def test_the_law_is_that_of_the_organisations_country(pair) -> None:
    Organization.objects.filter(pk=pair.source.organization_id).update(country="KZ")
    text = text_of(papers.consent_form(pair.referrer, pair.patient.pk, kind="transfer", language="kk")[0])
    assert "№ 94-V" in text and "152-ФЗ" not in text
    Organization.objects.filter(pk=pair.source.organization_id).update(country="KR")
    text = text_of(papers.consent_form(pair.referrer, pair.patient.pk, kind="transfer")[0])
    assert "№ 94-V" not in text and "152-ФЗ" not in text and "Основание" not in text


def test_it_is_signed_for_the_organisation_that_prints_it(pair) -> None:
    pair.referral("submitted")
    text = text_of(papers.consent_form(pair.coordinator, pair.patient.pk, kind="processing")[0])
    assert pair.target.organization.name_ru in text and pair.source.organization.name_ru not in text


def test_refusals(pair) -> None:
    with pytest.raises(NotFound):
        papers.consent_form(pair.referrer, pair.patient.pk, kind="everything")
    with pytest.raises(Invalid):
        papers.consent_form(pair.referrer, pair.patient.pk, kind="transfer", language="fr")


def test_opening_is_journalled_and_strangers_get_nothing(pair) -> None:
    with pytest.raises(NotFound):
        papers.consent_form(clinics.make_actor("referrer"), pair.patient.pk, kind="transfer")
    assert not Access.objects.exists()
    papers.consent_form(pair.referrer, pair.patient.pk, kind="transfer")
    line = Access.objects.get()
    assert (line.purpose, line.subject_type, line.subject_id) == ("print", "patient", pair.patient.pk)
