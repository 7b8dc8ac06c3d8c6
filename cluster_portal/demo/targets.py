"""What the demo's clusters have promised of training: a figure from the news where there is one, and shares of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from clinics.models import ClusterTarget, Specialty
from clinics.states import Ownership
from training.models import TrainingTarget
from training.states import Where

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance

#: Where the cluster has stated no figure of its own.
PEOPLE, YEARS = 300, 5
#: Title in three languages, share of the whole, what narrows it.
SHARES = (
    (("За рубежом", "Abroad", "Шетелде"), 0.3, {"where": Where.ABROAD}),
    (("В стране", "In the country", "Ел ішінде"), 0.7, {"where": Where.HOME}),
    (("Кардиология", "Cardiology", "Кардиология"), 0.1, {"specialty_id": "cardiology"}),
    (("Частные клиники", "Private clinics", "Жеке клиникалар"), 0.15, {"ownership": Ownership.PRIVATE}),
)  # fmt: skip


def set_targets(chance: Chance, now: datetime) -> int:
    """Targets of training. Returns how many."""
    stated = ClusterTarget.objects.filter(code="specialists").first()
    people = int(stated.value) if stated else PEOPLE
    last = stated.due_year if stated else now.year + 2
    years = {"first_year": last - YEARS, "last_year": last}
    # A stated figure is of years that are over; what is planned now continues it.
    ahead = {"first_year": now.year - 2, "last_year": now.year + 2}
    known = set(Specialty.objects.values_list("pk", flat=True))
    whole = {"title_ru": "Специалисты на обучении", "title_en": "Specialists in training",
             "title_kk": "Оқытудағы мамандар"}  # fmt: skip
    rows = [TrainingTarget(people=people, **whole, **ahead)]
    if stated:
        texts = {f"title_{code}": getattr(stated, f"name_{code}") for code in ("ru", "en", "kk")}
        rows.insert(0, TrainingTarget(people=people, source=stated.source, **texts, **years))
    for (ru, en, kk), share, narrowed in SHARES:
        if narrowed.get("specialty_id") in {None, *known}:
            rows.append(
                TrainingTarget(
                    title_ru=ru, title_en=en, title_kk=kk, people=round(people * share), **narrowed, **ahead
                )
            )
    for position, row in enumerate(rows):
        row.id, row.position = UUID(chance.key(now)), position
    TrainingTarget.objects.bulk_create(rows)
    return len(rows)
