"""Records that may be one person's: the cluster office compares and merges them, clinics propose it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import IllegalTransition, Invalid
from cluster_portal.web import menu
from cluster_portal.web.forms import add_error
from cluster_portal.web.mixins import ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of
from patients.errors import UndoBlocked
from patients.forms.merging import FIRST, SECOND, DismissForm, MergeForm, ProposeForm
from patients.models import Patient
from patients.policies import STAFF, duplicate_policy, merge_policy
from patients.selectors import merging as selectors
from patients.selectors.patients import open_patient, twins_to_propose
from patients.services.duplicates import ask_for_duplicates, dismiss_pair
from patients.services.merging import merge_patients, undo_merge
from patients.services.proposals import propose_merge
from patients.states import PairSign, PairState

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest

    from patients.models import DuplicatePair, PatientMerge

OFFICE = (Role.OFFICE,)
SIGNS = dict(PairSign.choices)


def signs(pair: DuplicatePair) -> list[Any]:
    """What speaks for one person, in words."""
    return [SIGNS.get(sign, sign) for sign in pair.signs]


class DuplicatesView(SignedInMixin, TemplateView):
    """Pairs that wait for a decision. The list names nobody."""

    roles = OFFICE
    template_name = "patients/duplicates/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        duplicate_policy.require(self.request.actor, "list")
        page = page_of(self.request, selectors.open_pairs(self.request.actor), selectors.PAIR_ORDER)
        page.items = [{"pair": pair, "signs": signs(pair)} for pair in page.items]
        return super().get_context_data(**kwargs, page=page)


class FindView(SignedInMixin, View):
    """Look for duplicates now."""

    roles = OFFICE
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        ask_for_duplicates(request.actor)
        return go(
            request,
            "patients:duplicates",
            message=_("The records are being compared; look again in a minute."),
        )


class CompareView(ServiceFormMixin, SignedInMixin, FormView):
    """Two records side by side. Looking at them is journalled."""

    roles = OFFICE
    form_class = MergeForm
    template_name = "patients/duplicates/compare.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._pair: DuplicatePair | None = None
        return super().dispatch(request, *args, **kwargs)

    @property
    def pair(self) -> DuplicatePair:
        if self._pair is None:
            self._pair = selectors.open_pair(self.request.actor, self.kwargs["pk"])
        return self._pair

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        merge = self.pair.merges.filter(undone_at__isnull=True).first()
        return redirect("patients:merge", merge.pk) if merge else super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"first": self.pair.first, "second": self.pair.second}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pair = self.pair
        sides = [
            {"key": key, "patient": patient, "weights": selectors.weights(patient)}
            for key, patient in ((FIRST, pair.first), (SECOND, pair.second))
        ]
        is_open = pair.state == PairState.OPEN
        kwargs.setdefault("dismiss", DismissForm())
        return super().get_context_data(**kwargs, pair=pair, signs=signs(pair), sides=sides, is_open=is_open)

    def perform(self, form: MergeForm) -> HttpResponse:
        merge = merge_patients(
            self.request.actor,
            pair_id=self.pair.pk,
            survivor_id=form.survivor_id(),
            take=form.take(),
            comment=form.cleaned_data["comment"],
        )
        menu.forget_counters(self.request.actor)
        return go(self.request, "patients:merge", merge.pk, message=_("The two records are one now."))


class DismissView(CompareView):
    """They are two people; to a clinic that took them for one the answer says why."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        form = DismissForm(request.POST)
        try:
            dismiss_pair(request.actor, pair_id=pk, answer=request.POST.get("answer", ""))
        except IllegalTransition:
            return go(request, "patients:duplicate", pk)
        except Invalid as error:
            form.is_valid()
            form.errors.pop("answer", None)
            add_error(form, error)
            unbound = MergeForm(first=self.pair.first, second=self.pair.second)
            return self.render_to_response(self.get_context_data(form=unbound, dismiss=form), status=422)
        menu.forget_counters(request.actor)
        return go(
            request, "patients:duplicates", message=_("Noted: two people. The pair is not asked about again.")
        )


class ProposeView(ServiceFormMixin, SignedInMixin, FormView):
    """A clinic tells the office that a patient has another record (`?q=` finds it), and reads what the office said."""

    roles = tuple(STAFF)
    form_class = ProposeForm
    template_name = "patients/duplicates/propose.html"

    @cached_property
    def patient(self) -> Patient:
        return open_patient(self.request.actor, self.kwargs["pk"], purpose="merge")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor, text = self.request.actor, self.request.GET.get("q", "").strip()[:200]
        proposals = [
            (
                proposal,
                proposal.pair.second if proposal.pair.first_id == self.patient.pk else proposal.pair.first,
            )
            for proposal in selectors.proposals_of(actor, self.patient)
        ]
        found = twins_to_propose(actor, self.patient, text)
        return super().get_context_data(
            **kwargs, patient=self.patient, text=text, found=found, proposals=proposals
        )

    def perform(self, form: ProposeForm) -> HttpResponse:
        data = form.cleaned_data
        propose_merge(
            self.request.actor, patient_id=self.patient.pk, other_id=data["other"], comment=data["comment"]
        )
        told = _("The cluster office will compare the two records. You get a notice of its decision.")
        return go(self.request, "patients:merge_propose", self.patient.pk, message=told)


class MergesView(SignedInMixin, TemplateView):
    """What was merged."""

    roles = OFFICE
    template_name = "patients/duplicates/merges.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        merge_policy.require(self.request.actor, "list")
        page = page_of(self.request, selectors.merges(self.request.actor), selectors.MERGE_ORDER)
        page.items = [{"merge": merge, "moved": moved(merge)} for merge in page.items]
        return super().get_context_data(**kwargs, page=page)


class MergeView(SignedInMixin, TemplateView):
    """One merge: which values were taken, what moved, and whether it can be undone."""

    roles = OFFICE
    template_name = "patients/duplicates/merge.html"

    def get_context_data(self, pk: uuid.UUID, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, **merge_page(selectors.open_merge(self.request.actor, pk)))


class UndoView(SignedInMixin, View):
    """Make the records two again, or say what stands in the way."""

    roles = OFFICE
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        try:
            undo_merge(request.actor, merge_id=pk)
        except UndoBlocked as blocked:
            page = merge_page(selectors.open_merge(request.actor, pk)) | {"refused": blocked.detail}
            return render(request, "patients/duplicates/merge.html", page, status=blocked.status)
        except IllegalTransition:
            return go(request, "patients:merge", pk)
        menu.forget_counters(request.actor)
        return go(request, "patients:merge", pk, message=_("The records are two again."))


def merge_page(merge: PatientMerge) -> dict[str, Any]:
    """What the page of a merge shows."""
    conflicts = [] if merge.undone_at else selectors.conflicts_of(merge, merge.survivor, merge.merged)
    taken = [
        field.verbose_name
        for field in Patient._meta.concrete_fields
        if field.attname in merge.before["survivor"] and field.attname != "updated_at"
    ]
    return {"merge": merge, "moved": moved(merge), "taken": taken, "conflicts": conflicts}


def moved(merge: PatientMerge) -> list[tuple[Any, int]]:
    """How many rows moved, by kind."""
    names = {
        f"{f.model._meta.label}.{f.name}": f.model._meta.verbose_name_plural
        for f in selectors.rows_of_patients()
    }
    return [(names.get(key, key), len(keys)) for key, keys in merge.moved.items()]
