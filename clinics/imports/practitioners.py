"""Practitioners from a table: who sees patients, where, and in what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.imports.clinics import organizations_by_words
from clinics.imports.lookups import Called, columns_of
from clinics.imports.records import NOTES, RecordSession, RecordTable
from clinics.models import Practitioner, Specialty
from clinics.selectors.tables import KEY, clinics_kept, needed_clinics
from cluster_portal.accounts.roles import Role
from cluster_portal.imports.base import register
from cluster_portal.imports.cleaning import folded

if TYPE_CHECKING:
    import uuid
    from collections.abc import Hashable, Iterable

    from cluster_portal.imports.base import Row


class _Session(RecordSession):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clinics = clinics_kept(self.actor)
        self.clinics = Called(clinics, "name", "short_name")
        self.called = {clinic.pk: clinic.short_name for clinic in clinics}
        self.specialties = Called(Specialty.objects.all(), "name")
        self.organizations = organizations_by_words(self.actor)

    def keys_of(self, record: Practitioner) -> Iterable[Hashable]:
        yield (KEY, record.pk)
        yield (record.organization_id, folded(record.full_name))

    def look_up(self, row: Row) -> None:
        data = row.plan.data
        self.one_of(
            row, "organization", self.organizations, _("You keep no organisation of this number or name."),
            _("Several organisations are called so: give a register number."),
        )  # fmt: skip
        self.one_of(
            row, "clinics", self.clinics, _("You keep no clinic that is called so."),
            _("Several clinics are called so: write the full name."),
        )  # fmt: skip
        self.one_of(row, "specialties", self.specialties, _("The dictionary has no such specialty."))
        if row.verdict is not None:
            return
        data["specialties"] = [specialty.pk for specialty in data["specialties"]]
        owners = {clinic.organization for clinic in data["clinics"]}
        data.setdefault("organization", next(iter(owners)))
        if owners != {data["organization"]}:
            row.refuse(_("These clinics are not all of one organisation."), "clinics", row.values["clinics"])

    def recognise(self, row: Row) -> uuid.UUID | None:
        if pk := self.by_key(row):
            return pk
        data = row.plan.data
        if row.verdict is not None:
            return None
        name = " ".join(data.get(part, "") for part in ("family", "given", "patronymic"))
        key = (data["organization"].pk, folded(name))
        owners = self.known.get(key, set())
        if len(owners) > 1:
            row.refuse(_("Several practitioners are called so: give the key."), "family", data["family"])
            return None
        self.once(row, None, key, "family")
        pk = next(iter(owners), None)
        return (pk and row.verdict is None and self.once(row, pk, pk, "family")) or None

    def judge(self, row: Row, *, new: bool) -> None:
        plan = row.plan
        if new:
            return
        needed = needed_clinics(plan.record)
        if "organization" in plan.changed:
            row.refuse(
                _("The practitioner is another organisation's."), "organization",
                row.values.get("organization", ""),
            )  # fmt: skip
        if "is_active" in plan.changed and not plan.record.is_active and needed:
            row.refuse(
                _("Weekly patterns are still theirs. End them first."), "is_active", row.values["is_active"]
            )
        if left := needed - {clinic.pk for clinic in plan.data["clinics"]}:
            names = ", ".join(sorted(self.called.get(pk, "") for pk in left))
            row.refuse(
                _("They have weekly patterns at %(clinics)s. End them first.") % {"clinics": names}, "clinics",
                row.values["clinics"],
            )  # fmt: skip


@register
class PractitionerTable(RecordTable):
    """Who sees patients."""

    code = "clinics.practitioners"
    title = gettext_lazy("Practitioners")
    description = gettext_lazy(
        "Practitioners of clinics: new ones are entered, known ones brought up to date."
    )
    notes = (
        gettext_lazy("A practitioner is recognised by the key, or by the organisation and the whole name."),
        gettext_lazy("The clinics of a row are all at which they work: others are taken away."),
        *NOTES,
    )
    roles = frozenset({Role.MANAGER, Role.OFFICE})
    scope = "practitioners"
    model = Practitioner
    sessions = _Session
    columns = columns_of(
        Practitioner,
        required=("clinics", "family", "given", "position_ru", "specialties"),
        aliases={
            "organization": ("Юридическое лицо", "ИНН организации", "organisation"),
            "clinics": ("Клиника", "Учреждение", "Подразделение", "Место работы", "site"),
            "family": ("last name", "family name", "Тегі"),
            "given": ("first name", "Аты"),
            "patronymic": ("middle name", "Әкесінің аты"),
            "position_ru": ("Должность", "position", "Лауазымы"),
            "specialties": ("Специальность", "specialty", "Мамандығы"),
            "qualification_ru": ("Квалификация", "Категория"),
            "is_active": ("Работает",),
        },
        helps={
            "organization": gettext_lazy("Empty: the one of the clinics."),
            "clinics": gettext_lazy("By their names, with semicolons between."),
            "specialties": gettext_lazy("Names of the cluster's dictionary or codes, with semicolons between."),
            "languages": gettext_lazy("With semicolons between."),
            "is_active": gettext_lazy("Yes or no. Empty for a new one: yes."),
        },
        examples={
            "family": "Белоусов", "given": "Андрей", "patronymic": "Игоревич", "position_ru": "Врач-кардиолог",
            "specialties": "Кардиология", "languages": "русский; английский",
        },
    )  # fmt: skip
