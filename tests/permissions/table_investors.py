"""Land: what was published is everybody's, drafts are the offices' own, the land office writes."""

from __future__ import annotations

from tests.permissions.roles import LAND, NOT_FOUND, OFFICE, OK, ROLES, Line, public

PLOT, DRAFT = {"pk": "@plot"}, {"pk": "@draft_plot"}


def _offices(name: str) -> Line:
    """A public page of a row that only the two offices see."""
    return Line(name, "GET", dict.fromkeys(ROLES, NOT_FOUND) | {LAND: OK, OFFICE: OK}, at=DRAFT)


PAGES = [
    public("investors:plots"),
    public("investors:plots", query={"at": "@plot", "box": "37.34,55.68,37.36,55.70"}),
    public("investors:compare", query={"compare": "@plot"}),
    *(public("investors:export", at={"file_format": form}) for form in ("geojson", "csv", "xlsx")),
    public("investors:document", at={"pk": "@plot_document"}),
    public("investors:plot", at=PLOT),
    _offices("investors:plot"),
    public("investors:passport", at=PLOT),
    _offices("investors:passport"),
]
