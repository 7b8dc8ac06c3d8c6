"""Every resource of `/api/v1/`, wired to the views of its app."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from clinics.api import licences, quotas
from clinics.api import views as clinics
from clinics.api.equipment import EquipmentTypeViewSet, EquipmentViewSet
from clinics.api.practitioners import PractitionerViewSet
from clinics.api.premises import BedsViewSet, LinkViewSet, PhotoViewSet, RoomViewSet
from clinics.api.records import ChangeViewSet
from clinics.api.regime import PermitViewSet, RegimeViewSet, SpecialMethodViewSet
from clinics.api.schedules import ExceptionViewSet
from clinics.api.schedules import ScheduleViewSet as PatternViewSet
from cluster_portal.api.changes import ChangesView, tell_changes_of
from cluster_portal.imports.api import ImportKindViewSet, ImportViewSet
from cluster_portal.jobs.api import JobViewSet
from cluster_portal.notifications.api import NoticeViewSet
from cluster_portal.reports.api import ReportViewSet, ScheduleViewSet
from cluster_portal.webhooks.api import DeliveryViewSet, WebhookViewSet
from investors.api.agreements import AgreementViewSet, ResidentViewSet
from investors.api.bids import AwardViewSet, BidViewSet, QuestionViewSet
from investors.api.companies import InvestorViewSet
from investors.api.evaluation import EvaluatorViewSet
from investors.api.groups import GroupViewSet, MeetingViewSet, TaskViewSet
from investors.api.interests import InterestViewSet
from investors.api.plots import PlotViewSet, SiteViewSet
from investors.api.projects import FigureViewSet, FundingViewSet, MilestoneViewSet, ProjectViewSet
from investors.api.roadmap import RoadmapViewSet
from investors.api.roadshow import RoadshowContactViewSet, RoadshowViewSet
from investors.api.tenders import TenderViewSet
from patients.api import views as patients
from patients.api.advice import AdviceViewSet
from patients.api.moving import MoveViewSet
from patients.api.outflow import OutflowViewSet
from training.api.expenses import ExpenseViewSet
from training.api.learning import CertificateViewSet
from training.api.nominations import NominationViewSet
from training.api.programmes import IntakeViewSet, ProgrammeViewSet
from training.api.rooms import RoomBookingViewSet, TeachingRoomViewSet
from training.api.specialists import SpecialistViewSet
from training.api.targets import TargetViewSet

router = SimpleRouter()

router.register("organizations", clinics.OrganizationViewSet, basename="api-organizations")
router.register("clinics", clinics.ClinicViewSet, basename="api-clinics")
router.register("rooms", RoomViewSet, basename="api-rooms")
router.register("beds", BedsViewSet, basename="api-beds")
router.register("clinic-links", LinkViewSet, basename="api-clinic-links")
router.register("clinic-photos", PhotoViewSet, basename="api-clinic-photos")
router.register("change-requests", ChangeViewSet, basename="api-change-requests")
router.register("service-types", clinics.ServiceTypeViewSet, basename="api-service-types")
router.register("services", clinics.ServiceViewSet, basename="api-services")
router.register("practitioners", PractitionerViewSet, basename="api-practitioners")
router.register("licences", licences.LicenceViewSet, basename="api-licences")
router.register("accreditations", licences.AccreditationViewSet, basename="api-accreditations")
router.register("regimes", RegimeViewSet, basename="api-regimes")
router.register("permits", PermitViewSet, basename="api-permits")
router.register("special-methods", SpecialMethodViewSet, basename="api-special-methods")
router.register("equipment-types", EquipmentTypeViewSet, basename="api-equipment-types")
router.register("equipment", EquipmentViewSet, basename="api-equipment")
router.register("quotas", quotas.QuotaViewSet, basename="api-quotas")
router.register("schedules", PatternViewSet, basename="api-schedules")
router.register("schedule-exceptions", ExceptionViewSet, basename="api-schedule-exceptions")
router.register("slots", clinics.SlotViewSet, basename="api-slots")
router.register("patients", patients.PatientViewSet, basename="api-patients")
router.register("referrals", patients.ReferralViewSet, basename="api-referrals")
router.register("reasons", patients.ReasonViewSet, basename="api-reasons")
router.register("waitlist", patients.WaitlistViewSet, basename="api-waitlist")
router.register("advice", AdviceViewSet, basename="api-advice")
router.register("outflow", OutflowViewSet, basename="api-outflow")
router.register("bookings", patients.BookingViewSet, basename="api-bookings")
router.register("moves", MoveViewSet, basename="api-moves")
router.register("holds", patients.HoldViewSet, basename="api-holds")
router.register("specialists", SpecialistViewSet, basename="api-specialists")
router.register("programmes", ProgrammeViewSet, basename="api-programmes")
router.register("intakes", IntakeViewSet, basename="api-intakes")
router.register("nominations", NominationViewSet, basename="api-nominations")
router.register("training-targets", TargetViewSet, basename="api-training-targets")
router.register("training-expenses", ExpenseViewSet, basename="api-training-expenses")
router.register("teaching-rooms", TeachingRoomViewSet, basename="api-teaching-rooms")
router.register("room-bookings", RoomBookingViewSet, basename="api-room-bookings")
router.register("certificates", CertificateViewSet, basename="api-certificates")
router.register("sites", SiteViewSet, basename="api-sites")
router.register("plots", PlotViewSet, basename="api-plots")
router.register("agreements", AgreementViewSet, basename="api-agreements")
router.register("residents", ResidentViewSet, basename="api-residents")
router.register("investors", InvestorViewSet, basename="api-investors")
router.register("projects", ProjectViewSet, basename="api-projects")
router.register("milestones", MilestoneViewSet, basename="api-milestones")
router.register("project-figures", FigureViewSet, basename="api-project-figures")
router.register("project-funding", FundingViewSet, basename="api-project-funding")
router.register("tenders", TenderViewSet, basename="api-tenders")
router.register("bids", BidViewSet, basename="api-bids")
router.register("awards", AwardViewSet, basename="api-awards")
router.register("evaluators", EvaluatorViewSet, basename="api-evaluators")
router.register("questions", QuestionViewSet, basename="api-questions")
router.register("interests", InterestViewSet, basename="api-interests")
router.register("roadshow", RoadshowViewSet, basename="api-roadshow")
router.register("roadshow-contacts", RoadshowContactViewSet, basename="api-roadshow-contacts")
router.register("working-groups", GroupViewSet, basename="api-working-groups")
router.register("meetings", MeetingViewSet, basename="api-meetings")
router.register("group-tasks", TaskViewSet, basename="api-group-tasks")
router.register("roadmap", RoadmapViewSet, basename="api-roadmap")
router.register("reports", ReportViewSet, basename="api-reports")
router.register("report-schedules", ScheduleViewSet, basename="api-report-schedules")
router.register("import-kinds", ImportKindViewSet, basename="api-import-kinds")
router.register("imports", ImportViewSet, basename="api-imports")
router.register("jobs", JobViewSet, basename="api-jobs")
router.register("notices", NoticeViewSet, basename="api-notices")
router.register("webhooks", WebhookViewSet, basename="api-webhooks")
router.register("webhook-deliveries", DeliveryViewSet, basename="api-webhook-deliveries")

tell_changes_of(router.registry)

urlpatterns = [path("changes/", ChangesView.as_view(), name="api-changes"), *router.urls]
