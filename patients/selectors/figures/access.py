"""Who opened whose record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinics.models import Organization
from clinics.selectors.figures.numbers import CHUNK
from clinics.selectors.measures import Period, in_period
from cluster_portal.accounts.models import ApiClient, User
from cluster_portal.common.translated import localized
from patients.models import Patient
from patients.policies import access_report_policy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from cluster_portal.common.actor import Actor

#: What the journal of reads calls a patient's record.
SUBJECT = "patient"


def opened(
    actor: Actor,
    *,
    period: Period,
    organization: str = "",
    purposes: Collection[str] = (),
    named: bool = True,
) -> Iterator[tuple[Any, ...]]:
    """Lines of the journal of reads that tell of patients' records, in their order.

    The line's number, its moment, the organisation, the person or program; with `named` the patient's names and birth
    date; the purpose, and with `named` the reason that was stated. `purposes` narrows to these. The journal has no
    foreign keys: it outlives what it tells of, so a name may be missing.
    """
    rows = access_report_policy.queryset(actor).filter(in_period(period, "at"), subject_type=SUBJECT)
    if organization:
        rows = rows.filter(organization_id=organization)
    if purposes:
        rows = rows.filter(purpose__in=purposes)
    patient = [_of(Patient.objects, "subject_id", name) for name in ("family", "given", "patronymic")]
    told = {
        "office": _of(
            Organization.objects.annotate(label=localized("short_name")), "organization_id", "label"
        ),
        "who": Coalesce(_of(User.objects, "user_id", "name"), _of(ApiClient.objects, "client_id", "name")),
    }
    whom = dict(zip(("family", "given", "patronymic"), patient, strict=True))
    whom["born"] = _of(Patient.objects, "subject_id", "birth_date")
    if named:
        told |= whom
    return (
        rows.annotate(**told)
        .order_by("at", "id")
        .values_list("id", "at", *told, "purpose", *(["reason"] if named else []))
        .iterator(chunk_size=CHUNK)
    )


def _of(rows: QuerySet[Model], key: str, name: str) -> Subquery:
    """A value of the row that a key of the journal's line names."""
    return Subquery(rows.filter(pk=OuterRef(key)).values(name)[:1])
