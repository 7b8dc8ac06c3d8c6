"""The roadshow of the demo: events and people are invented, and marked so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from cluster_portal.common.translated import LANGUAGES
from cluster_portal.demo.facts import DATA, read_json
from investors.models import RoadshowContact, RoadshowEvent

if TYPE_CHECKING:
    from datetime import datetime

    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts


def fill_roadshow(chance: Chance, facts: Facts, now: datetime) -> int:
    """The events of the cluster with their contacts, on days counted from `now`. Returns how many events."""
    events, contacts = [], []
    for about in read_json(DATA / facts.cluster / "roadshow.json"):
        first, last = ((now + timedelta(days=days)).date() for days in about["days"])
        event = RoadshowEvent(
            id=UUID(chance.key(now)), country=about["country"], place=about["place"], begins_on=first, ends_on=last,
            **{
                f"{name}_{code}": text
                for name in ("title", "city", "outcome") for code, text in zip(LANGUAGES, about[name], strict=True)
            },
        )  # fmt: skip
        events.append(event)
        for company, country, person, post, direction, interest, step, days in about["contacts"]:
            contacts.append(
                RoadshowContact(
                    id=UUID(chance.key(now)), event=event, company=company, country=country, person=person, post=post,
                    direction=direction, interest=interest, next_step=step,
                    next_on=None if days is None else (now + timedelta(days=days)).date(),
                )
            )  # fmt: skip
    RoadshowEvent.objects.bulk_create(events)
    RoadshowContact.objects.bulk_create(contacts)
    return len(events)
