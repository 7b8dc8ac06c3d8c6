"""Patients sent outside the cluster: the report, and the register as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from clinics.policies import REPORTERS
from clinics.reports.parameters import PeriodAndPlaces
from clinics.states import Payment
from cluster_portal.accounts.roles import Role
from cluster_portal.reports.base import Parameters, Report, is_analyst, register
from cluster_portal.reports.columns import SMALL, Column, Type
from cluster_portal.reports.exports import CHUNK, CutText, QueryExport
from patients.forms.patients import country_names
from patients.policies import STAFF, outflow_policy
from patients.reports.parameters import parts, scope_of
from patients.selectors.figures.outflow import outflow
from patients.selectors.outflow import Narrowing
from patients.selectors.outflow import register as outflow_register
from patients.selectors.reasons import Names
from patients.states import ReasonKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from patients.models import Outflow

PAYMENTS = dict(Payment.choices)


class By(TextChoices):
    """What a row stands for; its parts are joined by `+`."""

    SERVICE_TYPE = "service_type", _("service")
    COUNTRY = "country", _("country")
    REGION = "country+region", _("country and region")
    REASON = "reason", _("reason")
    SERVICE_REASON = "service_type+reason", _("service and reason")
    SERVICE_COUNTRY = "service_type+country", _("service and country")


HEADS = {
    "service_type": Column("service", _("Service"), width=34),
    "country": Column("country", _("Country"), width=22),
    "region": Column("region", _("Region"), width=28),
    "reason": Column("reason", pgettext_lazy("report", "Reason"), width=30),
}


class OutflowParameters(PeriodAndPlaces):
    by = forms.ChoiceField(label=_("A row for each"), choices=By, initial=By.SERVICE_TYPE, required=False)

    def clean_by(self) -> str:
        return self.cleaned_data["by"] or By.SERVICE_TYPE.value


@register
class OutflowReport(Report):
    """Which care the cluster does not give yet, where its patients get it, why, and what that costs."""

    code = "patients.outflow"
    title = _("Outflow: patients sent outside the cluster")
    description = _(
        "Which care is looked for elsewhere: by service, country and reason, with the expected cost."
    )
    group = "waits"
    roles = REPORTERS
    parameters = OutflowParameters
    notes = (
        _("Counted are entries of the register by the day on which the patient was sent; withdrawn ones are not."),
        _("A row for each currency: different ones are never added. Where no cost is known, the currency is empty."),
        _("Costs are expected ones, as the clinics entered them."),
        _("Analysts see no counts of fewer than five people, and no sums that would reveal them."),
    )  # fmt: skip

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        return [
            *(HEADS[key] for key in parts(params["by"])),
            Column(
                "patients", pgettext_lazy("report", "Patients sent"), Type.INTEGER, total=True, people=True
            ),
            Column("currency", _("Currency"), width=10),
            Column("cost", _("Expected cost"), Type.DECIMAL, width=18),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        by, hide, names = parts(params["by"]), is_analyst(actor), Names()
        countries = country_names()
        for row in outflow(actor, scope_of(params), by):
            values, (currency, n, cost) = list(row[:-3]), row[-3:]
            told: list[Any] = []
            for key in by:
                value = values.pop(0)
                match key:
                    case "service_type":
                        values.pop(0)
                        told.append(value)
                    case "country":
                        told.append(countries.get(value, value))
                    case "reason":
                        told.append(capfirst(names(ReasonKind.OUTFLOW, value)))
                    case _:
                        told.append(value or pgettext("report", "not named"))
            yield [*told, n, currency, None if hide and n < SMALL else cost]


class _ListParameters(Parameters):
    """The filters above the register."""

    q = CutText(label=_("Patient, clinic or ICD-10"), limit=100)
    country = forms.CharField(label=_("Country"), required=False, max_length=2)
    service_type = forms.CharField(label=_("Service"), required=False, max_length=60)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=20)
    payment = forms.ChoiceField(label=_("Payment"), required=False, choices=Payment)
    organization = forms.UUIDField(label=_("Sent by"), required=False)
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until, inclusive"), required=False)
    withdrawn = forms.ChoiceField(
        label=_("Entries"), required=False, choices=[("1", _("that were withdrawn"))]
    )


@register
class OutflowList(QueryExport):
    """The register, row by row; the office gets it without names."""

    code = "patients.outflow_list"
    title = _("Sent outside the cluster")
    roles = STAFF | {Role.OFFICE}
    scope = "referrals"
    parameters = _ListParameters

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        named = outflow_policy.may(actor, "create")
        people = [
            Column("patient", _("Patient"), width=24, personal=True),
            Column("birth_year", _("Year of birth"), width=10, personal=True),
            Column("referral", _("Referral"), width=18, personal=True),
        ]
        return [
            *(people if named else []),
            Column("sent_on", _("Sent on"), Type.DATE, width=12),
            Column("sender", _("Sent by"), width=30),
            Column("service", _("Service"), width=34),
            Column("diagnosis", _("ICD-10 code"), width=10),
            Column("country", _("Country"), width=20),
            Column("region", _("Region"), width=24),
            Column("clinic", _("Clinic"), width=34),
            Column("reason", _("Reason"), width=26),
            Column("payment", _("Payment"), width=26),
            Column("cost", _("Expected cost"), Type.DECIMAL, width=16),
            Column("currency", _("Currency"), width=10),
        ]

    def queryset(self, actor: Actor, params: dict[str, Any]) -> QuerySet[Outflow]:
        chosen = {name: value or "" for name, value in params.items() if name not in ("since", "until")}
        chosen["withdrawn"] = bool(chosen["withdrawn"])
        chosen["organization"] = str(chosen["organization"])
        by = Narrowing(text=chosen.pop("q").strip(), since=params["since"], until=params["until"], **chosen)
        return outflow_register(actor, by)

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[Sequence[Any]]:
        columns = outflow_policy.may(actor, "create")
        for row in self.queryset(actor, params).iterator(chunk_size=CHUNK):
            known = outflow_policy.names(actor, row)
            yield [*(self.whose(row) if known else [""] * 3), *self.line(row)] if columns else self.line(row)

    @staticmethod
    def whose(row: Outflow) -> list[str]:
        """The patient, only for those who sent them."""
        number = row.referral.number if row.referral else ""
        return [row.patient.short_name, str(row.patient.birth_date.year), number]

    def line(self, row: Outflow) -> Sequence[Any]:
        return (
            row.sent_on,
            row.source_clinic.short_name,
            row.service_type.name,
            row.diagnosis_code,
            country_names().get(row.country, row.country),
            row.region,
            row.clinic_name,
            capfirst(row.reason_name),
            capfirst(PAYMENTS[row.payment]),
            row.cost,
            row.currency,
        )
