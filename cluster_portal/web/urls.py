"""Addresses of the shell's own switches."""

from django.urls import path

from cluster_portal.web import styleguide, views

app_name = "web"

urlpatterns = [
    path("language/", views.set_language, name="set_language"),
    path("contrast/", views.set_contrast, name="contrast"),
    path(".well-known/change-password", views.change_password, name="change_password"),
    path("styleguide/", styleguide.StyleguideView.as_view(), name="styleguide"),
]
