"""Specialists: entering them, keeping their files, who left and who came back, whose account they use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.models import Membership
from clinics.selectors.calendar import today_at
from clinics.selectors.staff import members_of
from clinics.selectors.wording import LANGUAGES, is_country
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Forbidden, Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from training.models import Specialist, SpecialistPaper
from training.policies import paper_policy, specialist_policy
from training.states import SPECIALIST, Level

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from clinics.models import Organization
    from cluster_portal.common.actor import Actor

#: What is entered of a specialist; the employer once, by whoever keeps several.
FIELDS = (
    "family", "given", "patronymic", "name_latin", "grade", "position", "specialty", "languages", "cme_number",
    "accredited_until", "email", "phone",
)  # fmt: skip
PAPER_FIELDS = ("kind", "number", "country", "issued_on", "valid_until", "note")


@service
def add_specialist(
    actor: Actor, *, data: dict[str, Any], organization: Organization | None = None
) -> Specialist:
    """Enter a specialist of `organization`, the actor's own without one. `data` holds FIELDS (`specialty` as a row).

    Raises Forbidden, Invalid with every field at fault, CmeNumberTaken.
    """
    specialist_policy.require(actor, "create")
    organization_id = organization.pk if organization else actor.organization_id
    if not actor.is_system and not actor.has(Role.TRAINING) and organization_id != actor.organization_id:
        raise Forbidden(field="organization")
    specialist = Specialist(organization_id=organization_id)
    fill(specialist, data, FIELDS, _check)
    specialist.save(force_insert=True)
    return specialist


@service
def update_specialist(actor: Actor, *, specialist_id: uuid.UUID, data: dict[str, Any]) -> Specialist:
    """Correct what is on record; fields that are not in `data` stay. Raises NotFound, Forbidden, Invalid,
    CmeNumberTaken.
    """
    specialist = specialist_policy.get(actor, "edit", specialist_id, lock=True)
    fill(specialist, data, FIELDS, _check)
    specialist.save()
    return specialist


@service
def leave_specialist(
    actor: Actor, *, specialist_id: uuid.UUID, reason: str, on: date | None = None
) -> Specialist:
    """A specialist does not work for the employer any more, since today or `on`. The file stays; the account no
    longer opens it.

    Raises NotFound, Forbidden, IllegalTransition, Invalid (the reason is asked for).
    """
    specialist = specialist_policy.get(actor, "edit", specialist_id, lock=True)
    SPECIALIST.move(specialist, "leave")
    today = today_at(actor.time_zone)
    require_words("reason", reason)
    if on and on > today:
        raise Invalid({"on": [_("This day has not come yet.")]})
    specialist.left_on, specialist.leave_reason = on or today, reason.strip()
    _close_account(specialist)
    specialist.save()
    return specialist


@service
def return_specialist(actor: Actor, *, specialist_id: uuid.UUID) -> Specialist:
    """A specialist works for the employer again. Raises NotFound, Forbidden, IllegalTransition, CmeNumberTaken."""
    specialist = specialist_policy.get(actor, "edit", specialist_id, lock=True)
    SPECIALIST.move(specialist, "return")
    specialist.left_on, specialist.leave_reason = None, ""
    specialist.save()
    return specialist


@service
def link_account(actor: Actor, *, specialist_id: uuid.UUID, email: str) -> Specialist:
    """Let a person of the employer see the own file and answer offers. An empty address takes the account away.

    Only people who serve the employer already can be named: nobody learns here which addresses are known to the
    portal. Raises NotFound, Forbidden, Invalid and AccountTaken at `email`.
    """
    specialist = specialist_policy.get(actor, "edit", specialist_id, lock=True)
    _close_account(specialist)
    if email := email.strip():
        found = members_of(specialist.organization_id).filter(user__email__iexact=email)
        member = found.select_related("user").first()
        if member is None:
            raise Invalid({"email": [_("Nobody with this address works for the employer in the portal.")]})
        specialist.user = member.user
        Membership.objects.update_or_create(
            user=member.user, organization_id=specialist.organization_id, role=Role.SPECIALIST,
            defaults={"is_active": True},
        )  # fmt: skip
    specialist.save()
    return specialist


@service
def add_paper(actor: Actor, *, specialist_id: uuid.UUID, data: dict[str, Any]) -> SpecialistPaper:
    """Note a paper of a specialist; `data` holds PAPER_FIELDS. Raises NotFound, Forbidden, Invalid."""
    paper = SpecialistPaper(specialist=specialist_policy.get(actor, "edit", specialist_id, lock=True))
    fill(paper, data, PAPER_FIELDS, _check_paper)
    paper.save(force_insert=True)
    return paper


@service
def update_paper(actor: Actor, *, paper_id: uuid.UUID, data: dict[str, Any]) -> SpecialistPaper:
    """Correct a paper. Raises NotFound, Forbidden, Invalid."""
    paper = paper_policy.get(actor, "edit", paper_id, lock=True)
    fill(paper, data, PAPER_FIELDS, _check_paper)
    paper.save()
    return paper


def _close_account(specialist: Specialist) -> None:
    """The account opens the file no longer; what else the person does for the employer is another matter."""
    if specialist.user_id:
        theirs = Membership.objects.filter(user=specialist.user_id, organization=specialist.organization_id)
        theirs.filter(role=Role.SPECIALIST).update(is_active=False)
        specialist.user = None


def _check_paper(paper: SpecialistPaper) -> dict[str, list[Any]]:
    if paper.country and not is_country(paper.country):
        return {"country": [_("Please choose a country.")]}
    if paper.issued_on and paper.valid_until and paper.valid_until < paper.issued_on:
        return {"valid_until": [_("The last day is before the first one.")]}
    return {}


def _check(specialist: Specialist) -> dict[str, list[Any]]:
    languages = specialist.languages
    known = isinstance(languages, dict) and all(
        code in LANGUAGES and level in Level.values for code, level in languages.items()
    )
    text = _("Languages by their ISO 639 code, each with a level from A1 to C2 or native.")
    return {} if known else {"languages": [text]}
