"""Background jobs for programs and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action

from cluster_portal.api.views import PolicyViewSet, action_endpoint
from cluster_portal.jobs.files import attachment
from cluster_portal.jobs.policies import job_policy
from cluster_portal.jobs.selectors import ORDER, actions_of, jobs_of
from cluster_portal.jobs.serializers import JobSerializer
from cluster_portal.jobs.services import cancel_job, retry_job, take_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import FileResponse
    from rest_framework.request import Request

    from cluster_portal.common.actor import Actor
    from cluster_portal.jobs.models import Job


@extend_schema(tags=["reports"])
class JobViewSet(PolicyViewSet):
    """What you asked for and what came of it, latest first. Files are kept for 30 days."""

    required_scope = "reports"
    policy = job_policy
    selector = jobs_of
    serializer_class = JobSerializer
    ordering = ORDER

    def available_actions(self, actor: Actor, obj: Job) -> Iterable[str]:
        return actions_of(actor, obj)

    cancel = action_endpoint("cancel", cancel_job, key="job_id")
    retry = action_endpoint("retry", retry_job, key="job_id")

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, filters=False)
    @action(detail=True, methods=["get"], url_path="file", url_name="file", pagination_class=None)
    def download(self, request: Request, *args: Any, **kwargs: Any) -> FileResponse:
        """The file; each download is journalled."""
        return attachment(take_file(self.actor, job_id=self.kwargs["pk"]))
