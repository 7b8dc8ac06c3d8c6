"""The columns of the matrix: who asks, and what may come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Passed: 2xx or a way to a page of ours; for what writes also 400, 409, 412, 422, 428 (looked at, and not refused).
OK = "OK"
#: Sent to sign in: 302 to the sign-in page, or 401.
LOGIN = "LOGIN"
FORBIDDEN = "FORBIDDEN"
NOT_FOUND = "NOT_FOUND"

ANONYMOUS, GUEST, OFFICE, NARROW = "anonymous", "guest", "office", "client without the scope"
#: Serves in the office and sees figures, never people.
ANALYST = "analyst"
#: Serves in the office and sends people to learn.
TRAINING = "training"
#: Serves in the office and gives land to investors.
LAND = "land"
#: Works for the receiver and is sent to learn: what an organisation's people do is not theirs.
SPECIALIST = "specialist"
#: The secrets of calendars' addresses.
CALENDAR = "calendar-of-the-matrix"
ROOM_CALENDAR = "calendar-of-a-room"
SIDES = ("sender", "receiver", "stranger")
PEOPLE_ROLES = ("referrer", "coordinator", "manager")


def people_of(side: str) -> frozenset[str]:
    """People of one organisation: `sender.referrer`, …"""
    return frozenset(f"{side}.{role}" for role in PEOPLE_ROLES)


def side_of(role: str) -> str:
    """The organisation that a role acts for; empty for those who act for none of the three."""
    return role.partition(".")[0] if "." in role else ""


PEOPLE = frozenset().union(*map(people_of, SIDES)) | {GUEST, OFFICE, ANALYST, TRAINING, SPECIALIST, LAND}
CLIENTS = frozenset(f"{side}.client" for side in SIDES)
SENDERS, RECEIVERS, STRANGERS = (people_of(side) | {f"{side}.client"} for side in SIDES)
STAFF = SENDERS | RECEIVERS | STRANGERS
#: Signed in, and not at work with patients: the cluster office, its analyst, the training office and those whom it
#: sends, the land office, and a person who serves nobody (and acts for an investor).
OUTSIDERS = frozenset({GUEST, OFFICE, ANALYST, TRAINING, SPECIALIST, LAND})
REGISTRARS = frozenset(f"{side}.referrer" for side in SIDES)
ROLES = (ANONYMOUS, *sorted(PEOPLE), *sorted(CLIENTS), NARROW)

Rule = Mapping[str, str]


def allow(who: Iterable[str], *, forbidden: Iterable[str] = (), other: str = NOT_FOUND) -> Rule:
    """The outcome of everybody who is known to the portal: `who` pass, the `forbidden` see it and may not."""
    rule = dict.fromkeys(PEOPLE | CLIENTS, other)
    return rule | dict.fromkeys(forbidden, FORBIDDEN) | dict.fromkeys(who, OK)


@dataclass(frozen=True, slots=True)
class Line:
    """One way into a route: what each role meets there.

    `at` are the arguments of the address, `query` those behind the question mark, `body` what is sent; a value that
    begins with `@` names a row of the world. A `multipart` body may hold files. `opens` marks what lawfully
    shows a stranger's record.
    """

    name: str
    method: str
    outcomes: Rule
    at: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    opens: bool = False
    multipart: bool = False

    @property
    def is_api(self) -> bool:
        return self.name.startswith(("api-", "oauth-", "fhir-"))

    def __str__(self) -> str:
        """As a failure names it."""
        details = [*self.at.values(), *(f"{key}={value}" for key, value in self.query.items())]
        return "-".join([f"{self.method} {self.name}", *details])


def page(name: str, method: str, rule: Rule, **details: Any) -> Line:
    """A page: a token opens none, so programs are as anonymous as visitors."""
    outcomes = {**rule, **dict.fromkeys(CLIENTS | {ANONYMOUS, NARROW}, LOGIN)}
    return Line(name, method, outcomes, **details)


def desk(name: str, method: str, rule: Rule, **details: Any) -> Line:
    """A page of those who work with patients: whoever does not is told so whatever the address names."""
    return page(name, method, {**rule, **dict.fromkeys(OUTSIDERS, FORBIDDEN)}, **details)


def public(name: str, method: str = "GET", **details: Any) -> Line:
    """Open to everybody."""
    return Line(name, method, dict.fromkeys(ROLES, OK), **details)


def api(name: str, method: str, rule: Rule, **details: Any) -> Line:
    """A resource of the API: people by their session, programs by a token with the scope."""
    return Line(name, method, {**rule, ANONYMOUS: LOGIN, NARROW: FORBIDDEN}, **details)
