"""Addresses of training's pages."""

from django.urls import path

from training.views import specialists

app_name = "training"

urlpatterns = [
    path("specialists/", specialists.RegisterView.as_view(), name="specialists"),
    path("specialists/new/", specialists.SpecialistFormView.as_view(), name="specialist_new"),
    path("specialists/<uuid:pk>/", specialists.FileView.as_view(), name="specialist"),
    path("specialists/<uuid:pk>/edit/", specialists.SpecialistFormView.as_view(), name="specialist_edit"),
    path("specialists/<uuid:pk>/account/", specialists.AccountView.as_view(), name="specialist_account"),
    path("specialists/<uuid:pk>/papers/new/", specialists.PaperAddView.as_view(), name="paper_new"),
    path("specialists/<uuid:pk>/<slug:action>/", specialists.StepView.as_view(), name="specialist_step"),
    path("specialists/papers/<uuid:pk>/", specialists.PaperEditView.as_view(), name="paper_edit"),
]
