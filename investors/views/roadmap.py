"""The roadmap: a chart and a table of the same items for everybody, forms for the cluster office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView

from cluster_portal.reports.exports import control
from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import go
from investors.forms import roadmap as forms
from investors.policies import READERS
from investors.policies.roadmap import roadmap_policy
from investors.selectors import burnup, facilities, gantt
from investors.selectors import roadmap as selectors
from investors.services import roadmap as services
from investors.views.base import FormPage

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from cluster_portal.common.actor import Actor
    from investors.models import RoadmapItem

#: Sizes of the drawings, in their units: the chart on wide screens and on telephones, the map.
WIDE, PHONE, MAP = (760, 380), (360, 300), (420, 480)

ACTS = {
    "start": Act(
        services.start_item, pgettext_lazy("roadmap", "Begin"), "flag",
        gettext_lazy("Today becomes the day on which work began."), done=gettext_lazy("Saved"),
    ),
    "finish": Act(
        services.finish_item, pgettext_lazy("roadmap", "Done"), "circle-check",
        gettext_lazy("Today becomes the day on which it was done. This cannot be undone."),
        done=gettext_lazy("Saved"),
    ),
    "postpone": Act(
        services.postpone_item, pgettext_lazy("roadmap", "Postpone"), "calendar-event",
        gettext_lazy("The old day stays on record, with the reason."), form=forms.PostponeForm, warns=True,
        done=gettext_lazy("Saved"),
    ),
    "drop": Act(
        services.drop_item, pgettext_lazy("roadmap", "Drop"), "circle-x",
        gettext_lazy("The item stays on the roadmap as dropped, with the reason."), form=ReasonForm, danger=True,
        done=gettext_lazy("Saved"),
    ),
}  # fmt: skip


def burn_up(actor: Actor) -> dict[str, Any]:
    """What `investors/roadmap/_facilities.html` draws: nothing where nothing was promised. Three queries."""
    found = facilities.facilities(actor)
    promising: dict[str, Any] = {"may_promise": roadmap_policy.may(actor, "promise")}
    if found is None:
        return promising
    return promising | {
        "facilities": found, "burnup": burnup.draw(found, *WIDE), "burnup_phone": burnup.draw(found, *PHONE),
        "facilities_map": facilities.facilities_map(actor, *MAP),
    }  # fmt: skip


class RoadmapView(TemplateView):
    """The items that fit the filters, drawn and in a table."""

    template_name = "investors/roadmap/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = forms.RoadmapFilter(self.request.GET, chosen=selectors.owners_of(actor))
        bar.is_valid()
        said = bar.cleaned_data
        asked = selectors.RoadmapAsked(
            section=said.get("section", ""), state=said.get("state", ""),
            owner=str(said["owner"].pk) if said.get("owner") else "", overdue=bool(said.get("overdue")),
        )  # fmt: skip
        items = list(selectors.roadmap(actor, asked))
        export = control(actor, "investors.roadmap", self.request.GET) if actor.has(*READERS) else None
        return super().get_context_data(
            **kwargs, filter=bar, narrowed=bool(asked), items=items, export=export,
            chart=gantt.draw(items, selectors.today()), figures=selectors.figures(actor),
            may_plan=roadmap_policy.may(actor, "create"), **burn_up(actor),
        )  # fmt: skip


class ItemView(TemplateView):
    """One item."""

    template_name = "investors/roadmap/item.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        found = selectors.item_file(self.request.actor, pk)
        return super().get_context_data(
            **kwargs, found=found, item=found.item,
            acts=[(name, ACTS[name]) for name in found.actions],
        )  # fmt: skip


class ItemFormView(FormPage):
    """A new item, or one to correct."""

    template_name, form_class = "investors/roadmap/form.html", forms.ItemForm
    item: RoadmapItem | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if "pk" in kwargs:
            self.item = selectors.item_to_edit(request.actor, kwargs["pk"])
        else:
            roadmap_policy.require(request.actor, "create")

    @property
    def title(self) -> Any:
        return gettext_lazy("Correct the item") if self.item else gettext_lazy("New item of the roadmap")

    @property
    def back(self) -> str:
        if self.item is None:
            return reverse("investors:roadmap")
        return reverse("investors:roadmap_item", args=[self.item.pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        items = selectors.items_to_need(self.request.actor, self.item)
        return super().get_form_kwargs() | {"instance": self.item, "items": items}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, item=self.item)

    def perform(self, form: forms.ItemForm) -> HttpResponse:
        said = {"data": form.values(), "needs": form.wanted()}
        if self.item:
            services.correct_item(self.request.actor, item_id=self.item.pk, **said)
            return self.done()
        item = services.plan_item(self.request.actor, **said)
        return go(self.request, "investors:roadmap_item", item.pk, message=gettext_lazy("Saved"))


class _ItemPage(FormPage):
    """A form about an item that stands."""

    template_name = "investors/roadmap/form.html"
    item: RoadmapItem

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.item = selectors.item_to_edit(request.actor, kwargs["pk"])

    @property
    def back(self) -> str:
        return reverse("investors:roadmap_item", args=[self.item.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, item=self.item)


class StepView(StepMixin, _ItemPage):
    """A step by the state table."""

    acts, key = ACTS, "item_id"
