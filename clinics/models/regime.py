"""The special regime of a foreign clinic: the decision, its practitioners' permits, its methods and medicines.

As at Skolkovo, where clinics of OECD countries may employ their own practitioners and use what is not registered at
home.
"""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models.clinic import Clinic
from clinics.models.licence import Credential
from clinics.models.practitioner import Practitioner
from clinics.models.service import Service
from clinics.states import CREDENTIAL, METHOD, MethodKind, MethodState
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated


class Regime(Credential):
    """The decision by which a site works under the special regime: `number` and `authority` are those of the decision,
    `country` the one whose papers are recognised. Permits and methods hold on its days only.
    """

    legal_basis = Translated(models.CharField(_("legal basis"), max_length=300))

    class Meta(Credential.Meta):
        verbose_name = _("special regime")
        verbose_name_plural = _("special regimes")
        constraints = [
            *Credential.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "number"], name="regime_number_unique"),
        ]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="regime_states", field="status", transitions=CREDENTIAL.pairs),
        ]


class Permit(Credential):
    """What lets a practitioner see patients at one site on qualifications of `country` alone.

    `home_document` is the paper of that country: what it is, its number and date. `specialties` (Specialty.code) are
    those in which the practitioner may work.
    """

    practitioner = models.ForeignKey(
        Practitioner, models.PROTECT, related_name="permits", verbose_name=_("practitioner")
    )
    home_document = models.CharField(_("document of the home country"), max_length=200)
    specialties = ArrayField(models.CharField(max_length=40), verbose_name=_("specialties"))

    class Meta(Credential.Meta):
        verbose_name = _("permit")
        verbose_name_plural = _("permits")
        constraints = [
            *Credential.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "number"], name="permit_number_unique"),
        ]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="permit_states", field="status", transitions=CREDENTIAL.pairs),
        ]


class SpecialMethod(UUIDModel, TimeStamped):
    """A method, medicine or device that a site uses though it is not registered at home.

    `home_*` is its approval in `country`, `approval_*` the one under the regime. `consent` is what the patient agrees
    to. While it is in use, everybody who chooses one of its `services` reads of it.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="special_methods", db_index=False)
    kind = models.CharField(_("kind"), max_length=8, choices=MethodKind)
    name = Translated(models.CharField(_("name"), max_length=200))
    country = models.CharField(_("country of origin"), max_length=2)
    home_authority = models.CharField(_("approved at home by"), max_length=200)
    home_number = models.CharField(_("number of that approval"), max_length=60)
    home_date = models.DateField(_("date of that approval"))
    approval_authority = models.CharField(_("approved under the regime by"), max_length=200, blank=True)
    approval_number = models.CharField(_("number of the approval"), max_length=60, blank=True)
    approval_date = models.DateField(_("date of the approval"), null=True, blank=True)
    consent = Translated(models.TextField(_("consent text for the patient"), max_length=4000, blank=True))
    services = models.ManyToManyField(
        Service, through="clinics.MethodService", related_name="special_methods", verbose_name=_("services")
    )
    state = models.CharField(_("state"), max_length=9, choices=MethodState, default=MethodState.DRAFT)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdraw_reason = models.CharField(_("why it was withdrawn"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("unregistered method or medicine")
        verbose_name_plural = _("unregistered methods and medicines")
        ordering = ["name_ru"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name_ru"], condition=~Q(state=MethodState.WITHDRAWN), name="method_name_unique"
            ),
            models.CheckConstraint(
                condition=~Q(state=MethodState.IN_USE)
                | ~Q(approval_number="") & ~Q(approval_authority="") & Q(approval_date__isnull=False)
                & ~Q(consent_ru="") & ~Q(consent_en="") & ~Q(consent_kk=""),
                name="method_complete",
            ),
            models.CheckConstraint(
                condition=Q(state=MethodState.WITHDRAWN, withdrawn_on__isnull=False) & ~Q(withdraw_reason="")
                | ~Q(state=MethodState.WITHDRAWN) & Q(withdrawn_on__isnull=True, withdraw_reason=""),
                name="method_withdrawn_with_reason",
            ),
        ]  # fmt: skip
        triggers = [Journal(), pgtrigger.FSM(name="method_states", field="state", transitions=METHOD.pairs)]

    def __str__(self) -> str:
        return self.name


class MethodService(models.Model):
    """With which service a method is offered."""

    id = models.BigAutoField(primary_key=True)
    method = models.ForeignKey(SpecialMethod, models.CASCADE, related_name="offers", db_index=False)
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["method", "service"], name="method_service_once")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.method_id}: {self.service_id}"
