"""Names that the registry's pages and forms share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from babel import Locale
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clinics.models.organization import OECD
from clinics.states import Payment
from cluster_portal.web.wording import weekday_name

if TYPE_CHECKING:
    from clinics.models import Clinic, Schedule

#: ISO weekdays.
WEEKDAYS = {
    1: _("Monday"), 2: _("Tuesday"), 3: _("Wednesday"), 4: _("Thursday"), 5: _("Friday"), 6: _("Saturday"),
    7: _("Sunday"),
}  # fmt: skip

#: Languages in which clinics may see patients, by ISO 639 code, those spoken most in the clusters' regions first.
LANGUAGES = (
    "ru", "en", "kk", "ko", "ja", "zh", "de", "fr", "tr", "uz", "ky", "tg", "az", "hy", "uk", "he", "es", "it", "ar",
    "hi", "vi", "mn",
)  # fmt: skip


@cache
def _languages(reader: str) -> dict[str, str]:
    return dict(Locale(reader).languages)


def language_name(code: str) -> str:
    """A language by its ISO 639 code, in the reader's own; an unknown code as it stands."""
    return _languages((get_language() or "ru")[:2]).get(code, code)


def language_choices() -> list[tuple[str, str]]:
    """(code, name) of LANGUAGES for a form."""
    return [(code, language_name(code).capitalize()) for code in LANGUAGES]


#: Payment as a line of a list has room for.
SHORT_PAYMENTS = {
    Payment.OMS: pgettext_lazy("payment", "OMS"),
    Payment.VMP: pgettext_lazy("payment", "high-tech quota"),
    Payment.DMS: pgettext_lazy("payment", "voluntary insurance"),
    Payment.PAID: pgettext_lazy("payment", "paid"),
    Payment.INTERGOVERNMENTAL: pgettext_lazy("payment", "by agreement"),
}


def short_payments(codes: list[str]) -> str:
    """`ОМС, платно`."""
    return ", ".join(str(SHORT_PAYMENTS.get(code, code)) for code in codes)


#: Codes beside the countries': unions, outlying islands as a whole, the unknown, what tests of programs use.
NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@cache
def _territories(language: str) -> dict[str, str]:
    return dict(Locale(language).territories)


def country_name(code: str) -> str:
    """A country by its ISO 3166 code, in the reader's language; an unknown code as it stands."""
    return _territories((get_language() or "ru")[:2]).get(code, code)


#: Where members and their patients come from, beside the OECD.
NEIGHBOURS = frozenset(
    {
        "AE", "AM", "AZ", "BY", "CN", "CY", "GE", "IN", "KG", "KZ", "MN", "MY", "RS", "RU", "SA", "SG", "TH", "TJ",
        "TM", "UA", "UZ", "VN",
    }
)  # fmt: skip


def country_choices(*more: str) -> list[tuple[str, str]]:
    """(code, name) of the countries that members come from, and of those in `more`, by name."""
    codes = OECD | NEIGHBOURS | set(filter(None, more))
    return sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1])


def is_country(code: str) -> bool:
    """Whether it is an ISO 3166 code of a country."""
    return len(code) == 2 and code.isalpha() and code in _territories("en") and code not in NO_COUNTRIES


def address_line(clinic: Clinic) -> str:
    """Where a clinic is, with its town said once."""
    town, address = clinic.city, clinic.address
    return address if town in address else f"{town}, {address}"


def hour_lines(schedule: Schedule) -> list[str]:
    """A pattern's hours, weekdays with the same ones together: `пн, ср 09:00–13:00`."""
    together: dict[str, list[str]] = {}
    for hours in schedule.hours.all():
        together.setdefault(f"{hours.starts:%H:%M}–{hours.ends:%H:%M}", []).append(
            weekday_name(hours.weekday)
        )
    return [f"{', '.join(weekdays)} {times}" for times, weekdays in together.items()]
