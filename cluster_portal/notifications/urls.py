"""Addresses of notices."""

from django.urls import path

from cluster_portal.notifications import views

app_name = "notifications"

urlpatterns = [
    path("notices/", views.NoticeList.as_view(), name="list"),
    path("notices/read/", views.MarkAllRead.as_view(), name="read_all"),
    path("notices/email/", views.SetEmail.as_view(), name="email"),
    path("notices/<uuid:pk>/", views.OpenNotice.as_view(), name="open"),
]
