"""Clinics from a table: sites of organisations that are on record already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.imports.lookups import Called, columns_of
from clinics.imports.organizations import NAMES
from clinics.imports.records import NOTES, RecordSession, RecordTable
from clinics.models import Clinic, Organization
from clinics.selectors.likeness import Likeness
from clinics.selectors.tables import KEY, NUMBERS, kept
from clinics.selectors.wording import address_line
from clinics.services.records import BEGINNINGS
from cluster_portal.accounts.roles import Role
from cluster_portal.imports.base import register
from cluster_portal.imports.cleaning import folded

if TYPE_CHECKING:
    import uuid
    from collections.abc import Hashable, Iterable

    from cluster_portal.common.actor import Actor
    from cluster_portal.imports.base import Row


def organizations_by_words(actor: Actor) -> Called:
    """The organisations whose records the actor writes, by register number, name or key."""
    return Called(kept(actor, Organization), "name", "short_name", numbers=NUMBERS)


class _Session(RecordSession):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.likeness = Likeness(Clinic)
        self.organizations = organizations_by_words(self.actor)

    def keys_of(self, record: Clinic) -> Iterable[Hashable]:
        yield (KEY, record.pk)
        for name in NAMES:
            yield (record.organization_id, folded(getattr(record, name)))

    def look_up(self, row: Row) -> None:
        self.one_of(
            row, "organization", self.organizations,
            _("No organisation on record has this number or name."),
            _("Several organisations are called so: give a register number."),
        )  # fmt: skip

    def recognise(self, row: Row) -> uuid.UUID | None:
        data = row.plan.data
        if pk := self.by_key(row):
            return pk
        if row.verdict is not None:
            return None
        key = (data["organization"].pk, folded(data["name_ru"]))
        owners = self.known.get(key, set())
        if len(owners) > 1:
            row.refuse(
                _("The organisation has several clinics of this name: give the key."),
                "name_ru",
                data["name_ru"],
            )
            return None
        pk = next(iter(owners), None)
        self.once(row, None, key, "name_ru")
        if pk is not None or row.verdict is not None:
            return pk and self.once(row, pk, pk, "name_ru")
        like = {one.pk: one for one in self.likeness.named_like(data)}
        if "lat" in data and "lon" in data:
            like |= {one.pk: one for one in self.likeness.near(data["lat"], data["lon"])}
        return self.unless_like(
            row, [(one.pk, f"{one.short_name}, {address_line(one)}") for one in like.values()]
        )

    def judge(self, row: Row, *, new: bool) -> None:
        plan = row.plan
        if new and plan.record.status not in BEGINNINGS:
            row.refuse(
                _("A clinic is closed from its page, with the day and the reason."),
                "status",
                row.values["status"],
            )
        elif not new and "status" in plan.changed:
            row.refuse(
                _("The status of a clinic is changed on its own page."), "status", row.values["status"]
            )
        if not new and "organization" in plan.changed:
            row.refuse(
                _("The clinic belongs to another organisation."), "organization", row.values["organization"]
            )


@register
class ClinicTable(RecordTable):
    """Sites of care."""

    code = "clinics.clinics"
    title = gettext_lazy("Clinics")
    description = gettext_lazy("Sites of organisations: new ones are entered, known ones brought up to date.")
    notes = (
        gettext_lazy("A clinic is recognised by its organisation and its name in Russian, long or short."),
        gettext_lazy("Organisations have to be on record: take their table in first."),
        *NOTES,
    )
    roles = frozenset({Role.OFFICE})
    scope = "clinics"
    model = Clinic
    sessions = _Session
    columns = columns_of(
        Clinic,
        required=(
            "organization", "name_ru", "short_name_ru", "type", "country", "city_ru", "address_ru", "lat", "lon",
            "time_zone",
        ),
        aliases={
            "organization": ("Юридическое лицо", "ИНН организации", "ОГРН организации", "БИН организации",
                             "organisation", "Ұйым"),
            "name_ru": ("Наименование", "Полное наименование", "Клиника", "Учреждение", "name", "Атауы"),
            "short_name_ru": ("Краткое наименование", "Сокращенное наименование", "short name"),
            "type": ("Тип учреждения", "Вид"),
            "level": ("Уровень",),
            "country": ("Страна",),
            "city_ru": ("Город", "Населенный пункт", "Район", "town", "city"),
            "address_ru": ("Адрес", "Фактический адрес", "address"),
            "lat": ("Широта", "latitude"),
            "lon": ("Долгота", "longitude"),
            "time_zone": ("Часовой пояс", "timezone", "tz"),
            "opening_hours": ("Режим работы", "Часы работы", "График работы"),
            "status": ("Состояние",),
            "phone": ("Тел",),
            "email": ("Почта",),
            "website": ("Сайт", "www"),
        },
        helps={
            "organization": gettext_lazy("ИНН, ОГРН, БИН or foreign register number, or the name on record."),
            "level": gettext_lazy("1, 2 or 3."),
            "lat": gettext_lazy("Degrees north by WGS 84, with decimals."),
            "lon": gettext_lazy("Degrees east by WGS 84, with decimals."),
            "time_zone": gettext_lazy("By the IANA list: Asia/Sakhalin, Europe/Moscow."),
            "opening_hours": gettext_lazy("Days that are not named are closed."),
            "languages": gettext_lazy("With semicolons between."),
            "interpreters": gettext_lazy("With semicolons between."),
            "status": gettext_lazy("Only of new ones; later it is changed on the clinic's page. Empty: open."),
        },
        examples={
            "organization": "7707083893", "name_ru": "Поликлиника «Здоровье Севера» на Мира",
            "short_name_ru": "Поликлиника на Мира", "country": "RU", "city_ru": "Южно-Сахалинск",
            "address_ru": "ул. Мира, 5", "lat": "46.9591", "lon": "142.738", "time_zone": "Asia/Sakhalin",
            "opening_hours": "пн–пт 08:00–20:00; сб 09:00–14:00",
        },
    )  # fmt: skip
