"""Files in the envelopes of demo bids: small invented PDFs, encrypted as every bidder's are."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from cluster_portal.documents import rendering
from cluster_portal.files.storage import FOLDER, Kept
from investors import sealing
from investors.services.sealed_files import FIELDS, ClosedFile, about_file, place_files
from investors.states import EnvelopeKind

if TYPE_CHECKING:
    from investors.models import Bid, Tender

MARK = "ДЕМОНСТРАЦИОННЫЕ ДАННЫЕ. Компания, документ и цифры вымышлены."
#: What lies in each envelope: the file's title, and what it says.
PAPERS = {
    EnvelopeKind.ELIGIBILITY: (
        "Лицензии и аккредитации",
        "Лицензия страны регистрации действует, больница аккредитована по международному стандарту. Долгов по "
        "налогам нет.",
    ),
    EnvelopeKind.OFFER: (
        "Финансовая модель",
        "Вложения делаются тремя частями за 36 месяцев. Половину врачей в первые два года направляет компания, "
        "остальных она обучает на месте.",
    ),
}
#: So many of a tender's bids come with files.
WITH_FILES = 2


def close_files(tender: Tender, bid: Bid) -> dict[str, list[dict[str, Any]]]:
    """A paper for each envelope of a bid. Returns what the envelopes tell of them: the bid is closed anew with it."""
    return place_files(tender, bid, {}, [_closed(tender, bid, kind) for kind in EnvelopeKind])


def open_files(bid: Bid) -> None:
    """Bring the keys of its files into the clear, as the opening does; the demo's own way, by the company's key."""
    owner = sealing.owner_key(bid.investor_id.bytes)
    for row in bid.files.all():
        row.opened_key = sealing.unwrap(owner, bytes(row.owner_key), about_file(row))
        row.save(update_fields=["opened_key"])


def _closed(tender: Tender, bid: Bid, kind: EnvelopeKind) -> ClosedFile:
    title, text = PAPERS[kind]
    content = rendering.pdf(
        "demo_file",
        {
            "title": title,
            "mark": MARK,
            "clinic": bid.investor.name_ru,
            "facts": [{"label": "Конкурс", "value": tender.number}],
            "paragraphs": [text],
        },
    )
    key = sealing.new_key()
    # A cluster that is loaded again makes the same names.
    name = hashlib.sha256(f"{tender.pk}{bid.investor_id}{kind}".encode()).hexdigest()[:40]
    path = f"{FOLDER}/{name[:2]}/{name}"
    default_storage.delete(path)
    default_storage.save(path, ContentFile(b"".join(sealing.encrypt_stream(key, [content]))))
    kept = Kept(path, f"{title}.pdf", "pdf", len(content), hashlib.sha256(content).hexdigest())
    return ClosedFile(kind.value, FIELDS[kind], kept, key)
