"""The referral on paper: form 057/у, and in Kazakhstan a data sheet.

The form is that of order 519н of the Ministry of Health of Russia, 2 September 2025 (Minjust 83857, 16 October 2025),
in force since 26 October 2025. Its words are the order's: the paper is in Russian whatever the reader's language, and
answers that nobody gave stay empty lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import override

from cluster_portal.common import identifiers
from cluster_portal.documents import rendering
from cluster_portal.web import wording
from patients.papers.common import (
    PURPOSE,
    address_parts,
    answers,
    document_of,
    lookup_address,
    lookup_code,
    place,
)
from patients.selectors.dictionaries import diagnosis_name
from patients.selectors.referrals import open_referral
from patients.states import ReferralState

if TYPE_CHECKING:
    import uuid

    from clinics.models import Clinic
    from cluster_portal.common.actor import Actor
    from patients.models import Patient, Referral

#: Where the form is no law: clinics there send a sheet with the same data in Kazakh and Russian.
SHEET_COUNTRY = "KZ"
#: Russian and Kazakh words of each list, by the form's number; the value that the portal keeps where it differs.
SEX = {"m": ("1", "мужской", "ер"), "f": ("2", "женский", "әйел")}
LOCALITY = (("1", "городская", "қалалық"), ("2", "сельская", "ауылдық"))
EMPLOYMENT = (
    ("1", "работает", "жұмыс істейді"),
    ("2", "проходит военную службу или приравненную к ней службу", "әскери немесе оған теңестірілген қызметте"),
    ("3", "пенсионер", "зейнеткер"),
    ("4", "обучающийся", "оқушы, студент"),
    ("5", "не работает", "жұмыс істемейді"),
    ("6", "прочее", "басқа"),
)  # fmt: skip
PRIORITY = {
    "emergency": ("1", "экстренная", "шұғыл"),
    "urgent": ("2", "неотложная", "кезек күттірмейтін"),
    "planned": ("3", "плановая", "жоспарлы"),
}
CARE_KIND = (
    ("1", "первичная медико-санитарная, в том числе первичная специализированная",
     "алғашқы медициналық-санитариялық, оның ішінде мамандандырылған"),
    ("2", "специализированная, в том числе высокотехнологичная",
     "мамандандырылған, оның ішінде жоғары технологиялық"),
    ("3", "паллиативная", "паллиативтік"),
    ("4", "скорая, в том числе скорая специализированная", "жедел, оның ішінде мамандандырылған"),
)  # fmt: skip
CONDITIONS = (
    ("1", "амбулаторно", "амбулаториялық"),
    ("2", "в дневном стационаре", "күндізгі стационарда"),
    ("3", "стационарно", "стационарда"),
)
#: What a paper must say of a referral that does not send the patient anywhere (any more).
MARKS = {
    ReferralState.DRAFT: ("ЧЕРНОВИК: направление ещё не отправлено", "НОБАЙ: жолдама әлі жіберілмеген"),
    ReferralState.RETURNED: ("ВОЗВРАЩЕНО на уточнение", "НАҚТЫЛАУҒА ҚАЙТАРЫЛДЫ"),
    ReferralState.REJECTED: ("ОТКЛОНЕНО принимающей стороной", "Қабылдаушы тарап ҚАБЫЛДАМАДЫ"),
    ReferralState.CANCELLED: ("ОТМЕНЕНО", "БОЛДЫРЫЛМАДЫ"),
}


def form_057u(actor: Actor, referral_id: uuid.UUID) -> tuple[bytes, str]:
    """The paper (PDF) and a name for its file. Opening it is journalled with the purpose `print`. Raises NotFound.

    What a clinic of Kazakhstan sends goes out as a sheet with the same data in Kazakh and Russian: the form is Russian
    law.
    """
    referral = open_referral(actor, referral_id, purpose=PURPOSE)
    if referral.source_clinic.country == SHEET_COUNTRY:
        return rendering.pdf("referral_sheet", _sheet(referral)), f"joldama-{referral.number}"
    with override("ru"):
        return rendering.pdf("form_057u", _form(referral)), f"057u-{referral.number}"


def _form(referral: Referral) -> dict[str, Any]:
    patient = referral.patient
    return {
        **_heads(referral),
        "date": _day(referral),
        "mark": MARKS.get(referral.state, ("",))[0],
        "ogrn": referral.source_organization.ogrn,
        "policy": _policy(patient),
        "name": patient.full_name,
        "birth_date": wording.date_short(patient.birth_date),
        "residence": address_parts(patient.residence),
        "stay": address_parts(patient.stay),
        "diagnosis": _diagnosis(referral),
        "purpose": referral.service_type.name if referral.service_type else "",
        "reason": _reason(referral, "Вопрос специалисту: {}"),
        "referrer": {"position": referral.referrer_position, "specialty": "", "name": referral.referrer_name},
        **_lists(referral, lambda ru, kk: ru),
    }


def _sheet(referral: Referral) -> dict[str, Any]:
    """The same for Kazakhstan: names of its own registers, each list in both languages."""
    patient = referral.patient
    with override("kk"):
        kk = {**_heads(referral), "date": _kazakh_day(referral)}
        kk_purpose = referral.service_type.name if referral.service_type else ""
        kk_diagnosis = _diagnosis(referral)
    with override("ru"):
        form = _form(referral)
    mark = MARKS.get(referral.state)
    return form | {
        "mark": f"{mark[1]} · {mark[0]}" if mark else "",
        "kk": kk | {"purpose": kk_purpose, "diagnosis": kk_diagnosis},
        "bin": referral.source_organization.bin,
        "iin": patient.iin,
        "document": document_of(patient),
        "reason": _reason(referral, "Маманға сұрақ · Вопрос специалисту: {}"),
        **_lists(referral, lambda ru, kk: f"{kk} / {ru}"),
    }


def _lists(referral: Referral, say: Any) -> dict[str, Any]:
    """The numbered lists with the chosen answers; `say(ru, kk)` gives an answer's words."""

    def spoken(rows: Any) -> list[tuple[str, str]]:
        return [(code, say(ru, kk)) for code, ru, kk in rows]

    patient = referral.patient
    return {
        "sex": answers(spoken(SEX.values()), SEX[patient.sex][0]),
        "locality": answers(spoken(LOCALITY), patient.locality_kind),
        "employment": answers(spoken(EMPLOYMENT), patient.employment),
        "priority": answers(spoken(PRIORITY.values()), PRIORITY[referral.priority][0]),
        "care_kind": answers(spoken(CARE_KIND), referral.care_kind),
        "conditions": answers(spoken(CONDITIONS), referral.conditions),
    }


def _heads(referral: Referral) -> dict[str, Any]:
    """Number, code, and both organisations, in the language of the moment."""
    target = referral.target_clinic
    return {
        "number": referral.number,
        "qr": lookup_code(referral.number),
        "address": lookup_address(),
        "organization": _named(referral.source_clinic),
        "organization_address": place(referral.source_clinic),
        "target": f"{_named(target)}, {place(target)}" if target else "",
    }


def _named(clinic: Clinic) -> str:
    """The legal name, and the clinic's own where it is another one."""
    legal = clinic.organization.name
    return legal if clinic.name == legal else f"{legal}, {clinic.name}"


def _moment(referral: Referral) -> Any:
    """When it was sent, or begun, by the referring clinic's clock."""
    zone = wording.zone(referral.source_clinic.time_zone)
    return (referral.submitted_at or referral.created_at).astimezone(zone)


def _day(referral: Referral) -> str:
    """`22 ноября 2026 г.`"""
    return f"{wording.date_words(_moment(referral), year=True)} г."


def _kazakh_day(referral: Referral) -> str:
    """`2026 жылғы 22 қараша`, where Kazakh is the language of the moment."""
    day = _moment(referral)
    return f"{day.year} жылғы {wording.date_words(day)}"


def _policy(patient: Patient) -> dict[str, str]:
    issued = patient.policy_issued_on
    return {
        "number": identifiers.format_enp(patient.enp),
        "issued_on": wording.date_short(issued) if issued else "",
        "insurer": patient.policy_insurer,
    }


def _diagnosis(referral: Referral) -> str:
    """Code and name: the name helps whoever reads a digit wrong."""
    name = referral.diagnosis_text or diagnosis_name(referral.diagnosis_code)
    return ", ".join(filter(None, (referral.diagnosis_code, name)))


def _reason(referral: Referral, question: str) -> list[str]:
    """The justification by paragraphs, and what the specialist is asked."""
    parts = [line.strip() for line in referral.reason.splitlines() if line.strip()]
    return [*parts, question.format(referral.question)] if referral.question else parts
