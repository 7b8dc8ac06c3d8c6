"""The conclusion on paper: what was found, by whom, for whom; and that somebody opened it."""

import pytest
from django.utils.translation import override

from cluster_portal.audit.models import Access
from cluster_portal.common.errors import NotFound
from patients import papers
from patients.errors import NotConcludedYet
from patients.models import Conclusion
from tests.documents.support import fonts_of, text_of
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db


def test_it_says_what_the_conclusion_says(pair) -> None:
    referral = pair.referral("completed")
    Conclusion.objects.filter(referral=referral).update(
        text="Ритм синусовый.\nПоказана абляция #1 *срочно*.", recommendations="Контроль через месяц."
    )
    patients.make_attachment(
        referral, kind="conclusion", name="Эхо от 20.11.pdf", organization=pair.target.organization
    )
    content, name = papers.conclusion_paper(pair.referrer, referral.pk)
    words = text_of(content)
    for text in (
        referral.number, pair.patient.family, pair.target.name_ru, pair.source.name_ru, "Показана абляция #1 *срочно*.",
        "Контроль через месяц.", "Эхо от 20.11.pdf", referral.conclusion.practitioner_name,
    ):  # fmt: skip
        assert text in words, text
    assert name == f"conclusion-{referral.number}"
    assert all("Golos" in font for font in fonts_of(content))


@pytest.mark.parametrize(("language", "word"), [("ru", "Рекомендации"), ("en", "Recommendations")])
def test_labels_are_in_the_readers_language(pair, language, word) -> None:
    referral = pair.referral("completed")
    Conclusion.objects.filter(referral=referral).update(recommendations="Наблюдение.")
    with override(language):
        assert word in text_of(papers.conclusion_paper(pair.coordinator, referral.pk)[0])


def test_it_is_journalled_and_closed_to_strangers(pair) -> None:
    referral = pair.referral("completed")
    with pytest.raises(NotFound):
        papers.conclusion_paper(clinics.make_actor("coordinator"), referral.pk)
    assert not Access.objects.exists()
    papers.conclusion_paper(pair.referrer, referral.pk)
    assert set(Access.objects.values_list("subject_type", "purpose")) == {
        ("referral", "print"),
        ("patient", "print"),
    }


def test_there_is_none_before_the_visit(pair) -> None:
    with pytest.raises(NotConcludedYet):
        papers.conclusion_paper(pair.referrer, pair.referral("in_care").pk)
