"""Papers of clinics (licences, accreditations, regimes, permits) as the pages of their keepers list and tell them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import DateField, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinics.models import (
    OECD,
    Accreditation,
    Clinic,
    Credential,
    CredentialScan,
    CredentialStep,
    Licence,
    Permit,
    Regime,
    Slot,
    Specialty,
)
from clinics.policies import clinic_policy, paper_policies
from clinics.selectors.calendar import today_at
from clinics.selectors.licences import NOT_RENEWED, WARNINGS, days_left, warning_level
from clinics.selectors.openness import licensed_on_its_day
from clinics.selectors.permits import may_practise
from clinics.selectors.validity import STANDING, in_force_on
from clinics.states import CREDENTIAL, ClinicStatus, LicenceStatus, Ownership
from cluster_portal.common.errors import NotFound
from cluster_portal.web.wording import date_short

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

#: Those that end first at the top, those without an end last.
ORDER = ("ends", "id")
#: Whether a renewal follows comes with the row: pages ask it of every row.
RELATED = ("clinic__organization", "renewal")
#: What else a kind's own pages name.
_ALSO = {"permit": ("practitioner",)}


def related(kind: str) -> tuple[str, ...]:
    """What comes with a paper of this kind."""
    return RELATED + _ALSO.get(kind, ())


class Standing(NamedTuple):
    """Where a paper stands on a day: a code (`valid`, `soon`, `ended`, `renewed`, `ahead`, `suspended`, `cancelled`),
    the tone and the words of its chip.
    """

    code: str
    tone: str
    text: str


def standing(credential: Credential, today: date, *, renewed: bool) -> Standing:
    """What is to be said of a paper today. One that is renewed needs nobody's attention."""
    if credential.status == LicenceStatus.CANCELLED:
        return Standing("cancelled", "neutral", _("cancelled"))
    if credential.is_suspended(today):
        until = credential.suspended_to
        text = _("suspended until %(day)s") % {"day": date_short(until)} if until else _("suspended")
        return Standing("suspended", "danger", text)
    level = warning_level(credential, today)
    day = date_short(credential.valid_to) if credential.valid_to else ""
    if level is not None and level < 0:
        code, tone = ("renewed", "neutral") if renewed else ("ended", "danger")
        return Standing(code, tone, _("ended %(day)s") % {"day": day})
    if today < credential.valid_from:
        return Standing("ahead", "info", _("from %(day)s") % {"day": date_short(credential.valid_from)})
    if credential.valid_to is None:
        return Standing("valid", "good", pgettext("licence", "no end"))
    text = _("until %(day)s") % {"day": day}
    if renewed:
        return Standing("renewed", "good", _("%(until)s, renewed") % {"until": text})
    return Standing("soon" if level else "valid", "warn" if level else "good", text)


def is_renewed(credential: Credential) -> bool:
    """Whether a paper that follows it is on record (`renewal` comes with RELATED)."""
    return hasattr(credential, "renewal")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What of the list a reader asks for; empty: all."""

    state: str = ""
    clinic: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.state or self.clinic or self.text)


def kept_credentials(actor: Actor, kind: str, by: Narrowing | None = None) -> QuerySet[Credential]:
    """The papers that the actor keeps (the office: all), narrowed, those that end first at the top.

    States are judged by the UTC day here, a list being no place to decide on an hour; each row tells its clinic's own.
    """
    rows = paper_policies[kind].queryset(actor, "edit").select_related(*related(kind))
    rows = rows.annotate(ends=Coalesce("valid_to", Value(date(9999, 12, 31)), output_field=DateField()))
    if by and by.clinic:
        rows = rows.filter(clinic=by.clinic)
    if by and by.text:
        rows = rows.filter(Q(number__icontains=by.text) | Q(authority__icontains=by.text))
    if by and by.state:
        rows = rows.filter(_in_state(by.state, timezone.now().date()))
    return rows.order_by(*ORDER)


def _in_state(state: str, today: date) -> Q:
    if state == "soon":
        ends = Q(valid_to__range=(today, today + timedelta(days=WARNINGS[0])))
        return NOT_RENEWED & ends & Q(status__in=STANDING)
    if state == "ended":
        return NOT_RENEWED & Q(valid_to__lt=today, status__in=STANDING)
    if state == "valid":
        return in_force_on(today)
    return Q(status=state)


def kept_clinics(actor: Actor, kind: str) -> list[Clinic]:
    """The clinics that may have papers of this kind and whose such papers the actor keeps, by name."""
    action = "admit" if kind == "regime" else "license"
    rows = clinic_policy.queryset(actor, action).exclude(status=ClinicStatus.CLOSED)
    if kind == "regime":
        rows = rows.filter(organization__ownership=Ownership.FOREIGN, organization__country__in=OECD)
    elif kind == "permit":
        rows = rows.filter(regimes__status__in=STANDING).distinct()
    return list(rows.select_related("organization").order_by("name_ru"))


@dataclass(slots=True)
class Paper:
    """One paper as its page tells it. `stranded` counts booked visits of the site (with a permit: of its practitioner)
    that lie on days on which a paper of its kind is missing.
    """

    credential: Credential
    today: date
    standing: Standing
    left: int | None
    actions: list[str]
    steps: list[CredentialStep]
    scans: list[CredentialScan]
    activities: list[str] = field(default_factory=list)
    stranded: int = 0


def see_credential(actor: Actor, kind: str, credential_id: uuid.UUID) -> Credential:
    """One paper of a clinic that the actor may know. Raises NotFound."""
    policy = paper_policies[kind]
    return policy.get(
        actor, "view", credential_id, queryset=policy.model.objects.select_related(*related(kind), "renews")
    )


def credential_to_keep(actor: Actor, kind: str, credential_id: uuid.UUID) -> Credential:
    """One paper that the actor keeps. Raises NotFound and Forbidden."""
    policy = paper_policies[kind]
    return policy.get(
        actor, "edit", credential_id, queryset=policy.model.objects.select_related(*related(kind))
    )


def paper_of(actor: Actor, kind: str, credential_id: uuid.UUID) -> Paper:
    """Everything that the page of a paper shows; what can be done with it only to those who keep it."""
    credential = see_credential(actor, kind, credential_id)
    today = today_at(credential.clinic.time_zone)
    renewed = is_renewed(credential)
    keeps = paper_policies[kind].allows(actor, "edit", credential)
    paper = Paper(
        credential=credential,
        today=today,
        standing=standing(credential, today, renewed=renewed),
        left=days_left(credential, today),
        actions=actions(credential) if keeps else [],
        steps=list(credential.steps.order_by("-at", "-id")) if keeps else [],
        scans=list(credential.scans.order_by("created_at")),
    )
    if isinstance(credential, Licence):
        paper.activities = activity_names(credential.activities)
        paper.stranded = _visits(~licensed_on_its_day(), clinic=credential.clinic_id) if keeps else 0
    elif isinstance(credential, Permit):
        paper.activities = activity_names(credential.specialties)
        who = {"clinic": credential.clinic_id, "practitioner": credential.practitioner_id}
        paper.stranded = _visits(~may_practise(), **who) if keeps else 0
    elif isinstance(credential, Regime):
        paper.stranded = _visits(~may_practise(), clinic=credential.clinic_id) if keeps else 0
    return paper


def scan_of(credential: Credential, scan_id: uuid.UUID) -> CredentialScan:
    """A scan of this paper. Raises NotFound."""
    try:
        return credential.scans.get(pk=scan_id)
    except (CredentialScan.DoesNotExist, ValidationError):
        raise NotFound from None


def actions(credential: Credential) -> list[str]:
    """What its keeper may do now: the state table's lines, and a renewal where there is none yet."""
    found = CREDENTIAL.available(credential.status, {"keeper"})
    if credential.status != LicenceStatus.CANCELLED and not is_renewed(credential):
        found.insert(0, "renew")
    return found


def activity_names(codes: list[str]) -> list[str]:
    """Specialties by their codes, in words."""
    names = {row.code: row.name for row in Specialty.objects.filter(pk__in=codes)}
    return sorted(names.get(code, code) for code in codes)


def _visits(barred: Any, **where: Any) -> int:
    """How many booked visits ahead lie on days on which they are `barred`."""
    rows = Slot.objects.filter(barred, **where, taken__gt=0, start__gt=timezone.now())
    return rows.aggregate(n=Sum("taken"))["n"] or 0


def accreditations_of(clinic_id: uuid.UUID, today: date) -> list[tuple[Accreditation, Standing]]:
    """The accreditations that the public page names: of a chain of renewals those that count. One query."""
    rows = Accreditation.objects.filter(clinic=clinic_id).exclude(status=LicenceStatus.CANCELLED)
    found = [
        (row, standing(row, today, renewed=is_renewed(row)))
        for row in rows.select_related("renewal").order_by("scheme", "valid_from")
    ]
    return [(row, where) for row, where in found if where.code != "renewed" or row.is_valid(today)]
