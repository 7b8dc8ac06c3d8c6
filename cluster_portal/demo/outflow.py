"""Who of the demo was sent outside the cluster: some of those who were refused or who cancelled, and others."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clinics.selectors.openness import day_of
from clinics.states import Payment
from cluster_portal.demo.chance import Wheel
from patients.models import Outflow, Referral, ReferralStep
from patients.states import ReferralState

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts

#: Profiles for whose sake people travel; nobody flies to have a tooth filled.
FAR = frozenset(
    {
        "cardiology", "arrhythmology", "cardiac-surgery", "endovascular", "paediatric-cardiology", "oncology",
        "haematology", "genetics", "neurosurgery", "neurology", "orthopaedics", "surgery", "paediatric-surgery",
        "urology", "nephrology", "rheumatology", "ophthalmology", "gynaecology", "radiology", "endocrinology",
    }
)  # fmt: skip
#: Of so many closed referrals one led outside the cluster; at least so many are entered.
SHARE, LEAST = 9, 12
NEW, CLOSED = (ReferralState.COMPLETED,), (ReferralState.REJECTED, ReferralState.CANCELLED)
REASONS = {
    "no_service": 46, "long_wait": 22, "patient_choice": 16,
    "equipment_down": 10, "other": 6,
}  # fmt: skip
COMMENTS = {
    "no_service": ("Метод в кластере не освоен", "Нужна операция на открытом сердце", "", ""),
    "long_wait": ("Очередь дольше нормы", "Ближайшее время через два месяца", ""),
    "patient_choice": ("Наблюдается там с прошлого года", "Рядом живут родственники", ""),
    "equipment_down": ("Томограф на ремонте", "Ангиограф остановлен до поставки детали"),
    "other": ("Вызов из федерального центра", "Участие в клиническом исследовании"),
}
PATIENT = "Пациент"
DECIDERS = ("Врачебная комиссия", "Лечащий врач", "Консилиум")


def fill_outflow(chance: Chance, facts: Facts, now: datetime) -> int:
    """Enter patients of closed referrals of the last year. Returns how many."""
    far = Referral.objects.filter(service_type__specialty__in=FAR, submitted_at__isnull=False)
    keys = far.order_by("id").values_list("pk", flat=True)
    grown, others = list(keys.filter(state__in=CLOSED)), list(keys.filter(state__in=NEW))
    chosen = chance.sample(grown, min(len(grown), max(LEAST, len(grown) // SHARE)))
    chosen += chance.sample(others, min(len(others), max(LEAST // 2, len(others) // (SHARE * 25))))
    places = facts.about["outflow"]
    reasons = Wheel(list(REASONS), list(REASONS.values()))
    entries, steps = [], []
    for referral in far.filter(pk__in=chosen).select_related("source_clinic", "service_type").order_by("id"):
        entry = _entry(chance, referral, _place(chance, places, referral), reasons.turn(chance), now)
        if referral.state in CLOSED:
            entry.referral = referral
            steps.append(_step(entry, referral, now))
        entries.append(entry)
    Outflow.objects.bulk_create(entries, batch_size=500)
    ReferralStep.objects.bulk_create(steps, batch_size=500)
    return len(entries)


def _place(chance: Chance, places: list[list[Any]], referral: Referral) -> list[Any]:
    """A place that treats the referral's profile; the special ones before those that treat everything."""
    specialty = referral.service_type.specialty_id
    own = [place for place in places if specialty in place[7].split()]
    fitting = own if own and chance.yes(0.8) else [place for place in places if not place[7]]
    return Wheel(fitting, [place[4] for place in fitting]).turn(chance)


def _entry(chance: Chance, referral: Referral, place: list[Any], reason: str, now: datetime) -> Outflow:
    country, region, clinic, payment, _weight, (low, high), currency, _profiles = place
    at = min(referral.state_since + timedelta(days=chance.randint(1, 9)), now)
    known = chance.yes(0.86)
    # Prices are round: thousands, or a twentieth of the least where that is small.
    step = max(100, low // 20)
    return Outflow(
        id=UUID(chance.key(at)), patient_id=referral.patient_id, service_type_id=referral.service_type_id,
        source_organization_id=referral.source_organization_id, source_clinic_id=referral.source_clinic_id,
        country=country, region=region, clinic_name=clinic, diagnosis_code=referral.diagnosis_code,
        diagnosis_text=referral.diagnosis_text, reason=reason, comment=chance.choice(COMMENTS[reason]),
        cost=Decimal(chance.randint(low // step, high // step) * step) if known else None,
        currency=currency if known else "", payment=payment if chance.yes(0.85) else Payment.PAID,
        sent_on=day_of(at, referral.source_clinic.time_zone),
        decided_by=PATIENT if reason == "patient_choice" else chance.choice(DECIDERS),
        author_id=referral.author_id, key=UUID(chance.key(at)),
    )  # fmt: skip


def _step(entry: Outflow, referral: Referral, now: datetime) -> ReferralStep:
    return ReferralStep(
        referral=referral, at=min(referral.state_since + timedelta(days=1), now), action="send_outside",
        from_state=referral.state, to_state=referral.state, organization_id=referral.source_organization_id,
        user_id=referral.author_id, actor_name=referral.referrer_name, comment=entry.clinic_name,
    )  # fmt: skip
