"""Every resource of `/api/v1/`, wired to the views of its app."""

from rest_framework.routers import SimpleRouter

from clinics.api import views as clinics
from patients.api import views as patients

router = SimpleRouter()

router.register("organizations", clinics.OrganizationViewSet, basename="api-organizations")
router.register("clinics", clinics.ClinicViewSet, basename="api-clinics")
router.register("service-types", clinics.ServiceTypeViewSet, basename="api-service-types")
router.register("services", clinics.ServiceViewSet, basename="api-services")
router.register("practitioners", clinics.PractitionerViewSet, basename="api-practitioners")
router.register("licences", clinics.LicenceViewSet, basename="api-licences")
router.register("schedules", clinics.ScheduleViewSet, basename="api-schedules")
router.register("slots", clinics.SlotViewSet, basename="api-slots")
router.register("patients", patients.PatientViewSet, basename="api-patients")
router.register("referrals", patients.ReferralViewSet, basename="api-referrals")
router.register("waitlist", patients.WaitlistViewSet, basename="api-waitlist")
router.register("bookings", patients.BookingViewSet, basename="api-bookings")
router.register("holds", patients.HoldViewSet, basename="api-holds")

urlpatterns = router.urls
