"""A registrar with a table of patients, in English."""

from tests.patients.imports.conftest import actor, checked, english, table

__all__ = ["actor", "checked", "english", "table"]
