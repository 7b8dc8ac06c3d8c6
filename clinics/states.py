"""Vocabulary and state tables of the registry."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row


class Ownership(TextChoices):
    """Whose the organisation is; shown everywhere as shape, colour and word."""

    STATE = "state", pgettext_lazy("ownership", "state")
    PRIVATE = "private", pgettext_lazy("ownership", "private")
    FOREIGN = "foreign", pgettext_lazy("ownership", "foreign")


class Sector(TextChoices):
    """What a member of the cluster does; only healthcare runs clinics."""

    HEALTHCARE = "healthcare", _("healthcare")
    EDUCATION = "education", _("education")
    RESEARCH = "research", _("research")
    MANUFACTURER = "manufacturer", _("manufacturing")
    TECHNOPARK = "technopark", _("technopark")
    FINANCE = "finance", _("finance")
    AUTHORITY = "authority", _("public authority")


class ClusterRole(TextChoices):
    """The organisation's part in the cluster."""

    MEMBER = "member", _("member")
    RESIDENT = "resident", _("resident")
    FINANCIAL_PARTNER = "financial_partner", _("financial partner")
    TECHNOLOGY_PARTNER = "technology_partner", _("technology partner")
    OFFICE = "office", _("cluster office")


class OrganizationStatus(TextChoices):
    CANDIDATE = "candidate", _("candidate")
    MEMBER = "member", _("member")
    SUSPENDED = "suspended", _("suspended")
    LEFT = "left", _("left")


class ClinicType(TextChoices):
    HOSPITAL = "hospital", _("hospital")
    POLYCLINIC = "polyclinic", _("outpatient clinic")
    DIAGNOSTIC = "diagnostic", _("diagnostic centre")
    DISPENSARY = "dispensary", _("specialised dispensary")
    MATERNITY = "maternity", _("maternity hospital")
    CHILDREN = "children", _("children's hospital")
    CENTRE = "centre", _("medical centre")
    DENTAL = "dental", _("dental clinic")
    REHABILITATION = "rehabilitation", _("rehabilitation centre")
    SANATORIUM = "sanatorium", _("sanatorium")
    LABORATORY = "laboratory", _("laboratory")
    AMBULANCE = "ambulance", _("ambulance station")
    RURAL = "rural", _("rural health post")


class ClinicStatus(TextChoices):
    PLANNED = "planned", _("planned")
    UNDER_CONSTRUCTION = "under_construction", _("under construction")
    OPEN = "open", pgettext_lazy("clinic", "open")
    CLOSED = "closed", pgettext_lazy("clinic", "closed")


class RoomKind(TextChoices):
    """What is done in a room."""

    CONSULTING = "consulting", _("consulting room")
    PROCEDURE = "procedure", _("procedure room")
    DIAGNOSTIC = "diagnostic", _("diagnostic room")
    OPERATING = "operating", _("operating theatre")
    INTENSIVE = "intensive", _("intensive care unit")
    WARD = "ward", _("ward")
    DELIVERY = "delivery", _("delivery room")
    LABORATORY = "laboratory", _("laboratory")
    REHABILITATION = "rehabilitation", _("rehabilitation hall")
    TEACHING = "teaching", _("teaching room")
    SERVICE = "service", _("service room")


class BedProfile(TextChoices):
    """What beds are kept for; the profiles that regional statistics ask for, joined where a cluster needs one."""

    THERAPY = "therapy", _("general medicine")
    CARDIOLOGY = "cardiology", _("cardiology")
    NEUROLOGY = "neurology", _("neurology")
    SURGERY = "surgery", _("surgery")
    TRAUMATOLOGY = "traumatology", _("traumatology and orthopaedics")
    ONCOLOGY = "oncology", _("oncology")
    OBSTETRICS = "obstetrics", _("obstetrics and gynaecology")
    PAEDIATRICS = "paediatrics", _("paediatrics")
    INFECTIOUS = "infectious", _("infectious diseases")
    INTENSIVE = "intensive", _("intensive care")
    REHABILITATION = "rehabilitation", _("rehabilitation")
    PALLIATIVE = "palliative", _("palliative care")
    DAY = "day", _("day hospital")
    OTHER = "other", _("other profiles")


class ChangeState(TextChoices):
    """What became of a proposed change of a record."""

    PENDING = "pending", pgettext_lazy("change", "awaits a decision")
    APPROVED = "approved", pgettext_lazy("change", "approved")
    REFUSED = "refused", pgettext_lazy("change", "refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("change", "withdrawn")


class Direction(TextChoices):
    """The four directions of a cluster."""

    CLINICAL = "clinical", _("diagnosis and treatment")
    REHABILITATION = "rehabilitation", _("rehabilitation")
    SCIENTIFIC = "scientific", _("science")
    EDUCATIONAL = "educational", _("education")


class CareType(TextChoices):
    """What kind of care a service is, as the waiting norms of the state guarantee programme tell them apart."""

    PRIMARY = "primary", _("general practitioner, therapist, paediatrician")
    SPECIALIST = "specialist", _("visit to a specialist")
    DIAGNOSTIC = "diagnostic", _("laboratory, X-ray, ultrasound and the like")
    TOMOGRAPHY = "tomography", _("CT, MRI, angiography")
    INPATIENT = "inpatient", _("specialised care in hospital")
    HIGH_TECH = "high_tech", _("high-tech care")
    REHABILITATION = "rehabilitation", _("rehabilitation")


class Payment(TextChoices):
    """Who pays for the care."""

    OMS = "oms", _("compulsory insurance (OMS)")
    VMP = "vmp", _("high-tech quota")
    DMS = "dms", _("voluntary insurance")
    PAID = "paid", _("paid by the patient")
    INTERGOVERNMENTAL = "intergov", _("intergovernmental agreement")


class ServiceMode(TextChoices):
    VISIT = "visit", _("in person")
    TELEMEDICINE = "telemedicine", _("telemedicine")
    INPATIENT = "inpatient", _("inpatient")
    SANATORIUM = "sanatorium", _("sanatorium stay")


class BookingMode(TextChoices):
    DIRECT = "direct", _("booked at once")
    TRIAGE = "triage", _("after the clinic's decision")


class LicenceStatus(TextChoices):
    ACTIVE = "active", _("valid")
    SUSPENDED = "suspended", _("suspended")
    CANCELLED = "cancelled", _("cancelled")


class Scheme(TextChoices):
    """By whose rules a site is accredited."""

    NATIONAL = "national", _("national accreditation")
    JCI = "jci", "JCI"
    ISO_9001 = "iso_9001", "ISO 9001"
    ISO_15189 = "iso_15189", "ISO 15189"
    OTHER = "other", pgettext_lazy("accreditation", "other")


class Jurisdiction(TextChoices):
    NATIONAL = "national", _("national")
    FOREIGN = "foreign", _("foreign")


class MethodKind(TextChoices):
    """What a foreign clinic uses that is not registered at home."""

    METHOD = "method", pgettext_lazy("special regime", "method of treatment or diagnosis")
    MEDICINE = "medicine", _("medicine")
    DEVICE = "device", _("medical device")


class MethodState(TextChoices):
    DRAFT = "draft", pgettext_lazy("method", "draft")
    IN_USE = "in_use", pgettext_lazy("method", "in use")
    WITHDRAWN = "withdrawn", pgettext_lazy("method", "withdrawn")


class Audience(TextChoices):
    """For whom a slot is kept until its release."""

    OWN = "own", _("own patients")
    CLUSTER = "cluster", _("clinics of the cluster")
    URGENT = "urgent", _("urgent referrals")


class SlotState(TextChoices):
    DRAFT = "draft", pgettext_lazy("slot", "draft")
    PUBLISHED = "published", pgettext_lazy("slot", "published")
    BLOCKED = "blocked", pgettext_lazy("slot", "blocked")


class ExceptionReason(TextChoices):
    HOLIDAY = "holiday", _("public holiday")
    LEAVE = "leave", _("leave")
    SICK = "sick", _("illness")
    REPAIR = "repair", _("repair")
    TRAINING = "training", _("training")
    OTHER = "other", _("other")


#: `Slot.block_reason` of a published slot that a change of its pattern left without a place in it.
REPLACED = "replaced"

#: `Slot.block_reason` of a time after the last day of its practitioner.
LEFT = "left"

#: `Slot.block_reason` of a time in a room that is closed on that day.
ROOM_CLOSED = "room"

SLOT = Machine(
    "state",
    [
        row("publish", SlotState.DRAFT, SlotState.PUBLISHED, "owner"),
        row("block", {SlotState.DRAFT, SlotState.PUBLISHED}, SlotState.BLOCKED, "owner"),
        row("reopen", SlotState.BLOCKED, SlotState.PUBLISHED, "owner"),
    ],
)

#: The life of a licence or an accreditation. A renewal is a paper of its own and moves no state.
CREDENTIAL = Machine(
    "status",
    [
        row("suspend", LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED, "keeper"),
        row("resume", LicenceStatus.SUSPENDED, LicenceStatus.ACTIVE, "keeper"),
        row("cancel", {LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED}, LicenceStatus.CANCELLED, "keeper"),
    ],
)

#: What is not registered at home, from its papers to its withdrawal, for good: what replaces it is a record of its own.
METHOD = Machine(
    "state",
    [
        row("begin", MethodState.DRAFT, MethodState.IN_USE, "keeper"),
        row("withdraw", {MethodState.DRAFT, MethodState.IN_USE}, MethodState.WITHDRAWN, "keeper"),
    ],
)

#: A site from its plan to its end. A closed one may open again; its closing stays in the journal.
CLINIC = Machine(
    "status",
    [
        row("start_building", ClinicStatus.PLANNED, ClinicStatus.UNDER_CONSTRUCTION, "office"),
        row("open", {ClinicStatus.PLANNED, ClinicStatus.UNDER_CONSTRUCTION}, ClinicStatus.OPEN, "office"),
        row(
            "close",
            {ClinicStatus.PLANNED, ClinicStatus.UNDER_CONSTRUCTION, ClinicStatus.OPEN},
            ClinicStatus.CLOSED,
            "office",
        ),
        row("reopen", ClinicStatus.CLOSED, ClinicStatus.OPEN, "office"),
    ],
)

CHANGE = Machine(
    "state",
    [
        row("approve", ChangeState.PENDING, ChangeState.APPROVED, "office"),
        row("refuse", ChangeState.PENDING, ChangeState.REFUSED, "office"),
        row("withdraw", ChangeState.PENDING, ChangeState.WITHDRAWN, "author"),
    ],
)


class EquipmentState(TextChoices):
    PLANNED = "planned", pgettext_lazy("equipment", "planned")
    ORDERED = "ordered", pgettext_lazy("equipment", "ordered")
    DELIVERED = "delivered", pgettext_lazy("equipment", "delivered")
    COMMISSIONED = "commissioned", pgettext_lazy("equipment", "in use")
    IN_REPAIR = "in_repair", pgettext_lazy("equipment", "in repair")
    WRITTEN_OFF = "written_off", pgettext_lazy("equipment", "written off")


#: What has reached its clinic, whatever became of it there: what a programme counts as delivered.
ARRIVED = frozenset(EquipmentState) - {EquipmentState.PLANNED, EquipmentState.ORDERED}
#: What can be put to use no more, for a while or for good: times that need it are closed.
OUT_OF_USE = frozenset({EquipmentState.IN_REPAIR, EquipmentState.WRITTEN_OFF})


class Funding(TextChoices):
    """Out of whose money equipment is bought."""

    FEDERAL = "federal", _("federal budget")
    REGIONAL = "regional", _("regional budget")
    MUNICIPAL = "municipal", _("municipal budget")
    INSURANCE = "insurance", _("compulsory insurance fund")
    OWN = "own", _("own funds")
    INVESTOR = "investor", _("investor")
    GIFT = "gift", _("grant or gift")


class UpkeepKind(TextChoices):
    """What was done to a piece of equipment."""

    MAINTENANCE = "maintenance", _("maintenance")
    REPAIR = "repair", pgettext_lazy("upkeep", "repair")
    CALIBRATION = "calibration", _("calibration")


#: `Slot.block_reason` of a time that needs equipment which is out of use.
OUT_OF_ORDER = "equipment"

#: The one side that moves equipment: its organisation's staff and the cluster office.
KEEPER = "keeper"

EQUIPMENT = Machine(
    "state",
    [
        row("order", EquipmentState.PLANNED, EquipmentState.ORDERED, KEEPER),
        row("deliver", EquipmentState.ORDERED, EquipmentState.DELIVERED, KEEPER),
        row("commission", EquipmentState.DELIVERED, EquipmentState.COMMISSIONED, KEEPER),
        row("report_fault", EquipmentState.COMMISSIONED, EquipmentState.IN_REPAIR, KEEPER),
        row("return_to_work", EquipmentState.IN_REPAIR, EquipmentState.COMMISSIONED, KEEPER),
        row(
            "write_off",
            {EquipmentState.COMMISSIONED, EquipmentState.IN_REPAIR},
            EquipmentState.WRITTEN_OFF,
            KEEPER,
        ),
    ],
)
