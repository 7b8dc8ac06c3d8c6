"""Agreements by which investors hold land: for which plots, on what right, for how long and how much."""

from __future__ import annotations

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.files.models import StoredFile
from investors.models.interest import Interest
from investors.models.investor import Investor
from investors.models.plot import Plot
from investors.models.tender import Tender
from investors.states import AGREEMENT, AgreementState, Tenure


class Agreement(UUIDModel, TimeStamped):
    """A company gets plots on a right: after a tender, an interest that was agreed on, or for the `reason` told.

    `price` is in `currency` (ISO 4217): of a year for a lease and a concession, of the whole for a sale. It holds from
    `valid_from` to `valid_until`, both included; what is sold has no end. `enforced_at` is set once it was in force,
    from when on everybody may know who holds the plots; `over_on` is the day from which it held no more.
    """

    number = models.CharField(_("number"), max_length=16, unique=True)
    investor = models.ForeignKey(
        Investor, models.PROTECT, related_name="agreements", verbose_name=_("company")
    )
    plots = models.ManyToManyField(Plot, through="AgreementPlot", related_name="agreements")
    tender = models.ForeignKey(
        Tender, models.PROTECT, null=True, blank=True, related_name="agreements", verbose_name=_("tender")
    )
    interest = models.ForeignKey(
        Interest, models.PROTECT, null=True, blank=True, related_name="agreements",
        verbose_name=pgettext_lazy("land", "interest"),
    )  # fmt: skip
    reason = models.CharField(_("why without a tender"), max_length=300, blank=True)
    tenure = models.CharField(_("right"), max_length=10, choices=Tenure, default=Tenure.LEASE)
    term_years = models.PositiveSmallIntegerField(
        _("for how many years"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
    )
    price = models.DecimalField(
        _("price"), max_digits=15, decimal_places=2, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$")])
    signed_on = models.DateField(pgettext_lazy("agreement", "signed on"), null=True, blank=True)
    valid_from = models.DateField(pgettext_lazy("agreement", "in force from"), null=True, blank=True)
    valid_until = models.DateField(pgettext_lazy("agreement", "in force until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=AgreementState, default=AgreementState.DRAFT)
    enforced_at = models.DateTimeField(null=True, blank=True)
    over_on = models.DateField(_("over since"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("land", "agreement")
        verbose_name_plural = pgettext_lazy("land", "agreements")
        constraints = [
            models.CheckConstraint(
                condition=Q(tender__isnull=False) | Q(interest__isnull=False) | ~Q(reason=""),
                name="agreement_grounds",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="agreement_dates",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[AgreementState.DRAFT, AgreementState.TERMINATED])
                | Q(signed_on__isnull=False, valid_from__isnull=False),
                name="agreement_signed",
            ),
        ]
        indexes = [models.Index(fields=["state", "valid_until"], name="agreement_state")]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="agreement_states", field="state", transitions=AGREEMENT.pairs),
            # Whatever writes the state, its plots know in the same statement whether they are held (`HOLDING`).
            pgtrigger.Trigger(
                name="agreement_holds",
                operation=pgtrigger.UpdateOf("state"),
                when=pgtrigger.After,
                func="""
                UPDATE investors_agreementplot SET is_held = NEW.state IN ('signed', 'in_force')
                 WHERE agreement_id = NEW.id AND is_held <> (NEW.state IN ('signed', 'in_force'));
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class AgreementPlot(UUIDModel):
    """A plot of an agreement. `is_held` follows the agreement's state by a trigger; one agreement holds a plot."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="given", db_index=False)
    plot = models.ForeignKey(Plot, models.PROTECT, related_name="given")
    is_held = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "plot"], name="agreement_plot_once"),
            models.UniqueConstraint(fields=["plot"], condition=Q(is_held=True), name="agreement_holds_plot"),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.plot_id}"


class AgreementDocument(StoredFile):
    """A paper of an agreement, for its company and the offices."""

    #: Files of one agreement.
    MOST = 20

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="documents", db_index=False)
    title = models.CharField(_("title"), max_length=200, blank=True)

    class Meta(StoredFile.Meta):
        verbose_name = _("document of an agreement")
        verbose_name_plural = _("documents of agreements")
        constraints = [
            *StoredFile.Meta.constraints,
            models.UniqueConstraint(fields=["agreement", "sha256"], name="agreement_document_once"),
        ]
        triggers = [Journal(exclude=("path",))]
