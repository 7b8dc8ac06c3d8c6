"""Every address of `/fhir/r4/`. FHIR's addresses have no slash at their end."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from cluster_portal.fhir.resources import RESOURCES
from cluster_portal.fhir.shapes import ROOT
from cluster_portal.fhir.views import MetadataView, ResourceViewSet


def routed() -> list:
    """The addresses of each resource that is offered."""
    router = SimpleRouter(trailing_slash=False)
    for kind, resource in RESOURCES.items():
        members = {"resource": resource, "required_scope": resource.scope, "__doc__": resource.about}
        view = type(f"{kind}ViewSet", (ResourceViewSet,), members)
        router.register(kind, view, basename=f"fhir-{kind.lower()}")
    return router.urls


urlpatterns = [
    path(
        f"{ROOT.lstrip('/')}/",
        include([path("metadata", MetadataView.as_view(), name="fhir-metadata"), *routed()]),
    ),
]
