"""Training: employers keep their own people, the training office everybody; a person sees the own file."""

from __future__ import annotations

from tests.permissions.roles import (
    FORBIDDEN,
    OFFICE,
    SIDES,
    SPECIALIST,
    TRAINING,
    allow,
    api,
    page,
)
from tests.permissions.rules import SIGNED_IN

PERSON = {"pk": "@specialist"}
PAPER = {"pk": "@paper"}
#: The receiver employs the specialist.
EMPLOYER = {"receiver.manager", "receiver.client"}
EMPLOYERS = {f"{side}.{role}" for side in SIDES for role in ("manager", "client")}

BROWSING = allow(EMPLOYERS | {OFFICE, TRAINING}, other=FORBIDDEN)
SEEING = allow(EMPLOYER | {OFFICE, TRAINING, SPECIALIST})
KEEPING = allow(EMPLOYER | {TRAINING}, forbidden={OFFICE, SPECIALIST})
ENTERING = allow(EMPLOYERS | {TRAINING}, other=FORBIDDEN)
ENTERED = {"family": "Новикова", "given": "Анна", "position": "Врач", "specialty": "cardiology"}

PAGES = [
    page("training:specialists", "GET", BROWSING),
    page("training:specialist_new", "GET", ENTERING),
    page("training:specialist_new", "POST", ENTERING, body=ENTERED),
    page("training:specialist", "GET", SEEING, at=PERSON),
    page("training:specialist_edit", "GET", KEEPING, at=PERSON),
    page("training:specialist_edit", "POST", KEEPING, at=PERSON, body=ENTERED),
    page("training:specialist_account", "GET", KEEPING, at=PERSON),
    page("training:specialist_account", "POST", KEEPING, at=PERSON),
    page("training:specialist_step", "GET", allow(()), at={**PERSON, "action": "explode"}),
    *(
        page("training:specialist_step", method, KEEPING, at={**PERSON, "action": step})
        for method in ("GET", "POST")
        for step in ("leave", "return")
    ),
    page("training:paper_new", "GET", KEEPING, at=PERSON),
    page("training:paper_new", "POST", KEEPING, at=PERSON, body={"kind": "visa"}),
    page("training:paper_edit", "GET", KEEPING, at=PAPER),
    page("training:paper_edit", "POST", KEEPING, at=PAPER, body={"kind": "visa"}),
]

RESOURCES = [
    api("api-specialists-list", "GET", SIGNED_IN),
    api("api-specialists-list", "POST", ENTERING, body=ENTERED),
    api("api-specialists-detail", "GET", SEEING, at=PERSON),
    api("api-specialists-detail", "PATCH", KEEPING, at=PERSON, body={"position": "Врач"}),
    api("api-specialists-leave", "POST", KEEPING, at=PERSON, body={"reason": "Переезд"}),
    api("api-specialists-return-", "POST", KEEPING, at=PERSON),
    api("api-specialists-papers", "GET", SEEING, at=PERSON),
    api("api-specialists-papers", "POST", KEEPING, at=PERSON, body={"kind": "visa"}),
]
