"""What people write for an address, a sex, a language, and how alike names are."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from cluster_portal.imports.cleaning import choice, day, decimal, digits, whole
from patients.imports import words
from patients.selectors.matches import likeness, trigrams
from patients.selectors.search import fold

ADDRESSES = {
    "694620, Сахалинская обл., г. Холмск, ул. Мира, д. 5, корп. 1, кв. 12": {
        "subject": "Сахалинская обл.", "locality": "г. Холмск", "street": "ул. Мира", "house": "5", "building": "1",
        "flat": "12",
    },
    "Россия, Сахалинская область, Анивский район, с. Троицкое, ул. Советская, д.7": {
        "subject": "Сахалинская область", "district": "Анивский район", "locality": "с. Троицкое",
        "street": "ул. Советская", "house": "7",
    },
    "г Южно-Сахалинск, ул Ленина, 15, 3": {
        "locality": "г Южно-Сахалинск", "street": "ул Ленина", "house": "15", "flat": "3",
    },
    "респ Татарстан, г. Казань, пр-кт Победы, д. 1а, кв 4": {
        "subject": "респ Татарстан", "locality": "г. Казань", "street": "пр-кт Победы", "house": "1а", "flat": "4",
    },
    # What is no part of a known kind is kept, not guessed.
    "у бабушки за почтой": {"street": "у бабушки за почтой"},
    "": {},
}  # fmt: skip


@pytest.mark.parametrize("line", ADDRESSES)
def test_an_address_in_one_line(line):
    assert words.address(line) == ADDRESSES[line]


@pytest.mark.parametrize("hostile", ["г " * 5000, "ул." * 2000 + ", " + "д" * 5000, "," * 5000])
def test_an_address_of_any_length_is_bearable(hostile):
    assert all(len(part) <= 200 for part in words.address(hostile).values())


@pytest.mark.parametrize(
    ("word", "value"),
    [("Ж", "f"), ("муж.", "m"), ("Мужской", "m"), ("F", "f"), ("әйел", "f"), (1, "m"), ("2", "f")],
)
def test_words_for_a_sex(word, value):
    assert choice(words.SEX)(word) == value


@pytest.mark.parametrize(
    ("word", "code"), [("русский", "ru"), ("Kazakh", "kk"), ("қазақ тілі", "kk"), ("ko", "ko")]
)
def test_words_for_a_language(word, code):
    assert choice(words.languages())(word) == code


@pytest.mark.parametrize(("word", "code"), [("РФ", "RU"), ("казахстан", "KZ"), ("Japan", "JP"), ("KR", "KR")])
def test_words_for_a_country(word, code):
    assert choice(words.countries())(word) == code


@pytest.mark.parametrize(
    ("clean", "cell", "value"),
    [
        (digits(11), 123456789, "00123456789"),
        (digits(11), "'123-456-789 00", "123-456-789 00"),
        (whole(0, 100), "1 00", 100),
        (whole(), 7, 7),
        (decimal(2), "1 234,5", 1234.5),
        (day, "1980-02-01 00:00:00", "1980-02-01"),
        (day, "01.02.1980 г.", "1980-02-01"),
        (day, 29252, "1980-02-01"),
    ],
)
def test_cells(clean, cell, value):
    found = clean(cell)
    assert (found.isoformat() if hasattr(found, "isoformat") else found) == value


@pytest.mark.parametrize(
    ("clean", "cell"),
    [
        (whole(0, 10), 11), (whole(), "x"), (whole(), True), (decimal(2), "1.2.3"), (decimal(2), -1), (day, "завтра"),
        (day, 5_000_000), (day, True), (digits(11), "1" * 40), (choice({"a": ("b",)}), "c"),
    ],
)  # fmt: skip
def test_cells_that_do_not_fit(clean, cell):
    with pytest.raises(ValidationError):
        clean(cell)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other"),
    [("Ким Анна", "Ким Ана"), ("Соколова-Ли Мария", "Соколова Мария"), ("Ёлкин Пётр", "Елкин Петр"), ("А", "Б"),
     ("О'Нил Джон", "ОНил Джон"), ("Әлиева Ұлжан", "Алиева Улжан")],
)  # fmt: skip
def test_likeness_is_the_databases_own(one, other):
    with connection.cursor() as cursor:
        cursor.execute("SELECT similarity(%s, %s)", [fold(one), fold(other)])
        (expected,) = cursor.fetchone()
    assert likeness(trigrams(fold(one)), trigrams(fold(other))) == pytest.approx(expected, abs=1e-6)
