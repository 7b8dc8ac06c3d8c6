"""Addresses of one's account that allauth does not have."""

from django.conf import settings
from django.urls import path

from cluster_portal.accounts import views

app_name = "accounts"

urlpatterns = [path("organization/", views.switch_organization, name="switch_organization")]

if settings.DEMO:
    urlpatterns.append(path("demo/", views.demo_login, name="demo_login"))
