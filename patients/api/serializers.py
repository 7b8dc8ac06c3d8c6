"""What the API takes in and gives out of patients, referrals and bookings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clinics.policies import service_policy, service_type_policy
from clinics.states import Payment
from cluster_portal.api.serializers import (
    AvailableActionsField,
    DateTimeField,
    InputSerializer,
    OutputSerializer,
    TranslatedField,
)
from patients.api.fields import ClinicReference, LocalTimeField
from patients.selectors.matches import numbers_of
from patients.states import (
    BookingState,
    CareKind,
    Conditions,
    Employment,
    LocalityKind,
    Priority,
    ReasonKind,
    ReferralState,
    Sex,
    Suspicion,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from patients.models import Patient


@extend_schema_field(OpenApiTypes.UUID)
class ServiceReference(serializers.PrimaryKeyRelatedField):
    """The id of a clinic's service."""

    def get_queryset(self) -> QuerySet:
        actor = self.context["request"].actor
        return service_policy.queryset(actor).select_related("clinic", "service_type")


@extend_schema_field(OpenApiTypes.STR)
class ServiceTypeReference(serializers.PrimaryKeyRelatedField):
    """The code of a service type of the cluster's nomenclature."""

    def get_queryset(self) -> QuerySet:
        return service_type_policy.queryset(self.context["request"].actor)


class AddressSerializer(InputSerializer):
    """An address as form 057/у asks for it."""

    subject = serializers.CharField(required=False, max_length=200)
    district = serializers.CharField(required=False, max_length=200)
    locality = serializers.CharField(required=False, max_length=200)
    street = serializers.CharField(required=False, max_length=200)
    house = serializers.CharField(required=False, max_length=200)
    building = serializers.CharField(required=False, max_length=200)
    flat = serializers.CharField(required=False, max_length=200)


class PatientChange(InputSerializer):
    """Fields of a patient; those that are not sent stay as they are."""

    family = serializers.CharField(max_length=100)
    given = serializers.CharField(max_length=100)
    patronymic = serializers.CharField(max_length=100, required=False, allow_blank=True)
    birth_date = serializers.DateField()
    sex = serializers.ChoiceField(Sex.choices)
    snils = serializers.CharField(max_length=20, required=False, allow_blank=True)
    enp = serializers.CharField(max_length=25, required=False, allow_blank=True)
    policy_insurer = serializers.CharField(max_length=200, required=False, allow_blank=True)
    policy_issued_on = serializers.DateField(required=False, allow_null=True)
    dms_policy = serializers.CharField(max_length=60, required=False, allow_blank=True)
    iin = serializers.CharField(max_length=20, required=False, allow_blank=True)
    document_type = serializers.CharField(max_length=60, required=False, allow_blank=True)
    document_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    document_country = serializers.RegexField(r"^[A-Z]{2}$", required=False, allow_blank=True)
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    residence = AddressSerializer(required=False)
    stay = AddressSerializer(required=False)
    locality_kind = serializers.ChoiceField(LocalityKind.choices, required=False, allow_blank=True)
    employment = serializers.ChoiceField(Employment.choices, required=False, allow_blank=True)
    benefit_code = serializers.CharField(max_length=10, required=False, allow_blank=True)
    language = serializers.RegexField(r"^[a-z]{2,3}$", required=False)
    allergies = serializers.CharField(max_length=300, required=False, allow_blank=True)
    home_clinic = ClinicReference(required=False, allow_null=True)


class PatientCreate(PatientChange):
    """A new patient. `ignore_similar` registers although somebody of that name was born that day.

    `numbers` are those that your own systems have given; one that another patient has is 409 `number_taken`.
    """

    ignore_similar = serializers.BooleanField(required=False, default=False)
    numbers = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, default=list, max_length=5
    )


class PatientEmergency(InputSerializer):
    """Opening a stranger's record: exact identifier, birth date, reason."""

    identifier = serializers.CharField(max_length=25)
    birth_date = serializers.DateField()
    reason = serializers.CharField(max_length=1000)


class OwnNumberSerializer(OutputSerializer):
    """A number under which the own system of an organisation knows the patient (FHIR Identifier)."""

    organization = serializers.UUIDField(help_text=_("Who gave the number: your own."))
    number = serializers.CharField()


class PatientSerializer(OutputSerializer):
    """A patient's record. Opening one is journalled."""

    id = serializers.UUIDField()
    family = serializers.CharField()
    given = serializers.CharField()
    patronymic = serializers.CharField()
    birth_date = serializers.DateField()
    sex = serializers.ChoiceField(Sex.choices)
    snils = serializers.CharField()
    enp = serializers.CharField()
    policy_insurer = serializers.CharField()
    policy_issued_on = serializers.DateField(allow_null=True)
    dms_policy = serializers.CharField()
    iin = serializers.CharField()
    document_type = serializers.CharField()
    document_number = serializers.CharField()
    document_country = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    residence = AddressSerializer()
    stay = AddressSerializer()
    locality_kind = serializers.CharField()
    employment = serializers.CharField()
    benefit_code = serializers.CharField()
    language = serializers.CharField()
    allergies = serializers.CharField()
    home_clinic = serializers.UUIDField(source="home_clinic_id", allow_null=True)
    registered_by = serializers.UUIDField(source="registered_by_id")
    numbers = serializers.SerializerMethodField()
    replaced_by = serializers.UUIDField(
        source="merged_into_id", allow_null=True,
        help_text=_("The record into which this one was merged: read and write that one (FHIR link `replaced-by`)."),
    )  # fmt: skip
    created_at = DateTimeField()
    updated_at = DateTimeField()

    @extend_schema_field(OwnNumberSerializer(many=True))
    def get_numbers(self, patient: Patient) -> list[dict[str, Any]]:
        organization_id = self.context["request"].actor.organization_id
        known = numbers_of(organization_id, [patient.pk]).get(patient.pk, ())
        return [{"organization": organization_id, "number": number} for number in sorted(known)]


class PatientRow(OutputSerializer):
    """A patient in a list: enough to tell people apart."""

    id = serializers.UUIDField()
    family = serializers.CharField()
    given = serializers.CharField()
    patronymic = serializers.CharField()
    birth_date = serializers.DateField()
    sex = serializers.ChoiceField(Sex.choices)


class ReferralChange(InputSerializer):
    """Fields of a draft; `service` sets the service type and the receiving clinic.

    `own_number` is the referral's in your own system, `own_system` which of them, where you have several. Another one
    with the same number is 409 `already_referred` with the first one as `referral`.
    """

    source_clinic = ClinicReference(required=False)
    referrer_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    referrer_position = serializers.CharField(max_length=200, required=False, allow_blank=True)
    service_type = ServiceTypeReference(required=False)
    service = ServiceReference(required=False, allow_null=True)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    suspicion = serializers.ChoiceField(Suspicion.choices, required=False, allow_blank=True)
    payment = serializers.ChoiceField(Payment.choices, required=False)
    care_kind = serializers.ChoiceField(CareKind.choices, required=False)
    conditions = serializers.ChoiceField(Conditions.choices, required=False)
    diagnosis_code = serializers.CharField(max_length=8, required=False, allow_blank=True)
    diagnosis_text = serializers.CharField(max_length=300, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    question = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    own_number = serializers.CharField(max_length=100, required=False, allow_blank=True)
    own_system = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ReferralCreate(ReferralChange):
    """A new draft of a patient whom the caller's organisation may see."""

    patient = serializers.UUIDField()


class ReferralSerializer(OutputSerializer):
    """A referral (FHIR ServiceRequest). `available_actions` are the calls that would succeed for you now."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    own_number = serializers.CharField(help_text=_("The referring organisation's own."))
    own_system = serializers.CharField()
    state = serializers.ChoiceField(ReferralState.choices)
    state_since = DateTimeField()
    available_actions = AvailableActionsField()
    patient = serializers.UUIDField(source="patient_id")
    source_organization = serializers.UUIDField(source="source_organization_id")
    source_clinic = serializers.UUIDField(source="source_clinic_id")
    referrer_name = serializers.CharField()
    referrer_position = serializers.CharField()
    service_type = serializers.CharField(source="service_type_id", allow_null=True)
    service = serializers.UUIDField(source="service_id", allow_null=True)
    target_clinic = serializers.UUIDField(source="target_clinic_id", allow_null=True)
    target_organization = serializers.UUIDField(source="target_organization_id", allow_null=True)
    priority = serializers.ChoiceField(Priority.choices)
    suspicion = serializers.CharField()
    payment = serializers.ChoiceField(Payment.choices)
    care_kind = serializers.ChoiceField(CareKind.choices)
    conditions = serializers.ChoiceField(Conditions.choices)
    diagnosis_code = serializers.CharField()
    diagnosis_text = serializers.CharField()
    reason = serializers.CharField()
    question = serializers.CharField()
    submitted_at = DateTimeField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    late_code = serializers.CharField()
    late_reason = serializers.CharField()
    appointment_at = DateTimeField(allow_null=True)
    appointment_clinic = serializers.UUIDField(source="appointment_clinic_id", allow_null=True)
    appointment_local = LocalTimeField(source="appointment_at", clinic="appointment_clinic")
    appointment_time_zone = serializers.CharField(
        source="appointment_clinic.time_zone",
        allow_null=True,
        default=None,
        help_text=_("Of the clinic there."),
    )
    offer_until = DateTimeField(allow_null=True)
    no_shows = serializers.IntegerField()
    completed_at = DateTimeField(allow_null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()


class StepSerializer(OutputSerializer):
    """One line of a referral's story."""

    at = DateTimeField()
    action = serializers.CharField()
    from_state = serializers.CharField()
    to_state = serializers.ChoiceField(ReferralState.choices)
    organization = serializers.UUIDField(source="organization_id", allow_null=True)
    actor_name = serializers.CharField()
    reason = serializers.CharField()
    comment = serializers.CharField()


class ReasonSerializer(OutputSerializer):
    """A coded reason. `kind` is the action that it explains (`late`: booking past the deadline).

    `cancels_appointment`: with it the action also gives a booked time back; a booked referral can be rejected or
    cancelled with such a reason only.
    """

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(ReasonKind.choices)
    code = serializers.CharField()
    name = TranslatedField()
    needs_comment = serializers.BooleanField()
    cancels_appointment = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    position = serializers.IntegerField()


class ConclusionSerializer(OutputSerializer):
    text = serializers.CharField()
    diagnosis_code = serializers.CharField()
    diagnosis_text = serializers.CharField()
    recommendations = serializers.CharField()
    practitioner_name = serializers.CharField()
    created_at = DateTimeField()
    read_at = DateTimeField(allow_null=True)


class BookingSerializer(OutputSerializer):
    """A place in a slot (FHIR Appointment), or a hold until `held_until`."""

    id = serializers.UUIDField()
    referral = serializers.UUIDField(source="referral_id")
    patient = serializers.UUIDField(source="patient_id")
    slot = serializers.UUIDField(source="slot_id")
    clinic = serializers.UUIDField(source="clinic_id")
    organization = serializers.UUIDField(source="organization_id")
    start = DateTimeField()
    end = DateTimeField()
    start_local = LocalTimeField(source="start", clinic="clinic")
    time_zone = serializers.CharField(source="clinic.time_zone", help_text=_("Of the clinic there."))
    state = serializers.ChoiceField(BookingState.choices)
    held_until = DateTimeField(allow_null=True)
    booked_at = DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    end_comment = serializers.CharField()
    updated_at = DateTimeField()


class HoldCreate(InputSerializer):
    """Keep `slot` for the referral while the patient is asked."""

    referral = serializers.UUIDField()
    slot = serializers.UUIDField()


class LateFields(InputSerializer):
    """Why a time lies beyond the waiting norm: a reason of the kind `late`, with words where it asks for them."""

    late_code = serializers.CharField(
        max_length=20, required=False, allow_blank=True,
        help_text=_("Code of a reason of the kind `late`; words alone are filed under `other`."),
    )  # fmt: skip
    late_reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class SlotChoice(LateFields):
    """The slot; `late_code` and `late_reason` where it lies beyond the waiting norm."""

    slot = serializers.UUIDField(source="slot_id")


class SlotMove(SlotChoice):
    """The new slot; with `booking`, only while the patient is still booked by it."""

    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    booking = serializers.UUIDField(source="booking_id", required=False)


class Reasoned(InputSerializer):
    """A coded reason of the action's dictionary (see `/reasons/`); some need a comment."""

    reason = serializers.CharField(max_length=20)
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class Commented(InputSerializer):
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class MayBeReasoned(Commented):
    reason = serializers.CharField(
        max_length=20, required=False, allow_blank=True, help_text=_("Code of a reason, where it is known.")
    )


class Judgement(Commented):
    """Another priority, another suspicion; what is not sent stays, and the comment says why it changes."""

    priority = serializers.ChoiceField(
        Priority.choices, required=False, help_text=_("Where it changes; say why in the comment.")
    )
    suspicion = serializers.ChoiceField(
        Suspicion.choices, required=False, allow_blank=True,
        help_text=_("Where it changes; empty takes it away. Say why in the comment."),
    )  # fmt: skip


class Redirection(MayBeReasoned):
    service = serializers.UUIDField(source="service_id")
    comment = serializers.CharField(max_length=2000)


class Completion(InputSerializer):
    text = serializers.CharField(max_length=50_000)
    diagnosis_code = serializers.CharField(max_length=8)
    diagnosis_text = serializers.CharField(max_length=300, required=False, allow_blank=True)
    recommendations = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    practitioner_name = serializers.CharField(max_length=200, required=False, allow_blank=True)


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """Validated data with nested addresses as plain dicts, as services take them."""
    return {name: dict(value) if isinstance(value, dict) else value for name, value in data.items()}
