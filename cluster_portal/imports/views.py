"""The pages of an import: the file, its columns, the check with every mistake, the confirmation, the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView, TemplateView

from cluster_portal.common.errors import NotFound, PortalError
from cluster_portal.imports.files import CONTENT_TYPE, template
from cluster_portal.imports.forms import ApplyForm, MappingForm, UploadForm
from cluster_portal.imports.policies import import_policy
from cluster_portal.imports.selectors import FINDING_ORDER, findings_of, jobs_of_run, runs_of
from cluster_portal.imports.services.deciding import apply_import, check_import, drop_import
from cluster_portal.imports.services.uploading import choose_sheet, find_import, upload_file
from cluster_portal.imports.states import ImportState, Verdict
from cluster_portal.jobs.files import attachment
from cluster_portal.jobs.services import take_file
from cluster_portal.web.forms import add_error
from cluster_portal.web.mixins import PAGE_ERRORS, FragmentMixin, ServiceFormMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of

if TYPE_CHECKING:
    import uuid

    from django.forms import BaseForm
    from django.http import HttpRequest

    from cluster_portal.imports.base import Import
    from cluster_portal.imports.models import ImportRun

#: Rows that are asked about and stand on the page, each with its own answer; the others get the answer for all.
ASKED_ON_PAGE = 100
LATEST = 5
#: The figures of a check, in their order; a tone where a figure above zero wants looking at.
FIGURES = (
    (Verdict.NEW, ""), (Verdict.CHANGED, ""), (Verdict.UNCHANGED, ""), (Verdict.ASKED, "warn"),
    (Verdict.REFUSED, "danger"), (Verdict.SKIPPED, ""),
)  # fmt: skip


class StartPage(ServiceFormMixin, SignedInMixin, FormView):
    """The file to be taken in, the template to fill in, and what became of the latest files."""

    template_name = "imports/start.html"
    form_class = UploadForm

    @cached_property
    def kind(self) -> Import:
        return find_import(self.request.actor, self.kwargs["code"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = self.kind
        runs = list(runs_of(self.request.actor, kind.code)[:LATEST])
        back = reverse(kind.back) if kind.back else ""
        self.request.menu_path = back or self.request.path
        return super().get_context_data(kind=kind, runs=runs, back=back, **kwargs)

    def perform(self, form: UploadForm) -> HttpResponse:
        run = upload_file(self.request.actor, code=self.kind.code, file=form.cleaned_data["file"])
        return go(self.request, "imports:run", run.pk)


class TemplateFile(SignedInMixin, View):
    """The empty table with our headings."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        kind = find_import(request.actor, code)
        response = HttpResponse(template(kind), content_type=CONTENT_TYPE)
        name = f"{kind.title} – {_('template')}.xlsx"
        return _as_file(response, name)


def _as_file(response: HttpResponse, name: str) -> HttpResponse:
    from django.utils.http import content_disposition_header

    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response


class _RunView(SignedInMixin, FragmentMixin, TemplateView):
    """One import, whichever step it is at. While a job works on it, its part of the page asks again each second."""

    template_name = "imports/run.html"
    fragment_name = "imports/_run.html"

    @cached_property
    def run(self) -> ImportRun:
        return import_policy.get(self.request.actor, "view", self.kwargs["pk"])

    def get_context_data(self, form: BaseForm | None = None, **kwargs: Any) -> dict[str, Any]:
        run, kind = self.run, find_import(self.request.actor, self.run.code)
        back = reverse(kind.back) if kind.back else ""
        self.request.menu_path = back or self.request.path
        jobs = jobs_of_run(run)
        context = {
            "run": run,
            "kind": kind,
            "jobs": jobs,
            "back": back,
            "steps": _steps(run, bool(jobs.active), changing := self._changes_columns(form)),
            "figures": [
                {"value": run.counts.get(verdict, 0), "label": verdict.label, "tone": tone}
                for verdict, tone in FIGURES
                if run.counts.get(verdict) or verdict not in (Verdict.SKIPPED, Verdict.ASKED)
            ],
        }
        if jobs.active or run.state in (ImportState.APPLIED, ImportState.DROPPED):
            pass
        elif run.state == ImportState.DRAFT or changing:
            context["mapping_form"] = form or MappingForm(run=run, kind=kind)
        else:
            context["apply_form"] = form or ApplyForm(run=run, asked=_asked(run))
            context["page"] = page_of(self.request, findings_of(run, Verdict.REFUSED), FINDING_ORDER)
            titles = {column.name: column.title for column in kind.columns}
            for finding in context["page"]:
                finding.column_title = titles.get(finding.column, finding.column)
        return super().get_context_data(**context, **kwargs)

    def _changes_columns(self, form: BaseForm | None) -> bool:
        return isinstance(form, MappingForm) or "columns" in self.request.GET

    def refuse(self, form: BaseForm, error: PortalError | None = None) -> HttpResponse:
        """The page with what is wrong, and what was typed."""
        if error is not None:
            add_error(form, error)
        return self.render_to_response(self.get_context_data(form=form), status=422)


def _asked(run: ImportRun) -> list[Any]:
    return list(findings_of(run, Verdict.ASKED)[:ASKED_ON_PAGE])


def _steps(run: ImportRun, works: bool, changing: bool) -> list[dict[str, Any]]:
    """Where on the way the import is."""
    place = 1 if run.state == ImportState.DRAFT or changing else 2
    if run.state == ImportState.DRAFT and works:
        place = 2
    if run.state == ImportState.APPLIED:
        place = 3
    titles = (_("File"), _("Columns"), _("Check"), _("Result"))
    return [
        {
            "title": title,
            "state": "done" if n < place or place == 3 else "current" if n == place else "future",
        }
        for n, title in enumerate(titles)
    ]


class RunPage(_RunView):
    """The import as it is now."""

    http_method_names = ["get", "head", "options"]


class CheckRun(_RunView):
    """Say which columns are which, and have the file checked."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        kind = find_import(request.actor, self.run.code)
        form = MappingForm(request.POST, run=self.run, kind=kind)
        if not form.is_valid():
            return self.refuse(form)
        try:
            check_import(request.actor, run_id=pk, mapping=form.mapping())
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            return self.refuse(form, error)
        return go(request, "imports:run", pk)


class SheetOfRun(SignedInMixin, View):
    """Read another sheet of the file."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        choose_sheet(request.actor, run_id=pk, sheet=request.POST.get("sheet", ""))
        return go(request, "imports:run", pk)


class ApplyRun(_RunView):
    """Take the file in as it was checked."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        form = ApplyForm(request.POST, run=self.run, asked=_asked(self.run))
        if not form.is_valid():
            return self.refuse(form)
        try:
            apply_import(request.actor, run_id=pk, **form.said())
        except PAGE_ERRORS:
            raise
        except PortalError as error:
            if self.run.state != ImportState.CHECKED:
                raise
            return self.refuse(form, error)
        return go(request, "imports:run", pk)


class DropRun(SignedInMixin, View):
    """Let the file be."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        run = drop_import(request.actor, run_id=pk)
        return go(request, "imports:start", run.code, message=_("The file is deleted, nothing was taken in."))


class RefusedFile(SignedInMixin, View):
    """The rows that were refused, each with its reasons."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        run = import_policy.get(request.actor, "view", pk)
        if run.check_job is None:
            raise NotFound
        return attachment(take_file(request.actor, job_id=run.check_job))
