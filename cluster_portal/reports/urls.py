"""Addresses of reports."""

from django.urls import path

from cluster_portal.reports import views

app_name = "reports"

urlpatterns = [
    path("exports/<str:code>/", views.ExportList.as_view(), name="export"),
    path("reports/", views.Catalogue.as_view(), name="catalogue"),
    path("reports/schedules/", views.ScheduleList.as_view(), name="schedules"),
    path("reports/schedules/<uuid:pk>/", views.SwitchSchedule.as_view(), name="switch"),
    path("reports/<str:code>/", views.ReportPage.as_view(), name="report"),
    path("reports/<str:code>/schedule/", views.ScheduleReport.as_view(), name="schedule"),
]
