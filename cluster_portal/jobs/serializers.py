"""How the API shows background jobs."""

from __future__ import annotations

from rest_framework import serializers

from cluster_portal.api.serializers import AvailableActionsField, DateTimeField, OutputSerializer
from cluster_portal.jobs.kinds import title_of
from cluster_portal.jobs.models import Job
from cluster_portal.jobs.states import JobState


class JobSerializer(OutputSerializer):
    """Ask again until `state` is `done`, `failed` or `cancelled`; then fetch `{id}/file/`."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.SerializerMethodField()
    params = serializers.JSONField(help_text="What was asked for.")
    state = serializers.ChoiceField(choices=JobState.choices)
    percent = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    created_at = DateTimeField()
    started_at = DateTimeField(allow_null=True)
    finished_at = DateTimeField(allow_null=True)
    error_code = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)
    file_name = serializers.CharField(allow_blank=True)
    content_type = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField(help_text="Bytes.")
    file_until = DateTimeField(allow_null=True)
    available_actions = AvailableActionsField()

    def get_title(self, job: Job) -> str:
        return title_of(job)
