"""The register of residents, for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.generic import TemplateView

from cluster_portal.web.pagination import page_of
from investors.policies import READERS
from investors.selectors import residents as selectors
from investors.selectors.chain import chain_from

if TYPE_CHECKING:
    import uuid

    from investors.models import Investor


def line(resident: Investor) -> dict[str, Any]:
    """A resident as a line of the register."""
    return {
        "resident": resident, "until": selectors.until_of(resident), "plots": selectors.plots_of(resident),
    }  # fmt: skip


class ResidentsView(TemplateView):
    """Who is a resident now, and on asking who was."""

    template_name = "investors/residents/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        past = self.request.GET.get("past") == "1"
        page = page_of(self.request, selectors.residents(self.request.actor, past=past), selectors.ORDER)
        page.items = [line(one) for one in page.items]
        return super().get_context_data(**kwargs, page=page, past=past)


class ResidentView(TemplateView):
    """One resident: since when, on which plots."""

    template_name = "investors/residents/resident.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.resident_file(actor, pk)
        held = [
            (one.plot, agreement) for agreement in found.agreements for one in agreement.given.all() if one.is_held
        ]  # fmt: skip
        return super().get_context_data(
            **kwargs, found=found, **line(found.resident), may_work=actor.has(*READERS),
            chains=[chain_from(actor, plot, agreement, here=found.resident) for plot, agreement in held],
        )  # fmt: skip
