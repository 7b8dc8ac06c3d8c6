"""Quotas of a clinic: services by month, what is planned, used and left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from clinics.policies import service_policy
from clinics.selectors.quotas import Cell, Grid, grid_of, payments_of, planned_clinics
from clinics.selectors.wording import SHORT_PAYMENTS
from clinics.services.quotas import plan_quotas
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Invalid
from cluster_portal.web.mixins import SignedInMixin, go

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from django.http import HttpRequest

    from clinics.models import Clinic

LARGEST = 1_000_000


class QuotasView(SignedInMixin, TemplateView):
    """GET shows the grid of one clinic and payment source, POST saves what was changed in it, whole or not at all."""

    roles = (Role.COORDINATOR, Role.MANAGER, Role.OFFICE)
    template_name = "clinics/quotas.html"

    @cached_property
    def clinics(self) -> list[Clinic]:
        return planned_clinics(self.request.actor)

    @cached_property
    def clinic(self) -> Clinic | None:
        """The one that the address names, else the first."""
        asked = self.request.GET.get("clinic", "")
        return next((row for row in self.clinics if str(row.pk) == asked), next(iter(self.clinics), None))

    @cached_property
    def payments(self) -> list[str]:
        return payments_of(self.clinic) if self.clinic else []

    @cached_property
    def grid(self) -> Grid | None:
        if not self.payments:
            return None
        asked = self.request.GET.get("payment", "")
        return grid_of(self.request.actor, self.clinic, asked if asked in self.payments else self.payments[0])

    def address(self, **query: str) -> str:
        return f"{reverse('clinics:quotas')}?{urlencode(query)}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {
            "clinics": self.clinics, "clinic": self.clinic, "grid": self.grid,
        }  # fmt: skip
        if self.grid is None:
            return context
        errors, typed = kwargs.get("errors", {}), kwargs.get("typed", {})
        return context | {
            "tabs": [
                {
                    "label": SHORT_PAYMENTS[code], "url": self.address(clinic=str(self.clinic.pk), payment=code),
                    "current": code == self.grid.payment, "count": None,
                }
                for code in self.payments
            ],
            "lines": [
                {
                    "service": line.service,
                    "cells": [self.shown(cell, errors, typed) for cell in line.cells],
                }
                for line in self.grid.lines
            ],
            "action": self.address(clinic=str(self.clinic.pk), payment=self.grid.payment),
            "may_plan": service_policy.queryset(self.request.actor, "plan_quotas").filter(clinic=self.clinic).exists(),
        }  # fmt: skip

    def shown(self, cell: Cell, errors: dict[str, str], typed: dict[str, str]) -> dict[str, Any]:
        """A month of a service as the page shows it; what was typed stays."""
        volume = cell.quota.volume if cell.quota else None
        value = typed.get(cell.name, "" if volume is None else str(volume))
        return {"cell": cell, "quota": cell.quota, "value": value, "error": errors.get(cell.name, "")}

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.grid is None:
            return go(request, "clinics:quotas")
        typed = {name: request.POST[name].strip() for name in self.grid.cells if name in request.POST}
        try:
            plan_quotas(request.actor, payment=self.grid.payment, volumes=self.changed(typed))
        except Invalid as refused:
            errors = {name: str(texts[0]) for name, texts in refused.errors.items()}
            return self.render_to_response(self.get_context_data(errors=errors, typed=typed), status=422)
        there = self.address(clinic=str(self.clinic.pk), payment=self.grid.payment)
        return go(request, there, message=_("The quotas are saved."))

    def changed(self, typed: dict[str, str]) -> dict[tuple[UUID, date], int | None]:
        """The cells whose value is another one than is on record. Raises Invalid for what is no number."""
        errors, volumes = {}, {}
        for name, text in typed.items():
            cell = self.grid.cells[name]
            if text and not (text.isascii() and text.isdigit() and int(text) <= LARGEST):
                errors[name] = [_("Please enter a whole number.")]
                continue
            volume = int(text) if text else None
            if volume != (cell.quota.volume if cell.quota else None):
                volumes[cell.service_id, cell.month] = volume
        if errors:
            raise Invalid(errors)
        return volumes
