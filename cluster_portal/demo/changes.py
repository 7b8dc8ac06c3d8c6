"""Changes of records that the demo's organisations ask for: some wait, others are approved, refused or withdrawn.

One that waits is about a field that was changed twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clinics.models import ChangeRequest, Clinic, Membership
from clinics.states import ChangeState, ClinicStatus
from cluster_portal.accounts.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from cluster_portal.demo.chance import Chance

S = ChangeState
Changes = dict[str, list[Any]]


def _phone(clinic: Clinic) -> str:
    return f"{clinic.phone[:-2]}{(int(clinic.phone[-2:]) + 11) % 100:02}"


def _new_phone(clinic: Clinic) -> Changes:
    return {"phone": [clinic.phone, _phone(clinic)]}


def _saturday(clinic: Clinic) -> Changes:
    return {"opening_hours": [clinic.opening_hours, clinic.opening_hours | {"6": ["09:00", "14:00"]}]}


def _access(clinic: Clinic) -> Changes:
    changes = {"interpreters": [clinic.interpreters, [*clinic.interpreters, "zh"]]}
    return changes if clinic.wheelchair else changes | {"wheelchair": [False, True]}


def _changed_twice(clinic: Clinic) -> Changes:
    return {
        "phone": [_phone(clinic), f"{clinic.phone[:-2]}00"],
        "website": [clinic.website, "https://clinic.demo.example/"],
    }


def _website(clinic: Clinic) -> Changes:
    organization = clinic.organization
    return {"website": [organization.website, "https://organization.demo.example/"]}


def _was_phone(clinic: Clinic) -> Changes:
    return {"phone": [_phone(clinic), clinic.phone]}


def _was_languages(clinic: Clinic) -> Changes:
    return {"languages": [["ru"], clinic.languages]}


def _was_hours(clinic: Clinic) -> Changes:
    shorter = {day: hours for day, hours in clinic.opening_hours.items() if day < "5"}
    return {"opening_hours": [shorter, clinic.opening_hours]}


def _level(clinic: Clinic) -> Changes:
    return {"level": [clinic.level, clinic.level % 3 + 1]}


def _name(clinic: Clinic) -> Changes:
    return {"name_ru": [clinic.name_ru, f"{clinic.name_ru} имени Чехова"]}


#: State, hours since it was asked, what changes, note, comment of the office.
CASES: tuple[tuple[str, int, Callable[[Clinic], Changes], str, str], ...] = (
    (S.PENDING, 3, _saturday, "С декабря принимаем и по субботам, приказ от 16.11", ""),
    (S.PENDING, 27, _new_phone, "Переехали на новую телефонную станцию", ""),
    (S.PENDING, 51, _access, "Пандус принят комиссией, с ноября работает переводчик", ""),
    (S.PENDING, 75, _changed_twice, "Единый номер колл-центра и новый сайт", ""),
    (S.PENDING, 98, _website, "Открыли общий сайт организации", ""),
    (S.APPROVED, 190, _was_phone, "Сменился номер регистратуры", "Проверили звонком"),
    (S.APPROVED, 330, _was_languages, "Приняли врачей со знанием языка", ""),
    (S.APPROVED, 520, _was_hours, "Добавили приём в конце недели", ""),
    (S.APPROVED, 760, _was_phone, "", "Спасибо, внесли"),
    (S.REFUSED, 240, _level, "Открыли новое отделение",
     "Уровень присваивает министерство. Пришлите приказ, и мы внесём изменение."),
    (S.REFUSED, 610, _name, "По просьбе коллектива", "Название меняется после записи в ЕГРЮЛ."),
    (S.WITHDRAWN, 140, _saturday, "Пробный график", ""),
)  # fmt: skip


def fill_changes(chance: Chance, now: datetime, first: set[UUID]) -> int:
    """Requests of the organisations in `first`, which have people to look at them, and of others. Returns how many."""
    clinics = list(
        Clinic.objects.filter(status=ClinicStatus.OPEN).select_related("organization").order_by("id")
    )
    ours = [clinic for clinic in clinics if clinic.organization_id in first]
    others = [clinic for clinic in clinics if clinic.organization_id not in first]
    number = min(len(CASES) - len(ours[:2]), len(others))
    asked = [*ours[:2], *chance.sample(others, number)]
    managers = {
        organization: (user, name)
        for organization, user, name in Membership.objects.filter(role=Role.MANAGER, user__isnull=False)
        .order_by("id")
        .values_list("organization", "user", "user__name")
    }
    office = Membership.objects.filter(role=Role.OFFICE, user__isnull=False).order_by("id").first()
    rows = []
    for clinic, (state, hours, changes, note, comment) in zip(asked, CASES, strict=False):
        user, name = managers.get(clinic.organization_id, (None, "Главный врач"))
        at = now - timedelta(hours=hours, minutes=chance.randint(0, 50))
        decided = state in (S.APPROVED, S.REFUSED)
        row = ChangeRequest(
            id=UUID(chance.key(at)), organization_id=clinic.organization_id, state=state, note=note, comment=comment,
            clinic=None if changes is _website else clinic, changes=changes(clinic), author_id=user, author_name=name,
            decided_at=at + timedelta(hours=chance.randint(2, 60)) if decided else None,
            decided_by_id=office.user_id if office and decided else None,
        )  # fmt: skip
        row.asked_at = at
        rows.append(row)
    ChangeRequest.objects.bulk_create(rows)
    # `auto_now_add` says when the demo was loaded.
    for row in rows:
        ChangeRequest.objects.filter(pk=row.pk).update(created_at=row.asked_at)
    return len(rows)
