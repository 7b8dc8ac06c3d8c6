"""The pages of background jobs: progress that moves, the file, cancel and try again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from cluster_portal.jobs.files import attachment
from cluster_portal.jobs.kinds import about_of, place_of, title_of
from cluster_portal.jobs.policies import job_policy
from cluster_portal.jobs.selectors import ORDER, actions_of, jobs_of
from cluster_portal.jobs.services import cancel_job, retry_job, take_file
from cluster_portal.web.mixins import FragmentMixin, SignedInMixin, go
from cluster_portal.web.pagination import page_of

if TYPE_CHECKING:
    import uuid

    from django.http import HttpRequest, HttpResponse


class JobList(SignedInMixin, TemplateView):
    """Everything that the person asked for, latest first."""

    template_name = "jobs/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = page_of(self.request, jobs_of(self.request.actor), ORDER)
        for job in page:
            job.title = title_of(job)
            job.actions = actions_of(self.request.actor, job)
        return super().get_context_data(page=page, **kwargs)


class JobPage(SignedInMixin, FragmentMixin, TemplateView):
    """One job. While it is not over, its part of the page asks again every second."""

    template_name = "jobs/detail.html"
    fragment_name = "jobs/_progress.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = self.request.actor
        job = job_policy.get(actor, "view", self.kwargs["pk"])
        return super().get_context_data(
            job=job,
            title=title_of(job),
            about=about_of(actor, job),
            place=place_of(job),
            actions=actions_of(actor, job),
            **kwargs,
        )


class JobFile(SignedInMixin, View):
    """The file of a job that is done."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return attachment(take_file(request.actor, job_id=pk))


class CancelJob(SignedInMixin, View):
    """Stop it."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        cancel_job(request.actor, job_id=pk)
        return go(request, "jobs:detail", pk, message=_("It was cancelled."))


class RetryJob(SignedInMixin, View):
    """Run it again."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        retry_job(request.actor, job_id=pk)
        return go(request, "jobs:detail", pk)
