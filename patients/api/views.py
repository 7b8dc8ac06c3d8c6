"""Patients, referrals and bookings for regional systems."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from clinics.selectors.openness import day_of
from cluster_portal.api.filters import DayField
from cluster_portal.api.views import ApiViewSet, PolicyViewSet, action_endpoint
from cluster_portal.common.errors import Invalid, NotFound
from patients.api import consents as c
from patients.api import serializers as s
from patients.api import waitlist as w
from patients.api.attachments import ReferralAttachments
from patients.api.bulk import ReferralBulk
from patients.api.enrolling import PatientBulk, registration
from patients.api.filters import BookingFilter, ReasonFilter, ReferralFilter, WaitlistFilter
from patients.api.messages import ReferralMessages
from patients.api.papers import ReferralPapers
from patients.api.proposals import PatientProposals
from patients.policies import booking_policy, patient_policy, reason_policy, referral_policy, waitlist_policy
from patients.selectors import patients as patient_selectors
from patients.selectors import referrals as referral_selectors
from patients.selectors import waitlist as waitlist_selectors
from patients.selectors.reasons import visible_reasons
from patients.selectors.search import bearer_of, search_patients
from patients.services import (
    booking,
    decisions,
    drafts,
    emergency,
    follow_up,
    patients,
    priorities,
    visits,
    waitlist,
)
from patients.services.actions import available_actions

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from patients.models import Referral


@extend_schema(tags=["patients"])
class PatientViewSet(PatientBulk, PatientProposals, PolicyViewSet):
    """Patients whom your organisation registered, referred or received."""

    required_scope = "patients"
    policy = patient_policy
    serializer_class = s.PatientSerializer
    list_serializer_class = s.PatientRow
    ordering = ("sort_name", "id")
    query_parameters = frozenset({"identifier", "number", "birth_date", "q"})
    if_match_required = True

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False) or self.action != "list":
            return super().get_queryset()
        params = self.request.query_params
        queryset = search_patients(self.actor, params.get("identifier") or params.get("q", ""))
        if (number := params.get("number")) is not None:
            queryset = queryset.filter(pk=bearer_of(self.actor, number.strip()))
        if (born := params.get("birth_date")) is not None:
            queryset = queryset.filter(birth_date=_day(born))
        return queryset

    @extend_schema(
        parameters=[
            OpenApiParameter("identifier", str, description=_("СНИЛС, ЕНП or ИИН, with or without dashes.")),
            OpenApiParameter(
                "number", str, description=_("The number in your own system, exactly as it was taken in.")
            ),
            OpenApiParameter("birth_date", OpenApiTypes.DATE),
            OpenApiParameter(
                "q", str, description=_("Name in any order, typing errors allowed; or a number.")
            ),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Search among the patients open to you; those outside of patient care are refused."""
        self.policy.require(self.actor, "search")
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The record; opening it is journalled."""
        return self.respond(patient_selectors.open_patient(self.actor, self.kwargs["pk"], purpose="api"))

    @extend_schema(request=s.PatientCreate, responses={201: s.PatientSerializer})
    def create(self, request: Request) -> Response:
        """Register a patient; 409 with the duplicate where there is one."""
        patient = patients.register_patient(self.actor, **registration(self.validated(s.PatientCreate)))
        return self.respond(patient, status=201)

    @extend_schema(request=s.PatientChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some fields of the record."""
        patient = self.call(
            patients.update_patient, "patient_id", data=s.plain(self.validated(s.PatientChange, partial=True))
        )
        return self.respond(patient)

    @extend_schema(request=s.PatientEmergency, responses=s.PatientSerializer)
    @action(detail=False, methods=["post"])
    def emergency(self, request: Request) -> Response:
        """Open a stranger's record for a stated reason; it stays open for a day and is journalled.

        Failures are journalled too; after too many of them the answer is 429 for a quarter of an hour. Repeating the
        request does no harm, so an Idempotency-Key is not looked at.
        """
        patient = emergency.open_in_emergency(self.actor, **self.validated(s.PatientEmergency))
        return self.respond(patient)

    # What a failure leaves behind must outlive it, and the keys' transaction would undo it.
    emergency.repeatable = True

    @extend_schema(methods=["get"], responses=c.ConsentSerializer(many=True), filters=False)
    @extend_schema(methods=["post"], request=c.ConsentCreate, responses={201: c.ConsentSerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def consents(self, request: Request, pk: str) -> Response:
        """What the patient agreed to; record one more."""
        patient = self.find(pk)
        if request.method == "POST":
            consent = patients.record_consent(
                self.actor, patient_id=patient.pk, **self.validated(c.ConsentCreate)
            )
            return Response(c.ConsentSerializer(consent).data, status=201)
        return Response(c.ConsentSerializer(patient_selectors.consents_of(patient), many=True).data)

    @extend_schema(
        request=c.ConsentWithdrawal,
        responses=c.ConsentSerializer,
        parameters=[OpenApiParameter("consent", OpenApiTypes.UUID, "path")],
    )
    @action(detail=True, methods=["post"], url_path=r"consents/(?P<consent>[0-9a-f-]{36})/withdraw")
    def consents_withdraw(self, request: Request, pk: str, consent: str) -> Response:
        """The patient took a consent back; it stays on record with its last day."""
        data = self.validated(c.ConsentWithdrawal)
        day = data.get("withdrawn_on") or day_of(timezone.now(), self.actor.time_zone)
        withdrawn = patients.withdraw_consent(self.actor, patient_id=pk, consent_id=consent, withdrawn_on=day)
        return Response(c.ConsentSerializer(withdrawn).data)


def _day(text: str) -> date:
    try:
        return DayField().clean(text)
    except ValidationError as exc:
        raise Invalid({"birth_date": exc.messages}) from None


@extend_schema(tags=["referrals"])
class ReferralViewSet(ReferralAttachments, ReferralBulk, ReferralPapers, ReferralMessages, PolicyViewSet):
    """Referrals that your organisation sent or receives."""

    required_scope = "referrals"
    policy = referral_policy
    selector = staticmethod(referral_selectors.visible_referrals)
    serializer_class = s.ReferralSerializer
    filterset_class = ReferralFilter
    ordering = ("-id",)

    def available_actions(self, actor, obj: Referral) -> list[str]:
        return available_actions(actor, obj)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The referral; opening it is journalled with its patient."""
        return self.respond(referral_selectors.open_referral(self.actor, self.kwargs["pk"], purpose="api"))

    @extend_schema(request=s.ReferralCreate, responses={201: s.ReferralSerializer})
    def create(self, request: Request) -> Response:
        """Begin a draft."""
        data = self.validated(s.ReferralCreate)
        referral = drafts.draft_referral(self.actor, patient_id=data.pop("patient"), data=data)
        return self.respond(self.find(referral.pk), status=201)

    @extend_schema(request=s.ReferralChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a draft or a returned referral."""
        referral = self.call(drafts.update_draft, "referral_id", data=self.validated(s.ReferralChange))
        return self.respond(self.find(referral.pk))

    submit = action_endpoint("submit", drafts.submit_referral, key="referral_id")
    accept = action_endpoint("accept", decisions.accept_referral, key="referral_id", body=s.Judgement)
    change_priority = action_endpoint(
        "change_priority",
        priorities.change_priority,
        key="referral_id",
        body=s.Judgement,
        url_path="change_priority",
    )
    return_for_info = action_endpoint(
        "return_for_info", decisions.return_referral, key="referral_id", body=s.Reasoned,
        url_path="return_for_info",
    )  # fmt: skip
    reject = action_endpoint("reject", decisions.reject_referral, key="referral_id", body=s.Reasoned)
    redirect = action_endpoint("redirect", decisions.redirect_referral, key="referral_id", body=s.Redirection)
    cancel = action_endpoint("cancel", decisions.cancel_referral, key="referral_id", body=s.Reasoned)
    book = action_endpoint(
        "book", booking.book_referral, key="referral_id", body=s.SlotChoice, shown=attrgetter("referral")
    )
    reschedule = action_endpoint(
        "reschedule", booking.reschedule_referral, key="referral_id", body=s.SlotMove
    )
    cancel_booking = action_endpoint(
        "cancel_booking",
        booking.cancel_booking,
        key="referral_id",
        body=s.Reasoned,
        url_path="cancel_booking",
    )
    no_show = action_endpoint(
        "no_show", visits.mark_no_show, key="referral_id", body=s.MayBeReasoned, url_path="no_show"
    )
    record_call = action_endpoint(
        "record_call", follow_up.record_call, key="referral_id", body=s.Reasoned, url_path="record_call"
    )
    hand_back = action_endpoint(
        "hand_back", follow_up.hand_back_referral, key="referral_id", body=s.Reasoned, url_path="hand_back"
    )
    wait = action_endpoint("wait", waitlist.wait_referral, key="referral_id", body=w.Wishes)
    change_preferences = action_endpoint(
        "change_preferences", waitlist.change_preferences, key="referral_id", body=w.Wishes,
        url_path="change_preferences",
    )  # fmt: skip
    stop_waiting = action_endpoint(
        "stop_waiting", waitlist.stop_waiting, key="referral_id", body=s.Commented, url_path="stop_waiting"
    )
    accept_offer = action_endpoint(
        "accept_offer", waitlist.accept_offer, key="referral_id", body=w.OfferAnswer, url_path="accept_offer"
    )
    decline_offer = action_endpoint(
        "decline_offer", waitlist.decline_offer, key="referral_id", body=s.Reasoned, url_path="decline_offer"
    )
    arrive = action_endpoint("arrive", visits.mark_arrived, key="referral_id")

    @extend_schema(responses=s.StepSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request: Request, pk: str) -> Response:
        """Every step that the referral took, the first one first."""
        return Response(s.StepSerializer(referral_selectors.steps_of(self.find(pk)), many=True).data)

    @extend_schema(methods=["get"], responses=s.ConclusionSerializer)
    @extend_schema(methods=["post"], request=None, responses=s.ConclusionSerializer)
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def conclusion(self, request: Request, pk: str) -> Response:
        """What came back. POST tells that the referring side has read it."""
        if request.method == "POST":
            return Response(s.ConclusionSerializer(visits.read_conclusion(self.actor, referral_id=pk)).data)
        conclusion = referral_selectors.conclusion_of(self.find(pk))
        if conclusion is None:
            raise NotFound
        return Response(s.ConclusionSerializer(conclusion).data)


@extend_schema(tags=["referrals"])
class ReasonViewSet(PolicyViewSet):
    """The dictionaries of coded reasons, past ones too: the history names them by their codes.

    `valid_on` today gives those that may be chosen now.
    """

    required_scope = "referrals"
    policy = reason_policy
    selector = staticmethod(visible_reasons)
    serializer_class = s.ReasonSerializer
    filterset_class = ReasonFilter
    ordering = ("kind", "position", "id")


@extend_schema(tags=["referrals"])
class WaitlistViewSet(PolicyViewSet):
    """Who of your referrals waits for a time, what suits them, what is offered. The verbs are the referral's own."""

    required_scope = "referrals"
    policy = waitlist_policy
    selector = staticmethod(waitlist_selectors.visible_entries)
    serializer_class = w.WaitlistSerializer
    filterset_class = WaitlistFilter
    ordering = ("-id",)


@extend_schema(tags=["bookings"])
class BookingViewSet(PolicyViewSet):
    """Bookings and holds of the referrals that you see. They are made by the referral's `book`."""

    required_scope = "bookings"
    policy = booking_policy
    selector = staticmethod(referral_selectors.visible_bookings)
    serializer_class = s.BookingSerializer
    filterset_class = BookingFilter
    ordering = ("-id",)


@extend_schema(tags=["bookings"])
class HoldViewSet(ApiViewSet):
    """Keep a time for ten minutes while the patient is asked."""

    required_scope = "bookings"
    serializer_class = s.BookingSerializer

    @extend_schema(request=s.HoldCreate, responses={201: s.BookingSerializer})
    def create(self, request: Request) -> Response:
        """Hold a slot for a referral; an older hold of the referral is let go."""
        data = self.validated(s.HoldCreate)
        hold = booking.hold_slot(self.actor, referral_id=data["referral"], slot_id=data["slot"])
        return Response(s.BookingSerializer(hold).data, status=201)

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, "path", description=_("The referral's id."))],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """Let the hold of a referral go."""
        booking.release_hold(self.actor, referral_id=pk)
        return Response(status=204)
