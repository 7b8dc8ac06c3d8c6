"""The journal of reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinics.reports.parameters import PeriodAndPlaces, narrowed, period_of
from cluster_portal.accounts.roles import Role
from cluster_portal.reports.base import Report, register
from cluster_portal.reports.columns import Column, Type
from cluster_portal.reports.periods import Period
from patients.selectors.figures.access import opened
from patients.services.emergency import FAILED, OPENED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_portal.common.actor import Actor

#: What a record was opened for, as the journal of reads names it.
PURPOSES = {
    "card": _("the patient's card"),
    "referral": _("a referral"),
    "edit": _("change of the card"),
    "consent": _("a consent"),
    "print": _("printing"),
    "advice": _("a question to a specialist"),
    "merge": _("comparing likely duplicates"),
    "file": _("a file of a referral"),
    "outflow": _("an entry of the register of those sent outside the cluster"),
    "api": _("an information system's query"),
    "import": _("an import of patients"),
    OPENED: _("emergency access"),
    FAILED: _("emergency access, refused"),
}
ALL, EMERGENCY = "", "emergency"


class Parameters(PeriodAndPlaces):
    clinic = service_type = None
    only = forms.ChoiceField(
        label=_("Which ones"),
        choices=[(ALL, _("every access")), (EMERGENCY, _("emergency access only"))],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].initial = Period.LAST_MONTH


@register
class AccessJournal(Report):
    """Who opened which patient's record, when and why.

    An organisation's manager reads of their own people. The office reads of everybody's, but of no patient: neither
    names nor the words of a reason, which may name somebody.
    """

    code = "patients.access"
    title = _("Journal of access to patients")
    description = _("Who opened which record, when and for what; emergency access with its reason.")
    group = "security"
    roles = frozenset({Role.OFFICE, Role.MANAGER})
    parameters = Parameters
    notes = (
        _("A line for each time that somebody opened a patient's record, alone or with a referral."),
        _(
            "Emergency access opens the record of another organisation's patient for a stated reason; one that was "
            "refused opened nothing and names no patient."
        ),
        _(
            "The cluster office reads neither patients nor reasons. By the number of the line the organisation's "
            "manager finds both."
        ),
    )

    def columns(self, actor: Actor, params: dict[str, Any]) -> list[Column]:
        names = [
            Column("patient", _("Patient"), width=34, personal=True),
            Column("birth_date", _("Birth date"), Type.DATE, personal=True),
        ]
        reason = [Column("reason", _("Stated reason"), width=50, personal=True)]
        named = _sees_patients(actor)
        return [
            Column("line", _("Line of the journal"), Type.INTEGER, width=12),
            Column("at", pgettext_lazy("report", "When"), Type.MOMENT, width=20),
            Column("organization", _("Organisation"), width=30),
            Column("person", _("Who opened it"), width=30, personal=True),
            *(names if named else []),
            Column("purpose", _("For what"), width=26),
            Column("emergency", _("Emergency access"), Type.BOOLEAN, width=12),
            *(reason if named else []),
        ]

    def rows(self, actor: Actor, params: dict[str, Any]) -> Iterator[list[Any]]:
        named = _sees_patients(actor)
        emergencies = (OPENED, FAILED)
        lines = opened(
            actor, period=period_of(params), named=named,
            organization=narrowed(params).get("organization", ""),
            purposes=emergencies if params["only"] == EMERGENCY else (),
        )  # fmt: skip
        for line, at, organization, person, *rest in lines:
            purpose = rest[4] if named else rest[0]
            told = [PURPOSES.get(purpose, purpose), purpose in emergencies]
            if named:
                told = [" ".join(filter(None, rest[:3])), rest[3], *told, rest[5]]
            yield [line, at, organization or "", person or "", *told]


def _sees_patients(actor: Actor) -> bool:
    return not actor.has(Role.OFFICE)
