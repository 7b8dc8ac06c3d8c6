"""Agreements of the demo: verified companies hold plots that are given or built on, so the register has residents.

That Hadassah is Skolkovo's first resident is true; numbers, days and prices of the agreements are invented.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from cluster_portal.common.numbering import numbers
from cluster_portal.demo.facts import DATA, read_json
from investors.models import Agreement, AgreementPlot, Award, Investor, Plot
from investors.services.agreements import PREFIX, SEQUENCE
from investors.states import AgreementState, AwardState, TenderState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cluster_portal.demo.chance import Chance
    from cluster_portal.demo.facts import Facts

REASON = "Земля предоставлена до открытия портала (демо)"
#: So many days ago agreements came into force, the first one the earliest.
FIRST, APART = 3400, 420


def fill_agreements(chance: Chance, facts: Facts, now: datetime, members: Mapping[str, Any]) -> int:
    """Agreements by the cluster's facts, and those with the winners of complete tenders. Returns how many."""
    investors = {one.name_ru: one for one in Investor.objects.all()}
    plots = {plot.number: plot for plot in Plot.objects.all()}
    made: list[Agreement] = []
    held: list[AgreementPlot] = []

    def agree(investor: Investor, given: list[Plot], begun: datetime, **grounds: Any) -> None:
        serials = numbers(PREFIX, begun.year, first=len(made) + 1)
        first, years = begun.date(), given[0].term_years
        agreement = Agreement(
            id=UUID(chance.key(now)), number=next(serials)[1], investor=investor, tenure=given[0].tenure,
            term_years=years, price=sum(plot.price or 0 for plot in given),
            currency=facts.about["cluster"]["currency"], signed_on=first - timedelta(days=30), valid_from=first,
            valid_until=first + timedelta(days=round(365.25 * years)) if years else None,
            state=AgreementState.IN_FORCE, enforced_at=begun, **grounds,
        )  # fmt: skip
        made.append(agreement)
        held.extend(
            AgreementPlot(id=UUID(chance.key(now)), agreement=agreement, plot=plot, is_held=True)
            for plot in given
        )

    for about in read_json(DATA / facts.cluster / "investors.json"):
        if "holds" in about:
            investor = investors[about["name"][0]]
            if key := about.get("organization"):
                investor.organization_id = UUID(members[key].id)
                investor.save(update_fields=["organization"])
            begun = now - timedelta(days=FIRST - APART * len(made))
            agree(investor, [plots[number] for number in about["holds"]], begun, reason=REASON)
    for award in Award.objects.filter(state=AwardState.ACTIVE, tender__state=TenderState.COMPLETE):
        given = list(award.tender.plots.order_by("number"))
        begun = min(award.standstill_until + timedelta(days=35), now)
        agree(award.bid.investor, given, begun, tender=award.tender)
    Agreement.objects.bulk_create(made)
    AgreementPlot.objects.bulk_create(held)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(%s, %s)", [SEQUENCE, len(made) + 9])
    return len(made)
