"""Every address of `/fhir/r4/`. FHIR's addresses have no slash at their end."""

from __future__ import annotations

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from cluster_portal.fhir.resources import RESOURCES
from cluster_portal.fhir.shapes import ROOT
from cluster_portal.fhir.views import Creates, MetadataView, ResourceViewSet, TransactionView, Updates
from cluster_portal.fhir.writing import WRITERS, Writer


def routed() -> list:
    """The addresses of each resource that is offered."""
    router = SimpleRouter(trailing_slash=False)
    for kind, resource in RESOURCES.items():
        members = {"resource": resource, "required_scope": resource.scope, "__doc__": resource.about}
        writer = WRITERS.get(kind, Writer({}))
        bases = [Creates] * bool(writer.create) + [Updates] * bool(writer.update) + [ResourceViewSet]
        view = type(f"{kind}ViewSet", tuple(bases), members)
        router.register(kind, view, basename=f"fhir-{kind.lower()}")
    return router.urls


urlpatterns = [
    # With a slash and without it: both are common, and a POST is not sent on.
    re_path(rf"^{ROOT.lstrip('/')}/?$", TransactionView.as_view(), name="fhir-transaction"),
    path(
        f"{ROOT.lstrip('/')}/",
        include([path("metadata", MetadataView.as_view(), name="fhir-metadata"), *routed()]),
    ),
]
