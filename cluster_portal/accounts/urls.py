"""Addresses of one's account that allauth does not have."""

from django.conf import settings
from django.urls import path

from cluster_portal.accounts import joining, views

app_name = "accounts"

urlpatterns = [
    path("organization/", views.switch_organization, name="switch_organization"),
    path("join/", joining.JoinView.as_view(), name="join"),
    path("join/<str:token>/", joining.FinishView.as_view(), name="join_finish"),
]

if settings.DEMO:
    urlpatterns.append(path("demo/", views.demo_login, name="demo_login"))
