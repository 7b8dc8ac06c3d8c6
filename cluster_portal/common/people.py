"""Names of people as lists and papers write them."""

from __future__ import annotations


def short_name(family: str, given: str, patronymic: str) -> str:
    """`Тен И. В.`"""
    initials = " ".join(f"{part[0]}." for part in (given, patronymic) if part)
    return f"{family} {initials}".strip()


class Named:
    """A row with `family`, `given` and `patronymic`, the last of which not everybody has."""

    family: str
    given: str
    patronymic: str

    @property
    def full_name(self) -> str:
        """Surname, given name, patronymic."""
        return " ".join(filter(None, (self.family, self.given, self.patronymic)))

    @property
    def short_name(self) -> str:
        """`Тен И. В.`"""
        return short_name(self.family, self.given, self.patronymic)
