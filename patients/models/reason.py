"""Coded reasons: what people choose from when they refuse, return, cancel, or book past the deadline."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import UUIDModel
from cluster_portal.common.translated import Translated
from patients.states import GIVES_TIME_BACK, ReasonKind

#: The reason that only words explain. Words without a code are filed under it.
OTHER = "other"
#: Reasons for which the portal itself cancels bookings, where a clinic closes the time.
EQUIPMENT, PRACTITIONER_AWAY = "equipment", "practitioner_away"
#: The reason for which it returns referrals, where the clinic itself closes.
CLINIC_CLOSED = "clinic_closed"
_NAMED_BY_THE_PORTAL = {
    (ReasonKind.RETURN, CLINIC_CLOSED),
    (ReasonKind.HAND_BACK, CLINIC_CLOSED),
    (ReasonKind.CANCEL_BOOKING, EQUIPMENT),
    (ReasonKind.CANCEL_BOOKING, PRACTITIONER_AWAY),
}


class Reason(UUIDModel):
    """One line of the dictionary of a kind of act. The cluster keeps it on the admin site.

    The history names reasons by their codes, so a line is never deleted and its code never changes: it ends
    (`valid_to`), and its name goes on standing in stories and reports. `needs_comment`: words are compulsory.

    `cancels_appointment` says that the act, done to a referral that has a time, gives that time back. It means
    something only for acts that the state table allows in `booked` and that close the referral (`GIVES_TIME_BACK`):
    such a referral cannot keep its time, so there a reason without the flag is refused instead of taking a patient's
    time away silently.
    """

    kind = models.CharField(_("kind of act"), max_length=16, choices=ReasonKind)
    code = models.CharField(
        _("code"), max_length=20,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Small Latin letters, digits and underscores."))],
    )  # fmt: skip
    name = Translated(models.CharField(_("name"), max_length=160))
    needs_comment = models.BooleanField(_("comment compulsory"), default=False)
    cancels_appointment = models.BooleanField(
        _("cancels the appointment"),
        default=False,
        help_text=_("A booked time is given back. Only for rejecting and for cancelling the referral."),
    )
    valid_from = models.DateField(_("valid from"), default=date(2020, 1, 1))
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The last day; empty: without end")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        verbose_name = _("coded reason")
        verbose_name_plural = _("coded reasons")
        ordering = ["kind", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="reason_code_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="reason_dates"
            ),
            models.CheckConstraint(
                condition=Q(cancels_appointment=False) | Q(kind__in=sorted(GIVES_TIME_BACK)),
                name="reason_cancels_where_it_can",
            ),
        ]
        triggers = [Journal()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"

    def clean(self) -> None:
        """Lines that the portal itself writes go on for ever; so each act has one that can be chosen."""
        named = self.code == OTHER or (self.kind, self.code) in _NAMED_BY_THE_PORTAL
        if named and self.valid_to is not None:
            raise ValidationError({"valid_to": _("The portal itself gives this reason: it cannot end.")})

    def is_valid_on(self, day: date) -> bool:
        """Whether it may be chosen that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
