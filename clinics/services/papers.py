"""What may stand in a paper of a clinic: the fields of each kind, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinics.models import OECD, Practitioner, Regime, Specialty
from clinics.selectors.validity import STANDING
from clinics.states import Jurisdiction, Ownership
from cluster_portal.common.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from clinics.models import Accreditation, Credential, Licence, Permit

    Errors = dict[str, list[str]]

LICENCE, ACCREDITATION, REGIME, PERMIT = "licence", "accreditation", "regime", "permit"
_SHARED = ("number", "authority", "country", "valid_from", "valid_to")
FIELDS = {
    LICENCE: (*_SHARED, "jurisdiction", "activities"),
    ACCREDITATION: (*_SHARED, "scheme", "scope"),
    REGIME: (*_SHARED, "legal_basis_ru", "legal_basis_en", "legal_basis_kk"),
    PERMIT: (*_SHARED, "practitioner", "home_document", "specialties"),
}


def fill(kind: str, paper: Credential, data: dict[str, Any], *, renews: Credential | None = None) -> None:
    """Write `data` onto the paper, checked. Raises Invalid with every field at fault."""
    if unknown := set(data) - set(FIELDS[kind]):
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    for name, value in data.items():
        if name == "practitioner":
            # Where only the id is known; somebody who does not work there is told of below.
            value = Practitioner.objects.filter(pk=getattr(value, "pk", value)).first()
        setattr(paper, name, value.strip() if isinstance(value, str) else value)
    paper.country = paper.country.upper()
    errors: Errors = {}
    try:
        paper.clean_fields(exclude=[f.name for f in paper._meta.fields if f.name not in FIELDS[kind]])
    except ValidationError as exc:
        errors |= exc.message_dict
    if paper.country not in territories():
        errors |= {"country": [_("Please choose a country.")]}
    errors = _CHECKS[kind](paper) | _check_days(paper, renews) | errors
    if errors:
        raise Invalid(errors)


def require_words(reason: str) -> None:
    """Raise Invalid at `reason` unless something was said."""
    if not reason.strip():
        raise Invalid({"reason": [_("Please say it in words.")]})


def territories() -> frozenset[str]:
    """The two-letter codes of countries."""
    return frozenset(code for code in Locale("en").territories if len(code) == 2 and code.isalpha())


def _check_days(paper: Credential, renews: Credential | None) -> Errors:
    first, last = paper.valid_from, paper.valid_to
    if not first:
        return {}
    if last and last < first:
        return {"valid_to": [_("The last day is before the first one.")]}
    if renews is not None and first <= renews.valid_from:
        return {"valid_from": [_("A renewal begins later than what it renews.")]}
    if renews is not None and last and renews.valid_to and last <= renews.valid_to:
        return {"valid_to": [_("A renewal ends later than what it renews.")]}
    return {}


def _check_codes(paper: Credential, name: str, missing: str) -> Errors:
    """Codes of specialties; what is left of them is in order and without repetition."""
    codes = getattr(paper, name) or []
    known = set(Specialty.objects.filter(pk__in=codes).values_list("pk", flat=True))
    unknown = sorted(set(codes) - known)
    setattr(paper, name, sorted(known))
    if not codes:
        return {name: [missing]}
    if unknown:
        return {name: [_("There is no such activity: %(codes)s.") % {"codes": ", ".join(unknown)}]}
    return {}


def _check_licence(licence: Licence) -> Errors:
    errors = _check_codes(licence, "activities", _("Please choose what the licence covers."))
    here = licence.clinic.country
    if licence.jurisdiction == Jurisdiction.NATIONAL and licence.country != here:
        errors["country"] = [_("A national licence is of the country in which the clinic stands.")]
    elif licence.jurisdiction == Jurisdiction.FOREIGN and licence.country == here:
        errors["country"] = [_("A foreign licence is of another country than the clinic stands in.")]
    return errors


def _check_accreditation(accreditation: Accreditation) -> Errors:
    return {}


def _check_regime(regime: Regime) -> Errors:
    owner = regime.clinic.organization
    if owner.ownership != Ownership.FOREIGN or not owner.is_oecd:
        return {
            "clinic": [_("The special regime is for clinics of foreign organisations of OECD countries.")]
        }
    return check_home(regime.country, regime.clinic.country)


def check_home(country: str, here: str) -> Errors:
    """What is recognised under the regime comes from an OECD country other than the one in which the clinic stands."""
    if country == here or country not in OECD:
        return {"country": [_("Please choose another country of the OECD: only its papers are recognised.")]}
    return {}


def _check_permit(permit: Permit) -> Errors:
    errors = _check_codes(permit, "specialties", _("Please choose the specialties."))
    if permit.practitioner_id and not permit.practitioner.clinics.filter(pk=permit.clinic_id).exists():
        errors["practitioner"] = [_("This practitioner does not work at the clinic.")]
    if permit.valid_from and not any(regime.is_valid(permit.valid_from) for regime in _regimes(permit)):
        errors["valid_from"] = [_("On that day the clinic is under no special regime.")]
    return errors | check_home(permit.country, permit.clinic.country)


def _regimes(permit: Permit) -> list[Regime]:
    return list(Regime.objects.filter(clinic=permit.clinic_id, status__in=STANDING))


_CHECKS: dict[str, Callable[[Any], Errors]] = {
    LICENCE: _check_licence, ACCREDITATION: _check_accreditation, REGIME: _check_regime, PERMIT: _check_permit,
}  # fmt: skip
