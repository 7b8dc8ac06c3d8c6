"""Companies that want land, who acts for them, who owns them, their papers."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.models import Organization
from clinics.models.organization import OECD
from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from cluster_portal.files.models import StoredFile
from investors.states import INVESTOR, KNOWN, InvestorDocumentKind, InvestorState, MemberRole


class Investor(UUIDModel, TimeStamped):
    """A company that wants land. As a resident it may be an `organization` of the registry, with clinics of its own.

    `register_number` is that of its country's register: ОГРН in Russia, БИН in Kazakhstan. Two may claim one number
    until the land office has verified one of them. `reason` is why it was refused or suspended.
    """

    name = Translated(models.CharField(pgettext_lazy("company", "legal name"), max_length=300))
    country = models.CharField(_("country of registration"), max_length=2)
    register_number = models.CharField(_("register number"), max_length=60)
    activity = models.CharField(_("what the company does"), max_length=500)
    address = models.CharField(_("address"), max_length=300, blank=True)
    website = models.URLField(_("website"), blank=True)
    contact_name = models.CharField(_("contact person"), max_length=200)
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"))
    state = models.CharField(_("state"), max_length=9, choices=InvestorState, default=InvestorState.NEW)
    submitted_at = models.DateTimeField(_("sent for review"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("who decided"),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )

    class Meta:
        verbose_name = pgettext_lazy("company", "investor")
        verbose_name_plural = pgettext_lazy("company", "investors")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "register_number"], name="investor_number", condition=Q(state__in=KNOWN)
            ),
            models.UniqueConstraint(
                fields=["organization"], name="investor_organization", condition=Q(organization__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["state", "submitted_at"], name="investor_queue")]
        triggers = [
            Journal(),
            pgtrigger.FSM(name="investor_states", field="state", transitions=INVESTOR.pairs),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_oecd(self) -> bool:
        """Whether the company's country is a member of the OECD."""
        return self.country in OECD


class InvestorMember(UUIDModel, TimeStamped):
    """A person acts for an investor; one person may act for several."""

    investor = models.ForeignKey(Investor, models.PROTECT, related_name="members", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="investor_memberships")
    role = models.CharField(_("role"), max_length=6, choices=MemberRole, default=MemberRole.MEMBER)

    class Meta:
        verbose_name = pgettext_lazy("investor", "person of an investor")
        verbose_name_plural = pgettext_lazy("investor", "people of investors")
        constraints = [models.UniqueConstraint(fields=["investor", "user"], name="investor_member_once")]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class InvestorInvitation(UUIDModel, TimeStamped):
    """Somebody is asked by e-mail to act for an investor. The link in the mail is signed, not kept."""

    investor = models.ForeignKey(Investor, models.PROTECT, related_name="invitations", db_index=False)
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=6, choices=MemberRole, default=MemberRole.MEMBER)
    language = models.CharField(max_length=2, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = pgettext_lazy("investor", "invitation")
        verbose_name_plural = pgettext_lazy("investor", "invitations")
        constraints = [
            models.UniqueConstraint(
                "investor", Lower("email"), name="investor_invitation_once", condition=Q(accepted_at=None)
            ),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return self.email


class BeneficialOwner(UUIDModel, TimeStamped):
    """A person to whom a company belongs in the end; `share` is in percent."""

    investor = models.ForeignKey(Investor, models.PROTECT, related_name="owners")
    name = models.CharField(_("surname and name"), max_length=200)
    country = models.CharField(_("citizenship"), max_length=2)
    share = models.DecimalField(
        _("share, %"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("beneficial owner")
        verbose_name_plural = _("beneficial owners")
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.name}, {self.share} %"


class InvestorDocument(StoredFile):
    """A paper of a company; its people and the offices may have it. `valid_until` is of licences and the like."""

    #: Files of one company.
    MOST = 30

    investor = models.ForeignKey(Investor, models.PROTECT, related_name="documents", db_index=False)
    kind = models.CharField(_("kind of file"), max_length=13, choices=InvestorDocumentKind)
    title = models.CharField(_("title"), max_length=200, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta(StoredFile.Meta):
        verbose_name = _("document of an investor")
        verbose_name_plural = _("documents of investors")
        constraints = [
            *StoredFile.Meta.constraints,
            models.UniqueConstraint(fields=["investor", "sha256"], name="investor_document_once"),
        ]
        triggers = [Journal(exclude=("path",))]
