"""Names that the registry's pages and forms share."""

from __future__ import annotations

from functools import cache

from babel import Locale
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clinics.states import Payment

#: ISO weekdays.
WEEKDAYS = {
    1: _("Monday"), 2: _("Tuesday"), 3: _("Wednesday"), 4: _("Thursday"), 5: _("Friday"), 6: _("Saturday"),
    7: _("Sunday"),
}  # fmt: skip

#: Languages in which clinics see patients, by ISO 639 code.
LANGUAGES = [
    ("ru", _("Russian")), ("en", _("English")), ("kk", _("Kazakh")), ("ko", _("Korean")), ("ja", _("Japanese")),
    ("zh", _("Chinese")), ("de", _("German")), ("fr", _("French")), ("tr", _("Turkish")), ("he", _("Hebrew")),
    ("uz", _("Uzbek")), ("ky", _("Kyrgyz")), ("tg", _("Tajik")), ("es", _("Spanish")), ("it", _("Italian")),
    ("ar", _("Arabic")), ("hi", _("Hindi")), ("vi", _("Vietnamese")),
]  # fmt: skip
_LANGUAGE = dict(LANGUAGES)


def language_name(code: str) -> str:
    """A language in the reader's own; an unknown code as it stands."""
    return str(_LANGUAGE.get(code, code))


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


@cache
def _territories(language: str) -> dict[str, str]:
    return dict(Locale(language).territories)


def country_name(code: str) -> str:
    """A country by its ISO 3166 code, in the reader's language; an unknown code as it stands."""
    return _territories((get_language() or "ru")[:2]).get(code, code)
