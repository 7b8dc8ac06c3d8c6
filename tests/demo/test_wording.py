"""Words made of facts: choices, numbers and their nouns, addresses, names."""

from datetime import UTC, date

import pytest

from cluster_portal.demo.chance import Chance, Wheel
from cluster_portal.demo.facts import Facts
from cluster_portal.demo.people import Names, feminine
from cluster_portal.demo.wording import address, fill, latin

DAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("боль {3-3} недель", {"боль 3 недели"}),
        ("болеет {5-5} лет", {"болеет 5 лет"}),
        ("болеет {1-1} лет", {"болеет 1 год"}),
        ("болеет {21-21} лет", {"болеет 21 год"}),
        ("болеет {12-12} лет", {"болеет 12 лет"}),
        ("ждёт {1-1} неделя", {"ждёт 1 неделю"}),
        ("до {3-3} недель", {"до 3 недель"}),
        ("старше {1-1} лет", {"старше 1 года"}),
        ("ЛПНП {28-28:.1}", {"ЛПНП 2,8"}),
        ("ЭКГ от {d2-2}", {"ЭКГ от 23.11"}),
        ("{правая|левая} рука", {"правая рука", "левая рука"}),
        ("АД 120/80, {2-2} раз", {"АД 120/80, 2 раза"}),
        ("L{4-4}–S1", {"L4–S1"}),
    ],
)
def test_fill(text, options):
    assert fill(text, Chance("test"), DAY) in options


def test_no_case_leaves_a_brace_or_a_bar():
    chance = Chance("cases")
    facts = Facts("sakhalin")
    texts = [t for case in facts.cases for t in (*case.reason, case.question, *case.conclusion, case.advice)]
    texts += [t for case in facts.cases if case.kk for t in case.kk.values()]
    texts += [t for found in facts.findings.values() for t in (found["ask"], *found["found"])]
    for text in texts:
        filled = fill(text, chance, DAY)
        assert not set(filled) & set("{}|"), filled
        assert filled.strip() == filled
        assert filled


def test_addresses_in_three_languages():
    town = {"ru": "Корсаков", "en": "Korsakov", "kk": "Корсаков"}
    assert address("ул. Федько, 7", town) == {
        "ru": "Корсаков, ул. Федько, 7",
        "en": "7 Fedko St., Korsakov",
        "kk": "Корсаков, Федько көшесі, 7",
    }
    assert address("Коммунистический пр., 11", town)["en"] == "11 Kommunisticheskiy Ave., Korsakov"
    assert address("32, Teheran-ro", town)["ru"] == "32, Teheran-ro"


def test_latin_letters():
    assert latin("Щербаков Юрий Ёлкин") == "Shcherbakov Yuriy Yolkin"
    assert latin("Әйгерім Қыздарбек") == "Aygerim Qyzdarbek"


@pytest.mark.parametrize(
    ("male", "female"),
    [
        ("Иванов", "Иванова"), ("Юдин", "Юдина"), ("Вишневский", "Вишневская"), ("Луговской", "Луговская"),
        ("Беломестный", "Беломестная"), ("Кравец", "Кравец"), ("Шевченко", "Шевченко"),
    ],
)  # fmt: skip
def test_surnames_of_women(male, female):
    assert feminine(male) == female


def test_names_agree_with_the_sex():
    names = Names(Facts("aktobe").names, {"kazakh": 0.5, "korean": 0.2})
    chance = Chance("names")
    for _number in range(500):
        woman, people = names.of_patient(chance, "f", date(1980, 1, 1))
        man, _people = names.of_patient(chance, "m", date(1950, 1, 1))
        assert woman.patronymic.endswith(("на", "қызы"))
        assert man.patronymic.endswith(("ич", "ұлы"))
        if people == "korean":
            assert not woman.family.endswith("ова")


def test_the_same_seed_gives_the_same_chance():
    moment = Chance("a", 1), Chance("a", 1), Chance("a", 2)
    first, second, other = ([chance.random() for _n in range(5)] for chance in moment)
    assert first == second != other


def test_a_key_is_a_uuid_of_version_7():
    from datetime import datetime
    from uuid import UUID

    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    key = UUID(Chance("keys").key(at))
    assert key.version == 7
    assert key.variant == "specified in RFC 4122"
    assert key.int >> 80 == int(at.timestamp() * 1000)


def test_a_wheel_keeps_the_weights():
    chance, wheel = Chance("wheel"), Wheel(["rare", "often", "never"], [1, 9, 0])
    drawn = [wheel.turn(chance) for _n in range(4000)]
    assert 0.85 < drawn.count("often") / 4000 < 0.95
    assert "never" not in drawn
    assert not Wheel([], [])
