"""Targets of training: how far they are, by what they are made up, and who stands behind each number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from cluster_portal.accounts.roles import Role
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from training.forms.targets import TargetForm
from training.policies import target_policy
from training.selectors import targets as selectors
from training.services import targets as services
from training.views.nominations import TONES

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from training.models import TrainingTarget

READERS = (Role.TRAINING, Role.OFFICE)
DIVISIONS = {
    "year": gettext_lazy("By year"), "where": gettext_lazy("At home and abroad"),
    "programme": gettext_lazy("By programme"), "country": gettext_lazy("By country"),
    "specialty": gettext_lazy("By specialty"), "employer": gettext_lazy("By employer"),
    "ownership": gettext_lazy("By ownership of the employer"),
}  # fmt: skip


class TargetsView(SignedInMixin, TemplateView):
    """Every target with its figures."""

    roles = READERS
    template_name = "training/targets/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        return super().get_context_data(
            **kwargs, rows=selectors.reached(actor), may_write=target_policy.may(actor, "create")
        )


class TargetView(SignedInMixin, TemplateView):
    """One target, by years, places, specialties or owners."""

    roles = READERS
    template_name = "training/targets/target.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        target = selectors.see_target(actor, pk)
        by = self.request.GET.get("by", "")
        by = by if by in DIVISIONS else "year"
        tabs = [
            {"label": label, "url": f"{self.request.path}?by={name}", "current": name == by, "count": None}
            for name, label in DIVISIONS.items()
        ]
        lines = selectors.division(target, by)
        return super().get_context_data(
            **kwargs, reach=selectors.reach_of(target), target=target, by=by, tabs=tabs, lines=lines,
            title=DIVISIONS[by], most=max((line.figures.people for line in lines), default=1),
            may_write=target_policy.may(actor, "create"),
        )  # fmt: skip


class PeopleView(SignedInMixin, TemplateView):
    """Who stands behind a number of a target."""

    roles = READERS
    template_name = "training/targets/people.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor, asked = self.request.actor, self.request.GET
        target = selectors.see_target(actor, pk)
        part = asked.get("part", "")
        rows = selectors.behind(actor, target, part, asked.get("by", ""), asked.get("value", ""))
        page = page_of(self.request, rows, selectors.LIST_ORDER)
        page.items = [{"nomination": row, "tone": TONES[row.state]} for row in page.items]
        titles = {"completed": _("Completed"), "in_progress": _("Learning"), "confirmed": _("Confirmed")}
        return super().get_context_data(
            **kwargs, target=target, page=page, title=titles.get(part, _("Everybody who counts"))
        )


class TargetFormView(ServiceFormMixin, SignedInMixin, FormView):
    """Set a target, or correct it."""

    form_class = TargetForm
    template_name = "training/targets/form.html"
    target: TrainingTarget | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if pk := kwargs.get("pk"):
            self.target = selectors.target_to_edit(request.actor, pk)
        else:
            target_policy.require(request.actor, "create")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.target, "specialties": selectors.specialties()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = (
            reverse("training:target", args=[self.target.pk]) if self.target else reverse("training:targets")
        )
        return super().get_context_data(**kwargs, target=self.target, back=back)

    def perform(self, form: TargetForm) -> HttpResponse:
        actor = self.request.actor
        if self.target:
            services.update_target(actor, target_id=self.target.pk, data=form.values())
        else:
            self.target = services.add_target(actor, data=form.values())
        return go(self.request, "training:target", self.target.pk, message=_("Saved"))


class TargetRemoveView(SignedInMixin, View):
    """Drop a target."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        services.remove_target(request.actor, target_id=pk)
        return go(request, "training:targets", message=_("The target was removed"))
