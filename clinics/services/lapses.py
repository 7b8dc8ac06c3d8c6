"""Warning of licences and other papers before they lapse, and ending suspensions whose last day is over. By night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.models import Credential, LapseWarning
from clinics.policies import paper_policies
from clinics.selectors.calendar import today_at
from clinics.selectors.licences import ended_suspensions, lapsing, warning_level
from clinics.selectors.staff import office_people, people_in
from clinics.services.licences import resume_credential
from clinics.services.papers import PERMIT
from cluster_portal.accounts.roles import Role
from cluster_portal.common.service import service
from cluster_portal.common.translated import LANGUAGES
from cluster_portal.notifications.kinds import Kind, register
from cluster_portal.notifications.services import notify
from cluster_portal.web.wording import date_short, in_every_language

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor

MODELS: dict[str, type[Credential]] = {kind: policy.model for kind, policy in paper_policies.items()}
_KINDS = (
    Kind(
        "clinics.licence_ends", _("Licence %(number)s of %(clinic)s ends on %(day)s. Please renew it"), "license",
        "urgent",
    ),
    Kind(
        "clinics.accreditation_ends", _("Accreditation %(number)s of %(clinic)s ends on %(day)s"), "certificate",
        "urgent",
    ),
    Kind(
        "clinics.regime_ends", _("The special regime of %(clinic)s (%(number)s) ends on %(day)s"), "world", "urgent",
    ),
    Kind(
        "clinics.permit_ends",
        _("Permit %(number)s of %(who)s at %(clinic)s ends on %(day)s. Please renew it"), "id", "urgent",
    ),
)  # fmt: skip


def register_kinds() -> None:
    """Make the sentences known; called when the app is ready."""
    register(*_KINDS)


def warn_of_lapses(actor: Actor) -> int:
    """Warn the managers of the clinic and the office of every paper that has passed one of WARNINGS since it was last
    warned of. Returns how many papers. A night that was missed is made up for by the next one; twice changes nothing.
    """
    return sum(
        warn_of_lapse(actor, kind=kind, credential_id=pk)
        for kind, model in MODELS.items()
        for pk in lapsing(model)
    )


@service
def warn_of_lapse(actor: Actor, *, kind: str, credential_id: Any) -> bool:
    """Warn of one paper, if its nearest mark was not warned of yet. The mark and the notices are one transaction."""
    related = ("clinic", "practitioner") if kind == PERMIT else ("clinic",)
    credential = MODELS[kind].objects.select_related(*related).get(pk=credential_id)
    mark = warning_level(credential, today_at(credential.clinic.time_zone))
    if mark is None or mark < 0:
        return False
    row = LapseWarning(**{kind: credential}, mark=mark, valid_to=credential.valid_to)
    # Whoever writes the row first warns; another night at the same moment waits here and finds it.
    LapseWarning.objects.bulk_create([row], ignore_conflicts=True)
    if not LapseWarning.objects.filter(pk=row.pk).exists():
        return False
    clinic = credential.clinic
    people = {
        clinic.organization_id: people_in(clinic.organization_id, [Role.MANAGER]), None: office_people(),
    }  # fmt: skip
    for organization_id, users in people.items():
        notify(
            actor,
            users=users,
            kind=f"clinics.{kind}_ends",
            params={
                "number": credential.number,
                "clinic": {
                    lang: name for lang in LANGUAGES if (name := getattr(clinic, f"short_name_{lang}"))
                },
                **({"who": credential.practitioner.short_name} if kind == PERMIT else {}),
                "day": in_every_language(lambda: date_short(credential.valid_to)),
            },
            url=reverse(f"clinics:{kind}", args=[credential.pk]),
            key=f"lapse:{credential.pk}:{credential.valid_to}:{mark}",
            organization_id=organization_id,
        )
    return True


def end_suspensions(actor: Actor) -> int:
    """Resume what was suspended up to a day that is over: the days decide already, the state follows. How many."""
    ended = [(kind, pk) for kind, model in MODELS.items() for pk in ended_suspensions(model)]
    for kind, pk in ended:
        resume_credential(actor, kind=kind, credential_id=pk)
    return len(ended)
