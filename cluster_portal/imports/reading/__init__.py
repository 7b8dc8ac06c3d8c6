"""Reading tables that people upload: nothing of the file is trusted, and no more than a few rows are in memory."""

from cluster_portal.imports.reading.cells import BROKEN, LOST, Broken
from cluster_portal.imports.reading.table import LIMITS, Limits, Table, open_table

__all__ = ["BROKEN", "LIMITS", "LOST", "Broken", "Limits", "Table", "open_table"]
