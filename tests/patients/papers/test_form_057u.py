"""Form 057/у: every answer that the order asks for, empty lines for those that nobody gave, and who may see it."""

from datetime import date

import pytest
from django.utils.translation import override

from clinics.models import Clinic, ServiceType
from cluster_portal.audit.models import Access
from cluster_portal.common.errors import NotFound
from patients import papers
from patients.models import Referral
from tests.documents.support import fonts_of, pages_of, text_of
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db

#: What stands on the form whoever fills it in, in the order's words.
QUESTIONS = (
    "Учётная форма № 057/у", "от 2 сентября 2025 г. № 519н", "НАПРАВЛЕНИЕ", "для оказания медицинской помощи",
    "ОГРН (ОГРНИП)", "Направляется в медицинскую организацию", "Полис ОМС №", "дата выдачи",
    "Страховая медицинская организация", "Фамилия, имя, отчество", "Дата рождения", "Пол:",
    "Регистрация по месту жительства", "Регистрация по месту пребывания", "субъект Российской Федерации", "район",
    "улица", "дом", "строение", "квартира", "Местность: городская — 1, сельская — 2", "Занятость: работает — 1",
    "прочее — 6", "Код диагноза по МКБ", "Направлен(а) для", "экстренная — 1, неотложная — 2, плановая — 3",
    "паллиативная — 3", "амбулаторно — 1, в дневном стационаре — 2, стационарно — 3", "Обоснование направления",
    "Должность", "Специальность", "Подпись", "М. П.",
)  # fmt: skip


def drawn(actor, referral: Referral) -> str:
    return text_of(papers.form_057u(actor, referral.pk)[0])


def test_everything_that_is_known_stands_on_it(pair) -> None:
    patient, source = pair.patient, pair.source
    source.organization.ogrn = "1026500870002"
    source.organization.save()
    patient.policy_insurer, patient.policy_issued_on = "АО «Сахмедстрах»", date(2019, 3, 4)
    patient.residence = {
        "subject": "Сахалинская область", "district": "Холмский", "locality": "Холмск", "street": "Чехова",
        "house": "78", "building": "2", "flat": "14",
    }  # fmt: skip
    patient.stay = {"subject": "Приморский край", "locality": "Артём"}
    patient.locality_kind, patient.employment = "1", "3"
    patient.save()
    referral = pair.referral(
        "submitted", referrer_position="Врач-терапевт", priority="urgent", care_kind="1", conditions="3",
        diagnosis_text="Фибрилляция предсердий", question="Нужна ли абляция?",
    )  # fmt: skip
    content, name = papers.form_057u(pair.referrer, referral.pk)
    text = text_of(content)
    assert name == f"057u-{referral.number}" and pages_of(content) == 1
    missing = [question for question in QUESTIONS if question not in text]
    assert not missing
    answers = (
        referral.number, source.name, "1026500870002", pair.target.name, "АО «Сахмедстрах»", "04.03.2019",
        patient.full_name, "17.05.1970", "Сахалинская область", "Холмский", "Чехова", "78", "14", "Приморский край",
        "Артём", "I48.0, Фибрилляция предсердий", referral.service_type.name_ru,
        "Пароксизмы фибрилляции предсердий", "Вопрос специалисту: Нужна ли абляция?", "Врач-терапевт",
        referral.referrer_name,
    )  # fmt: skip
    assert not [answer for answer in answers if answer not in text]
    # Neither is on the order's form.
    assert patient.snils not in text and "СНИЛС" not in text


def test_what_nobody_filled_in_stays_an_empty_line(pair) -> None:
    Clinic.objects.filter(pk=pair.source.pk).update(address_ru="")
    pair.patient.enp = ""
    pair.patient.save()
    referral = pair.referral(
        "draft", service_type=None, service=pair.service, diagnosis_code="", reason="", referrer_name="",
        target_clinic=None, target_organization=None,
    )  # fmt: skip
    Referral.objects.filter(pk=referral.pk).update(service_type=None, service=None)
    content, _name = papers.form_057u(pair.referrer, referral.pk)
    text = text_of(content)
    assert not [question for question in QUESTIONS if question not in text]
    assert "None" not in text and pages_of(content) == 1
    assert "ЧЕРНОВИК" in text


def test_only_the_chosen_answers_are_marked(pair) -> None:
    from patients.papers.form_057u import _form

    referral = pair.referral("submitted", priority="urgent", care_kind="2", conditions="3")
    data = _form(Referral.objects.get(pk=referral.pk))
    chosen = {
        name: [row["code"] for row in data[name] if row["chosen"]]
        for name in ("sex", "locality", "employment", "priority", "care_kind", "conditions")
    }
    assert chosen == {
        "sex": ["1"], "locality": [], "employment": [], "priority": ["2"], "care_kind": ["2"], "conditions": ["3"],
    }  # fmt: skip
    assert [row["code"] for row in data["employment"]] == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("language", ["ru", "en", "kk"])
def test_the_form_is_in_russian_for_every_reader(pair, language: str) -> None:
    ServiceType.objects.filter(pk=pair.service.service_type_id).update(
        name_en="Cardiologist", name_kk="Кардиолог дәрігер"
    )
    referral = pair.referral("booked")
    with override(language):
        text = drawn(pair.referrer, referral)
    assert "Cardiologist" not in text and "дәрігер" not in text
    assert not [question for question in QUESTIONS if question not in text]


@pytest.mark.parametrize(
    ("state", "mark"), [("rejected", "ОТКЛОНЕНО"), ("cancelled", "ОТМЕНЕНО"), ("booked", "")]
)
def test_a_closed_referral_says_so(pair, state: str, mark: str) -> None:
    text = drawn(pair.referrer, pair.referral(state))
    assert mark in text and ("ЧЕРНОВИК" in text, "ОТМЕНЕНО" in text) == (False, state == "cancelled")


def test_typst_in_a_name_stays_letters(pair) -> None:
    pair.patient.family = '#panic("x") *Тен*'
    pair.patient.save()
    referral = pair.referral("submitted", reason='#read("/etc/passwd") $1$ = Заголовок\n\n@ссылка')
    text = drawn(pair.referrer, referral)
    assert '#panic("x") *Тен*' in text and '#read("/etc/passwd") $1$ = Заголовок @ссылка' in text


def test_a_long_justification_goes_on_over_the_page(pair) -> None:
    reason = "\n".join(
        f"{number}. Больной жалуется на одышку при ходьбе по ровному месту." for number in range(120)
    )
    content, _name = papers.form_057u(pair.referrer, pair.referral("submitted", reason=reason).pk)
    assert pages_of(content) > 1 and "119. Больной" in text_of(content)


def test_a_clinic_of_kazakhstan_sends_a_sheet_in_two_languages(pair) -> None:
    Clinic.objects.filter(pk=pair.source.pk).update(country="KZ", name_kk="Мұғалжар аудандық ауруханасы")
    pair.patient.family, pair.patient.iin = "Әбдіқалықова", patients.iin(pair.patient.birth_date, 7)
    pair.patient.save()
    content, name = papers.form_057u(pair.referrer, pair.referral("submitted").pk)
    text = text_of(content)
    assert name.startswith("joldama-") and "057" not in text
    for words in (
        "ЖОЛДАМА", "НАПРАВЛЕНИЕ", "Мұғалжар аудандық ауруханасы", pair.source.name_ru, "Әбдіқалықова", pair.patient.iin,
        "ер / мужской", "жоспарлы / плановая", "Жолдаманың негіздемесі",
    ):  # fmt: skip
        assert words in text, words
    assert all(fonts_of(content).values()) and pages_of(content) == 1


def test_opening_it_is_journalled_as_print(pair) -> None:
    referral = pair.referral("submitted")
    papers.form_057u(pair.coordinator, referral.pk)
    lines = Access.objects.filter(purpose="print", user_id=pair.coordinator.user_id)
    assert {(line.subject_type, line.subject_id) for line in lines} == {
        ("referral", referral.pk),
        ("patient", referral.patient_id),
    }


def test_a_stranger_gets_nothing_and_leaves_no_line(pair) -> None:
    with pytest.raises(NotFound):
        papers.form_057u(clinics.make_actor("referrer"), pair.referral("submitted").pk)
    with pytest.raises(NotFound):
        papers.form_057u(pair.coordinator, pair.referral("draft").pk)
    assert not Access.objects.exists()
