"""Patients of the demo who are on record twice: another clinic registered them without looking."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from cluster_portal.common.actor import SYSTEM
from patients.models import (
    Advice,
    Booking,
    Consent,
    DuplicatePair,
    MergeProposal,
    NameWord,
    Outflow,
    Patient,
    PatientLink,
    Referral,
    WaitlistEntry,
)
from patients.services.duplicates import find_duplicates
from patients.states import LinkKind, ReferralState

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance

TWINS = 7
#: What clinics say of the first of them.
WORDS = (
    "Пациент предъявил паспорт и полис: записи об одном человеке, в нашей ошибка в фамилии.",
    "Тот же телефон и адрес, по словам пациента, он уже наблюдался у коллег.",
)
#: How a name is misheard or mistyped at another desk.
SLIPS = (("ё", "е"), ("нн", "н"), ("сс", "с"), ("ие", "ье"), ("а", "о"), ("и", "е"), ("о", "а"))


def make_twins(chance: Chance) -> int:
    """Split some patients in two: the referrals of one clinic go to a record of its own. Returns how many pairs."""
    rows = (
        Referral.objects.exclude(state=ReferralState.DRAFT)
        .exclude(patient__snils="")
        .order_by("patient", "id")
    )
    senders: dict[UUID, set[UUID]] = {}
    for patient, organization in rows.values_list("patient", "source_organization")[:20_000]:
        senders.setdefault(patient, set()).add(organization)
    both = [patient for patient, theirs in senders.items() if len(theirs) > 1]
    chosen = chance.sample(both, min(TWINS, len(both)))
    for patient in chosen:
        _split(chance, list(rows.filter(patient=patient).select_related("patient")))
    find_duplicates(SYSTEM)
    _propose(chosen)
    return len(chosen)


def _propose(patients: list[UUID]) -> None:
    """Clinics that have seen both records say so to the office."""
    of_twins = Q(first__in=patients) | Q(second__in=patients)
    pairs = DuplicatePair.objects.filter(of_twins).select_related("second").order_by("first", "second")
    found = [
        MergeProposal(
            pair=pair, organization_id=pair.second.registered_by_id, author_name="Регистратура", comment=why
        )
        for pair, why in zip(pairs, WORDS, strict=False)
    ]
    MergeProposal.objects.bulk_create(found)
    DuplicatePair.objects.filter(pk__in=[proposal.pair_id for proposal in found]).update(is_proposed=True)


def _split(chance: Chance, found: list[Referral]) -> None:
    first = found[0].patient
    here = found[-1].source_organization_id
    theirs = [row for row in found if row.source_organization_id == here]
    began: datetime = min(row.created_at for row in theirs)
    twin = Patient.objects.create(
        id=UUID(chance.key(began)), family=_misspelt(first.family), given=first.given, patronymic=first.patronymic,
        birth_date=first.birth_date, sex=first.sex, phone=first.phone, residence=first.residence,
        language=first.language, registered_by_id=here, is_generated=True,
    )  # fmt: skip
    Patient.objects.filter(pk=twin.pk).update(created_at=began - timedelta(minutes=20))
    twin.refresh_from_db()
    # The table's own triggers rest while the demo is loaded.
    NameWord.objects.bulk_create([NameWord(word=word) for word in twin.name_words], ignore_conflicts=True)
    for consent in Consent.objects.filter(patient=first).order_by("given_on", "id"):
        consent.pk, consent.patient, consent.organization_id = UUID(chance.key(began)), twin, here
        consent.save(force_insert=True)
    keys = [row.pk for row in theirs]
    Referral.objects.filter(pk__in=keys).update(patient=twin)
    for model in (Booking, WaitlistEntry, Outflow):
        model.objects.filter(referral__in=keys).update(patient=twin)
    Advice.objects.filter(patient=first, source_organization=here).update(patient=twin)
    links = {(here, LinkKind.REGISTERED), (here, LinkKind.REFERRED)}
    links |= {(row.target_organization_id, LinkKind.RECEIVED) for row in theirs if row.target_organization_id}
    for row in theirs:
        links |= {(organization, LinkKind.RECEIVED) for organization in row.past_targets}
    PatientLink.objects.bulk_create(
        PatientLink(patient=twin, organization_id=organization, kind=kind)
        for organization, kind in sorted(links, key=str)
    )


def _misspelt(name: str) -> str:
    for right, wrong in SLIPS:
        if right in name[1:]:
            return name[0] + name[1:].replace(right, wrong, 1)
    return name
