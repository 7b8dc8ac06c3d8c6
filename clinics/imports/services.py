"""Services from a table: what a clinic offers, of which type, in which mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.imports.lookups import Called, columns_of
from clinics.imports.records import NOTES, RecordSession, RecordTable
from clinics.models import Service, ServiceType
from clinics.selectors.tables import clinics_kept
from clinics.states import ServiceMode
from cluster_portal.accounts.roles import Role
from cluster_portal.imports.base import register

if TYPE_CHECKING:
    import uuid
    from collections.abc import Hashable, Iterable

    from cluster_portal.imports.base import Row


class _Session(RecordSession):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinics = Called(clinics_kept(self.actor), "name", "short_name")
        self.types = Called(ServiceType.objects.all(), "name")

    def keys_of(self, record: Service) -> Iterable[Hashable]:
        yield (record.clinic_id, record.service_type_id, record.mode)

    def look_up(self, row: Row) -> None:
        self.one_of(
            row, "clinic", self.clinics, _("You keep no clinic that is called so."),
            _("Several clinics are called so: write the full name."),
        )  # fmt: skip
        self.one_of(
            row, "service_type", self.types, _("The nomenclature has no such type of service."),
            _("Several types of service are called so: write the code."),
        )  # fmt: skip

    def recognise(self, row: Row) -> uuid.UUID | None:
        data = row.plan.data
        data.setdefault("mode", ServiceMode.VISIT)
        key = (data["clinic"].pk, data["service_type"].pk, data["mode"])
        return self.once(row, next(iter(self.known.get(key, ())), None), key, "service_type")

    def judge(self, row: Row, *, new: bool) -> None:
        record = row.plan.record
        if record.age_min > record.age_max:
            row.refuse(_("The oldest age is below the youngest."), "age_max", record.age_max)
        if new and not row.plan.data["service_type"].is_active:
            row.refuse(
                _("This type of service is no longer used."), "service_type", row.values["service_type"]
            )


@register
class ServiceTable(RecordTable):
    """What clinics offer."""

    code = "clinics.services"
    title = gettext_lazy("Services")
    description = gettext_lazy("Services of clinics: new ones are entered, known ones brought up to date.")
    notes = (
        gettext_lazy("A service is recognised by its clinic, its type and its mode."),
        gettext_lazy("A service can be booked only while the clinic has a licence for it."),
        *NOTES,
    )
    roles = frozenset({Role.MANAGER, Role.OFFICE})
    scope = "services"
    model = Service
    sessions = _Session
    columns = columns_of(
        Service,
        required=("clinic", "service_type", "payments"),
        aliases={
            "clinic": ("Учреждение", "Подразделение", "Медицинская организация", "МО", "site"),
            "service_type": ("Услуга", "Код услуги", "Наименование услуги", "service", "Қызмет"),
            "mode": ("Форма", "Условия оказания"),
            "payments": ("Источник оплаты", "Источники оплаты", "Вид оплаты", "Источник финансирования"),
            "booking_mode": ("Порядок записи",),
            "age_min": ("Возраст от",),
            "age_max": ("Возраст до",),
            "sex": ("Пол",),
            "price": ("Стоимость", "Цена, руб", "tariff"),
            "comment_ru": ("Примечание", "Комментарий"),
            "preparation_ru": ("Подготовка",),
            "documents_ru": ("Документы", "Что взять с собой"),
            "phone": ("Тел",),
            "is_active": ("Оказывается", "Действует"),
        },
        helps={
            "clinic": gettext_lazy("A clinic of yours by its name, long or short."),
            "service_type": gettext_lazy("The name of a type in the cluster's nomenclature, or its code."),
            "mode": gettext_lazy("Empty: in person."),
            "payments": gettext_lazy("With semicolons between."),
            "booking_mode": gettext_lazy("Empty for a new one: booked at once."),
            "price": gettext_lazy("For those who pay, in the cluster's currency."),
            "is_active": gettext_lazy("Yes or no. Empty for a new one: yes."),
        },
        examples={
            "service_type": "Консультация кардиолога", "payments": "ОМС; платно", "price": "1800",
            "age_min": "18",
        },
    )  # fmt: skip
