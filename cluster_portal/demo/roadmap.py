"""The roadmap of the demo: what the articles name with its days; the rest of each item is invented."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from clinics.models import Organization
from cluster_portal.demo.facts import DATA, read_json
from investors.models import RoadmapItem, RoadmapLink

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts

ORDER = ("ru", "en", "kk")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def fill_roadmap(chance: Chance, facts: Facts, now: datetime) -> int:
    """The items of the cluster's facts and what waits for what. Returns how many items."""
    owners = {one.short_name_ru: one for one in Organization.objects.order_by("-created_at", "-id")}
    items, links = {}, []
    for about in read_json(DATA / facts.cluster / "roadmap.json"):
        items[about["key"]] = item = RoadmapItem(
            id=UUID(chance.key(now)), section=about["section"], owner=owners[about["owner"]], post=about["post"],
            begins_on=_day(about["begins"]), ends_on=_day(about["ends"]), started_on=_day(about.get("started")),
            finished_on=_day(about.get("finished")), state=about["state"], reason=about.get("reason", ""),
            funding=about.get("funding", []),
            **{f"title_{code}": title for code, title in zip(ORDER, about["title"], strict=True)},
        )  # fmt: skip
        links += [RoadmapLink(item=item, needed=items[key]) for key in about.get("needs", ())]
    RoadmapItem.objects.bulk_create(items.values())
    RoadmapLink.objects.bulk_create(links)
    return len(items)
