"""Vocabulary and state tables of training."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.common.states import Machine, row

#: Sides of the tables: the employer's people, and the training office.
EMPLOYER, TRAINING_OFFICE = "employer", "training_office"


class Grade(TextChoices):
    """What kind of post somebody holds: programmes are made for some of them."""

    CHIEF = "chief", _("chief physician")
    DEPUTY = "deputy", _("deputy chief physician")
    HEAD = "head", _("head of department")
    DOCTOR = "doctor", _("doctor")
    NURSE = "nurse", _("nurse")
    OTHER = "other", pgettext_lazy("grade", "other staff")


class Level(TextChoices):
    """How well a language is spoken, by the Common European Framework of Reference (CEFR, 2001)."""

    A1 = "A1", "A1"
    A2 = "A2", "A2"
    B1 = "B1", "B1"
    B2 = "B2", "B2"
    C1 = "C1", "C1"
    C2 = "C2", "C2"
    NATIVE = "native", _("native")


class SpecialistState(TextChoices):
    ACTIVE = "active", pgettext_lazy("specialist", "works here")
    LEFT = "left", pgettext_lazy("specialist", "left")


class PaperKind(TextChoices):
    """Papers that a host or a border asks for."""

    PASSPORT = "passport", _("passport for travel")
    VISA = "visa", _("visa")
    VACCINATION = "vaccination", _("vaccination certificate")
    DIPLOMA = "diploma", _("copy of the diploma")
    CONSENT = "consent", _("consent to the processing of data")


SPECIALIST = Machine(
    "state",
    [
        row("leave", SpecialistState.ACTIVE, SpecialistState.LEFT, EMPLOYER, TRAINING_OFFICE),
        row("return", SpecialistState.LEFT, SpecialistState.ACTIVE, EMPLOYER, TRAINING_OFFICE),
    ],
)
