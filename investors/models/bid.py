"""Sealed bids, and the parts of the key that opens them (docs/sealed-bids.md)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.files.models import StoredContent
from investors.models.investor import Investor
from investors.models.tender import Tender
from investors.states import BID, BidState, EnvelopeKind


class KeyPart(UUIDModel, TimeStamped):
    """An official's part of a tender's opening key.

    `public_key` is that of the code which only the official has; `sealed` is the part, which only that code opens.
    `released` is the part in clear, from the official's confirmation until a second one has come; alone it says
    nothing.
    """

    tender = models.ForeignKey(Tender, models.CASCADE, related_name="key_parts", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    official = models.CharField(_("official"), max_length=200)
    public_key = models.BinaryField()
    sealed = models.BinaryField(null=True)
    released = models.BinaryField(null=True)
    confirmed_at = models.DateTimeField(_("opening confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("part of an opening key")
        verbose_name_plural = _("parts of opening keys")
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["tender", "user"], name="key_part_once")]
        triggers = [Journal(exclude=("public_key", "sealed", "released"))]

    def __str__(self) -> str:
        return self.official


class Bid(UUIDModel, TimeStamped):
    """What a company bids in a tender. Its content is in `Envelope`; here is nothing that tells any of it.

    `digest` is the SHA-256 of both envelopes, which hold a random salt each, so no guess can be tried on it. `version`
    is that of the terms for which the bid was submitted or confirmed last.
    """

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="bids", db_index=False)
    investor = models.ForeignKey(Investor, models.PROTECT, related_name="bids")
    state = models.CharField(_("state"), max_length=12, choices=BidState, default=BidState.SUBMITTED)
    #: Why it is admitted, or is not; empty until that is decided.
    judged = models.CharField(_("why"), max_length=500, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    submitted_at = models.DateTimeField(pgettext_lazy("bid", "submitted"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(pgettext_lazy("bid", "opened"), null=True, blank=True)

    class Meta:
        verbose_name = _("bid")
        verbose_name_plural = _("bids")
        constraints = [
            models.UniqueConstraint(fields=["tender", "investor"], name="bid_once"),
            models.CheckConstraint(
                condition=~models.Q(state__in=[BidState.QUALIFIED, BidState.DISQUALIFIED])
                | models.Q(opened_at__isnull=False, judged_at__isnull=False) & ~models.Q(judged=""),
                name="bid_judged_open",
            ),
        ]
        triggers = [Journal(), pgtrigger.FSM(name="bid_states", field="state", transitions=BID.pairs)]

    def __str__(self) -> str:
        return str(self.pk)


class Envelope(UUIDModel):
    """A part of a bid, encrypted until it is opened; `opened` is then its content. An opened one never changes."""

    bid = models.ForeignKey(Bid, models.PROTECT, related_name="envelopes", db_index=False)
    kind = models.CharField(max_length=11, choices=EnvelopeKind)
    content = models.BinaryField()
    owner_key = models.BinaryField()
    opening_key = models.BinaryField()
    opened = models.JSONField(null=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("envelope")
        verbose_name_plural = _("envelopes")
        ordering = ["kind"]
        constraints = [models.UniqueConstraint(fields=["bid", "kind"], name="envelope_once")]
        triggers = [
            Journal(exclude=("content", "owner_key", "opening_key")),
            pgtrigger.Protect(
                name="opened", operation=pgtrigger.Update, condition=pgtrigger.Q(old__opened_at__isnull=False)
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class SealedFile(StoredContent):
    """A file in an envelope. Its content lies encrypted in the storage, with a key of its own that is kept as an
    envelope's is; `opened_key` is that key in clear, from the opening on.

    What it is called, its format, size and sum stand in the envelope (`services/sealed_files.py`), so here is nothing
    that tells any of it. Until the opening its company may take it away; then it stays.
    """

    #: Files of one envelope.
    MOST = 10

    bid = models.ForeignKey(Bid, models.PROTECT, related_name="files")
    kind = models.CharField(max_length=11, choices=EnvelopeKind)
    owner_key = models.BinaryField()
    opening_key = models.BinaryField()
    opened_key = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("file of a bid")
        verbose_name_plural = _("files of bids")
        ordering = ["created_at", "id"]
        triggers = [
            Journal(exclude=("owner_key", "opening_key", "opened_key")),
            pgtrigger.Protect(
                name="opened", operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__opened_key__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.pk)
