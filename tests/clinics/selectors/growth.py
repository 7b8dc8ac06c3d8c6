"""A region of many clinics, made in the database: each with its services, licence and times."""

import hashlib

from django.db import connection

from clinics.models import Clinic, Licence, Practitioner, Service, Slot
from clinics.services.words import learn_words
from tests.factories import clinics as make

#: Kinds of services, four of each specialty, and one that few clinics give.
KINDS, SPECIALTIES, RARE = 40, 10, "rare"
TOWNS = 200
#: What stands for the digits of a hash, so that surnames begin in many ways.
LETTERS = "абвгдежзиклмнопр"
#: Times lie scattered over a month.
HOURS = "(k * 37 + hashtext(s.id::text) %% 500 + 500) %% 700"
START = "date_trunc('hour', now()) + ({} + " + HOURS + ") * interval '1 hour'"


def _id(kind: int, number: str) -> str:
    return f"('00000000-0000-4000-800{kind}-' || lpad(({number})::text, 12, '0'))::uuid"


#: For each table: of how many rows, and the columns that are not the seed's own.
ROWS = {
    Clinic: (
        "generate_series(1, %(clinics)s) AS n",
        {
            "id": _id(1, "n"),
            "name_ru": "'Клиника ' || (ARRAY['Маяк', 'Залив', 'Парус', 'Кедр', 'Волна'])[1 + n %% 5] || ' № ' || n",
            "short_name_ru": "'Клиника ' || n",
            "city_ru": f"'Посёлок-' || n * n %% {TOWNS}",
            "lat": "46 + (n * 7919 %% 8000) / 1000.0",
            "lon": "142 + (n * 104729 %% 1500) / 1000.0",
        },
    ),
    Licence: (
        "generate_series(1, %(clinics)s) AS n",
        {"id": _id(2, "n"), "clinic_id": _id(1, "n"), "number": "'Л-' || n"},
    ),
    Service: (
        "generate_series(1, %(clinics)s) AS n, generate_series(0, %(services)s - 1) AS k",
        {
            "id": _id(3, "n * 100 + k"),
            "clinic_id": _id(1, "n"),
            "service_type_id": (
                f"CASE WHEN k = 0 AND n %% 200 = 0 THEN '{RARE}' ELSE 'kind' || (n + k * 7) %% {KINDS} END"
            ),
        },
    ),
    Practitioner: (
        "generate_series(1, %(clinics)s) AS n",
        {"id": _id(4, "n"), "family": "left(translate(md5(n::text), '0123456789abcdef', %(letters)s), 10)"},
    ),
    Practitioner.clinics.through: (
        "generate_series(1, %(clinics)s) AS n",
        {"id": "n + 1000000", "practitioner_id": _id(4, "n"), "clinic_id": _id(1, "n")},
    ),
    Slot: (
        "clinics_service AS s, generate_series(0, %(slots)s - 1) AS k",
        {
            "id": "gen_random_uuid()",
            "clinic_id": "s.clinic_id",
            "service_id": "s.id",
            "service_type_id": "s.service_type_id",
            "start": START.format(1),
            "end": START.format(2),
            "release_at": "now() + interval '60 days'",
            "taken": "k %% 2",
        },
    ),
}  # fmt: skip


def surname(number: int) -> str:
    """The surname of a practitioner that `grow` makes."""
    digits = str.maketrans("0123456789abcdef", LETTERS)
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()[:10].translate(digits)


def grow(clinics: int, services: int, slots: int) -> None:
    """So many clinics, services at each and times of each, with the statistics that a database of such a size has."""
    specialties = [make.make_specialty(f"field{n}", name_ru=f"Область{n}") for n in range(SPECIALTIES)]
    for n in range(KINDS):
        make.make_service_type(f"kind{n}", specialties[n % SPECIALTIES], name_ru=f"Услуга вида{n}")
    make.make_service_type(RARE, specialties[0], name_ru="Гипербарическая оксигенация")
    seed = make.make_slot(make.make_service())
    licence = make.make_licence(seed.clinic, *(specialty.code for specialty in specialties))
    person = make.make_practitioner(seed.clinic)
    works = Practitioner.clinics.through.objects.get(practitioner=person)
    seeds = {
        Clinic: seed.clinic_id, Licence: licence.pk, Service: seed.service_id, Practitioner: person.pk,
        type(works): works.pk, Slot: seed.pk,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model, (source, own) in ROWS.items():
            table = model._meta.db_table
            columns = [field.column for field in model._meta.concrete_fields if not field.generated]
            values = ", ".join(own.get(column, f'f."{column}"') for column in columns)
            names = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {values} FROM {source} JOIN {table} AS f ON f.id = %(seed)s",
                {
                    "clinics": clinics,
                    "services": services,
                    "slots": slots,
                    "seed": seeds[model],
                    "letters": LETTERS,
                },
            )
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        learn_words()
        tables = ", ".join(model._meta.db_table for model in ROWS)
        cursor.execute(f"ANALYZE {tables}, clinics_searchword, clinics_organization, clinics_servicetype")
