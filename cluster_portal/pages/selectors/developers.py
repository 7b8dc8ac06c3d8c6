"""What the developers' page lists, read from the code itself: errors, events, scopes, limits."""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cluster_portal.api import problems, scopes
from cluster_portal.common.errors import PortalError
from cluster_portal.common.keyset import MAX_LIMIT
from cluster_portal.web import wording

if TYPE_CHECKING:
    from collections.abc import Iterator

APPS = ("clinics", "patients", "training", "investors")
#: What an event tells, in the reader's words; an event that is not here is told in the words of the code.
EVENT_WORDS = {
    "clinics.slots_opened": _("Times of these service types were published or opened again."),
    "clinics.change_decided": _("The office has approved or refused a change of a record."),
    "patients.referral_moved": _("A referral took a step: sent, accepted, booked, completed and so on."),
    "patients.offer_times": _("A time of this kind may be free, or somebody began to wait for one."),
    "patients.offer_ends": _("An offered time is no longer kept unless it was answered."),
    "patients.message_written": _("Somebody wrote to the other clinic."),
    "patients.find_duplicates": _("Likely duplicates of patients are looked for."),
    "patients.advice_moved": _("A question to a specialist was asked, answered or settled."),
    "patients.proposal_answered": _("The office has answered a proposal to merge two records."),
    "training.move_queue": _("An offer of a seat has ended, or the next in the queue may be asked."),
    "training.step_taken": _("A nomination took a step."),
    "training.room_acted": _("Bookings of rooms were confirmed, moved or cancelled."),
    "investors.invite": _("Somebody is asked to act for a company."),
    "investors.tender_moved": _("A tender came into another state."),
    "investors.terms_changed": _("The terms of a tender were changed."),
    "investors.question_asked": _("Somebody asked about a tender."),
    "investors.question_answered": _("A question about a tender was answered."),
    "investors.search_found": _("A saved search has found new plots."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Failure:
    """A code of `application/problem+json` with its HTTP status and its words."""

    code: str
    status: int
    words: Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, by its name, with what is told of it: names of ids and codes."""

    name: str
    words: Any
    payload: str


def failures() -> list[Failure]:
    """Every error that the API may answer, by its status and code. Two classes with one code are one failure."""
    found = {}
    for kind in _kinds(PortalError):
        if kind is not PortalError and kind.__module__.split(".")[0] != "tests":
            found.setdefault(kind.code, Failure(kind.code, kind.status, kind.title))
    for status, code in problems.CODES.items():
        found.setdefault(code, Failure(code, status, problems.TITLES[status]))
    found.setdefault("server_error", Failure("server_error", 500, problems.TITLES[500]))
    return sorted(found.values(), key=lambda one: (one.status, one.code))


def _kinds(kind: type[PortalError]) -> Iterator[type[PortalError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from _kinds(inner)


def events() -> list[Event]:
    """What the apps' `events.py` name: the names from the code, what is told of them from the remark above each."""
    found = []
    for app in APPS:
        module = importlib.import_module(f"{app}.events")
        found += _events_of(Path(module.__file__).read_text(encoding="utf-8"))
    return found


def _events_of(source: str) -> Iterator[Event]:
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if not isinstance(node, ast.Assign):
            continue
        above, number = [], node.lineno - 2
        while number >= 0 and lines[number].startswith("#:"):
            above.insert(0, lines[number][2:].strip())
            number -= 1
        remark, _brace, payload = " ".join(above).partition("{")
        for constant in ast.walk(node.value):
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                words = EVENT_WORDS.get(constant.value, remark.rstrip(": "))
                yield Event(constant.value, words, payload.partition("}")[0])


def scope_words() -> list[tuple[str, str]]:
    """Every scope and what it opens."""
    return list(scopes.describe().items())


def limits() -> list[tuple[Any, str]]:
    """What a client may ask for, in figures."""
    megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1_048_576
    lifetime = settings.OAUTH2_PROVIDER["ACCESS_TOKEN_EXPIRE_SECONDS"] // 60
    return [
        (_("Requests of a client in a minute"), wording.number(settings.API_REQUESTS_PER_MINUTE)),
        (_("Requests of an address without a token in a minute"),
         wording.number(settings.API_ANONYMOUS_REQUESTS_PER_MINUTE)),
        (_("Rows of a page"), str(MAX_LIMIT)),
        (_("Body of a request, MB"), wording.number(round(megabytes, 1))),
        (_("An access token lives, minutes"), str(lifetime)),
        (_("An Idempotency-Key is remembered, hours"), "24"),
    ]  # fmt: skip
