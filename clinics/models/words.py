"""The words by which the registry is searched: each row's own, and the dictionary of all of them."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Concat


def words_of(*columns: str) -> models.GeneratedField:
    """The words of these columns, written by the database: lower case, «ё» as «е», of a word with a hyphen also the
    parts.
    """
    parts: list = []
    for column in columns:
        parts += [models.F(column), models.Value(" ")]
    return models.GeneratedField(
        expression=models.Func(
            Concat(
                *parts,
                models.Func(
                    Concat(*parts, output_field=models.TextField()),
                    template="replace(%(expressions)s, '-', ' ')",
                    output_field=models.TextField(),
                ),
                output_field=models.TextField(),
            ),
            template="regexp_split_to_array(translate(lower(%(expressions)s), 'ё', 'е'), '[^[:alnum:]-]+')",
            output_field=ArrayField(models.TextField()),
        ),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
    )


class Teaches(pgtrigger.Trigger):
    """For tables with a column `words`: what is new there goes into the dictionary. `columns` are those of the words.

    Rows loaded past the triggers need `learn_words`.
    """

    def __init__(self, *columns: str) -> None:
        super().__init__(
            name="words",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.UpdateOf(*columns),
            # In order of the words, so that two who write the same ones never wait for each other.
            func="""
                INSERT INTO clinics_searchword (word)
                SELECT DISTINCT word FROM unnest(NEW.words) AS word WHERE word <> '' ORDER BY word
                ON CONFLICT DO NOTHING;
                RETURN NULL;
            """,
        )


class SearchWord(models.Model):
    """Every distinct word of clinics, nomenclature and practitioners: typing errors are corrected here, not among ten
    thousand clinics. Words are never taken back.
    """

    word = models.TextField(primary_key=True, db_collation="C")

    def __str__(self) -> str:
        return self.word
