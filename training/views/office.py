"""The training office writes programmes, intakes and agendas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import FormView, TemplateView, View

from clinics.selectors.cluster import current_cluster
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Invalid
from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from training.forms import programmes as forms
from training.policies import programme_policy
from training.selectors import programmes as selectors
from training.selectors.rooms import hall_of, halls_to_choose, is_too_small
from training.selectors.specialists import specialties_to_choose
from training.services import programmes as services
from training.states import AHEAD, ProgrammeState
from training.views.board import board_context
from training.views.programmes import INTAKE_TONES, spoken

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from training.models import Intake, IntakeSession, Programme

READERS = (Role.TRAINING, Role.OFFICE)
TONES = {
    ProgrammeState.DRAFT: "outline",
    ProgrammeState.PUBLISHED: "good",
    ProgrammeState.ARCHIVED: "neutral",
}


PROGRAMME_ACTS = {
    "publish": Act(
        services.publish_programme, pgettext_lazy("programme", "Publish"), "eye",
        gettext_lazy("Everybody sees it on the public pages."), done=gettext_lazy("The programme is published"),
    ),
    "archive": Act(
        services.archive_programme, pgettext_lazy("programme", "Archive"), "archive",
        gettext_lazy("What it taught stays; it can be published again."),
        done=gettext_lazy("The programme is archived"),
    ),
}  # fmt: skip
INTAKE_ACTS = {
    "open": Act(
        services.open_intake, gettext_lazy("Open nomination"), "door-enter",
        gettext_lazy("Employers nominate until the deadline; the public page shows the intake."),
        done=gettext_lazy("Nomination is open"),
    ),
    "close": Act(
        services.close_intake, gettext_lazy("Close nomination"), "lock",
        gettext_lazy("Nobody else can be nominated. Offers and confirmations go on."),
        done=gettext_lazy("Nomination is closed"),
    ),
    "start": Act(
        services.start_intake, gettext_lazy("Mark as begun"), "flag", done=gettext_lazy("The intake has begun"),
    ),
    "finish": Act(
        services.finish_intake, gettext_lazy("Mark as finished"), "circle-check",
        done=gettext_lazy("The intake is finished"),
    ),
    "cancel": Act(
        services.cancel_intake, gettext_lazy("Cancel the intake"), "calendar-x",
        gettext_lazy("This cannot be undone. The reason stands on the page of the intake."), form=ReasonForm,
        danger=True, done=gettext_lazy("The intake is cancelled"),
    ),
}  # fmt: skip


class ProgrammesView(SignedInMixin, TemplateView):
    """Every programme, drafts too."""

    roles = READERS
    template_name = "training/office/programmes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        page = page_of(self.request, selectors.office_list(actor), selectors.OFFICE_ORDER)
        page.items = [
            {"programme": row, "tone": TONES[row.state], "language": spoken(row)} for row in page.items
        ]
        return super().get_context_data(**kwargs, page=page, may_write=programme_policy.may(actor, "create"))


class DossierView(SignedInMixin, TemplateView):
    """A programme with its intakes."""

    roles = READERS
    template_name = "training/office/programme.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.dossier(actor, pk)
        return super().get_context_data(
            **kwargs,
            found=found,
            programme=found.programme,
            tone=TONES[found.programme.state],
            language=spoken(found.programme),
            intakes=[{"intake": row, "tone": INTAKE_TONES[row.state]} for row in found.intakes],
            acts=[(name, PROGRAMME_ACTS[name]) for name in found.actions],
            may_write=programme_policy.may(actor, "create"),
        )


class IntakeView(SignedInMixin, TemplateView):
    """An intake: its board, its seats, its agenda."""

    roles = READERS
    template_name = "training/office/intake.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        intake = selectors.office_intake(actor, pk)
        return super().get_context_data(
            **kwargs,
            board=board_context(self.request, intake),
            intake=intake,
            programme=intake.programme,
            tone=INTAKE_TONES[intake.state],
            days=selectors.agenda(intake),
            acts=[(name, INTAKE_ACTS[name]) for name in selectors.intake_actions(actor, intake)],
            may_write=programme_policy.may(actor, "create"),
            may_change=intake.state in AHEAD,
        )


class _OfficeFormView(ServiceFormMixin, SignedInMixin, FormView):
    """A form that only the training office fills in. `find` looks up what it is about."""

    template_name = "training/office/form.html"
    title: Any = ""
    programme: Programme | None = None
    intake: Intake | None = None
    session: IntakeSession | None = None

    @property
    def back(self) -> str:
        if self.intake:
            return reverse("training:office_intake", args=[self.intake.pk])
        if self.programme:
            return reverse("training:office_programme", args=[self.programme.pk])
        return reverse("training:office_programmes")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {"title": self.title}
        return super().get_context_data(
            **words | kwargs,
            back=self.back,
            programme=self.programme,
            intake=self.intake,
            session=self.session,
        )

    def done(self, message: Any = None) -> HttpResponse:
        return go(self.request, self.back, message=message or _("Saved"))


class ProgrammeFormView(_OfficeFormView):
    """Write a programme."""

    form_class = forms.ProgrammeForm
    template_name = "training/office/programme_form.html"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if pk := kwargs.get("pk"):
            self.programme = selectors.programme_to_edit(request.actor, pk)
        else:
            programme_policy.require(request.actor, "create")

    def get_initial(self) -> dict[str, Any]:
        return {} if self.programme else {"country": current_cluster().country, "language": "ru"}

    def get_form_kwargs(self) -> dict[str, Any]:
        lists = {"specialties": specialties_to_choose(), "hosts": selectors.hosts_to_choose()}
        return super().get_form_kwargs() | lists | {"instance": self.programme}

    def perform(self, form: forms.ProgrammeForm) -> HttpResponse:
        actor = self.request.actor
        if self.programme:
            services.update_programme(actor, programme_id=self.programme.pk, data=form.values())
        else:
            self.programme = services.add_programme(actor, data=form.values())
        return self.done()


class IntakeFormView(_OfficeFormView):
    """Plan an intake, or change one that is ahead."""

    form_class = forms.IntakeForm
    template_name = "training/office/intake_form.html"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if programme := kwargs.get("programme"):
            self.programme = selectors.programme_to_edit(request.actor, programme)
        else:
            self.intake = selectors.intake_to_edit(request.actor, kwargs["pk"])
            self.programme = self.intake.programme

    def get_initial(self) -> dict[str, Any]:
        return {} if self.intake else {"time_zone": current_cluster().time_zone}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.intake}

    def perform(self, form: forms.IntakeForm) -> HttpResponse:
        try:
            return self._save(form)
        except Invalid as error:
            # The moment is typed as a day and a time.
            at = {
                "nominate_on" if name == "nominate_by" else name: texts
                for name, texts in error.errors.items()
            }
            raise Invalid(at) from error

    def _save(self, form: forms.IntakeForm) -> HttpResponse:
        actor = self.request.actor
        if self.intake:
            services.update_intake(actor, intake_id=self.intake.pk, data=form.values())
        else:
            self.intake = services.add_intake(actor, programme_id=self.programme.pk, data=form.values())
        return self.done()


class SessionFormView(_OfficeFormView):
    """A line of the agenda."""

    form_class = forms.SessionForm
    template_name = "training/office/session_form.html"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if intake := kwargs.get("intake"):
            self.intake = selectors.intake_to_edit(request.actor, intake)
        else:
            self.session = selectors.session_to_edit(request.actor, kwargs["pk"])
            self.intake = self.session.intake
        self.programme = self.intake.programme

    def get_initial(self) -> dict[str, Any]:
        return {"hall": hall_of(self.session)} if self.session else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        self.halls = halls_to_choose(self.request.actor, self.intake)
        return super().get_form_kwargs() | {
            "instance": self.session, "intake": self.intake, "halls": self.halls,
        }  # fmt: skip

    def perform(self, form: forms.SessionForm) -> HttpResponse:
        actor, data = self.request.actor, form.values()
        if self.session:
            services.update_session(actor, session_id=self.session.pk, data=data)
        else:
            services.add_session(actor, intake_id=self.intake.pk, data=data)
        hall = next((room for room in self.halls if room.pk == data["hall"]), None)
        if hall and is_too_small(hall, self.intake):
            words = _("The room has %(places)d places, the intake %(seats)d seats.")
            messages.warning(self.request, words % {"places": hall.capacity, "seats": self.intake.seats})
        return self.done()


class SessionRemoveView(SignedInMixin, View):
    """Take a line off the agenda."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        session = selectors.session_to_edit(request.actor, pk)
        services.remove_session(request.actor, session_id=pk)
        return go(request, "training:office_intake", session.intake_id, message=_("Taken off the agenda"))


class ProgrammeStepView(StepMixin, _OfficeFormView):
    """Publish or archive a programme."""

    acts, key = PROGRAMME_ACTS, "programme_id"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        super().look_up(request, **kwargs)
        self.programme = selectors.programme_to_edit(request.actor, kwargs["pk"])


class IntakeStepView(StepMixin, _OfficeFormView):
    """Open, close, begin, finish or cancel an intake."""

    acts, key = INTAKE_ACTS, "intake_id"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        super().look_up(request, **kwargs)
        self.intake = selectors.intake_to_edit(request.actor, kwargs["pk"])
        self.programme = self.intake.programme
