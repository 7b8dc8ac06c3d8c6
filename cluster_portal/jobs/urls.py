"""Addresses of background jobs."""

from django.urls import path

from cluster_portal.jobs import views

app_name = "jobs"

urlpatterns = [
    path("jobs/", views.JobList.as_view(), name="list"),
    path("jobs/<uuid:pk>/", views.JobPage.as_view(), name="detail"),
    path("jobs/<uuid:pk>/file/", views.JobFile.as_view(), name="file"),
    path("jobs/<uuid:pk>/cancel/", views.CancelJob.as_view(), name="cancel"),
    path("jobs/<uuid:pk>/retry/", views.RetryJob.as_view(), name="retry"),
]
