"""An investor's interest in plots: told by the company, taken along by the land office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.selectors.staff import people_who_are
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from investors.models import Interest, InterestNote, InterestPlot
from investors.policies import interest_policy, investor_policy, plot_policy
from investors.services.notices import tell_of_interest
from investors.states import INTEREST, ON_OFFER

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping

    from cluster_portal.common.actor import Actor

#: What the company tells, and what the office plans.
FIELDS = ("direction", "outline", "investment", "jobs")
PLAN_FIELDS = ("next_step", "next_on", "responsible")
#: Plots of one interest.
MOST_PLOTS = 10


@service
def express_interest(
    actor: Actor, *, investor_id: uuid.UUID, plot_ids: Iterable[uuid.UUID], data: Mapping[str, Any]
) -> Interest:
    """Tell the land office what a company wants; `data` holds FIELDS. It need not be verified yet.

    Raises NotFound, Forbidden, Invalid (also at `plots`, of which there is at least one that is on offer).
    """
    investor = investor_policy.get(actor, "edit", investor_id)
    wanted = set(plot_ids)
    plots = list(plot_policy.queryset(actor).filter(pk__in=wanted, state__in=ON_OFFER))
    if not wanted or len(plots) != len(wanted):
        raise Invalid({"plots": [_("Choose plots that are on offer.")]})
    if len(wanted) > MOST_PLOTS:
        raise Invalid({"plots": [_("These are too many plots for one project.")]})
    interest = Interest(investor=investor, author_id=actor.user_id)
    fill(interest, data, FIELDS)
    interest.save(force_insert=True)
    InterestPlot.objects.bulk_create(InterestPlot(interest=interest, plot=plot) for plot in plots)
    tell_of_interest("interest_new", interest, office=True)
    return interest


@service
def contact_interest(actor: Actor, *, interest_id: uuid.UUID) -> Interest:
    """The office has spoken with the company. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, "keep", interest_id, "contact", lost_reason="")


@service
def meet_interest(actor: Actor, *, interest_id: uuid.UUID) -> Interest:
    """A meeting is arranged. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, "keep", interest_id, "meet")


@service
def negotiate_interest(actor: Actor, *, interest_id: uuid.UUID) -> Interest:
    """Terms are being settled. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, "keep", interest_id, "negotiate")


@service
def agree_interest(actor: Actor, *, interest_id: uuid.UUID) -> Interest:
    """The two have agreed. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, "keep", interest_id, "agree")


@service
def lose_interest(actor: Actor, *, interest_id: uuid.UUID, reason: str) -> Interest:
    """Nothing comes of it; the company reads why. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    require_words("reason", reason)
    return _move(actor, "keep", interest_id, "lose", lost_reason=reason.strip()[:300])


@service
def withdraw_interest(actor: Actor, *, interest_id: uuid.UUID, reason: str) -> Interest:
    """The company wants the plots no longer. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    require_words("reason", reason)
    return _move(actor, "edit", interest_id, "withdraw", lost_reason=reason.strip()[:300])


@service
def plan_interest(actor: Actor, *, interest_id: uuid.UUID, data: Mapping[str, Any]) -> Interest:
    """Say what is done next, when and by whom. `data` holds PLAN_FIELDS (`responsible` as a person of the land office).

    Raises NotFound, Forbidden, Invalid.
    """
    interest = interest_policy.get(actor, "keep", interest_id, lock=True)
    fill(interest, data, PLAN_FIELDS)
    if interest.responsible_id and interest.responsible_id not in people_who_are(Role.LAND):
        raise Invalid({"responsible": [_("Choose somebody of the land office.")]})
    interest.save()
    return interest


@service
def note_interest(actor: Actor, *, interest_id: uuid.UUID, text: str) -> InterestNote:
    """Note what was said; only the offices read it. Raises NotFound, Forbidden, Invalid."""
    interest = interest_policy.get(actor, "keep", interest_id)
    require_words("text", text)
    note = InterestNote(interest=interest, author_id=actor.user_id)
    fill(note, {"text": text}, ("text",))
    note.save(force_insert=True)
    return note


def _move(actor: Actor, right: str, interest_id: uuid.UUID, action: str, **columns: Any) -> Interest:
    interest = interest_policy.get(actor, right, interest_id, lock=True)
    INTEREST.move(interest, action)
    for name, value in columns.items():
        setattr(interest, name, value)
    interest.save(update_fields=["state", *columns, "updated_at"])
    tell_of_interest(f"interest_{action}", interest, office=right == "edit")
    return interest
