"""The people of an organisation, for those who keep the records: the list, somebody's page, the forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms import Form
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from clinics.errors import StrandedBookings
from clinics.forms.practitioners import DismissForm, PeopleFilter, PractitionerForm, QualificationForm
from clinics.selectors import practitioners as selectors
from clinics.selectors.credentials import kept_clinics
from clinics.selectors.week import slots_named
from clinics.services import practitioners as services
from clinics.views.licences import KEEPERS
from clinics.views.schedule import booked_rows
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from clinics.models import Organization, Practitioner


class PeopleView(SignedInMixin, TemplateView):
    """Those of the own organisation, or of all for the office."""

    roles = KEEPERS
    template_name = "clinics/practitioners/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = PeopleFilter(self.request.GET, clinics=kept_clinics(actor, "licence"))
        bar.is_valid()
        by = {name: bar.cleaned_data.get(name, "") for name in ("state", "clinic")}
        by["text"] = bar.cleaned_data.get("q", "").strip()
        page = page_of(self.request, selectors.kept_people(actor, **by), selectors.ORDER)
        page.items = [
            {
                "person": person,
                "status": selectors.status_of(person),
                "url": reverse("clinics:practitioner", args=[person.pk]),
            }
            for person in page.items
        ]
        return super().get_context_data(
            **kwargs, page=page, filter=bar, narrowed=any(by.values()), employers=selectors.employers(actor)
        )


class PersonView(SignedInMixin, TemplateView):
    """Somebody: where they work, what they are qualified in, their permits."""

    roles = KEEPERS
    template_name = "clinics/practitioners/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = selectors.person_page(self.request.actor, self.kwargs["pk"])
        return super().get_context_data(**kwargs, page=page, person=page.practitioner)


class _PersonFormView(ServiceFormMixin, SignedInMixin, FormView):
    """A form about somebody; led back to their page."""

    roles = KEEPERS
    template_name = "clinics/practitioners/form.html"
    title: Any
    submit: Any = gettext_lazy("Save")

    @cached_property
    def person(self) -> Practitioner:
        return selectors.person_to_keep(self.request.actor, self.kwargs["pk"])

    def done(self, message: str) -> HttpResponse:
        return go(self.request, "clinics:practitioner", self.person.pk, message=message)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = {
            "back": reverse("clinics:practitioner", args=[self.person.pk]),
            "back_label": self.person.full_name,
        }
        return super().get_context_data(**{"title": self.title, "submit": self.submit} | back | kwargs)


class NewPersonView(ServiceFormMixin, SignedInMixin, FormView):
    """Enter somebody at an organisation."""

    roles = KEEPERS
    template_name = "clinics/practitioners/form.html"
    form_class = PractitionerForm

    @cached_property
    def organization(self) -> Organization:
        return selectors.employer(self.request.actor, self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organization": self.organization}

    def perform(self, form: PractitionerForm) -> HttpResponse:
        made = services.create_practitioner(
            self.request.actor, organization_id=self.organization.pk, **form.arguments()
        )
        return go(self.request, "clinics:practitioner", made.pk, message=_("Entered."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = {"back": reverse("clinics:practitioners"), "back_label": _("Practitioners")}
        return super().get_context_data(
            **kwargs, **back, title=_("New practitioner"), submit=_("Save"), meta=self.organization.name
        )


class EditPersonView(_PersonFormView):
    """Change somebody's record."""

    form_class, title = PractitionerForm, gettext_lazy("Change the record")

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"instance": self.person, "organization": self.person.organization}
        return super().get_form_kwargs() | more

    def perform(self, form: PractitionerForm) -> HttpResponse:
        services.update_practitioner(
            self.request.actor, practitioner_id=self.kwargs["pk"], **form.arguments()
        )
        return self.done(_("Saved."))


class DismissView(_PersonFormView):
    """The last day at work; what is booked after it is listed."""

    form_class, title, submit = (
        DismissForm,
        gettext_lazy("Leaves the clinic"),
        gettext_lazy("Set the last day"),
    )

    def perform(self, form: DismissForm) -> HttpResponse:
        try:
            services.dismiss_practitioner(
                self.request.actor, practitioner_id=self.kwargs["pk"], **form.cleaned_data
            )
        except StrandedBookings as error:
            slots = slots_named(self.request.actor, [row["slot"] for row in error.extra["slots"]])
            self.in_the_way = booked_rows(self.request.actor, slots)
            raise
        return self.done(_("The last day is set."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, in_the_way=getattr(self, "in_the_way", None))


class TakeBackView(_PersonFormView):
    """GET asks, POST takes the last day away."""

    form_class, title, submit = Form, gettext_lazy("Stays at work"), gettext_lazy("Take the last day away")

    def perform(self, form: Form) -> HttpResponse:
        services.take_back(self.request.actor, practitioner_id=self.kwargs["pk"])
        return self.done(_("Saved. Plan the schedules anew."))


class NewQualificationView(_PersonFormView):
    """Enter a paper."""

    form_class, title = QualificationForm, gettext_lazy("New qualification")

    def perform(self, form: QualificationForm) -> HttpResponse:
        services.add_qualification(self.request.actor, practitioner_id=self.kwargs["pk"], **form.arguments())
        return self.done(_("Entered."))


class RemoveQualificationView(_PersonFormView):
    """GET asks, POST takes away what was entered by mistake."""

    form_class, title, submit = Form, gettext_lazy("Remove the qualification"), gettext_lazy("Remove")

    def perform(self, form: Form) -> HttpResponse:
        services.remove_qualification(
            self.request.actor,
            practitioner_id=self.kwargs["pk"],
            qualification_id=self.kwargs["qualification"],
        )
        return self.done(_("Removed."))
