"""Questions to specialists: who asks, who may take a free one, who answers."""

from __future__ import annotations

from tests.permissions.roles import RECEIVERS, SENDERS, allow, desk
from tests.permissions.rules import (
    ANSWERING,
    DECIDING,
    OWN_PATIENT,
    PARTIES,
    SENDING,
    SETTLING,
    STAFF_ONLY,
    TAKING,
)

ADVICE_FILE = {"pk": "@advice", "file": "@advice_file"}
ASK = {"service": "@service", "diagnosis_code": "I48.0", "question": "Нужна ли абляция?"}
PAGES = [
    desk("patients:advice_start", "GET", STAFF_ONLY),
    desk("patients:advice_list", "GET", STAFF_ONLY, at={"side": "out", "queue": "all"}),
    desk("patients:advice_list", "GET", STAFF_ONLY, at={"side": "in", "queue": "asked"}),
    desk("patients:advice_new", "GET", OWN_PATIENT, query={"patient": "@own_patient"}),
    desk("patients:advice_new", "POST", OWN_PATIENT, query={"patient": "@own_patient"}, body=ASK),
    desk("patients:advice_list", "GET", STAFF_ONLY, at={"side": "in", "queue": "free"}),
    desk("patients:advice", "GET", PARTIES, at={"pk": "@advice"}),
    desk("patients:advice", "GET", ANSWERING, at={"pk": "@free_advice"}),
    desk("patients:advice_action", "POST", TAKING, at={"pk": "@free_advice", "action": "take"}),
    desk("patients:advice_action", "POST", SETTLING, at={"pk": "@free_advice", "action": "close"}),
    *(
        desk(
            "patients:advice_action",
            method,
            DECIDING,
            at={"pk": "@taken_advice", "action": "give_back"},
            body={"reason": "no_time"},
        )
        for method in ("GET", "POST")
    ),
    # Asked of this clinic by name.
    desk(
        "patients:advice_action",
        "POST",
        allow((), forbidden=SENDERS | RECEIVERS),
        at={"pk": "@advice", "action": "give_back"},
        body={"reason": "no_time"},
    ),
    desk("patients:advice_file", "GET", PARTIES, at=ADVICE_FILE),
    # What comes with a question tells whom it is about: those who may take it do not get it.
    desk("patients:advice_file", "GET", OWN_PATIENT, at={"pk": "@free_advice", "file": "@free_advice_file"}),
    desk("patients:advice_file_remove", "GET", SENDING, at=ADVICE_FILE),
    desk("patients:advice_file_remove", "POST", SENDING, at=ADVICE_FILE),
    *(
        desk("patients:advice_action", method, rule, at={"pk": "@advice", "action": action}, body=body)
        for action, method, rule, body in (
            ("answer", "POST", DECIDING, {"text": "Покажите пациента"}),
            ("ask_again", "POST", SENDING, {"text": "А если ритм восстановится?"}),
            ("decline", "GET", DECIDING, {}),
            ("decline", "POST", DECIDING, {"reason": "needs_visit"}),
            ("close", "GET", SENDING, {}),
            ("close", "POST", SENDING, {}),
            ("convert", "POST", SENDING, {}),
            ("read", "POST", PARTIES, {}),
        )
    ),
]
