"""Those who are trained: their post, their languages, and the papers that a journey asks for."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Organization, Specialty
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.expressions import searchable
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.people import Named
from training.states import SPECIALIST, Grade, PaperKind, SpecialistState


class Specialist(Named, UUIDModel, TimeStamped):
    """Somebody who works at a member of the cluster and may be sent to learn.

    `languages` maps ISO 639 codes to a `Level`. `cme_number` is the person's own at the portal of continuing medical
    education (НМО). `accredited_until` is the last day of the licence or accreditation to practise. `user` is the
    account by which the person sees the own file and answers offers. Who has left keeps the file; `left_on` and
    `leave_reason` say since when and why. `search_text` is written by the database.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="specialists", verbose_name=_("employer")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("account"),
    )  # fmt: skip
    family = models.CharField(_("surname"), max_length=100)
    given = models.CharField(_("given name"), max_length=100)
    patronymic = models.CharField(_("patronymic"), max_length=100, blank=True)
    name_latin = models.CharField(_("name in Latin letters"), max_length=200, blank=True)
    grade = models.CharField(_("kind of post"), max_length=8, choices=Grade, default=Grade.DOCTOR)
    position = models.CharField(_("position"), max_length=200)
    specialty = models.ForeignKey(Specialty, models.PROTECT, related_name="+", verbose_name=_("specialty"))
    languages = models.JSONField(_("languages"), default=dict, blank=True)
    cme_number = models.CharField(_("CME number"), max_length=40, blank=True)
    accredited_until = models.DateField(_("licence or accreditation until"), null=True, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    state = models.CharField(
        _("state"), max_length=6, choices=SpecialistState, default=SpecialistState.ACTIVE
    )
    left_on = models.DateField(_("left on"), null=True, blank=True)
    leave_reason = models.CharField(_("why"), max_length=300, blank=True)
    search_text = searchable("family", "given", "patronymic", "name_latin", "position", "cme_number")

    class Meta:
        verbose_name = _("specialist")
        verbose_name_plural = _("specialists")
        constraints = [
            # One account acts for one file of an employer: an offer is answered by whom it was made to.
            models.UniqueConstraint(
                fields=["organization", "user"], condition=Q(user__isnull=False), name="specialist_user_unique"
            ),
            models.UniqueConstraint(
                fields=["cme_number"],
                condition=~Q(cme_number="") & Q(state=SpecialistState.ACTIVE),
                name="specialist_cme_unique",
            ),
            models.CheckConstraint(
                condition=Q(state=SpecialistState.ACTIVE, left_on__isnull=True, leave_reason="")
                | Q(state=SpecialistState.LEFT, left_on__isnull=False) & ~Q(leave_reason=""),
                name="specialist_left_with_reason",
            ),
        ]  # fmt: skip
        indexes = [
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="specialist_search"),
            models.Index(fields=["family", "given", "id"], name="specialist_by_name"),
        ]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="specialist_states", field="state", transitions=SPECIALIST.pairs),
        ]

    def __str__(self) -> str:
        return self.short_name


class SpecialistPaper(UUIDModel, TimeStamped):
    """A paper of a specialist. `valid_until` is its last day, empty where it has no end."""

    specialist = models.ForeignKey(Specialist, models.PROTECT, related_name="papers")
    kind = models.CharField(_("paper"), max_length=12, choices=PaperKind)
    number = models.CharField(_("number"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("paper of a specialist")
        verbose_name_plural = _("papers of specialists")
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("issued_on")),
                name="specialistpaper_dates",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["specialist", "kind", "-valid_until"], name="specialistpaper_of")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()
