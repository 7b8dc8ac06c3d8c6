"""Translations are compiled, and what is missing is found."""

import gettext
import os
from pathlib import Path

from cluster_portal.ops import catalogues

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'


def project(base: Path, ru: str) -> Path:
    """A small project with one module, one template and a Russian catalogue."""
    (base / "app" / "templates" / "app").mkdir(parents=True)
    (base / "app" / "views.py").write_text(
        "_('Book')\nngettext('%(n)s slot', '%(n)s slots', n)\npgettext('verb', 'Open')\n_(variable)\n"
    )
    (base / "app" / "templates" / "app" / "page.html").write_text(
        "{% load i18n %}<h1>{% translate 'Referrals' %}</h1>{% blocktranslate %}Hello{% endblocktranslate %}"
        "{% translate 'Open' context 'verb' %}"
    )
    catalogue = base / "locale" / "ru" / "LC_MESSAGES" / "django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(HEADER + ru, encoding="utf-8")
    return base


def test_every_message_of_the_source_is_found(tmp_path: Path) -> None:
    found = catalogues.source_messages(project(tmp_path, ""))
    assert set(found) == {
        (None, "Book"), (None, "%(n)s slot"), ("verb", "Open"), (None, "Referrals"), (None, "Hello")
    }  # fmt: skip


def test_missing_untranslated_and_fuzzy_are_told(tmp_path: Path) -> None:
    ru = '\nmsgid "Book"\nmsgstr ""\n\n#, fuzzy\nmsgid "Hello"\nmsgstr "Привет"\n'
    problems = catalogues.incomplete(project(tmp_path, ru))["ru"]
    assert "untranslated: 'Book'" in problems and "fuzzy: 'Hello'" in problems
    assert any(problem.startswith("missing: 'Referrals'") for problem in problems)


def test_compiling_writes_only_what_is_older(tmp_path: Path) -> None:
    base = project(tmp_path, '\nmsgid "Book"\nmsgstr "Записать"\n')
    (written,) = catalogues.compile_all(base)
    with written.open("rb") as stream:
        assert gettext.GNUTranslations(stream).gettext("Book") == "Записать"
    assert catalogues.compile_all(base) == []
    os.utime(written.with_suffix(".po"), (2**31, 2**31))
    assert catalogues.compile_all(base) == [written]
