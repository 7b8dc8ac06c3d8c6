"""Addresses of the pages of patients and referrals."""

from django.urls import path, re_path

from patients.views import (
    arrivals,
    bulk,
    flow,
    lookup,
    lookups,
    messages,
    moving,
    outflow,
    papers,
    patients,
    referral,
    times,
    triage,
    waiting,
    worklists,
)

app_name = "patients"

urlpatterns = [
    path("referrals/", worklists.WorklistsView.as_view(), name="worklists"),
    path("referrals/in/triage/", triage.TriageView.as_view(), name="triage"),
    path("referrals/in/triage/<uuid:pk>/", triage.TriageView.as_view(), name="triage_item"),
    re_path(
        r"^referrals/(?P<side>out|in)/(?P<queue>[a-z_]+)/$", worklists.WorklistView.as_view(), name="worklist"
    ),
    path("referrals/bulk/", bulk.BulkView.as_view(), name="bulk"),
    path("referrals/moving/", moving.MovingView.as_view(), name="moving"),
    path("referrals/waiting/", waiting.QueueView.as_view(), name="waiting"),
    path("referrals/new/", flow.NewReferralView.as_view(), name="referral_new"),
    path("referrals/new-patient/", flow.RegisterAndReferView.as_view(), name="referral_register"),
    path("referrals/<uuid:pk>/", referral.ReferralView.as_view(), name="referral"),
    path("referrals/<uuid:pk>/reason/", flow.ReasonView.as_view(), name="referral_edit"),
    path("referrals/<uuid:pk>/save/", flow.AutosaveView.as_view(), name="referral_save"),
    path("referrals/<uuid:pk>/time/", times.TimeView.as_view(), name="referral_time"),
    path("referrals/<uuid:pk>/confirm/", flow.ConfirmView.as_view(), name="referral_confirm"),
    path("referrals/<uuid:pk>/read/", referral.ReadConclusionView.as_view(), name="referral_read"),
    path("referrals/<uuid:pk>/messages/", messages.WriteMessageView.as_view(), name="message_write"),
    path("referrals/<uuid:pk>/messages/read/", messages.ReadMessagesView.as_view(), name="messages_read"),
    path("messages/", messages.ThreadsView.as_view(), name="messages"),
    path("referrals/<uuid:pk>/form-057u.pdf", papers.FormView.as_view(), name="referral_form"),
    path("referrals/<uuid:pk>/slip.pdf", papers.SlipView.as_view(), name="referral_slip"),
    path("referrals/<uuid:pk>/<slug:action>/", referral.ActionView.as_view(), name="referral_action"),
    path("outflow/", outflow.RegisterView.as_view(), name="outflows"),
    path("outflow/new/", outflow.NewOutflowView.as_view(), name="outflow_new"),
    path("outflow/<uuid:pk>/", outflow.OutflowView.as_view(), name="outflow"),
    path("outflow/<uuid:pk>/edit/", outflow.EditOutflowView.as_view(), name="outflow_edit"),
    path("outflow/<uuid:pk>/withdraw/", outflow.WithdrawOutflowView.as_view(), name="outflow_withdraw"),
    path("arrivals/", arrivals.ArrivalsView.as_view(), name="arrivals"),
    path("arrivals/<uuid:pk>/<slug:action>/", arrivals.MarkArrivalView.as_view(), name="arrival_mark"),
    path("patients/", patients.PatientsView.as_view(), name="list"),
    path("patients/new/", patients.RegisterPatientView.as_view(), name="create"),
    path("patients/emergency/", patients.EmergencyView.as_view(), name="break_glass"),
    path("patients/<uuid:pk>/", patients.PatientView.as_view(), name="detail"),
    path("patients/<uuid:pk>/edit/", patients.EditPatientView.as_view(), name="edit"),
    path("patients/<uuid:pk>/consent/", patients.ConsentView.as_view(), name="consent"),
    path(
        "patients/<uuid:pk>/consent/<uuid:consent>/withdraw/",
        patients.WithdrawConsentView.as_view(),
        name="consent_withdraw",
    ),
    path("patients/<uuid:pk>/consent/<slug:kind>.pdf", papers.ConsentFormView.as_view(), name="consent_form"),
    path("lookup/", lookup.LookupView.as_view(), name="lookup"),
    path("lookups/diagnoses/", lookups.FindDiagnosesView.as_view(), name="find_diagnoses"),
    path("lookups/services/", lookups.FindServiceTypesView.as_view(), name="find_service_types"),
    path("lookups/clinic-services/", lookups.FindServicesView.as_view(), name="find_services"),
]
