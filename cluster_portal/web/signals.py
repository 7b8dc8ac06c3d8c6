"""Signals of the shell."""

from django.dispatch import Signal

#: A reader chose a language: `user` (may be anonymous), `language` (a code of settings.LANGUAGES).
language_chosen = Signal()
