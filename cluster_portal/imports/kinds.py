"""The names of the two jobs of an import."""

CHECK, APPLY = "imports.check", "imports.apply"
