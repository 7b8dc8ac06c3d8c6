"""Files of a referral."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.models import Organization
from cluster_portal.audit.triggers import Journal
from cluster_portal.files.models import StoredFile
from patients.models.referral import Referral
from patients.states import FileKind


class Attachment(StoredFile):
    """A file that one of the two clinics added to a referral (FHIR DocumentReference).

    `organization` is whose it is. `seen_at` is when somebody of the other side first opened it: from then on it is what
    decisions may rest on.
    """

    #: Files of one referral.
    MOST = 30

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="attachments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind of file"), max_length=12, choices=FileKind, default=FileKind.OTHER)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta(StoredFile.Meta):
        verbose_name = _("file of a referral")
        verbose_name_plural = _("files of referrals")
        constraints = [
            *StoredFile.Meta.constraints,
            models.UniqueConstraint(fields=["referral", "sha256"], name="attachment_once"),
        ]
        indexes = [models.Index(fields=["referral", "created_at", "id"], name="attachment_referral")]
        triggers = [Journal(exclude=("path",))]
