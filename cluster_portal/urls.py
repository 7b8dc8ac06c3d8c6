"""Every address of the portal. Each app keeps its own; an app that is not there yet is not included."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from cluster_portal import api_router
from cluster_portal.api import urls as api_urls
from cluster_portal.fhir import urls as fhir_urls

handler400 = "cluster_portal.web.errors.bad_request"
handler403 = "cluster_portal.web.errors.permission_denied"
handler404 = "cluster_portal.web.errors.page_not_found"
handler500 = "cluster_portal.web.errors.server_error"

urlpatterns = [
    path("", include(api_urls)),
    path("api/v1/", include(api_router.urlpatterns)),
    path("", include(fhir_urls)),
    path("admin/", admin.site.urls),
    path("accounts/", include("cluster_portal.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
]

APPS = (
    "cluster_portal.ops.urls",
    "cluster_portal.web.urls",
    "cluster_portal.notifications.urls",
    "cluster_portal.jobs.urls",
    "cluster_portal.reports.urls",
    "cluster_portal.imports.urls",
    "clinics.urls",
    "patients.urls",
    "training.urls",
    "investors.urls",
    "cluster_portal.ogc.urls",
    "cluster_portal.pages.urls",
)
urlpatterns += [path("", include(module)) for module in APPS if find_spec(module)]
