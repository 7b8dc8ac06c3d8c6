"""Every resource of `/api/v1/`, wired to the views of its app."""

from rest_framework.routers import SimpleRouter

from patients.api import views as patients

router = SimpleRouter()

router.register("patients", patients.PatientViewSet, basename="api-patients")
router.register("referrals", patients.ReferralViewSet, basename="api-referrals")
router.register("bookings", patients.BookingViewSet, basename="api-bookings")
router.register("holds", patients.HoldViewSet, basename="api-holds")

urlpatterns = router.urls
