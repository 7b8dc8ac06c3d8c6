"""The columns of a table of patients, and by which headings hospital systems call them."""

from __future__ import annotations

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cluster_portal.imports.base import Column
from cluster_portal.imports.cleaning import Choice, choice, day, digits, text
from patients.imports import words
from patients.states import Employment, LocalityKind

#: Parts of an address that may stand in columns of their own.
ADDRESS = {
    "subject": (pgettext_lazy("residence", "Region"), ("регион", "область", "субъект"), "Сахалинская обл."),
    "district": (pgettext_lazy("residence", "District"), ("район",), ""),
    "locality": (
        pgettext_lazy("residence", "Town or village"),
        ("город", "населенный пункт", "нас пункт"),
        "г. Южно-Сахалинск",
    ),
    "street": (pgettext_lazy("residence", "Street"), ("улица",), "ул. Мира"),
    "house": (pgettext_lazy("residence", "House"), ("дом",), "5"),
    "building": (pgettext_lazy("residence", "Building"), ("корпус", "строение"), ""),
    "flat": (pgettext_lazy("residence", "Flat"), ("квартира",), "12"),
}


COLUMNS = (
    Column(
        "full_name", _("Full name"), text(300), width=34,
        help=_("Surname, given name and patronymic in one cell, instead of the three columns after it."),
        aliases=("ФИО", "Ф.И.О.", "ФИО пациента", "Пациент", "Фамилия Имя Отчество", "name", "patient",
                 "ТАӘ", "Т.А.Ә.", "Аты-жөні", "Тегі аты әкесінің аты"),
    ),
    Column("family", _("Surname"), text(100), example="Ким", aliases=("last name", "family name", "Тегі")),
    Column("given", _("Given name"), text(100), example="Анна", aliases=("first name", "Аты", "Есімі")),
    Column(
        "patronymic", _("Patronymic"), text(100), example="Сергеевна",
        aliases=("middle name", "Әкесінің аты"),
    ),
    Column(
        "birth_date", _("Birth date"), day, required=True, example="31.12.1980", width=14,
        help=_("Day, month and a year of four digits."),
        aliases=("ДР", "Д.р.", "Дата рожд", "date of birth", "birthdate", "dob", "Туған күні", "Родился"),
    ),
    Column(
        "sex", _("Sex"), choice(words.SEX), required=True, example="ж", width=8,
        help=_("m or f, in Russian, Kazakh or English."), aliases=("Пол пациента", "gender", "Жынысы"),
    ),
    Column(
        "snils", "СНИЛС", digits(11), example="112-233-445 95", width=18,
        help=_("11 digits; dashes and blanks do not matter. The patient is recognised by it."),
        aliases=("snils", "СНИЛС пациента", "Страховой номер"),
    ),
    Column(
        "enp", _("OMS policy"), digits(16), width=20,
        help=_("The number of 16 digits. The patient is recognised by it."),
        aliases=("ЕНП", "Полис", "Номер полиса", "Полис ОМС", "enp", "policy"),
    ),
    Column(
        "policy_insurer", _("Insurer"), text(200), width=30,
        aliases=("СМО", "Страховая компания", "Страховая медицинская организация", "insurance company"),
    ),
    Column("policy_issued_on", _("Policy issued on"), day, width=14, aliases=("Дата выдачи полиса",)),
    Column("dms_policy", _("Voluntary policy (DMS)"), text(60), aliases=("ДМС", "Полис ДМС")),
    Column(
        "iin", "ИИН", digits(12), width=16,
        help=_("12 digits, for citizens of Kazakhstan. The patient is recognised by it."), aliases=("iin", "ЖСН"),
    ),
    Column(
        "document_type", _("Document"), text(60), aliases=("Вид документа", "Тип документа", "Құжат түрі"),
    ),
    Column(
        "document_number", _("Series and number"), text(60),
        aliases=("Серия и номер документа", "Номер документа", "Паспорт", "Серия и номер паспорта"),
    ),
    Column(
        "document_country", _("Country of the document"), Choice(words.countries),
        aliases=("Гражданство", "Страна", "citizenship"),
    ),
    Column(
        "phone", _("Phone"), text(20), example="+7 924 000-00-00",
        aliases=("Тел", "Телефон пациента", "Мобильный телефон", "Контактный телефон", "mobile", "telephone"),
    ),
    Column("email", _("E-mail"), text(254), width=26, aliases=("Почта", "email", "Электронная почта", "mail")),
    Column(
        "residence", _("Address in one line"), text(600), width=50,
        help=_("It is taken apart into region, district, town, street, house, building and flat."),
        example="Сахалинская обл., г. Южно-Сахалинск, ул. Мира, д. 5, кв. 12",
        aliases=("Адрес", "Адрес проживания", "Адрес регистрации", "Место жительства", "address", "Мекенжайы"),
    ),
    *(
        Column(
            f"residence_{key}", title, text(200), aliases=aliases,
            help=_("Instead of the address in one line.") if key == "subject" else "",
        )
        for key, (title, aliases, _example) in ADDRESS.items()
    ),
    Column(
        "locality_kind", _("Lives in"), Choice(words.localities, lambda: LocalityKind.labels),
        help=_("A town or a village."),
        aliases=("Местность", "Житель", "Город или село"),
    ),
    Column(
        "employment", _("Employment"), Choice(words.employments, lambda: Employment.labels),
        help=_("As form 057/у has it, in words or as its number from 1 to 6."), aliases=("Социальный статус",),
    ),
    Column("benefit_code", _("Benefit code"), text(10), aliases=("Льгота", "Код льготы", "Категория льготы")),
    Column(
        "language", _("Speaks"), Choice(words.languages), help=_("The name of the language or its code."),
        aliases=("Язык", "language", "Тілі"),
    ),
    Column("allergies", _("Allergies"), text(300), aliases=("Аллергия", "allergy")),
    Column(
        "home_clinic", _("Home clinic"), text(300), width=30,
        help=_("A clinic of the cluster by its name. The patient's record stays with your organisation all the same."),
        aliases=("Поликлиника", "МО прикрепления", "Прикрепление", "clinic"),
    ),
    Column(
        "number", _("Number in your system"), text(60), width=20, example="К-000123",
        help=_("How your own system knows the patient. By it the same person is found again next time."),
        aliases=("Номер карты", "№ карты", "Номер медкарты", "Номер медицинской карты", "Код пациента", "ID пациента",
                 "id", "mrn", "patient id", "Карта нөмірі"),
    ),
)  # fmt: skip
TITLES = {column.name: column.title for column in COLUMNS}


def title(name: str) -> str:
    """The heading of a column, with a capital."""
    return capfirst(str(TITLES[name]))
