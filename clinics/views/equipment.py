"""Pages of the register of equipment: the list, a unit, entering and moving it, labels, the page behind a label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import FormView, TemplateView, View

from clinics.forms import equipment as forms
from clinics.occupants import moving_url
from clinics.papers.labels import equipment_labels
from clinics.policies import REPORTERS, equipment_policy
from clinics.selectors import equipment as selectors
from clinics.selectors.calendar import today_at
from clinics.selectors.figures import equipment as figures
from clinics.services import equipment as services
from clinics.states import EquipmentState, UpkeepKind
from clinics.views.schedule import ids
from cluster_portal.common.errors import Invalid
from cluster_portal.documents.responses import pdf_response
from cluster_portal.reports.exports import control
from cluster_portal.web.acts import Act, StepMixin
from cluster_portal.web.drawings import round_up
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from clinics.models import Equipment
    from cluster_portal.common.actor import Actor


ACTS = {
    "order": Act(services.order_equipment, pgettext_lazy("equipment", "Mark as ordered"), "send",
                 form=forms.MoveForm, done=gettext_lazy("Marked as ordered")),
    "deliver": Act(services.deliver_equipment, pgettext_lazy("equipment", "Mark as delivered"), "truck",
                   form=forms.MoveForm, done=gettext_lazy("Marked as delivered")),
    "commission": Act(services.commission_equipment, pgettext_lazy("equipment", "Put to use"), "circle-check",
                      form=forms.MoveForm, done=gettext_lazy("The unit is in use")),
    "report_fault": Act(
        services.report_fault, gettext_lazy("Report a fault"), "alert-triangle",
        gettext_lazy("Free times that need this unit are closed; patients who are booked are listed to be moved."),
        form=forms.FaultForm, done=gettext_lazy("The unit is in repair"), warns=True,
    ),
    "return_to_work": Act(
        services.return_to_work, gettext_lazy("It works again"), "circle-check",
        gettext_lazy("Times that the repair closed are open again."),
        form=forms.ReturnForm, done=gettext_lazy("The unit is in use"),
    ),
    "write_off": Act(
        services.write_off_equipment, gettext_lazy("Write off"), "archive",
        gettext_lazy("This cannot be undone. Times that need the unit are closed for good."),
        form=forms.MoveForm, done=gettext_lazy("The unit is written off"), danger=True,
    ),
}  # fmt: skip
#: Chips of the states.
TONES = {
    EquipmentState.PLANNED: "outline", EquipmentState.ORDERED: "info", EquipmentState.DELIVERED: "warn",
    EquipmentState.COMMISSIONED: "good", EquipmentState.IN_REPAIR: "danger", EquipmentState.WRITTEN_OFF: "neutral",
}  # fmt: skip


class RegisterView(SignedInMixin, TemplateView):
    """The units of the organisation; the office sees all."""

    template_name = "clinics/equipment/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = forms.EquipmentFilter(self.request.GET, lists=selectors.choices(actor))
        bar.is_valid()
        known = dict(bar.cleaned_data)
        by = selectors.Narrowing(text=known.pop("q", "").strip(), **known)
        page = page_of(self.request, selectors.register(actor, by), selectors.ORDER)
        today = today_at(actor.time_zone)
        page.items = [
            {"unit": row, "tone": TONES[row.state], "warranty": _warranty(row, today)} for row in page.items
        ]
        return super().get_context_data(
            **kwargs,
            page=page,
            filter=bar,
            narrowed=bool(by),
            may_edit=equipment_policy.may(actor, "create"),
            reads_figures=actor.has(*REPORTERS),
            export=control(actor, "clinics.equipment_list", self.request.GET),
        )


def _warranty(unit: Equipment, today: Any) -> str:
    """Whether the warranty of a unit is over, ends soon, or is far."""
    if unit.warranty_until is None or unit.state == EquipmentState.WRITTEN_OFF:
        return ""
    left = (unit.warranty_until - today).days
    return "over" if left < 0 else "soon" if left <= max(selectors.WARRANTY[:2]) else "far"


class EquipmentView(SignedInMixin, TemplateView):
    """One unit with its history."""

    template_name = "clinics/equipment/detail.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, **record_context(self.request.actor, pk))


def record_context(actor: Actor, pk: uuid.UUID) -> dict[str, Any]:
    """What the page of a unit and the page behind its label show."""
    record = selectors.equipment_record(actor, pk)
    unit = record.equipment
    acts = [(name, ACTS[name]) for name in record.actions]
    return {
        "record": record,
        "unit": unit,
        "tone": TONES[unit.state],
        "warranty": _warranty(unit, today_at(unit.clinic.time_zone)),
        "main": acts[0] if acts else None,
        "more": acts[1:],
        "to_move": [
            {"count": count, "url": moving_url(actor, clinic, practitioner)}
            for (clinic, practitioner), count in record.to_move.items()
        ],
        "waiting": sum(record.to_move.values()),
        "moves": [
            {
                "title": f"{ACTS[move.action].label}: {move.get_to_state_display()}",
                "meta": " · ".join(filter(None, (f"{move.on:%d.%m.%Y}", move.actor_name))),
                "note": move.comment,
            }
            for move in record.moves
        ],
    }


class ProgrammeView(SignedInMixin, TemplateView):
    """Plan against delivered, year by year."""

    roles = tuple(REPORTERS)
    template_name = "clinics/equipment/programme.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        years = figures.years(actor)
        top = round_up(max((year.planned for year in years), default=0))
        return super().get_context_data(
            **kwargs,
            years=years,
            points=[(year.planned, year.delivered) for year in years],
            top=top,
            middle=top // 2,
            broken=figures.standing_still(actor),
        )


class EquipmentFormView(ServiceFormMixin, SignedInMixin, FormView):
    """Enter a unit, or correct what is on record of it."""

    form_class = forms.EquipmentForm
    template_name = "clinics/equipment/form.html"
    unit: Equipment | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if pk := kwargs.get("pk"):
            self.unit = selectors.equipment_to_edit(request.actor, pk)
        else:
            equipment_policy.require(request.actor, "create")

    def get_initial(self) -> dict[str, Any]:
        return forms.EquipmentForm.initial_of(self.unit) if self.unit else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "types": selectors.types_to_choose(),
            "clinics": selectors.clinics_to_choose(self.request.actor),
            "equipment": self.unit,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = (
            reverse("clinics:equipment_unit", args=[self.unit.pk])
            if self.unit
            else reverse("clinics:equipment")
        )
        return super().get_context_data(**kwargs, unit=self.unit, back=back)

    def perform(self, form: forms.EquipmentForm) -> HttpResponse:
        actor = self.request.actor
        if self.unit:
            unit = services.update_equipment(actor, equipment_id=self.unit.pk, data=form.values())
        else:
            unit = services.add_equipment(actor, data=form.values(), state=form.cleaned_data["state"])
        return go(self.request, "clinics:equipment_unit", unit.pk, message=_("Saved"))


class _UnitFormView(ServiceFormMixin, SignedInMixin, FormView):
    """A form about one unit that the actor keeps."""

    unit: Equipment

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        self.unit = selectors.equipment_to_edit(request.actor, kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("clinics:equipment_unit", args=[self.unit.pk])
        return super().get_context_data(**kwargs, unit=self.unit, back=back)

    def done(self, message: Any) -> HttpResponse:
        """Back to the unit, or to the page behind its label where that sent the form."""
        page = "equipment_scan" if self.request.POST.get("from") == "scan" else "equipment_unit"
        return go(self.request, f"clinics:{page}", self.unit.pk, message=message)


class MoveView(StepMixin, _UnitFormView):
    """A step of a unit by the state table."""

    template_name = "clinics/equipment/move.html"
    acts, key = ACTS, "equipment_id"


class ForecastView(_UnitFormView):
    """Until when a repair lasts, said anew."""

    template_name = "clinics/equipment/forecast.html"
    form_class = forms.ForecastForm

    def perform(self, form: forms.ForecastForm) -> HttpResponse:
        services.expect_return(self.request.actor, equipment_id=self.unit.pk, **form.cleaned_data)
        return self.done(_("Times are closed and opened accordingly"))


class UpkeepView(_UnitFormView):
    """A line of the service log."""

    template_name = "clinics/equipment/upkeep.html"
    form_class = forms.UpkeepForm

    def get_initial(self) -> dict[str, Any]:
        today = today_at(self.unit.clinic.time_zone)
        return {"kind": UpkeepKind.MAINTENANCE, "done_on": today, "done_by": self.request.actor.name}

    def perform(self, form: forms.UpkeepForm) -> HttpResponse:
        services.record_upkeep(self.request.actor, equipment_id=self.unit.pk, data=form.cleaned_data)
        return self.done(_("Written into the service log"))


class ScanView(SignedInMixin, TemplateView):
    """The page behind a label, for a telephone: what it is, a fault or a service noted in two taps."""

    template_name = "clinics/equipment/scan.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        context = record_context(self.request.actor, pk)
        return super().get_context_data(
            **kwargs, **context, kinds=UpkeepKind.choices, acts=dict(filter(None, [context["main"], *context["more"]]))
        )  # fmt: skip


class ScanUpkeepView(SignedInMixin, View):
    """A service noted by its kind alone: who is signed in did it, today."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        data = {"kind": request.POST.get("kind", ""), "comment": request.POST.get("comment", "")}
        services.record_upkeep(request.actor, equipment_id=pk, data=data)
        return go(request, "clinics:equipment_scan", pk, message=_("Written into the service log"))


class LabelsView(SignedInMixin, View):
    """Labels of the chosen units, to print."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = ids(request.POST.getlist("row"))
        if not chosen:
            raise Invalid({"row": [_("Choose the units whose labels are to be printed.")]})
        return pdf_response(
            equipment_labels(request.actor, chosen), f"labels-{timezone.localdate():%Y-%m-%d}"
        )
