"""The minutes of the opening of a tender's bids: who opened them when, and what each company bids."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clinics.selectors.cluster import current_cluster
from clinics.selectors.wording import country_name
from cluster_portal.documents import rendering
from cluster_portal.web import wording

if TYPE_CHECKING:
    from datetime import datetime

    from investors.models import Bid
    from investors.selectors.bids import Opening


def opening_minutes(found: Opening) -> bytes:
    """The minutes (PDF) in the reader's language, with lines for the officials' hands. One query."""
    tender, cluster = found.tender, current_cluster()
    opened = told_moment(found.opened_at, cluster.time_zone)
    closed = len(found.closed)
    return rendering.pdf(
        "opening_minutes",
        {
            "language": wording.language(),
            "cluster": cluster.name,
            "title": _("Minutes of the opening of bids"),
            "tender": f"{tender.number} · {tender.title}",
            "facts": [
                {"label": pgettext("page", "Plots"), "value": ", ".join(plot.number for plot in found.plots)},
                {"label": _("Bids were taken until"), "value": told_moment(tender.bids_until, cluster.time_zone)},
                {"label": _("Envelopes opened"), "value": opened},
                {"label": _("Version of the terms"), "value": str(tender.version)},
            ],
            "heads": [
                _("Company"), pgettext("bid", "Submitted"), _("Price"), _("Investment"), pgettext("interest", "Jobs"),
            ],
            "bids": [_line(bid, cluster.currency, cluster.time_zone) for bid in found.bids],
            "none": _("No bid stood when the envelopes were opened."),
            "closed": ngettext(
                "%(n)d bid was withdrawn or not confirmed for the last terms; its envelopes stay closed.",
                "%(n)d bids were withdrawn or not confirmed for the last terms; their envelopes stay closed.",
                closed,
            )
            % {"n": closed}
            if closed
            else "",
            "officials_title": _("Opened by"),
            "officials": [
                {"name": part.official, "at": told_moment(part.confirmed_at, cluster.time_zone)}
                for part in found.officials
            ],
            "signature": _("Signature"),
            "printed": f"{tender.number} · {opened}",
        },
    )  # fmt: skip


def _line(bid: Bid, currency: str, zone: str) -> dict[str, str]:
    offer = bid.said.get("offer")
    figures = dict.fromkeys(("price", "investment", "jobs"), _("not opened")) if offer is None else {
        "price": wording.money(Decimal(offer["price"]), currency),
        "investment": wording.money(Decimal(offer["investment"]), currency),
        "jobs": wording.number(offer["jobs"]),
    }  # fmt: skip
    return {
        "company": bid.investor.name,
        "country": country_name(bid.investor.country),
        "at": told_moment(bid.submitted_at, zone),
        "digest": bid.digest,
        **figures,
    }


def told_moment(moment: datetime, zone: str) -> str:
    """`5 декабря 2026, 14:00 (03:00 UTC)`: the cluster's time, and the one that is the same for all."""
    own, utc = (moment.astimezone(wording.zone(name)) for name in (zone, "UTC"))
    return f"{wording.date_words(own.date(), year=True)}, {own:%H:%M} ({utc:%H:%M} UTC)"
