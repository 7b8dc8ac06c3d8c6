"""The vocabulary of roles. Who holds which role in which organisation is a Membership of the clinic registry."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a member of an organisation does in the portal."""

    REFERRER = "referrer", _("Referring doctor or registrar")
    COORDINATOR = "coordinator", _("Coordinator of incoming referrals")
    MANAGER = "manager", _("Clinic manager")
    OFFICE = "office", _("Cluster office")
    ANALYST = "analyst", _("Analyst (figures without names)")
    TRAINING = "training", _("Training office")
    SPECIALIST = "specialist", _("Specialist in training")
    LAND = "land", _("Land office")
    CLIENT = "client", _("Information system")
