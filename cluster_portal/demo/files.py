"""Files of the demo's referrals and questions: small PDFs, each marked as invented."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Q

from cluster_portal.demo.bulk import Table
from cluster_portal.documents import rendering
from cluster_portal.files.storage import FOLDER
from patients.models import AdviceFile, AdvicePost, Attachment, Referral
from patients.states import CLOSED, OPEN_ADVICE, FileKind, ReferralState

if TYPE_CHECKING:
    from cluster_portal.demo.chance import Chance

COLUMNS = (
    "id created_at updated_at path name format size sha256 author_id author_name referral_id organization_id kind "
    "seen_at"
)
#: Referrals that get files: the newest ones of those whose people sign in to the demo.
MOST = 90
#: Questions to specialists that get one.
MOST_QUESTIONS = 12
MARK = "ДЕМОНСТРАЦИОННЫЕ ДАННЫЕ. Пациент, врачи и результаты вымышлены."
TITLES = {
    FileKind.EXAMINATION: ("Результаты обследования", "Протокол обследования", "Анализы и обследования"),
    FileKind.DISCHARGE: ("Выписка из медицинской карты", "Выписной эпикриз"),
    FileKind.CONCLUSION: ("Заключение", "Заключение специалиста"),
}


def attach_files(chance: Chance, now: datetime, own: set[UUID]) -> int:
    """Files of the newest referrals that the organisations in `own` sent or received. Returns how many.

    Contents whose rows do not come to be committed are orphans, which the sweep of files takes away.
    """
    table = Table(Attachment, COLUMNS)
    for referral in _referrals(own):
        kinds = [FileKind.EXAMINATION]
        if chance.yes(0.4):
            kinds.append(FileKind.DISCHARGE)
        if referral.state == ReferralState.COMPLETED:
            kinds = [FileKind.CONCLUSION]
        for kind in kinds:
            _add(table, chance, now, referral, kind)
    table.load()
    return table.count


def attach_to_questions(chance: Chance, own: set[UUID]) -> int:
    """Examinations that came with questions to specialists. Returns how many."""
    table = Table(
        AdviceFile, "id created_at updated_at path name format size sha256 author_id author_name post_id"
    )
    ours = Q(advice__source_organization__in=own) | Q(advice__target_organization__in=own)
    posts = AdvicePost.objects.filter(ours, action="ask", advice__state__in=sorted(OPEN_ADVICE))
    for post in posts.select_related("advice__patient", "advice__source_clinic").order_by("id")[
        :MOST_QUESTIONS
    ]:
        advice = post.advice
        facts = [
            ("Пациент", f"{advice.patient.full_name}, {advice.patient.birth_date:%d.%m.%Y}"),
            ("Диагноз", f"{advice.diagnosis_code} {advice.diagnosis_text}".strip()),
            ("Дата", f"{post.created_at:%d.%m.%Y}"),
        ]
        title = chance.choice(TITLES[FileKind.EXAMINATION])
        kept = _keep(chance, _told(title, advice.source_clinic.name, facts, [post.text]))
        at = post.created_at
        table.add(
            chance.key(at), at, at, kept.path, f"{title}, {at:%d.%m.%Y}.pdf", "pdf", kept.size, kept.sha256,
            post.author_id, post.author_name, post.pk,
        )  # fmt: skip
    table.load()
    return table.count


@dataclass(frozen=True, slots=True)
class _Kept:
    path: str
    size: int
    sha256: str


def _keep(chance: Chance, told: dict[str, Any]) -> _Kept:
    """Draw a file and put it where sent files lie."""
    content = rendering.pdf("demo_file", told)
    name = f"{chance.getrandbits(160):040x}"
    path = f"{FOLDER}/{name[:2]}/{name}"
    # A cluster that is loaded again makes the same names.
    default_storage.delete(path)
    default_storage.save(path, ContentFile(content))
    return _Kept(path, len(content), hashlib.sha256(content).hexdigest())


def _referrals(own: set[UUID]) -> list[Referral]:
    sent = ~Q(state__in=[*CLOSED, ReferralState.DRAFT])
    unread = Q(state=ReferralState.COMPLETED, conclusion_unread=True)
    ours = Q(source_organization__in=own) | Q(target_organization__in=own)
    rows = Referral.objects.filter(ours, sent | unread, submitted_at__isnull=False)
    related = ("patient", "source_clinic", "target_clinic", "service_type", "conclusion")
    return list(rows.select_related(*related).order_by("-state_since", "id")[:MOST])


def _add(table: Table, chance: Chance, now: datetime, referral: Referral, kind: FileKind) -> None:
    concludes = kind == FileKind.CONCLUSION
    at = (
        referral.completed_at
        if concludes
        else referral.created_at + timedelta(minutes=chance.randrange(2, 40))
    )
    at = min(at, now)
    title = chance.choice(TITLES[kind])
    clinic = referral.target_clinic if concludes else referral.source_clinic
    kept = _keep(chance, told_of(referral, title, kind, at))
    # The other side reads what came a day ago or earlier.
    seen = at + timedelta(hours=3) if now - at > timedelta(days=1) and not concludes else None
    table.add(
        chance.key(at), at, seen or at, kept.path, f"{title}, {at:%d.%m.%Y}.pdf", "pdf", kept.size, kept.sha256,
        None if concludes else referral.author_id,
        referral.conclusion.practitioner_name if concludes else referral.referrer_name, referral.pk,
        clinic.organization_id, kind.value, seen,
    )  # fmt: skip


def told_of(referral: Referral, title: str, kind: str, at: datetime) -> dict[str, Any]:
    """What a file says: the data of its template."""
    patient = referral.patient
    facts = [
        ("Пациент", f"{patient.full_name}, {patient.birth_date:%d.%m.%Y}"),
        ("Направление", referral.number),
        ("Диагноз", f"{referral.diagnosis_code} {referral.diagnosis_text}".strip()),
        ("Дата", f"{at:%d.%m.%Y}"),
    ]
    texts = [referral.reason]
    if kind == FileKind.CONCLUSION:
        texts = [referral.conclusion.text, referral.conclusion.recommendations]
    clinic = referral.target_clinic if kind == FileKind.CONCLUSION else referral.source_clinic
    return _told(title, clinic.name, facts, texts)


def _told(title: str, clinic: str, facts: list[tuple[str, str]], texts: list[str]) -> dict[str, Any]:
    return {
        "title": title,
        "mark": MARK,
        "clinic": clinic,
        "facts": [{"label": label, "value": value} for label, value in facts if value],
        "paragraphs": [text for text in texts if text],
    }
