"""Addresses of imports."""

from django.urls import path

from cluster_portal.imports import views

app_name = "imports"

urlpatterns = [
    path("imports/runs/<uuid:pk>/", views.RunPage.as_view(), name="run"),
    path("imports/runs/<uuid:pk>/sheet/", views.SheetOfRun.as_view(), name="sheet"),
    path("imports/runs/<uuid:pk>/check/", views.CheckRun.as_view(), name="check"),
    path("imports/runs/<uuid:pk>/apply/", views.ApplyRun.as_view(), name="apply"),
    path("imports/runs/<uuid:pk>/drop/", views.DropRun.as_view(), name="drop"),
    path("imports/runs/<uuid:pk>/refused/", views.RefusedFile.as_view(), name="refused"),
    path("imports/<str:code>/", views.StartPage.as_view(), name="start"),
    path("imports/<str:code>/template/", views.TemplateFile.as_view(), name="template"),
]
