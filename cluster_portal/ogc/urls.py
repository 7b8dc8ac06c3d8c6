"""Addresses of OGC API Features. The standard writes them without a slash at the end."""

from django.urls import path

from cluster_portal.ogc import views

app_name = "ogc"

urlpatterns = [
    path("ogc/", views.LandingView.as_view(), name="landing"),
    path("ogc/conformance", views.ConformanceView.as_view(), name="conformance"),
    path("ogc/api", views.DescriptionView.as_view(), name="api"),
    path("ogc/collections", views.CollectionsView.as_view(), name="collections"),
    path("ogc/collections/<slug:collection>", views.CollectionView.as_view(), name="collection"),
    path("ogc/collections/<slug:collection>/items", views.ItemsView.as_view(), name="items"),
    path("ogc/collections/<slug:collection>/items/<str:pk>", views.ItemView.as_view(), name="item"),
]
