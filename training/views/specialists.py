"""Pages of specialists: the register, the personal file, entering and keeping it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from clinics.selectors.calendar import today_at
from clinics.selectors.wording import language_name
from cluster_portal.web.acts import Act, StepMixin
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from training.forms import specialists as forms
from training.policies import READERS, specialist_policy
from training.selectors import specialists as selectors
from training.services import specialists as services
from training.states import CANDIDATE, Level, SpecialistState
from training.views.nominations import TONES as NOMINATION_TONES

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse

    from training.models import Specialist, SpecialistPaper

#: Chips of the states.
TONES = {SpecialistState.ACTIVE: "good", SpecialistState.LEFT: "neutral"}


ACTS = {
    "leave": Act(
        services.leave_specialist, gettext_lazy("Does not work here any more"), "user-minus",
        gettext_lazy("The file stays with everything that was learned. The person's account no longer opens it."),
        form=forms.LeaveForm, danger=True, done=gettext_lazy("Noted that the specialist has left"),
    ),
    "return": Act(
        services.return_specialist, gettext_lazy("Works here again"), "user-check",
        gettext_lazy("The specialist can be nominated again. An account has to be named anew."),
        form=forms.ReturnForm, done=gettext_lazy("The specialist works here again"),
    ),
}  # fmt: skip


class RegisterView(SignedInMixin, TemplateView):
    """The specialists of the employer; both offices see all."""

    roles = tuple(READERS)
    template_name = "training/specialists/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        bar = forms.SpecialistFilter(self.request.GET, lists=selectors.choices(actor))
        bar.is_valid()
        known = dict(bar.cleaned_data)
        by = selectors.Narrowing(text=known.pop("q", "").strip(), **known)
        page = page_of(self.request, selectors.register(actor, by), selectors.ORDER)
        today = today_at(actor.time_zone)
        page.items = [
            {
                "person": row,
                "tone": TONES[row.state],
                "languages": spoken(row),
                "near": selectors.how_near(row.accredited_until, today),
            }
            for row in page.items
        ]
        return super().get_context_data(
            **kwargs, page=page, filter=bar, narrowed=bool(by), may_add=specialist_policy.may(actor, "create")
        )


def spoken(specialist: Specialist) -> list[str]:
    """`английский B2`, a line for each language."""
    levels = dict(Level.choices)
    return [f"{language_name(code)} {levels[level]}" for code, level in specialist.languages.items()]


class FileView(SignedInMixin, TemplateView):
    """A personal file."""

    template_name = "training/specialists/detail.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        file = selectors.personal_file(actor, pk)
        person, today = file.specialist, today_at(actor.time_zone)
        return super().get_context_data(
            **kwargs,
            file=file,
            person=person,
            tone=TONES[person.state],
            languages=spoken(person),
            near=selectors.how_near(person.accredited_until, today),
            papers=[
                {"paper": paper, "near": selectors.how_near(paper.valid_until, today)}
                for paper in file.papers
            ],
            history=[{"nomination": row, "tone": NOMINATION_TONES[row.state]} for row in file.history],
            may_rank=sum(row.state in CANDIDATE for row in file.history) > 1
            and (file.may_edit or actor.user_id == person.user_id),
            acts=[(name, ACTS[name]) for name in file.actions],
            browses=specialist_policy.may(actor, "browse"),
        )


class SpecialistFormView(ServiceFormMixin, SignedInMixin, FormView):
    """Enter a specialist, or correct what is on record."""

    form_class = forms.SpecialistForm
    template_name = "training/specialists/form.html"
    person: Specialist | None = None

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        if pk := kwargs.get("pk"):
            self.person = selectors.specialist_to_edit(request.actor, pk)
        else:
            specialist_policy.require(request.actor, "create")

    def get_initial(self) -> dict[str, Any]:
        return forms.SpecialistForm.initial_of(self.person) if self.person else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "employers": selectors.employers_to_choose(self.request.actor),
            "specialties": selectors.specialties_to_choose(),
            "specialist": self.person,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, person=self.person, back=back_to(self.person))

    def perform(self, form: forms.SpecialistForm) -> HttpResponse:
        actor = self.request.actor
        if self.person:
            person = services.update_specialist(actor, specialist_id=self.person.pk, **form.values())
        else:
            person = services.add_specialist(actor, **form.values())
        return go(self.request, "training:specialist", person.pk, message=_("Saved"))


def back_to(person: Specialist | None) -> str:
    """The file, or the register where there is none yet."""
    return reverse("training:specialist", args=[person.pk]) if person else reverse("training:specialists")


class _FileFormView(ServiceFormMixin, SignedInMixin, FormView):
    """A form about one specialist whom the actor keeps."""

    template_name = "training/specialists/act.html"
    person: Specialist
    title: Any = ""
    note: Any = ""

    def look_up(self, request: HttpRequest, pk: uuid.UUID, **kwargs: Any) -> None:
        """Whom the form is about. Raises NotFound and Forbidden."""
        self.person = selectors.specialist_to_edit(request.actor, pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {"title": self.title, "note": self.note}
        return super().get_context_data(**words | kwargs, person=self.person, back=back_to(self.person))

    def done(self, message: Any) -> HttpResponse:
        return go(self.request, "training:specialist", self.person.pk, message=message)


class StepView(StepMixin, _FileFormView):
    """A step by the state table."""

    acts, key = ACTS, "specialist_id"


class AccountView(_FileFormView):
    """By which account the specialist sees the own file."""

    form_class = forms.AccountForm
    title = gettext_lazy("Account of the specialist")
    note = gettext_lazy("With it the person sees the own file, answers offers and follows the schedule.")

    def get_initial(self) -> dict[str, Any]:
        return {"email": self.person.user.email if self.person.user else ""}

    def perform(self, form: forms.AccountForm) -> HttpResponse:
        services.link_account(self.request.actor, specialist_id=self.person.pk, **form.cleaned_data)
        return self.done(_("Saved"))


class PaperAddView(_FileFormView):
    """Note a paper."""

    form_class = forms.PaperForm
    title = gettext_lazy("Add a paper")

    def perform(self, form: forms.PaperForm) -> HttpResponse:
        services.add_paper(self.request.actor, specialist_id=self.person.pk, data=form.cleaned_data)
        return self.done(_("Saved"))


class PaperEditView(_FileFormView):
    """Correct a paper."""

    form_class = forms.PaperForm
    title = gettext_lazy("Correct the paper")
    paper: SpecialistPaper

    def look_up(self, request: HttpRequest, pk: uuid.UUID, **kwargs: Any) -> None:
        self.paper = selectors.paper_to_edit(request.actor, pk)
        self.person = self.paper.specialist

    def get_initial(self) -> dict[str, Any]:
        return forms.PaperForm.initial_of(self.paper)

    def perform(self, form: forms.PaperForm) -> HttpResponse:
        services.update_paper(self.request.actor, paper_id=self.paper.pk, data=form.cleaned_data)
        return self.done(_("Saved"))
