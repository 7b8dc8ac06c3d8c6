"""Methods, medicines and devices that are not registered at home: entering, changing, using, withdrawing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinics.errors import MethodIncomplete
from clinics.models import Clinic, MethodService, Service, SpecialMethod
from clinics.policies import clinic_policy, method_policy
from clinics.selectors.calendar import today_at
from clinics.selectors.records import label_of
from clinics.selectors.regime import regime_of
from clinics.services.papers import check_home, require_words, territories
from clinics.states import METHOD, MethodState
from cluster_portal.common.errors import Conflict, Invalid
from cluster_portal.common.service import service

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping
    from datetime import date

    from cluster_portal.common.actor import Actor

FIELDS = (
    "kind", "name_ru", "name_en", "name_kk", "country", "home_authority", "home_number", "home_date",
    "approval_authority", "approval_number", "approval_date", "consent_ru", "consent_en", "consent_kk",
)  # fmt: skip
#: Without these nobody may be treated with it: what it is called and agreed to, by everybody, and its approval here.
COMPLETE = (
    "name_ru", "name_en", "name_kk", "approval_authority", "approval_number", "approval_date", "consent_ru",
    "consent_en", "consent_kk",
)  # fmt: skip


@service
def draft_method(
    actor: Actor, *, clinic_id: uuid.UUID, data: Mapping[str, Any], service_ids: Iterable[Any] = ()
) -> SpecialMethod:
    """Enter a method or medicine of a clinic under the special regime, as a draft. `data` holds any of FIELDS.

    Raises NotFound, Forbidden, Invalid, MethodExists, and Conflict where the clinic is under no regime.
    """
    rows = Clinic.objects.select_related("organization")
    clinic = clinic_policy.get(actor, "license", clinic_id, queryset=rows)
    _require_regime(clinic)
    method = SpecialMethod(clinic=clinic)
    _fill(method, data)
    method.save(force_insert=True)
    _offer(method, service_ids)
    return method


@service
def edit_method(
    actor: Actor,
    *,
    method_id: uuid.UUID,
    data: Mapping[str, Any],
    service_ids: Iterable[Any] | None = None,
) -> SpecialMethod:
    """Change what is not withdrawn; `service_ids` are all with which it is offered from now on (None: as they were).

    What is in use stays complete: raises MethodIncomplete, and what `draft_method` raises.
    """
    method = _lock(actor, method_id)
    if method.state == MethodState.WITHDRAWN:
        raise Conflict(_("It is withdrawn and stays as it was. Please enter a new one."))
    _fill(method, data)
    if method.state == MethodState.IN_USE:
        _require_complete(method)
    method.save()
    if service_ids is not None:
        _offer(method, service_ids)
    if method.state == MethodState.IN_USE:
        _require_offered(method)
    return method


@service
def begin_method(actor: Actor, *, method_id: uuid.UUID) -> SpecialMethod:
    """Begin to use it: from now on everybody who chooses one of its services reads of it.

    Raises NotFound, Forbidden, IllegalTransition, MethodIncomplete, and Conflict where the clinic is under no regime
    today.
    """
    method = _lock(actor, method_id)
    METHOD.move(method, "begin")
    _require_regime(method.clinic)
    _require_complete(method)
    _require_offered(method)
    method.save(update_fields=["state", "updated_at"])
    return method


@service
def withdraw_method(actor: Actor, *, method_id: uuid.UUID, reason: str) -> SpecialMethod:
    """It is not used any more, from today on; it stays on record. Raises NotFound, Forbidden, Invalid,
    IllegalTransition.
    """
    method = _lock(actor, method_id)
    METHOD.move(method, "withdraw")
    require_words(reason)
    method.withdrawn_on, method.withdraw_reason = today_at(method.clinic.time_zone), reason.strip()[:300]
    method.save(update_fields=["state", "withdrawn_on", "withdraw_reason", "updated_at"])
    return method


def _lock(actor: Actor, method_id: uuid.UUID) -> SpecialMethod:
    rows = SpecialMethod.objects.select_related("clinic__organization")
    return method_policy.get(actor, "edit", method_id, lock=True, queryset=rows)


def _fill(method: SpecialMethod, data: Mapping[str, Any]) -> None:
    """Write `data` onto the method, checked. Raises Invalid with every field at fault."""
    for name in FIELDS:
        if name in data:
            setattr(method, name, data[name].strip() if isinstance(data[name], str) else data[name])
    errors: dict[str, list[str]] = {}
    try:
        method.clean_fields(exclude=[f.name for f in method._meta.fields if f.name not in FIELDS])
    except ValidationError as exc:
        errors = exc.message_dict
    if method.country not in territories():
        errors.setdefault("country", [_("Please choose a country.")])
    else:
        errors = check_home(method.country, method.clinic.country) | errors
    today = today_at(method.clinic.time_zone)
    for name in ("home_date", "approval_date"):
        if name not in errors and _is_ahead(getattr(method, name), today):
            errors[name] = [_("This day is still to come.")]
    if errors:
        raise Invalid(errors)


def _is_ahead(day: date | None, today: date) -> bool:
    return day is not None and day > today


def _offer(method: SpecialMethod, service_ids: Iterable[Any]) -> None:
    """Offer it with exactly these services of its clinic. Raises Invalid."""
    asked = {str(pk) for pk in service_ids}
    try:
        wanted = set(
            Service.objects.filter(pk__in=asked, clinic=method.clinic_id).values_list("pk", flat=True)
        )
    except ValidationError:
        wanted = set()
    if len(wanted) != len(asked):
        raise Invalid({"services": [_("Please choose services of this clinic.")]})
    there = set(method.offers.values_list("service", flat=True))
    method.offers.exclude(service__in=wanted).delete()
    MethodService.objects.bulk_create(MethodService(method=method, service_id=pk) for pk in wanted - there)


def _require_regime(clinic: Clinic) -> None:
    if regime_of(clinic, today_at(clinic.time_zone)) is None:
        raise Conflict(_("The clinic is under no special regime today."), field="clinic")


def _require_complete(method: SpecialMethod) -> None:
    missing = [name for name in COMPLETE if not getattr(method, name)]
    if missing:
        words = ", ".join(str(label_of(SpecialMethod, name)) for name in missing)
        text = _("It cannot be used yet. Still missing: %(fields)s.") % {"fields": words}
        raise MethodIncomplete(text, field=missing[0], extra={"missing": missing})


def _require_offered(method: SpecialMethod) -> None:
    if not method.offers.exists():
        raise MethodIncomplete(
            _("It cannot be used yet. Please choose the services with which it is offered."),
            field="services", extra={"missing": ["services"]},
        )  # fmt: skip
