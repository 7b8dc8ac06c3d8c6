from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "cluster_portal.web"
    label = "web"
