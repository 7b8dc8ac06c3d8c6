"""Pages of nominations: the employer's list, nominating, one nomination, its steps, the person's own page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import FormView, TemplateView

from cluster_portal.accounts.roles import Role
from cluster_portal.web.acts import Act, ReasonForm, StepMixin
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from training.forms import nominations as forms
from training.policies import READERS, nomination_policy
from training.selectors import certificates, learning
from training.selectors import nominations as selectors
from training.selectors.programmes import see_intake
from training.services import nominations as services
from training.services import offers
from training.services.certificates import certify_nomination, revoke_certificate
from training.states import AssessmentKind, NominationState, PaperKind
from training.views.programmes import INTAKE_TONES

if TYPE_CHECKING:
    import uuid

    from django.db.models import TextChoices
    from django.http import HttpRequest, HttpResponse

    from training.models import Intake, Nomination

_S = NominationState
#: Chips of the states.
TONES = {
    _S.DRAFT: "outline", _S.NOMINATED: "info", _S.ENDORSED: "info", _S.SHORTLISTED: "accent", _S.WAITLISTED: "violet",
    _S.OFFERED: "warn", _S.ACCEPTED: "warn", _S.CONFIRMED: "good", _S.IN_PROGRESS: "accent", _S.COMPLETED: "good",
    _S.CERTIFIED: "good", _S.DECLINED: "neutral", _S.WITHDRAWN: "neutral", _S.REJECTED: "danger",
    _S.EXPIRED: "neutral", _S.INCOMPLETE: "warn",
}  # fmt: skip


ACTS = {
    "nominate": Act(services.put_forward, pgettext_lazy("nomination", "Put forward"), "send",
                    gettext_lazy("The employer is asked to endorse it.")),
    "endorse": Act(services.endorse_nomination, gettext_lazy("Endorse"), "check",
                   gettext_lazy("Your organisation stands behind it; the training office chooses next.")),
    "shortlist": Act(services.shortlist_nomination, gettext_lazy("Put on the short list"), "list-check"),
    "offer": Act(offers.offer_seat, gettext_lazy("Offer a seat"), "mail-forward",
                 gettext_lazy("The seat is kept for 48 hours, days off do not count.")),
    "wait": Act(services.waitlist_nomination, gettext_lazy("Put on the waiting list"), "hourglass",
                gettext_lazy("A seat that becomes free is offered in the order of the list.")),
    "accept": Act(offers.accept_offer, gettext_lazy("Accept the seat"), "circle-check",
                  gettext_lazy("Other nominations of the person on the same days are withdrawn.")),
    "decline": Act(offers.decline_offer, gettext_lazy("Decline the seat"), "circle-x",
                   gettext_lazy("The seat goes to the next one on the waiting list."), form=ReasonForm,
                   danger=True),
    "confirm": Act(services.confirm_nomination, gettext_lazy("Confirm the seat"), "clipboard-check",
                   gettext_lazy("All papers have to be there, valid to the last day.")),
    "begin": Act(services.begin_nomination, gettext_lazy("Has begun to learn"), "flag"),
    "complete": Act(services.complete_nomination, gettext_lazy("Has completed it"), "school"),
    "fall_short": Act(services.fail_nomination, gettext_lazy("Has not completed it"), "circle-x",
                      gettext_lazy("There will be no certificate; the employer and the person see the reason."),
                      form=ReasonForm, danger=True),
    "certify": Act(certify_nomination, gettext_lazy("Issue the certificate"), "certificate",
                   gettext_lazy("Its words stay as they are now; whoever has the number can check them.")),
    "revoke": Act(revoke_certificate, gettext_lazy("Revoke the certificate"), "ban",
                  gettext_lazy("Whoever checks its number is shown the reason and the day."),
                  form=ReasonForm, danger=True),
    "reject": Act(services.reject_nomination, gettext_lazy("Turn down"), "ban",
                  gettext_lazy("The employer and the person see the reason."), form=ReasonForm, danger=True),
    "withdraw": Act(offers.withdraw_nomination, gettext_lazy("Withdraw"), "arrow-back-up",
                    gettext_lazy("A seat that it holds goes to the next one on the waiting list."),
                    form=ReasonForm, danger=True),
}  # fmt: skip


class ListView(SignedInMixin, TemplateView):
    """The employer's nominations by state; the offices see all."""

    roles = tuple(READERS)
    template_name = "training/nominations/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        state = self.request.GET.get("state", "")
        state = state if state in NominationState.values else ""
        lacking = self.request.GET.get("papers") == "missing"
        page = page_of(self.request, selectors.listed(actor, state, lacking=lacking), selectors.ORDER)
        page.items = [{"nomination": row, "tone": TONES[row.state]} for row in page.items]
        counts = selectors.counted(actor)
        return super().get_context_data(
            **kwargs, page=page, state=state, lacking=lacking,
            tabs=tabs(counts, state, self.request.path, everything=True),
            may_nominate=nomination_policy.may(actor, "create"),
            taught=[(intake, INTAKE_TONES[intake.state]) for intake in learning.taught(actor)],
        )  # fmt: skip


def tabs(
    counts: dict[str, int], current: str, path: str, *, everything: bool = False
) -> list[dict[str, Any]]:
    """`tabs_of` nominations."""
    return tabs_of(NominationState, counts, current, path, everything=everything)


def tabs_of(
    states: type[TextChoices], counts: dict[str, int], current: str, path: str, *, everything: bool = False
) -> list[dict[str, Any]]:
    """A tab for each state that has something in it, and for the one that is shown. `path` may have a query."""
    words, joint = dict(states.choices), "&" if "?" in path else "?"
    found = [
        {
            "label": words[state],
            "url": f"{path}{joint}state={state}",
            "current": state == current,
            "count": counts.get(state, 0),
        }
        for state in states.values
        if counts.get(state) or state == current
    ]
    every = {"label": _("All"), "url": path, "current": not current, "count": sum(counts.values())}
    return [every, *found] if everything else found


class NominationView(SignedInMixin, TemplateView):
    """One nomination with its story."""

    template_name = "training/nominations/detail.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        found = selectors.told(actor, pk)
        nomination, papers = found.nomination, dict(PaperKind.choices)
        acts = [(name, ACTS[name]) for name in found.actions]
        harmless = [pair for pair in acts if not pair[1].danger]
        progress = learning.progress(actor, nomination)
        return super().get_context_data(
            **kwargs,
            nomination=nomination,
            tone=TONES[nomination.state],
            main=harmless[0] if harmless else None,
            more=[pair for pair in acts if pair not in harmless[:1]],
            missing=[papers[kind] for kind in found.missing],
            browses=actor.has(*READERS),
            progress=progress,
            assessments=[
                (kind, label, progress.assessments.get(kind)) for kind, label in AssessmentKind.choices
            ]
            if progress
            else [],
            certificates=certificates.of_nomination(nomination),
            steps=[
                {
                    "title": step.get_to_state_display(),
                    "meta": " · ".join(filter(None, (f"{step.at:%d.%m.%Y}", step.actor_name))),
                    "note": step.reason,
                }
                for step in found.steps
            ],
        )


class NominateView(ServiceFormMixin, SignedInMixin, FormView):
    """Nominate somebody for an intake."""

    form_class = forms.NominateForm
    template_name = "training/nominations/nominate.html"
    intake: Intake

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        nomination_policy.require(request.actor, "create")
        self.intake = see_intake(request.actor, kwargs["intake"])

    def get_form_kwargs(self) -> dict[str, Any]:
        actor = self.request.actor
        people = selectors.candidates(actor, self.intake)
        return super().get_form_kwargs() | {"people": people, "named": actor.has(Role.TRAINING)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        programme = self.intake.programme
        back = f"{reverse('training:programme', args=[programme.pk])}?intake={self.intake.pk}"
        return super().get_context_data(**kwargs, intake=self.intake, programme=programme, back=back)

    def perform(self, form: forms.NominateForm) -> HttpResponse:
        data = dict(form.cleaned_data)
        nomination = services.nominate_specialist(
            self.request.actor, specialist_id=data.pop("specialist"), intake_id=self.intake.pk, **data
        )
        return go(self.request, "training:nomination", nomination.pk, message=_("Nominated"))


class StepView(StepMixin, ServiceFormMixin, SignedInMixin, FormView):
    """A step by the state table."""

    template_name = "training/nominations/step.html"
    nomination: Nomination
    acts, key = ACTS, "nomination_id"

    def look_up(self, request: HttpRequest, **kwargs: Any) -> None:
        super().look_up(request, **kwargs)
        self.nomination = selectors.see_nomination(request.actor, kwargs["pk"])
        nomination_policy.get(request.actor, kwargs["action"], kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("training:nomination", args=[self.nomination.pk])
        return super().get_context_data(**kwargs, nomination=self.nomination, back=back)

    def done(self, message: Any) -> HttpResponse:
        mine = self.nomination.specialist.user_id == self.request.actor.user_id
        if mine and not self.request.actor.has(*READERS):
            return go(self.request, "training:own", message=_("Done"))
        return go(self.request, "training:nomination", self.nomination.pk, message=_("Done"))
