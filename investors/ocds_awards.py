"""The part of a tender's releases that follows the opening of its bids: their number, awards, suppliers, dates."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext, override

from cluster_portal.common.translated import LANGUAGES
from investors.states import AwardState

if TYPE_CHECKING:
    from datetime import datetime

    from clinics.models import Cluster
    from investors.models import Award, Investor, Tender
    from investors.selectors.awards import Outcome
    from investors.selectors.disclosure import Disclosure

#: The language of names without a suffix.
OWN = "ru"
#: How bids are counted: https://extensions.open-contracting.org/en/extensions/bids/
BIDS_EXTENSION = (
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/v1.1.5/extension.json"
)


def follow_opening(
    known: list[dict[str, Any]], tender: Tender, disclosed: Disclosure, cluster: Cluster
) -> list[dict[str, Any]]:
    """A release for the opening, and one for each award and each end of one; `known` are those before."""
    base, ocid = known[-1], known[-1]["ocid"]
    opened = base | {
        "id": f"{ocid}-opened", "date": moment(disclosed.opened_at), "tag": ["tenderUpdate"],
        "tender": base["tender"] | {
            "numberOfTenderers": disclosed.number, "milestones": [_milestone("opening", disclosed.opened_at)],
        },
        "bids": {"statistics": [{"id": "1", "measure": "bids", "date": moment(disclosed.opened_at),
                                 "value": disclosed.number}]},
    }  # fmt: skip
    found = [opened]
    if disclosed.outcome:
        found += _awarded(opened, tender, disclosed, disclosed.outcome, cluster)
    return found


def completed(awards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The awards once the tender is complete: what was pending for the standstill is in force."""
    return [one | {"status": "active"} if one["status"] == "pending" else one for one in awards]


def _awarded(
    opened: dict[str, Any], tender: Tender, disclosed: Disclosure, outcome: Outcome, cluster: Cluster
) -> list[dict[str, Any]]:
    bidders = [bid.investor for bid in (*outcome.ranked, *outcome.refused)]
    winners = {award.bid.investor_id for award in outcome.awards}
    parties = opened["parties"] + [_party(one, one.pk in winners) for one in bidders]
    said = opened["tender"] | {
        "tenderers": [_reference(one) for one in bidders],
        "milestones": opened["tender"]["milestones"]
        + ([_milestone("evaluation", disclosed.judged_at)] if disclosed.judged_at else []),
    }
    events = [(award.awarded_at, "award") for award in outcome.awards]
    events += [(award.ended_at, "awardUpdate") for award in outcome.awards if award.ended_at]
    return [
        opened | {
            "id": f"{opened['ocid']}-award-{number}", "date": moment(at), "tag": [tag], "parties": parties,
            "tender": said,
            "awards": [_award(one, tender, disclosed, cluster, at) for one in outcome.awards if one.awarded_at <= at],
        }
        for number, (at, tag) in enumerate(sorted(events), 1)
    ]  # fmt: skip


def _award(
    award: Award, tender: Tender, disclosed: Disclosure, cluster: Cluster, at: datetime
) -> dict[str, Any]:
    """An award as it was at a moment: pending for the standstill, cancelled once it ended."""
    ended = award.state != AwardState.ACTIVE and award.ended_at <= at
    return {
        "id": str(award.pk),
        "title": tender.title_ru,
        "description": award.reasons_ru,
        **{
            f"description_{code}": text
            for code in LANGUAGES
            if code != OWN and (text := getattr(award, f"reasons_{code}"))
        },
        "status": "cancelled" if ended else "pending",
        "date": moment(award.awarded_at),
        "value": {"amount": float(disclosed.prices[award.bid_id]), "currency": cluster.currency},
        "suppliers": [_reference(award.bid.investor)],
        # Nothing is signed before.
        "contractPeriod": {"startDate": moment(award.standstill_until)},
    }


def _party(investor: Investor, has_won: bool) -> dict[str, Any]:
    return _reference(investor) | {
        "identifier": {"id": investor.register_number, "legalName": investor.name_ru},
        "address": {"countryName": investor.country},
        "roles": ["tenderer", "supplier"] if has_won else ["tenderer"],
    }


def _reference(investor: Investor) -> dict[str, str]:
    return {"id": str(investor.pk), "name": investor.name_ru}


def _milestone(name: str, at: datetime) -> dict[str, str]:
    with override(OWN):
        title = gettext("Envelopes opened") if name == "opening" else gettext("Evaluation finished")
    return {"id": name, "title": title, "type": "assessment", "dateMet": moment(at), "status": "met"}


def moment(at: datetime) -> str:
    """A moment as OCDS writes it, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
