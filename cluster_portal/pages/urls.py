"""Addresses of the pages over all apps."""

from django.urls import path

from cluster_portal.pages.views import public

app_name = "pages"

urlpatterns = [
    path("", public.Home.as_view(), name="home"),
    path("about/", public.About.as_view(), name="about"),
]
