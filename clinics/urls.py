"""Addresses of the registry's pages."""

from typing import Any

from django.urls import URLPattern, path

from clinics.views import (
    catalogue,
    changes,
    clients,
    comparison,
    copying,
    detail,
    equipment,
    feeds,
    licences,
    offering,
    own,
    patterns,
    practitioners,
    premises,
    quotas,
    records,
    regime,
    rooms,
    schedule,
    tables,
    webhooks,
)
from cluster_portal.accounts.roles import Role

app_name = "clinics"


def credentials(kind: str, **who: Any) -> list[URLPattern]:
    """The pages of one kind of papers: `/licences/…`, `/accreditations/…`; `who` narrows who keeps them."""
    one = f"{kind}s/<uuid:pk>/"
    return [
        path(f"{kind}s/", licences.CredentialListView.as_view(kind=kind, **who), name=f"{kind}s"),
        path(f"{kind}s/new/", licences.NewCredentialView.as_view(kind=kind, **who), name=f"{kind}_new"),
        path(one, licences.CredentialView.as_view(kind=kind), name=kind),
        path(f"{one}renew/", licences.RenewCredentialView.as_view(kind=kind), name=f"{kind}_renew"),
        *(
            path(f"{one}{act}/", licences.ActView.as_view(kind=kind, act=act), name=f"{kind}_{act}")
            for act in ("suspend", "resume", "cancel")
        ),
        path(f"{one}scans/", licences.AddScanView.as_view(kind=kind), name=f"{kind}_scans"),
        path(f"{one}scans/<uuid:scan>/", licences.ScanView.as_view(kind=kind), name=f"{kind}_scan"),
        path(
            f"{one}scans/<uuid:scan>/remove/", licences.RemoveScanView.as_view(kind=kind), name=f"{kind}_scan_remove"
        ),
    ]  # fmt: skip


urlpatterns = [
    *credentials("licence"),
    *credentials("accreditation"),
    *credentials("permit"),
    *credentials("regime", roles=(Role.OFFICE,)),
    path("practitioners/", practitioners.PeopleView.as_view(), name="practitioners"),
    path("practitioners/<uuid:pk>/", practitioners.PersonView.as_view(), name="practitioner"),
    path("practitioners/<uuid:pk>/edit/", practitioners.EditPersonView.as_view(), name="practitioner_edit"),
    path("practitioners/<uuid:pk>/leaves/", practitioners.DismissView.as_view(), name="practitioner_leaves"),
    path("practitioners/<uuid:pk>/stays/", practitioners.TakeBackView.as_view(), name="practitioner_stays"),
    path(
        "practitioners/<uuid:pk>/qualifications/new/",
        practitioners.NewQualificationView.as_view(),
        name="qualification_new",
    ),
    path(
        "practitioners/<uuid:pk>/qualifications/<uuid:qualification>/remove/",
        practitioners.RemoveQualificationView.as_view(),
        name="qualification_remove",
    ),
    path(
        "registry/organizations/<uuid:pk>/practitioners/new/",
        practitioners.NewPersonView.as_view(),
        name="practitioner_new",
    ),
    path("registry/clinics/<uuid:pk>/services/new/", offering.NewServiceView.as_view(), name="service_new"),
    path("services/<uuid:pk>/edit/", offering.EditServiceView.as_view(), name="service_edit"),
    path("methods/", regime.MethodListView.as_view(), name="methods"),
    path("methods/<uuid:pk>/", regime.MethodView.as_view(), name="method"),
    path("methods/<uuid:pk>/edit/", regime.EditMethodView.as_view(), name="method_edit"),
    path("methods/<uuid:pk>/begin/", regime.BeginMethodView.as_view(), name="method_begin"),
    path("methods/<uuid:pk>/withdraw/", regime.WithdrawMethodView.as_view(), name="method_withdraw"),
    path("registry/clinics/<uuid:pk>/methods/new/", regime.NewMethodView.as_view(), name="method_new"),
    path("programs/", clients.ClientsView.as_view(), name="clients"),
    path("programs/<uuid:pk>/secret/", clients.RotateView.as_view(), name="client_rotate"),
    path("programs/<uuid:pk>/switch/", clients.SwitchView.as_view(), name="client_switch"),
    path("programs/<uuid:program>/webhooks/new/", webhooks.NewWebhookView.as_view(), name="webhook_new"),
    path("webhooks/", webhooks.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<uuid:pk>/", webhooks.WebhookPage.as_view(), name="webhook"),
    path("webhooks/<uuid:pk>/edit/", webhooks.EditWebhookView.as_view(), name="webhook_edit"),
    path("webhooks/<uuid:pk>/<slug:act>/", webhooks.WebhookActView.as_view(), name="webhook_act"),
    path("webhook-messages/<uuid:pk>/resend/", webhooks.ResendView.as_view(), name="webhook_resend"),
    path("clinics/", catalogue.CatalogueView.as_view(), name="catalogue"),
    path("clinics/compare/", comparison.ComparisonView.as_view(), name="compare"),
    path("clinics/<uuid:pk>/card/", detail.CardView.as_view(), name="card"),
    path("clinics/<uuid:pk>/", detail.ClinicView.as_view(), name="detail"),
    path("schedule/", schedule.ScheduleView.as_view(), name="schedule"),
    path("schedule/publish/", schedule.PublishView.as_view(), name="schedule_publish"),
    path("schedule/close/", schedule.CloseView.as_view(), name="schedule_close"),
    path("schedule/reopen/", schedule.ReopenView.as_view(), name="schedule_reopen"),
    path("schedule/leave/", schedule.LeaveView.as_view(), name="schedule_leave"),
    path(
        "schedule/leave/<uuid:pk>/remove/", schedule.LeaveRemoveView.as_view(), name="schedule_leave_remove"
    ),
    path("schedule/rooms/close/", rooms.CloseRoomView.as_view(), name="room_close"),
    path(
        "schedule/rooms/<uuid:pk>/closures/<uuid:closure>/reopen/",
        rooms.ReopenRoomView.as_view(),
        name="room_reopen",
    ),
    path("schedule/patterns/", patterns.PatternListView.as_view(), name="schedule_patterns"),
    path("schedule/patterns/new/", patterns.PatternFormView.as_view(), name="schedule_pattern_new"),
    path("schedule/patterns/<uuid:pk>/", patterns.PatternFormView.as_view(), name="schedule_pattern"),
    path(
        "schedule/patterns/<uuid:pk>/publish/",
        patterns.PatternPublishView.as_view(),
        name="schedule_pattern_publish",
    ),
    path(
        "schedule/patterns/<uuid:pk>/copy/", copying.PatternCopyView.as_view(), name="schedule_pattern_copy"
    ),
    path("schedule/calendars/", feeds.FeedsView.as_view(), name="feeds"),
    path("schedule/calendars/<uuid:pk>/revoke/", feeds.FeedRevokeView.as_view(), name="feed_revoke"),
    path("ics/<str:token>/schedule.ics", feeds.CalendarView.as_view(), name="ics"),
    path("schedule/days-off/", copying.DaysOffView.as_view(), name="schedule_days_off"),
    path("schedule/patterns/<uuid:pk>/end/", patterns.PatternEndView.as_view(), name="schedule_pattern_end"),
    path("quotas/", quotas.QuotasView.as_view(), name="quotas"),
    path("my-clinic/", own.OwnView.as_view(), name="own"),
    path(
        "my-clinic/organization/<uuid:pk>/", own.OwnOrganizationView.as_view(), name="own_organization_edit"
    ),
    path("my-clinic/<uuid:pk>/", own.OwnClinicView.as_view(), name="own_edit"),
    path("changes/", changes.ChangesView.as_view(), name="changes"),
    path("changes/<uuid:pk>/", changes.ChangeView.as_view(), name="change"),
    path("changes/<uuid:pk>/<slug:action>/", changes.ChangeActionView.as_view(), name="change_action"),
    path("registry/tables/", tables.TablesView.as_view(), name="tables"),
    path("registry/organizations/", records.OrganizationListView.as_view(), name="record_organizations"),
    path(
        "registry/organizations/new/", records.NewOrganizationView.as_view(), name="record_organization_new"
    ),
    path("registry/organizations/<uuid:pk>/", records.OrganizationView.as_view(), name="record_organization"),
    path("registry/clinics/new/", records.NewClinicView.as_view(), name="record_clinic_new"),
    path("registry/clinics/<uuid:pk>/", records.ClinicView.as_view(), name="record_clinic"),
    path(
        "registry/clinics/<uuid:pk>/status/<slug:step>/", records.StatusView.as_view(), name="record_status"
    ),
    path("registry/clinics/<uuid:pk>/premises/", premises.PremisesView.as_view(), name="premises"),
    path("registry/clinics/<uuid:pk>/premises/rooms/", premises.NewRoomView.as_view(), name="room_new"),
    path("registry/clinics/<uuid:pk>/premises/beds/", premises.BedsView.as_view(), name="beds"),
    path("registry/clinics/<uuid:pk>/premises/links/", premises.LinkView.as_view(), name="link_new"),
    path("registry/clinics/<uuid:pk>/premises/photos/", premises.PhotoView.as_view(), name="photo_new"),
    path("registry/rooms/<uuid:pk>/", premises.RoomView.as_view(), name="room"),
    path("registry/links/<uuid:pk>/remove/", premises.LinkRemoveView.as_view(), name="link_remove"),
    path("registry/photos/<uuid:pk>/remove/", premises.PhotoRemoveView.as_view(), name="photo_remove"),
    path("clinics/photos/<uuid:pk>/", premises.PhotoFileView.as_view(), name="photo"),
    path("equipment/", equipment.RegisterView.as_view(), name="equipment"),
    path("equipment/new/", equipment.EquipmentFormView.as_view(), name="equipment_new"),
    path("equipment/programme/", equipment.ProgrammeView.as_view(), name="equipment_programme"),
    path("equipment/labels/", equipment.LabelsView.as_view(), name="equipment_labels"),
    path("equipment/<uuid:pk>/", equipment.EquipmentView.as_view(), name="equipment_unit"),
    path("equipment/<uuid:pk>/edit/", equipment.EquipmentFormView.as_view(), name="equipment_edit"),
    path("equipment/<uuid:pk>/move/<slug:action>/", equipment.MoveView.as_view(), name="equipment_move"),
    path("equipment/<uuid:pk>/forecast/", equipment.ForecastView.as_view(), name="equipment_forecast"),
    path("equipment/<uuid:pk>/upkeep/", equipment.UpkeepView.as_view(), name="equipment_upkeep"),
    # Short: it stands on the label.
    path("e/<uuid:pk>/", equipment.ScanView.as_view(), name="equipment_scan"),
    path("e/<uuid:pk>/upkeep/", equipment.ScanUpkeepView.as_view(), name="equipment_scan_upkeep"),
]
