"""Certificates issued in a period: one by one, or counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.reports.parameters import period_of
from clinics.selectors.wording import country_name
from cluster_portal.reports.base import Report, is_analyst, register
from cluster_portal.reports.columns import SMALL, Column, Type
from cluster_portal.reports.exports import CHUNK
from cluster_portal.reports.periods import PeriodParameters
from training.policies import REPORTERS
from training.selectors.figures.certificates import issued, issued_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor


class By(TextChoices):
    """What a row stands for."""

    PROGRAMME = "programme", pgettext_lazy("report", "programme")
    EMPLOYER = "employer", _("employer")
    SPECIALTY = "specialty", _("specialty")
    COUNTRY = "country", _("country")
    MONTH = "month", _("month")
    CERTIFICATE = "certificate", _("certificate")


class CertificateParameters(PeriodParameters):
    by = forms.ChoiceField(label=_("A row for each"), choices=By, initial=By.PROGRAMME, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.actor and is_analyst(self.actor):
            # A row for one certificate is a row for one person.
            self.fields["by"].choices = [choice for choice in By.choices if choice[0] != By.CERTIFICATE]

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or By.PROGRAMME.value


@register
class CertificatesIssued(Report):
    """Which certificates were issued, for what, and which of them were revoked since."""

    code = "training.certificates"
    title = _("Certificates issued")
    description = _("Certificates by programme, employer, specialty, country or month, or one by one.")
    group = "training"
    roles = REPORTERS
    parameters = CertificateParameters
    notes = (
        _("Counted by the day of issue in the cluster's calendar; credits are those of certificates that hold."),
        _("Analysts see no counts of fewer than five people, and no sums that would reveal them."),
    )  # fmt: skip

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        if params["by"] == By.CERTIFICATE:
            return [
                Column("number", _("Number"), width=18, personal=True),
                Column("issued_at", _("Issued"), Type.MOMENT, width=18),
                Column("specialist", _("Specialist"), width=28, personal=True),
                Column("employer", _("Employer"), width=30),
                Column("programme", pgettext_lazy("report", "Programme"), width=40),
                Column("country", _("Country"), width=18),
                Column("earned_on", _("Earned on"), Type.DATE, width=12),
                Column("credits", _("Credits"), Type.INTEGER, width=10, total=True),
                Column("revoked_at", pgettext_lazy("report", "Revoked"), Type.MOMENT, width=18),
                Column("reason", pgettext_lazy("report", "Why"), width=30),
            ]
        head = Type.DATE if params["by"] == By.MONTH else Type.TEXT
        return [
            Column(params["by"], capfirst(By(params["by"]).label), head, width=44),
            Column("issued", _("Issued"), Type.INTEGER, total=True, people=True),
            Column("revoked", _("Revoked since"), Type.INTEGER, total=True, people=True, of="issued"),
            Column("credits", _("Credits"), Type.INTEGER, total=True),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        if params["by"] == By.CERTIFICATE:
            yield from self._one_by_one(actor, params)
            return
        hide = is_analyst(actor)
        for word, n, revoked, earned in issued_by(actor, period_of(params), params["by"]):
            if params["by"] == By.COUNTRY:
                word = country_name(word)
            elif params["by"] == By.MONTH:
                word = word.date()
            small = any(0 < part < SMALL for part in (n, revoked, n - revoked))
            yield [word, n, revoked, None if hide and small else earned]

    def _one_by_one(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        for row in issued(actor, period_of(params)).iterator(chunk_size=CHUNK):
            nomination = row.nomination
            programme = nomination.intake.programme
            yield [
                row.number, row.issued_at, nomination.specialist.full_name, nomination.organization.short_name,
                programme.title, country_name(programme.country), row.earned_on,
                0 if row.revoked_at else row.credits, row.revoked_at, row.revoke_reason,
            ]  # fmt: skip
