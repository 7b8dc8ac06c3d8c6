"""Every component with example data, on one page; only where DEBUG or the demo is on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.views.generic import TemplateView

from cluster_portal.common.errors import NotFound
from cluster_portal.web.forms import DateInput

STATES = [
    ("draft", "Черновик"),
    ("submitted", "Подано"),
    ("returned", "Возвращено"),
    ("accepted", "Ждёт записи"),
    ("waitlisted", "Лист ожидания"),
    ("booked", "Записан"),
    ("in_care", "На приёме"),
    ("completed", "Завершено"),
    ("rejected", "Отклонено"),
    ("cancelled", "Отменено"),
]
TONES = [
    ("good", "до 2028"),
    ("warn", "до 18.01.2027"),
    ("danger", "истекла"),
    ("violet", "особый режим"),
    ("soft", "ОМС"),
    ("outline", "JCI"),
    ("neutral", "Государственная"),
]
REASONS = [
    ("tests", "Не хватает обследований"),
    ("old", "Обследования устарели"),
    ("question", "Неясен вопрос к врачу"),
    ("data", "Ошибка в данных или полисе"),
    ("consent", "Нет согласия или подписи"),
    ("other", "Другое"),
]


class ExampleFilter(forms.Form):
    """The bar above a list."""

    q = forms.CharField(label="Пациент или номер", widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(label="Статус", choices=[("", "Любой"), ("draft", "Черновик")])
    since = forms.DateField(label="Создано с", widget=DateInput)


class ExampleForm(forms.Form):
    """Each kind of field once."""

    surname = forms.CharField(label="Фамилия", help_text="Как в паспорте")
    birth_date = forms.DateField(label="Дата рождения", widget=DateInput)
    policy = forms.CharField(label="Полис ОМС", required=False, help_text="16 цифр, можно с пробелами")
    payment = forms.ChoiceField(label="Оплата", choices=[("oms", "ОМС"), ("dms", "ДМС"), ("paid", "Платно")])
    priority = forms.ChoiceField(
        label="Срочность", choices=[("planned", "Планово"), ("urgent", "Срочно")], widget=forms.RadioSelect
    )
    comment = forms.CharField(label="Повод", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    consent = forms.BooleanField(label="Пациент согласен на передачу данных")


def _rows(now: dt.datetime) -> list[dict[str, Any]]:
    hour = dt.timedelta(hours=1)
    lines = [
        ("SKH-26-0018311-5", "Ли Г. И., 1954", "Ангиография", "emergency", "accepted", -26 * hour),
        ("SKH-26-0018402-0", "Савчук А. О., 2017", "Детский кардиолог", "urgent", "returned", 5.5 * hour),
        ("SKH-26-0018398-V", "Мартынова З. П., 1949", "Онколог", "urgent", "submitted", 25 * hour),
        ("SKH-26-0018276-G", "Когай А. Ю., 1988", "МРТ колена", "planned", "waitlisted", 120 * hour),
        ("SKH-26-0018433-M", "Тен И. В., 1961", "Аритмолог", "planned", "booked", 300 * hour),
    ]
    labels = dict(STATES)
    return [
        {
            "number": number, "patient": patient, "service": service, "priority": priority, "state": state,
            "label": labels[state], "deadline": now + left, "met": state == "booked",
            "when": now + dt.timedelta(days=3) if state == "booked" else None,
        }
        for number, patient, service, priority, state, left in lines
    ]  # fmt: skip


def _days(today: dt.date) -> list[dict[str, Any]]:
    before = [
        ["09:00!", "10:20", "10:40", "11:20!"],
        ["09:00", "09:20", "11:40*", "12:00!"],
        ["09:20", "10:00"],
        [],
    ]
    after = [["14:00!", "14:20"], ["14:20!", "14:40", "15:20"], ["14:00", "14:20!"], ["15:20!"]]
    states = {"!": "taken", "*": "chosen"}

    def slots(day: int, times: list[str]) -> list[dict[str, Any]]:
        return [
            {
                "id": f"{day}-{time[:5]}",
                "time": time[:5],
                "state": states.get(time[5:], "free"),
                "late": day > 2,
            }
            for time in times
        ]

    return [
        {
            "date": today + dt.timedelta(days=day),
            "before": slots(day, before[day % 4]),
            "after": slots(day, after[day % 4]),
        }
        for day in range(6)
    ]


def _week() -> list[dict[str, Any]]:
    def pips(text: str) -> list[str]:
        share = {"o": "own", "c": "cluster", "u": "urgent"}
        state = {"o": "", "O": " is-taken"}
        return [f"pip--{share[mark.lower()]}{state['O'] if mark.isupper() else ''}" for mark in text]

    return [
        {"name": "Белоусов А. И.", "about": "Кардиолог · каб. 312", "share": 69,
         "cells": [("09–15", "15/18", pips("OOoOOOOOOCCCCCCCuu")),
                   ("09–15", "11/18", pips("OOoooOOoOOCcCCcCUu")), None]},
        {"name": "Титаренко Ю. Р.", "about": "Аритмолог · каб. 318", "share": 44,
         "cells": [("09–13", "7/12", pips("OOOoocCCCCuU")), None, ("10–14", "2/6", pips("oOocCu"))]},
    ]  # fmt: skip


class StyleguideView(TemplateView):
    """The styleguide. Raises NotFound in production."""

    template_name = "pages/styleguide.html"

    def get(self, request, *args, **kwargs):
        if not (settings.DEBUG or settings.DEMO):
            raise NotFound
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        now = timezone.now()
        bad = ExampleForm({"surname": "", "birth_date": "1961-03-14", "payment": "oms", "priority": "urgent"})
        timeline = [
            {"title": "Приём 26.11, 12:30", "meta": "напоминание пациенту 25.11", "tone": "future"},
            {"title": "Записан на 26.11, 12:30", "meta": "24.11, 10:31 · Дубова М. П.", "tone": "current"},
            {"title": "Возвращено: не хватает обследований", "meta": "23.11, 16:05 · Ким Со Ён",
             "note": "«Нужна суточная запись ЭКГ»", "tone": "warning"},
            {"title": "Подано", "meta": "23.11, 15:40 · Гусева Л. А."},
        ]  # fmt: skip
        steps = [
            {"title": "Подано", "meta": "23.11, 15:40", "state": "done"},
            {"title": "Принято", "meta": "23.11, 18:12", "state": "done"},
            {"title": "Записан", "meta": "на чт 26.11, 12:30", "state": "current"},
            {"title": "На приёме", "meta": "отметит клиника", "state": "future"},
            {"title": "Завершено", "meta": "с заключением", "state": "future"},
        ]
        wizard = [
            {"title": "Пациент", "meta": "Лаптев Олег Николаевич, 1968", "state": "done", "url": "#wizard"},
            {
                "title": "Повод и услуга",
                "meta": "I20.8 · консультация кардиолога",
                "state": "done",
                "url": "#wizard",
            },
            {"title": "Клиника и время", "meta": "срок до 27.11, три рабочих дня", "state": "current"},
            {"title": "Подтверждение", "meta": "форма 057/у и памятка", "state": "future"},
        ]
        files = [
            {"name": "Направление, форма 057/у", "url": "#files", "kind": "pdf", "extension": "PDF",
             "meta": "портал · 23.11"},
            {"name": "Эхокардиография, 18.11", "url": "#files", "kind": "dcm", "extension": "DCM",
             "meta": "14,2 МБ · 23.11"},
        ]  # fmt: skip
        special = [
            {
                "pk": "example", "name": "Таргетный препарат «Пример»", "get_kind_display": "лекарственный препарат",
                "country": "IL", "home_authority": "Министерство здравоохранения Израиля", "home_number": "172-33",
                "home_date": dt.date(2024, 3, 14), "approval_number": "МК-18",
                "approval_authority": "Фонд международного медицинского кластера",
                "approval_date": dt.date(2025, 9, 1), "consent": "Мне разъяснено, что препарат не зарегистрирован.",
            },
        ]  # fmt: skip
        tabs = [
            {"label": "Входящие", "url": "#tabs", "count": 12, "current": True},
            {"label": "Исходящие", "url": "#tabs", "count": 31},
            {"label": "Просроченные", "url": "#tabs", "count": 1, "alert": True},
            {"label": "Все", "url": "#tabs", "count": None},
        ]
        return super().get_context_data(
            states=STATES, tones=TONES, reasons=REASONS, rows=_rows(now), days=_days(now.date()), week=_week(),
            filter=ExampleFilter(auto_id="filter_%s"), form=ExampleForm(), bad_form=bad,
            timeline=timeline, steps=steps, wizard=wizard,
            files=files, special=special, tabs=tabs, now=now, soon=now + dt.timedelta(days=3),
            hold_until=now + dt.timedelta(minutes=8, seconds=21),
            heat=[[212, 184, 61, 48, 22], [146, 121, 44, 39, 12], [0, 5, 93, 17, 140]],
            crumbs=[("Направления", "#top"), ("Записаны", None)], **kwargs,
        )  # fmt: skip
