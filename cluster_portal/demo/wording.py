"""Words from facts: choices filled in, addresses in three languages, Latin letters."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from cluster_portal.demo.chance import Chance

_BRACES = re.compile(r"\{([^{}]*)\}")
_NUMBERS = re.compile(r"(\d+)-(\d+)(:\.1)?")
_DATES = re.compile(r"d(\d+)-(\d+)")

# Words that follow a number: one, two to four, five and more.
_COUNTED = {
    form: forms
    for forms in (
        ("неделя", "недели", "недель"), ("год", "года", "лет"), ("месяц", "месяца", "месяцев"),
        ("день", "дня", "дней"), ("час", "часа", "часов"), ("минута", "минуты", "минут"), ("раз", "раза", "раз"),
        ("эпизод", "эпизода", "эпизодов"), ("приступ", "приступа", "приступов"), ("процедура", "процедуры", "процедур"),
        ("градус", "градуса", "градусов"),
        ("встреча", "встречи", "встреч"), ("балл", "балла", "баллов"), ("сантиметр", "сантиметра", "сантиметров"),
        ("вдох", "вдоха", "вдохов"), ("доза", "дозы", "доз"), ("зуб", "зуба", "зубов"),
        ("мочеиспускание", "мочеиспускания", "мочеиспусканий"),
    )
    for form in forms
}  # fmt: skip
# After these the noun stands in the genitive whatever the number is: "до 3 недель", "с 2 лет".
_COUNT = re.compile(
    r"(?P<after>\b(?:до|с|от|около|старше|более|менее|течение) )?(?<![\d–,-])(?P<number>\d+) (?P<word>"
    + "|".join(_COUNTED)
    + r")\b"
)

_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі"
_SOUNDS = "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya a gh q ng o u u h i"
_LATIN = dict(zip(_LETTERS, _SOUNDS.split(" "), strict=True))
_STREETS = (
    ("пр.", "{} Ave.", "{} даңғылы"),
    ("проспект", "{} Ave.", "{} даңғылы"),
    ("пер.", "{} Lane", "{} тұйық көшесі"),
    ("проезд", "{} Passage", "{} өткелі"),
    ("ш.", "{} Hwy", "{} тас жолы"),
    ("ул.", "{} St.", "{} көшесі"),
)


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[tuple[str, Callable[[Chance, date], str] | None], ...]:
    """A text with braces as pairs of plain words and the drawing of what follows them."""
    parts, end = [], 0
    for match in _BRACES.finditer(text):
        parts.append((text[end : match.start()], _drawing(match[1])))
        end = match.end()
    return (*parts, (text[end:], None))


def _drawing(inner: str) -> Callable[[Chance, date], str]:
    if match := _DATES.fullmatch(inner):
        low, high = int(match[1]), int(match[2])
        return lambda chance, day: f"{day - timedelta(days=chance.randint(low, high)):%d.%m}"
    if match := _NUMBERS.fullmatch(inner):
        low, high = int(match[1]), int(match[2])
        if match[3]:
            return lambda chance, _day: f"{chance.randint(low, high) / 10:.1f}".replace(".", ",")
        return lambda chance, _day: str(chance.randint(low, high))
    choices = inner.split("|")
    return lambda chance, _day: chance.choice(choices)


def fill(text: str, chance: Chance, day: date) -> str:
    """`text` with every choice drawn: `{3-7}` a number, `{28-48:.1}` with one decimal (2,8–4,8), `{d2-9}` a date two to
    nine days before `day`, `{правая|левая}` one of the words."""
    filled = "".join(words + draw(chance, day) if draw else words for words, draw in _parts(text))
    return _COUNT.sub(_agree, filled)


def _agree(match: re.Match[str]) -> str:
    number, (one, few, many) = int(match["number"]), _COUNTED[match["word"]]
    single = number % 10 == 1 and number % 100 != 11
    if match["after"]:
        word = few if single else many
    elif single:
        word = one[:-1] + "у" if one.endswith("а") else one[:-1] + "ю" if one == "неделя" else one
    else:
        word = few if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else many
    return f"{match['after'] or ''}{number} {word}"


def latin(text: str) -> str:
    """Russian or Kazakh words in Latin letters, as on a signpost."""
    out = []
    for letter in text:
        new = _LATIN.get(letter.lower())
        if new is None:
            out.append(letter)
        elif new != "_":
            out.append(new.capitalize() if letter.isupper() else new)
    return "".join(out)


def address(text: str, city: dict[str, str]) -> dict[str, str]:
    """An address written as "ул. Мира, 5" in three languages. One that is in Latin letters already stays."""
    if not re.search("[а-яА-Я]", text):
        return dict.fromkeys(("ru", "en", "kk"), text)
    street, _comma, house = text.partition(", ")
    english, kazakh = f"{latin(street)} St.", f"{street} көшесі"
    for word, en, kk in _STREETS:
        if word in street.split(" "):
            bare = " ".join(part for part in street.split(" ") if part != word)
            english, kazakh = en.format(latin(bare)), kk.format(bare)
            break
    house_en = latin(house.replace("стр.", "bldg."))
    return {
        "ru": f"{city['ru']}, {text}",
        "en": f"{house_en} {english}, {city['en']}".strip(),
        "kk": f"{city['kk']}, {kazakh}, {house}" if house else f"{city['kk']}, {kazakh}",
    }


def in_three(texts: dict[str, str], name: str, **values: Any) -> dict[str, str]:
    """`{"ru": …}` as the columns `name_ru`, `name_en`, `name_kk`, with `values` put in."""
    return {
        f"{name}_{language}": texts[language].format(**values) if values else texts[language]
        for language in texts
    }
