"""The examples of the developers' page. What stands here is what is shown, and the tests run what is shown.

`ADDRESS`, `CLIENT` and `SECRET` are put in by `filled`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the tutorial: what it is for, and what is typed."""

    title: Any
    text: Any
    code: str


TUTORIAL = (
    Step(
        _("Get an access token"),
        _("A token is good for 15 minutes. Ask for another one when a request answers 401."),
        r"""PORTAL=ADDRESS
CLIENT_ID=CLIENT
CLIENT_SECRET=SECRET
TOKEN=$(curl -sS "$PORTAL/oauth/token/" -u "$CLIENT_ID:$CLIENT_SECRET" \
    -d grant_type=client_credentials | jq -r .access_token)

api() {  # api PATH [JSON]: GET, or POST with a body
    curl -sS "$PORTAL/api/v1/$1" -H "Authorization: Bearer $TOKEN" \
        ${2:+-H "Content-Type: application/json" -H "Idempotency-Key: $KEY-$1" -d "$2"}
}

api me/ | jq '{name, organization: .organization.name, scopes}'""",
    ),
    Step(
        _("Find a free time"),
        _(
            "`free=true` leaves what your organisation may book now. Of those we take one that needs no decision first."
        ),
        r"""SLOT=$(api "slots/?service_type=cardiologist&free=true&limit=200" \
    | jq 'first(.results[] | select(.booking_mode == "direct"))')
echo "$SLOT" | jq '{start, service_name, clinic_name}'""",
    ),
    Step(
        _("Register the patient"),
        _(
            "The patient’s consent goes with it. A real program leaves `ignore_similar` out: then 409 names the "
            "patient who is on record already. `KEY` is your own number of this errand; a repeated POST with it does "
            "nothing twice."
        ),
        r"""KEY=errand-$(date +%s)-$RANDOM
PATIENT=$(api patients/ '{"family": "Пробная", "given": "Анна", "birth_date": "1980-05-17",
    "sex": "f", "ignore_similar": true}' | jq -r .id)
api "patients/$PATIENT/consents/" '{"kind": "transfer", "given_on": "'$(date -u +%F)'"}' | jq .kind""",
    ),
    Step(
        _("Write and send the referral"),
        _(
            "`available_actions` tells what may be done next. What is missing is told field by field in `errors`."
        ),
        r"""REFERRAL=$(api referrals/ "$(echo "$SLOT" | jq --arg patient "$PATIENT" '{patient: $patient, service,
    payment: .payments[0], diagnosis_code: "I10", reason: "Проверка связи", referrer_name: "Гусева Л. А."}')" \
    | jq -r .id)
api "referrals/$REFERRAL/submit/" '{}' | jq '{number, state, available_actions}'""",
    ),
    Step(
        _("Book the time, and lose the answer"),
        _(
            "The line broke before the answer came? Send the same request again: the portal answers what it answered "
            "then, with `Idempotency-Replayed: true`, and the time is booked once. If somebody was faster, 409 "
            "`slot_taken` names the nearest free times."
        ),
        r"""book() {
    curl -sS -i "$PORTAL/api/v1/referrals/$REFERRAL/book/" -H "Authorization: Bearer $TOKEN" \
        -H "Content-Type: application/json" -H "Idempotency-Key: $KEY-book" \
        -d "$(echo "$SLOT" | jq '{slot: .id}')"
}
book | head -n 1
book | grep -i '^idempotency-replayed'
api "referrals/$REFERRAL/" | jq '{number, state, appointment_local}'""",
    ),
)

PYTHON = r'''import time
import uuid

import requests

PORTAL, CLIENT_ID, CLIENT_SECRET = "ADDRESS", "CLIENT", "SECRET"
session = requests.Session()


def sign_in():
    answer = session.post(f"{PORTAL}/oauth/token/", auth=(CLIENT_ID, CLIENT_SECRET),
                          data={"grant_type": "client_credentials"}, timeout=30)
    answer.raise_for_status()
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def call(method, path, body=None, tries=5):
    """One request, repeated with the same key until it is answered."""
    key = str(uuid.uuid4())
    for attempt in range(tries):
        try:
            answer = session.request(method, f"{PORTAL}/api/v1/{path}", json=body, timeout=30,
                                     headers={"Idempotency-Key": key} if method == "POST" else {})
        except requests.ConnectionError:
            time.sleep(2**attempt)
            continue
        if answer.status_code == 401:
            sign_in()
        elif answer.status_code in (429, 503):
            time.sleep(int(answer.headers["Retry-After"]))
        elif answer.ok:
            return answer.json()
        else:
            raise RuntimeError(answer.json()["detail"])
    raise RuntimeError("no answer")


def pages(path):
    """Every row of a list, page by page."""
    address = f"{PORTAL}/api/v1/{path}"
    while address:
        page = session.get(address, timeout=30).json()
        yield from page["results"]
        address = page["next"]


sign_in()
free = pages("slots/?service_type=cardiologist&free=true&limit=200")
slot = next(slot for slot in free if slot["booking_mode"] == "direct")
patient = call("POST", "patients/", {"family": "Пробный", "given": "Пётр", "birth_date": "1975-02-03",
                                     "sex": "m", "ignore_similar": True})
today = time.strftime("%Y-%m-%d", time.gmtime())
call("POST", f"patients/{patient['id']}/consents/", {"kind": "transfer", "given_on": today})
referral = call("POST", "referrals/", {"patient": patient["id"], "service": slot["service"],
                                       "payment": slot["payments"][0], "diagnosis_code": "I10",
                                       "reason": "Проверка связи", "referrer_name": "Гусева Л. А."})
call("POST", f"referrals/{referral['id']}/submit/")
booked = call("POST", f"referrals/{referral['id']}/book/", {"slot": slot["id"]})
print(booked["number"], booked["state"], booked["appointment_local"])'''


def filled(code: str, address: str, client: str, secret: str) -> str:
    """The code with the portal's address and what the client signs in with."""
    return (
        code.replace("ADDRESS", address)
        .replace("CLIENT_ID=CLIENT", f"CLIENT_ID={client}")
        .replace("CLIENT_SECRET=SECRET", f"CLIENT_SECRET={secret}")
        .replace('"CLIENT", "SECRET"', f'"{client}", "{secret}"')
    )
