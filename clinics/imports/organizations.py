"""Organisations from a table: members and partners, known by their register numbers or their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.imports.lookups import columns_of
from clinics.imports.records import NOTES, RecordSession, RecordTable
from clinics.models import Organization
from clinics.selectors.likeness import Likeness
from clinics.selectors.tables import KEY, NUMBERS
from cluster_portal.accounts.roles import Role
from cluster_portal.imports.base import register
from cluster_portal.imports.cleaning import folded

if TYPE_CHECKING:
    import uuid
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from cluster_portal.imports.base import Row

#: The names by which an organisation is found where no number says which it is.
NAMES = ("name_ru", "short_name_ru")


def number_keys(record: Any) -> Iterator[Hashable]:
    """An organisation by its register numbers. A number of a foreign register says nothing without its country."""
    data = record if isinstance(record, dict) else vars(record)
    for name in NUMBERS:
        if value := data.get(name):
            yield (
                (name, value.lower(), data.get("country", "")) if name == "foreign_number" else (name, value)
            )


class _Session(RecordSession):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.likeness = Likeness(Organization)

    def keys_of(self, record: Organization) -> Iterable[Hashable]:
        yield (KEY, record.pk)
        yield from number_keys(record)
        yield from {("name", folded(value)) for name in NAMES if (value := getattr(record, name))}

    def look_up(self, row: Row) -> None:
        """Nothing of an organisation is a word for something else."""

    def recognise(self, row: Row) -> uuid.UUID | None:
        data = row.plan.data
        pk = self.by_key(row)
        for key in number_keys(data):
            owners = self.known.get(key, set())
            if row.verdict is None and owners - {pk} and (pk is not None or len(owners) > 1):
                row.refuse(_("This number is another organisation's."), key[0], data[key[0]])
            pk = pk or next(iter(owners), None)
        if row.verdict is not None:
            return None
        if pk is None:
            pk = self._by_name(row, data)
        if row.verdict is not None:
            return None
        if pk is not None:
            return self._once_by_all(row, self.once(row, pk, pk, "name_ru"))
        if self._once_by_all(row, None) is None and row.verdict is not None:
            return None
        like = self.likeness.named_like(data)
        return self.unless_like(row, [(one.pk, _described(one)) for one in like])

    def _by_name(self, row: Row, data: Mapping[str, Any]) -> uuid.UUID | None:
        """The one of this name whose numbers, where it has them, are not others."""
        owners = {
            pk
            for name in NAMES
            if data.get(name)
            for pk in self.known.get(("name", folded(data[name])), ())
            if not self._is_another(self.likeness.rows[pk], data)
        }
        if len(owners) > 1:
            row.refuse(
                _("Several organisations are called so: give a register number."), "name_ru", data["name_ru"]
            )
        return next(iter(owners)) if len(owners) == 1 else None

    @staticmethod
    def _is_another(record: Organization, data: Mapping[str, Any]) -> bool:
        return any(
            data.get(name) and getattr(record, name) and data[name] != getattr(record, name)
            for name in NUMBERS
        )

    def _once_by_all(self, row: Row, pk: uuid.UUID | None) -> uuid.UUID | None:
        """The file may not name a number twice; a name without any number neither."""
        keys = list(number_keys(row.plan.data)) or [("name", folded(row.plan.data.get("name_ru", "")))]
        for key in keys:
            if row.verdict is None:
                self.once(row, None, key, "name_ru" if key[0] == "name" else key[0])
        return pk if row.verdict is None else None


def _described(record: Organization) -> str:
    number = next((getattr(record, name) for name in NUMBERS if getattr(record, name)), "")
    return f"{record.short_name}, {number}" if number else record.short_name


@register
class OrganizationTable(RecordTable):
    """Members and partners of the cluster."""

    code = "clinics.organizations"
    title = gettext_lazy("Organisations")
    description = gettext_lazy(
        "Members and partners of the cluster: new ones are entered, known ones brought up to date."
    )
    notes = (
        gettext_lazy("An organisation is recognised by its register numbers, and without one by its name."),
        *NOTES,
    )
    roles = frozenset({Role.OFFICE})
    scope = "organizations"
    model = Organization
    sessions = _Session
    columns = columns_of(
        Organization,
        required=("name_ru", "short_name_ru", "ownership", "country"),
        aliases={
            "name_ru": ("Наименование", "Полное наименование", "Организация", "name", "Атауы"),
            "short_name_ru": ("Краткое наименование", "Сокращенное наименование", "short name", "Қысқаша атауы"),
            "ownership": ("Форма собственности", "ownership form"),
            "sector": ("Отрасль", "Вид деятельности"),
            "country": ("Страна",),
            "inn": ("ИНН организации", "tax number", "tin"),
            "foreign_number": ("Регистрационный номер", "registration number"),
            "cluster_role": ("Роль",),
            "status": ("Состояние",),
            "joined_on": ("Дата вступления", "В кластере с"),
            "address_ru": ("Адрес", "Юридический адрес", "address"),
            "phone": ("Тел",),
            "email": ("Почта",),
            "website": ("Сайт", "www"),
        },
        helps={
            "ownership": gettext_lazy("State, private or foreign."),
            "sector": gettext_lazy("Empty for a new one: healthcare."),
            "country": gettext_lazy("The name of a country or its two letters by ISO 3166."),
            "inn": gettext_lazy("Of Russian organisations: 10 digits, 12 for a sole trader."),
            "bin": gettext_lazy("Of Kazakh organisations: 12 digits."),
            "foreign_number": gettext_lazy("Its number in the register of its own country."),
            "status": gettext_lazy("Empty for a new one: candidate."),
        },
        examples={
            "name_ru": "ООО «Здоровье Севера»", "short_name_ru": "Здоровье Севера", "ownership": "частная",
            "country": "RU", "inn": "7707083893",
        },
    )  # fmt: skip
