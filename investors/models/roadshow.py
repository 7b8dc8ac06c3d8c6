"""The roadshow: where the cluster presents itself to investors, and whom it met there."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.audit.triggers import Journal
from cluster_portal.common.models import TimeStamped, UUIDModel
from cluster_portal.common.translated import Translated
from investors.models.investor import Investor
from investors.states import Direction


class RoadshowEvent(UUIDModel, TimeStamped):
    """A presentation in some city. `country` is ISO 3166-1 alpha-2; `outcome` is told when it is over."""

    title = Translated(models.CharField(_("title"), max_length=250))
    city = Translated(models.CharField(_("city"), max_length=120))
    country = models.CharField(_("country"), max_length=2)
    place = models.CharField(pgettext_lazy("roadshow", "place"), max_length=250, blank=True)
    begins_on = models.DateField(pgettext_lazy("roadshow", "first day"))
    ends_on = models.DateField(pgettext_lazy("roadshow", "last day"))
    outcome = Translated(models.TextField(pgettext_lazy("roadshow", "outcome"), max_length=3000, blank=True))
    is_public = models.BooleanField(_("published on the site"), default=True)

    class Meta:
        verbose_name = pgettext_lazy("roadshow", "event")
        verbose_name_plural = pgettext_lazy("roadshow", "events")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="roadshow_days"),
        ]
        triggers = [Journal(), pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.title


class RoadshowContact(UUIDModel, TimeStamped):
    """Somebody met at an event; the offices' own. `investor` is the company of the portal that came of it."""

    event = models.ForeignKey(
        RoadshowEvent,
        models.PROTECT,
        related_name="contacts",
        verbose_name=pgettext_lazy("roadshow", "event"),
    )
    company = models.CharField(_("company"), max_length=200)
    country = models.CharField(_("country"), max_length=2)
    person = models.CharField(pgettext_lazy("roadshow", "name and surname"), max_length=200)
    post = models.CharField(pgettext_lazy("group", "post"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    direction = models.CharField(_("direction"), max_length=14, choices=Direction, blank=True)
    interest = models.TextField(pgettext_lazy("roadshow", "what they want"), max_length=2000, blank=True)
    next_step = models.CharField(_("next step"), max_length=300, blank=True)
    next_on = models.DateField(_("on which day"), null=True, blank=True)
    investor = models.ForeignKey(
        Investor, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=pgettext_lazy("roadshow", "company in the portal"),
    )  # fmt: skip

    class Meta:
        verbose_name = pgettext_lazy("roadshow", "contact")
        verbose_name_plural = pgettext_lazy("roadshow", "contacts")
        triggers = [Journal(), pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.company}: {self.person}"
