"""Addresses of the investors' pages."""

from django.urls import path

from investors.views import browse

app_name = "investors"

urlpatterns = [
    path("plots/", browse.BrowseView.as_view(), name="plots"),
    path("plots/compare/", browse.CompareView.as_view(), name="compare"),
    path("plots/export/<slug:file_format>/", browse.ExportView.as_view(), name="export"),
    path("plots/documents/<uuid:pk>/", browse.DocumentView.as_view(), name="document"),
    path("plots/<uuid:pk>/", browse.PlotView.as_view(), name="plot"),
    path("plots/<uuid:pk>/passport.pdf", browse.PassportView.as_view(), name="passport"),
]
