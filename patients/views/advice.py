"""Pages of questions to specialists: both sides' lists, the thread, asking."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from cluster_portal.common.errors import IllegalTransition, NotFound, PortalError
from cluster_portal.files.responses import download
from cluster_portal.web import menu
from cluster_portal.web.forms import add_error
from cluster_portal.web.mixins import PAGE_ERRORS, ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from patients.errors import AdviceFileSeen, AdviceTaken
from patients.forms.advice import AskForm, CloseForm, PostForm, ReasonForm, TakeForm
from patients.policies import STAFF, advice_file_policy, advice_policy
from patients.selectors import advice as selectors
from patients.selectors.dictionaries import open_clinics
from patients.selectors.patients import open_patient
from patients.selectors.reasons import Names
from patients.services import advice as services
from patients.services.advice_files import (
    answer_with_files,
    ask_again_with_files,
    ask_with_files,
    remove_advice_file,
    take_advice_file,
)
from patients.services.drafts import age_on
from patients.states import ADVICE, ADVICE_REASONS, AdviceState
from patients.views.details import age_words
from patients.views.files import ask_to_remove, shown

if TYPE_CHECKING:
    from django.http import HttpRequest

    from cluster_portal.common.actor import Actor
    from patients.models import Advice

TITLES = {
    selectors.OUT: gettext_lazy("Questions to specialists"),
    selectors.IN: gettext_lazy("Questions to our specialists"),
}
#: What a line of the thread says beside its words.
STEPS = {
    "ask": gettext_lazy("asked"), "ask_again": gettext_lazy("asked more"), "answer": gettext_lazy("answered"),
    "take": gettext_lazy("took the question"), "give_back": gettext_lazy("gave the question back"),
    "decline": gettext_lazy("declined to answer"), "close": gettext_lazy("closed the question"),
    "convert": gettext_lazy("made a referral of it"),
}  # fmt: skip
#: Actions that ask something on a page of their own: form, title, the button, what happens.
ASKING = {
    "decline": (
        partial(ReasonForm, action="decline"), gettext_lazy("Decline the question"), gettext_lazy("Decline"),
        gettext_lazy("The asking clinic reads the reason at once."),
    ),
    "give_back": (
        partial(ReasonForm, action="give_back"), gettext_lazy("Give the question back"), gettext_lazy("Give back"),
        gettext_lazy("Any clinic that gives the service can take it. The asking clinic reads the reason at once."),
    ),
    "close": (
        CloseForm, gettext_lazy("Close the question"), gettext_lazy("Close the question"),
        gettext_lazy("It moves to the settled ones. Nothing can be added after that."),
    ),
}  # fmt: skip


class StartView(SignedInMixin, View):
    """The way to the list that a person begins with."""

    roles = tuple(STAFF)

    def get(self, request: HttpRequest) -> HttpResponse:
        side = selectors.sides_of(request.actor)[0]
        return redirect(
            "patients:advice_list", side=side, queue="asked" if side == selectors.IN else "answered"
        )


class ListView(SignedInMixin, TemplateView):
    """One list of a side."""

    roles = tuple(STAFF)
    template_name = "patients/advice/list.html"

    def get_context_data(self, side: str, queue: str, **kwargs: Any) -> dict[str, Any]:
        actor, chosen = self.request.actor, selectors.QUEUES[side].get(queue)
        if chosen is None:
            raise Http404
        text = self.request.GET.get("q", "").strip()[:100]
        page = page_of(self.request, selectors.questions(actor, side, chosen, text), chosen.order)
        numbers = selectors.counts(actor, side)
        tabs = [
            {
                "label": each.label, "url": reverse("patients:advice_list", args=[side, key]),
                "current": key == queue, "count": numbers.get(key),
            }
            for key, each in selectors.QUEUES[side].items()
        ]  # fmt: skip
        sides = [
            (label, reverse("patients:advice_list", args=[key, "asked"]), key == side)
            for key, label in TITLES.items()
        ]
        return super().get_context_data(
            **kwargs, page=page, tabs=tabs, side=side, sides=sides, title=TITLES[side], queue=chosen, text=text,
            named=queue != selectors.FREE, late=numbers["late"], may_ask=advice_policy.may(actor, "create"),
        )  # fmt: skip


class AskView(ServiceFormMixin, SignedInMixin, FormView):
    """A new question about a patient (`?patient=`)."""

    roles = tuple(STAFF)
    form_class = AskForm
    template_name = "patients/advice/ask.html"

    def _patient(self) -> Any:
        if not hasattr(self, "_found"):
            asked = self.request.GET.get("patient")
            if not asked:
                raise NotFound
            self._found = open_patient(self.request.actor, asked, purpose="advice")
        return self._found

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"clinics": open_clinics(self.request.actor.organization_id)}

    def get_initial(self) -> dict[str, Any]:
        return {"key": uuid.uuid4()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, patient=self._patient())

    def perform(self, form: AskForm) -> HttpResponse:
        advice = ask_with_files(self.request.actor, patient_id=self._patient().pk, **form.data_for_service())
        menu.forget_counters(self.request.actor)
        return go(self.request, "patients:advice", advice.pk, message=_("The question is sent."))


class QuestionMixin(SignedInMixin):
    """Pages of one question. Whoever could have taken one that is out of their sight now is told so in words."""

    roles = tuple(STAFF)

    def dispatch(self, request: HttpRequest, *args: Any, pk: uuid.UUID, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, pk=pk, **kwargs)
        except NotFound:
            if not selectors.is_taken_by_another(request.actor, pk):
                raise
            return _too_late(request)


class AdviceView(QuestionMixin, TemplateView):
    """One question with its thread. Opening it is journalled; what was written to us is read by that."""

    template_name = "patients/advice/detail.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        advice = selectors.open_advice(self.request.actor, pk)
        return super().get_context_data(
            **kwargs, **page(self.request.actor, advice, PostForm(initial=_key()))
        )


def _too_late(request: HttpRequest) -> HttpResponse:
    """To the questions that are still free, with a word about the one that is not."""
    place = reverse("patients:advice_list", args=[selectors.IN, selectors.FREE])
    return go(
        request, place, message=_("This question was taken by another clinic, or settled by those who asked.")
    )


def _key() -> dict[str, Any]:
    return {"key": uuid.uuid4()}


def page(actor: Actor, advice: Advice, form: PostForm, typed: str = "") -> dict[str, Any]:
    """What the page of a question shows. `typed` is the action of what was refused: its words stay on the page."""
    posts, names = list(selectors.posts_of(actor, advice)), Names()
    for post in posts:
        post.is_ours = post.organization_id == actor.organization_id
        post.is_new = not post.is_ours and post.addressee_id == actor.organization_id and post.read_at is None
        post.step = STEPS[post.action]
        post.shown = [
            shown(
                file,
                "patients:advice_file",
                advice.pk,
                removable=advice_file_policy.is_removable(actor, file),
            )
            | {"label": file.get_format_display()}
            for file in post.files.all()
        ]
        post.why = post.reason and names(ADVICE_REASONS[post.action], post.reason)
    possible = advice_policy.possible(actor, advice)
    ours = advice.source_organization_id == actor.organization_id
    side = selectors.OUT if ours else selectors.IN
    named = advice_policy.names(actor, advice)
    speak = next((action for action in ("answer", "ask_again") if action in possible), typed)
    return {
        "advice": advice,
        "patient": advice.patient,
        "age": age_words(age_on(advice.patient, timezone.localdate())),
        "posts": posts,
        "unread": sum(post.is_new for post in posts),
        "ours": ours,
        "possible": possible,
        "speak": speak,
        "form": form,
        "waits": advice.state == AdviceState.ASKED,
        "named": named,
        "declined": advice.decline_reason and names(ADVICE_REASONS["decline"], advice.decline_reason),
        "answering": list(selectors.own_services(actor, advice)) if "take" in possible else (),
        "crumbs": [
            (TITLES[side], reverse("patients:advice_list", args=[side, "all" if named else selectors.FREE]))
        ],
    }


class AdviceActionView(QuestionMixin, View):
    """One step of a question: `answer` and `ask_again` come from its page, the others ask on a page of their own."""

    def dispatch(self, request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
        if action not in ADVICE.actions and action != "read":
            raise Http404
        return super().dispatch(request, pk=pk, action=action)

    def get(self, request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
        if action not in ASKING:
            return redirect("patients:advice", pk)
        advice_policy.get(request.actor, action, pk)
        advice = selectors.open_advice(request.actor, pk)
        if action not in advice_policy.possible(request.actor, advice):
            return self._overtaken(advice)
        return self._ask(advice, action, ASKING[action][0]())

    def post(self, request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
        actor = request.actor
        if action == "read":
            services.read_advice(actor, advice_id=pk)
            menu.forget_counters(actor)
            return go(request, "patients:advice", pk)
        if action == "take":
            return self._take(request, pk)
        # Whoever may not do it is told so before anything is asked.
        advice_policy.get(actor, action, pk)
        if action == "convert":
            return self._done(lambda: services.convert_advice(actor, advice_id=pk), pk)
        kind = ASKING[action][0] if action in ASKING else PostForm
        form = kind(request.POST, request.FILES)
        if not form.is_valid():
            return self._refused(pk, action, form)
        run = {
            "answer": answer_with_files, "ask_again": ask_again_with_files, "decline": services.decline_advice,
            "give_back": services.give_back_advice, "close": services.close_advice,
        }[action]  # fmt: skip
        return self._done(lambda: run(actor, advice_id=pk, **form.cleaned_data), pk, action, form)

    def _take(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        form = TakeForm(request.POST)
        chosen = form.cleaned_data["service_id"] if form.is_valid() else None
        try:
            services.take_advice(request.actor, advice_id=pk, service_id=chosen)
        except (AdviceTaken, IllegalTransition):
            return _too_late(request)
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            return go(request, "patients:advice", pk, message=error.detail)
        menu.forget_counters(request.actor)
        return go(
            request, "patients:advice", pk, message=_("The question is yours. The asking clinic knows.")
        )

    def _done(self, work: Any, pk: uuid.UUID, action: str = "convert", form: Any = None) -> HttpResponse:
        try:
            made = work()
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            if form is not None:
                return self._refused(pk, action, form, error)
            if isinstance(error, IllegalTransition):
                return self._overtaken(selectors.open_advice(self.request.actor, pk))
            return go(self.request, "patients:advice", pk, message=error.detail)
        menu.forget_counters(self.request.actor)
        if action == "convert":
            told = _("The draft is begun. Please look it over.")
            return go(self.request, "patients:referral_edit", made.pk, message=told)
        if action == "give_back":
            place = reverse("patients:advice_list", args=[selectors.IN, "asked"])
            return go(self.request, place, message=_("The question is free again. The asking clinic knows."))
        return go(self.request, "patients:advice", pk)

    def _overtaken(self, advice: Advice) -> HttpResponse:
        """The state has moved on, and nothing was typed: to the question, with a word."""
        messages.info(self.request, _as_it_stands(advice))
        return go(self.request, "patients:advice", advice.pk)

    def _refused(
        self, pk: uuid.UUID, action: str, form: Any, error: PortalError | None = None
    ) -> HttpResponse:
        """The form again, with what was typed and why it was refused: 409 where the state has moved on, else 422."""
        advice, status = selectors.open_advice(self.request.actor, pk), 422
        if isinstance(error, IllegalTransition):
            status = error.status
            form.add_error(None, _as_it_stands(advice))
        elif error is not None:
            add_error(form, error)
        if action in ASKING:
            return self._ask(advice, action, form, status)
        view = TemplateView(request=self.request)
        view.template_name = AdviceView.template_name
        context = page(self.request.actor, advice, form, typed=action)
        return view.render_to_response(view.get_context_data(**context), status=status)

    def _ask(self, advice: Advice, action: str, form: Any, status: int = 200) -> HttpResponse:
        _form, title, submit, note = ASKING[action]
        view = TemplateView(request=self.request)
        view.template_name = "patients/advice/action.html"
        context = {
            "advice": advice, "form": form, "title": title, "submit": submit, "note": note, "action": action,
            "named": advice_policy.names(self.request.actor, advice),
        }  # fmt: skip
        return view.render_to_response(view.get_context_data(**context), status=status)


def _as_it_stands(advice: Advice) -> str:
    return _("Nothing was changed: the question is now “%(state)s”.") % {"state": advice.get_state_display()}


class FileView(SignedInMixin, View):
    """A file of the thread, as a download. Journalled."""

    roles = tuple(STAFF)
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, pk: uuid.UUID, file: uuid.UUID) -> HttpResponse:
        return download(take_advice_file(request.actor, advice_id=pk, file_id=file))


class RemoveFileView(SignedInMixin, View):
    """GET asks (a dialog for htmx, a page otherwise), POST takes the file away."""

    roles = tuple(STAFF)

    def get(self, request: HttpRequest, pk: uuid.UUID, file: uuid.UUID) -> HttpResponse:
        found = selectors.see_advice_file(request.actor, file, pk, "remove")
        if not advice_file_policy.is_removable(request.actor, found):
            raise AdviceFileSeen
        back = reverse("patients:advice", args=[pk])
        return ask_to_remove(request, found, _("Question and answers"), back)

    def post(self, request: HttpRequest, pk: uuid.UUID, file: uuid.UUID) -> HttpResponse:
        remove_advice_file(request.actor, advice_id=pk, file_id=file)
        return go(request, "patients:advice", pk, message=_("The file is removed."))
