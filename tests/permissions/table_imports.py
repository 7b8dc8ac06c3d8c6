"""Imports: whoever works with patients may send a table of them; a file on its way is its sender's alone."""

from __future__ import annotations

from tests.permissions.roles import allow, api, page
from tests.permissions.rules import READING_OWN, SIGNED_IN, STAFF_ONLY

PATIENTS = {"code": "patients.patients"}
GONE = {"code": "tests.gone"}
#: Taken in already, so that what is asked of it is looked at and refused for its state.
RUN = {"pk": "@import"}
NOTHING = allow(())

PAGES = [
    page("imports:start", "GET", STAFF_ONLY, at=PATIENTS),
    page("imports:start", "GET", NOTHING, at=GONE),
    page("imports:start", "POST", STAFF_ONLY, at=PATIENTS),
    page("imports:template", "GET", STAFF_ONLY, at=PATIENTS),
    page("imports:run", "GET", READING_OWN, at=RUN),
    page("imports:sheet", "POST", READING_OWN, at=RUN, body={"sheet": "Лист1"}),
    page("imports:check", "POST", READING_OWN, at=RUN),
    page("imports:apply", "POST", READING_OWN, at=RUN),
    page("imports:drop", "POST", READING_OWN, at=RUN),
    # Its file of refused rows is there for nobody: every row was fit.
    page("imports:refused", "GET", NOTHING, at=RUN),
]

RESOURCES = [
    api("api-import-kinds-list", "GET", SIGNED_IN),
    api("api-import-kinds-detail", "GET", STAFF_ONLY, at=PATIENTS),
    api("api-import-kinds-detail", "GET", NOTHING, at=GONE),
    api("api-import-kinds-template", "GET", STAFF_ONLY, at=PATIENTS),
    api("api-imports-list", "GET", SIGNED_IN),
    # Without a file it is refused before anybody asks whose it is.
    api("api-imports-list", "POST", SIGNED_IN, body={"code": "patients.patients"}),
    api("api-imports-detail", "GET", READING_OWN, at=RUN),
    api("api-imports-check", "POST", READING_OWN, at=RUN),
    api("api-imports-apply", "POST", READING_OWN, at=RUN),
    api("api-imports-drop", "POST", READING_OWN, at=RUN),
    api("api-imports-findings", "GET", READING_OWN, at=RUN),
    api("api-imports-refused", "GET", NOTHING, at=RUN),
]
