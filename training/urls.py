"""Addresses of training's pages."""

from django.urls import path

from training.views import (
    attendance,
    board,
    certificates,
    learning,
    nominations,
    office,
    programmes,
    specialists,
)

app_name = "training"

urlpatterns = [
    path("nominations/", nominations.ListView.as_view(), name="nominations"),
    path("nominations/<uuid:pk>/", nominations.NominationView.as_view(), name="nomination"),
    path("nominations/<uuid:pk>/journal/new/", learning.DayView.as_view(), name="day_new"),
    path("nominations/<uuid:pk>/journal/confirm/", learning.ConfirmDaysView.as_view(), name="days_confirm"),
    path("nominations/<uuid:pk>/journal/<uuid:entry>/", learning.DayView.as_view(), name="day_edit"),
    path("nominations/<uuid:pk>/assess/<slug:kind>/", learning.AssessView.as_view(), name="assess"),
    path("nominations/<uuid:pk>/<slug:action>/", nominations.StepView.as_view(), name="nomination_step"),
    path("programmes/intakes/<uuid:intake>/nominate/", nominations.NominateView.as_view(), name="nominate"),
    path("my-training/", nominations.OwnView.as_view(), name="own"),
    path("training/intakes/<uuid:pk>/bulk/", board.BulkView.as_view(), name="board_bulk"),
    path("training/intakes/<uuid:pk>/learning/", learning.LearningView.as_view(), name="learning"),
    path("training/intakes/<uuid:pk>/certificates/", learning.IssueView.as_view(), name="issue"),
    path("training/intakes/<uuid:pk>/expenses/", learning.BudgetView.as_view(), name="budget"),
    path("training/intakes/<uuid:pk>/expenses/new/", learning.ExpenseView.as_view(), name="expense_new"),
    path(
        "training/intakes/<uuid:pk>/expenses/<uuid:expense>/",
        learning.ExpenseView.as_view(),
        name="expense_edit",
    ),
    path(
        "training/intakes/<uuid:pk>/expenses/<uuid:expense>/remove/",
        learning.ExpenseRemoveView.as_view(),
        name="expense_remove",
    ),
    path("training/receipts/<uuid:pk>/", learning.ReceiptView.as_view(), name="receipt"),
    path("training/sessions/<uuid:pk>/attendance/", attendance.SheetView.as_view(), name="attendance"),
    path("training/sessions/<uuid:pk>/code/", attendance.CodeView.as_view(), name="session_code"),
    path("attend/session/<uuid:pk>/", attendance.CheckInView.as_view(), name="check_in"),
    path("attend/person/<str:code>/", attendance.PersonView.as_view(), name="attend_person"),
    path("attend/<str:code>/", attendance.ScanView.as_view(), name="scan"),
    path("certificates/<uuid:pk>/", certificates.SheetView.as_view(), name="certificate"),
    path("verify/", certificates.VerifyView.as_view(), name="verify"),
    path("verify/<str:number>/", certificates.VerifyView.as_view(), name="verify_number"),
    path("programmes/", programmes.OfferView.as_view(), name="offer"),
    path("programmes/<uuid:pk>/", programmes.ProgrammeView.as_view(), name="programme"),
    path("training/programmes/", office.ProgrammesView.as_view(), name="office_programmes"),
    path("training/programmes/new/", office.ProgrammeFormView.as_view(), name="programme_new"),
    path("training/programmes/<uuid:pk>/", office.DossierView.as_view(), name="office_programme"),
    path("training/programmes/<uuid:pk>/edit/", office.ProgrammeFormView.as_view(), name="programme_edit"),
    path(
        "training/programmes/<uuid:pk>/<slug:action>/",
        office.ProgrammeStepView.as_view(),
        name="programme_step",
    ),
    path(
        "training/programmes/<uuid:programme>/intakes/new/",
        office.IntakeFormView.as_view(),
        name="intake_new",
    ),
    path("training/intakes/<uuid:pk>/", office.IntakeView.as_view(), name="office_intake"),
    path("training/intakes/<uuid:pk>/edit/", office.IntakeFormView.as_view(), name="intake_edit"),
    path("training/intakes/<uuid:pk>/<slug:action>/", office.IntakeStepView.as_view(), name="intake_step"),
    path(
        "training/intakes/<uuid:intake>/sessions/new/", office.SessionFormView.as_view(), name="session_new"
    ),
    path("training/sessions/<uuid:pk>/", office.SessionFormView.as_view(), name="session_edit"),
    path("training/sessions/<uuid:pk>/remove/", office.SessionRemoveView.as_view(), name="session_remove"),
    path("specialists/", specialists.RegisterView.as_view(), name="specialists"),
    path("specialists/new/", specialists.SpecialistFormView.as_view(), name="specialist_new"),
    path("specialists/<uuid:pk>/", specialists.FileView.as_view(), name="specialist"),
    path("specialists/<uuid:pk>/edit/", specialists.SpecialistFormView.as_view(), name="specialist_edit"),
    path("specialists/<uuid:pk>/account/", specialists.AccountView.as_view(), name="specialist_account"),
    path("specialists/<uuid:pk>/papers/new/", specialists.PaperAddView.as_view(), name="paper_new"),
    path("specialists/<uuid:pk>/<slug:action>/", specialists.StepView.as_view(), name="specialist_step"),
    path("specialists/papers/<uuid:pk>/", specialists.PaperEditView.as_view(), name="paper_edit"),
]
