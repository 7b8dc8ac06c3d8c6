"""The app of the operating side; it has no tables."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "cluster_portal.ops"
    label = "ops"
