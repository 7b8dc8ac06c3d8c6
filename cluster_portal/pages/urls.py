"""Addresses of the pages over all apps."""

from django.urls import path

from cluster_portal.pages.views import desk, developers, public, search

app_name = "pages"

urlpatterns = [
    path("", public.Home.as_view(), name="home"),
    path("desk/", desk.Desk.as_view(), name="desk"),
    path("search/", search.Search.as_view(), name="search"),
    path("developers/", developers.Developers.as_view(), name="developers"),
    path("about/", public.About.as_view(), name="about"),
]
