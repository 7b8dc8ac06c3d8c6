"""The cluster office's pages of the registry: organisations and clinics, entered and changed at once."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from clinics.errors import LikelyDuplicate, RecordChanged, StrandedBookings, WaitingReferrals
from clinics.forms import records as forms
from clinics.models import Clinic, Organization
from clinics.selectors import records as selectors
from clinics.selectors.calendar import today_at
from clinics.selectors.changes import pending_of
from clinics.selectors.cluster import current_cluster
from clinics.selectors.own import services_kept
from clinics.selectors.places import doubt_of_place
from clinics.selectors.slots import slots_of
from clinics.services import records as services
from clinics.services import sites
from clinics.states import CLINIC
from clinics.views.maps import map_of
from clinics.views.schedule import booked_rows
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Invalid
from cluster_portal.web import menu
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from clinics.selectors.records import Record

OFFICE = (Role.OFFICE,)
#: The steps of a site: form, heading, button.
STEPS = {
    "start_building": (
        forms.StatusForm,
        gettext_lazy("Building has begun"),
        gettext_lazy("Note that it is being built"),
    ),
    "open": (forms.OpenForm, gettext_lazy("The clinic opens"), gettext_lazy("Open the clinic")),
    "close": (forms.CloseClinicForm, gettext_lazy("Close the clinic"), gettext_lazy("Close the clinic")),
    "reopen": (forms.StatusForm, gettext_lazy("The clinic works again"), gettext_lazy("Reopen the clinic")),
}


class OrganizationListView(SignedInMixin, TemplateView):
    """Members and partners by what they do, whose they are and how they stand."""

    roles = OFFICE
    template_name = "clinics/records/organizations.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        bar = forms.OrganizationFilter(self.request.GET)
        bar.is_valid()
        known = {name: value for name, value in bar.cleaned_data.items() if value}
        rows = selectors.organizations_listed(self.request.actor, **known)
        page = page_of(self.request, rows, selectors.ORGANIZATION_ORDER)
        return super().get_context_data(**kwargs, page=page, filter=bar, narrowed=bool(known))


class EditsRecord:
    """A form about a record of the registry, with what somebody else has changed while it was typed.

    `action` is what the policy has to allow.
    """

    model: type[Record]
    action = "edit"
    record: Record | None = None
    stale: tuple[tuple[str, str, str], ...] = ()

    def get_form_kwargs(self) -> dict[str, Any]:
        self.record = self.find()
        return super().get_form_kwargs() | ({"instance": self.record} if self.record else {})

    def find(self) -> Record | None:
        return selectors.record_to_edit(self.request.actor, self.action, self.model, self.kwargs["pk"])

    def show_what_differs(self, form: forms.RecordForm) -> None:
        """The record as it stands now beside what was typed; the next attempt is about that version."""
        now = self.find()
        self.stale = tuple(
            (
                selectors.label_of(self.model, name),
                selectors.words_of(self.model, name, getattr(now, name)),
                selectors.words_of(self.model, name, typed),
            )
            for name, typed in form.values().items()
            if typed != getattr(now, name)
        )
        form.see(now.updated_at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {"stale": self.stale}
        # The form has written what was typed on its own copy.
        if self.record:
            context |= {"record": self.find(), "pending": pending_of(self.record)}
        return context


class _OfficeFormView(EditsRecord, ServiceFormMixin, SignedInMixin, FormView):
    roles = OFFICE
    #: What on record may be the one that is being entered.
    candidates: tuple[dict[str, Any], ...] = ()

    @abstractmethod
    def write(self, form: forms.RecordForm) -> Record:
        """Enter or change the record by its service."""

    def perform(self, form: forms.RecordForm) -> HttpResponse:
        try:
            record = self.write(form)
        except LikelyDuplicate as found:
            self.candidates = found.extra["candidates"]
            raise
        except RecordChanged:
            self.show_what_differs(form)
            raise
        return go(self.request, self.address(record), message=_("Saved: the public page shows it already"))

    def address(self, record: Record) -> str:
        kind = "clinic" if self.model is Clinic else "organization"
        return reverse(f"clinics:record_{kind}", args=[record.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, candidates=self.candidates)


class OrganizationView(_OfficeFormView):
    """One organisation: its record and its clinics."""

    model = Organization
    form_class = forms.OrganizationForm
    template_name = "clinics/records/organization.html"

    def write(self, form: forms.OrganizationForm) -> Organization:
        return services.update_organization(
            self.request.actor, organization_id=self.kwargs["pk"], data=form.values(), seen=form.version()
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        clinics = selectors.clinics_of(self.request.actor, self.kwargs["pk"])
        return super().get_context_data(**kwargs, clinics=clinics)


class NewOrganizationView(_OfficeFormView):
    """Enter an organisation."""

    model = Organization
    form_class = forms.OrganizationForm
    template_name = "clinics/records/organization.html"

    def find(self) -> None:
        return None

    def get_initial(self) -> dict[str, Any]:
        return {"country": current_cluster().country}

    def write(self, form: forms.OrganizationForm) -> Organization:
        return services.create_organization(
            self.request.actor, data=form.values(), confirmed_distinct="distinct" in self.request.POST
        )


class _ClinicFormView(_OfficeFormView):
    """A point that can hardly be right is shown before it is written; whoever knows better says so."""

    doubtful = False

    def perform(self, form: forms.ClinicForm) -> HttpResponse:
        moved = {"lat", "lon", "country", "city_ru"} & set(form.changed_data)
        if moved and "placed" not in self.request.POST:
            doubt = doubt_of_place(form.values(), self.kwargs.get("pk"))
            if doubt:
                self.doubtful = True
                raise Invalid({"lat": [doubt]})
        return super().perform(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Whoever has said so need not say it again when something else is in the way.
        placed = "placed" in self.request.POST
        return super().get_context_data(**kwargs, doubtful=self.doubtful, placed=placed)


class ClinicView(_ClinicFormView):
    """One clinic: its record and its status."""

    model = Clinic
    form_class = forms.ClinicForm
    template_name = "clinics/records/clinic.html"

    def write(self, form: forms.ClinicForm) -> Clinic:
        return services.update_clinic(
            self.request.actor, clinic_id=self.kwargs["pk"], data=form.values(), seen=form.version()
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        clinic = context["record"]
        steps = [(step, STEPS[step][2]) for step in CLINIC.available(clinic.status, {"office"})]
        offered = services_kept(self.request.actor, clinic)
        return context | {"steps": steps, "services": offered} | map_of(clinic)


class NewClinicView(_ClinicFormView):
    """Enter a clinic, of the organisation in `?organization=` if there is one."""

    model = Clinic
    form_class = forms.NewClinicForm
    template_name = "clinics/records/clinic.html"

    def find(self) -> None:
        return None

    def get_initial(self) -> dict[str, Any]:
        cluster = current_cluster()
        return {
            "country": cluster.country, "time_zone": cluster.time_zone, "languages": ["ru"], "level": 1,
            "organization": self.request.GET.get("organization"),
        }  # fmt: skip

    def write(self, form: forms.NewClinicForm) -> Clinic:
        return services.create_clinic(
            self.request.actor,
            organization_id=form.cleaned_data["organization"].pk,
            data=form.values(),
            confirmed_distinct="distinct" in self.request.POST,
        )


class StatusView(ServiceFormMixin, SignedInMixin, FormView):
    """A step of a site: building begins, it opens, closes, opens again."""

    roles = OFFICE
    template_name = "clinics/records/status.html"
    stranded: tuple[Any, ...] = ()
    waiting: tuple[dict[str, str], ...] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if kwargs["step"] not in STEPS:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[forms.StatusForm]:
        return STEPS[self.kwargs["step"]][0]

    def get_initial(self) -> dict[str, Any]:
        today = today_at(self.clinic().time_zone)
        return {"opened_on": today, "closed_on": today}

    def clinic(self) -> Clinic:
        return selectors.record_to_edit(self.request.actor, "edit", Clinic, self.kwargs["pk"])

    def perform(self, form: forms.StatusForm) -> HttpResponse:
        actor, pk = self.request.actor, self.kwargs["pk"]
        keep = {name: True for name in ("keep_booked", "return_waiting") if name in self.request.POST}
        try:
            clinic = sites.ACTIONS[self.kwargs["step"]](actor, clinic_id=pk, **form.cleaned_data, **keep)
        except WaitingReferrals as error:
            self.waiting = error.extra["referrals"]
            raise
        except StrandedBookings as error:
            self.stranded = booked_rows(actor, slots_of([row["slot"] for row in error.extra["slots"]]))
            raise
        menu.forget_counters(actor)
        told = _("The clinic is now “%(status)s”.") % {"status": clinic.get_status_display()}
        if "keep_booked" in keep and clinic.status != "closed":
            told = _("The free times are closed. Close the clinic when its patients have been moved.")
        return go(self.request, "clinics:record_clinic", pk, message=told)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        step = self.kwargs["step"]
        _form, title, submit = STEPS[step]
        return super().get_context_data(
            **kwargs, clinic=self.clinic(), step=step, title=title, submit=submit, in_the_way=self.stranded,
            waiting=self.waiting, returns="return_waiting" in self.request.POST,
            back=reverse("clinics:record_clinic", args=[self.kwargs["pk"]]),
        )  # fmt: skip
