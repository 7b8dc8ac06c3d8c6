"""Companies enter themselves; the land office says whether they are what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.selectors.wording import is_country
from cluster_portal.common import identifiers
from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from cluster_portal.files.storage import forget, kept
from investors.errors import (
    InvestorChecked,
    InvestorDocumentExists,
    InvestorIncomplete,
    TooManyInvestorDocuments,
    TooMuchOwned,
)
from investors.models import BeneficialOwner, Investor, InvestorDocument, InvestorMember
from investors.policies import investor_document_policy, investor_policy, owner_policy
from investors.services.documents import put_document
from investors.services.notices import tell_company, tell_land_office
from investors.states import INVESTOR, OPEN_TO_CORRECTION, MemberRole

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from django.core.files.uploadedfile import UploadedFile

    from cluster_portal.common.actor import Actor
    from cluster_portal.common.filling import Errors
    from cluster_portal.files.storage import Kept

#: What is entered of a company: what the land office verifies, and how it is reached.
VERIFIED_FIELDS = (*columns("name"), "country", "register_number", "activity")
CONTACT_FIELDS = ("address", "website", "contact_name", "contact_phone", "contact_email")
FIELDS = (*VERIFIED_FIELDS, *CONTACT_FIELDS)
OWNER_FIELDS = ("name", "country", "share")
DOCUMENT_FIELDS = ("kind", "title", "valid_until")
#: Whose registers have numbers that can be checked.
REGISTERS = {"RU": identifiers.validate_ogrn, "KZ": identifiers.validate_bin}


@service
def register_investor(actor: Actor, *, data: Mapping[str, Any]) -> Investor:
    """Enter a company; the person acts for it from now on, as its owner. `data` holds FIELDS.

    Raises Forbidden for whoever is no person, Invalid.
    """
    investor_policy.require(actor, "create")
    investor = Investor()
    _fill_company(investor, data)
    if investor_policy.queryset(actor, "edit").filter(**_number_of(investor)).exists():
        raise Invalid({"register_number": [_("You have entered this company already.")]})
    investor.save(force_insert=True)
    InvestorMember.objects.create(investor=investor, user_id=actor.user_id, role=MemberRole.OWNER)
    return investor


@service
def update_investor(actor: Actor, *, investor_id: uuid.UUID, data: Mapping[str, Any]) -> Investor:
    """Correct a company; fields that are not in `data` stay.

    Raises NotFound, Forbidden, Invalid, and InvestorChecked where VERIFIED_FIELDS would change of what is looked at.
    """
    investor = investor_policy.get(actor, "edit", investor_id, lock=True)
    before = {name: getattr(investor, name) for name in VERIFIED_FIELDS}
    _fill_company(investor, data)
    changed = any(before[name] != getattr(investor, name) for name in VERIFIED_FIELDS)
    if changed and investor.state not in OPEN_TO_CORRECTION:
        raise InvestorChecked
    investor.save()
    return investor


@service
def submit_investor(actor: Actor, *, investor_id: uuid.UUID) -> Investor:
    """Send a company to the land office. Raises NotFound, Forbidden, IllegalTransition, InvestorIncomplete."""
    investor = _move(actor, "edit", investor_id, "submit", submitted_at=timezone.now(), reason="")
    if not investor.owners.exists() or not investor.documents.exists():
        raise InvestorIncomplete
    tell_land_office("investor_submit", investor, key=f"{investor.submitted_at.isoformat()}")
    return investor


@service
def reopen_investor(actor: Actor, *, investor_id: uuid.UUID) -> Investor:
    """Correct what is or was looked at: it has to be verified anew. Raises NotFound, Forbidden, IllegalTransition."""
    return _move(actor, "edit", investor_id, "reopen")


@service
def verify_investor(actor: Actor, *, investor_id: uuid.UUID) -> Investor:
    """The company is what it says. Raises NotFound, Forbidden, IllegalTransition, InvestorNumberTaken."""
    return _decide(actor, investor_id, "verify")


@service
def refuse_investor(actor: Actor, *, investor_id: uuid.UUID, reason: str) -> Investor:
    """It may correct what is wrong and ask again. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    require_words("reason", reason)
    return _decide(actor, investor_id, "refuse", reason)


@service
def suspend_investor(actor: Actor, *, investor_id: uuid.UUID, reason: str) -> Investor:
    """A verified company may do no business for now. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    require_words("reason", reason)
    return _decide(actor, investor_id, "suspend", reason)


@service
def restore_investor(actor: Actor, *, investor_id: uuid.UUID) -> Investor:
    """A suspended company may do business again. Raises NotFound, Forbidden, IllegalTransition."""
    return _decide(actor, investor_id, "restore")


@service
def add_owner(actor: Actor, *, investor_id: uuid.UUID, data: Mapping[str, Any]) -> BeneficialOwner:
    """Name a beneficial owner. `data` holds OWNER_FIELDS. Raises NotFound, Forbidden, Invalid, TooMuchOwned."""
    investor = investor_policy.get(actor, "correct", investor_id, lock=True)
    owner = BeneficialOwner(investor=investor)
    fill(owner, data, OWNER_FIELDS, _check_country)
    if sum(investor.owners.values_list("share", flat=True), owner.share) > 100:
        raise TooMuchOwned(field="share")
    owner.save(force_insert=True)
    return owner


@service
def remove_owner(actor: Actor, *, owner_id: uuid.UUID) -> None:
    """Take a beneficial owner away. Raises NotFound, Forbidden."""
    owner_policy.get(actor, "correct", owner_id, lock=True).delete()


def add_investor_document(
    actor: Actor, *, investor_id: uuid.UUID, upload: UploadedFile | None, data: Mapping[str, Any]
) -> InvestorDocument:
    """Check a file and keep it for the company and the offices. `data` holds DOCUMENT_FIELDS.

    Raises NotFound, Forbidden, FileRefused and ScannerAway (at `file`), Invalid, InvestorDocumentExists,
    TooManyInvestorDocuments.
    """
    investor_policy.get(actor, "edit", investor_id)
    with kept([upload]) as [file]:
        return write_investor_document(actor, investor_id=investor_id, file=file, data=data)


@service
def write_investor_document(
    actor: Actor, *, investor_id: uuid.UUID, file: Kept, data: Mapping[str, Any]
) -> InvestorDocument:
    """Write the row of a file that is kept already (see `add_investor_document`)."""
    investor = investor_policy.get(actor, "edit", investor_id, lock=True)
    document = InvestorDocument(investor=investor, **file.columns(actor))
    return put_document(
        document, investor.documents, data, DOCUMENT_FIELDS,
        exists=InvestorDocumentExists, too_many=TooManyInvestorDocuments,
    )  # fmt: skip


@service
def remove_investor_document(actor: Actor, *, document_id: uuid.UUID) -> None:
    """Take a file away that nobody has looked at, with its content. Raises NotFound, Forbidden."""
    forget(investor_document_policy.get(actor, "correct", document_id, lock=True))


def _decide(actor: Actor, investor_id: uuid.UUID, action: str, reason: str = "") -> Investor:
    now = timezone.now()
    investor = _move(
        actor,
        "decide",
        investor_id,
        action,
        reason=reason.strip()[:300],
        decided_at=now,
        decided_by_id=actor.user_id,
    )
    tell_company(f"investor_{action}", investor, key=now.isoformat())
    return investor


def _move(actor: Actor, right: str, investor_id: uuid.UUID, action: str, **columns: Any) -> Investor:
    investor = investor_policy.get(actor, right, investor_id, lock=True)
    INVESTOR.move(investor, action)
    for name, value in columns.items():
        setattr(investor, name, value)
    investor.save(update_fields=["state", *columns, "updated_at"])
    return investor


def _fill_company(investor: Investor, data: Mapping[str, Any]) -> None:
    if "name_ru" in data and not data["name_ru"].strip():
        # A foreign company has its own name, which is then its name in every language.
        data = {**data, "name_ru": data.get("name_en", "")}
    if "register_number" in data and data.get("country", investor.country) in REGISTERS:
        data = {**data, "register_number": _digits(data["register_number"])}
    fill(investor, data, FIELDS, _check_company)


def _digits(number: str) -> str:
    """The number without blanks and dashes; what is none stays as it is, for the check to say so."""
    bare = "".join(number.split()).replace("-", "")
    return bare if bare.isdigit() else number


def _check_company(investor: Investor) -> Errors:
    errors = _check_country(investor)
    check = REGISTERS.get(investor.country)
    if check is not None:
        try:
            check(investor.register_number)
        except ValidationError as exc:
            errors["register_number"] = exc.messages
    return errors


def _check_country(row: Investor | BeneficialOwner) -> Errors:
    return {} if is_country(row.country) else {"country": [_("Please choose a country.")]}


def _number_of(investor: Investor) -> dict[str, str]:
    return {"country": investor.country, "register_number": investor.register_number}
