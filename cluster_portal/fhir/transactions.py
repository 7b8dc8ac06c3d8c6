"""Creating and changing, one resource at a time or several as one transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cluster_portal.api import etags
from cluster_portal.api.errors import InsufficientScope
from cluster_portal.api.scopes import WRITE
from cluster_portal.common.errors import Invalid, PortalError
from cluster_portal.common.queueing import stand_in_line
from cluster_portal.fhir.bodies import replaced
from cluster_portal.fhir.bundles import Search
from cluster_portal.fhir.resources import RESOURCES
from cluster_portal.fhir.writing import WRITERS

if TYPE_CHECKING:
    from cluster_portal.common.actor import Actor
    from cluster_portal.fhir.resources import Resource
    from cluster_portal.fhir.shapes import Reader

#: Entries of one bundle.
MOST = 20


class SeveralExist(PortalError):
    code, status, title = "several_exist", 412, _("Several records fit If-None-Exist. Please narrow it.")


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a request: the resource as it is shown now."""

    shown: dict[str, Any]
    status: int

    @property
    def place(self) -> str:
        return f"{self.shown['resourceType']}/{self.shown['id']}"


def see(resource: Resource, reader: Reader, pk: Any) -> dict[str, Any]:
    """The resource as the reader may see it."""
    rows = resource.rows(reader.actor)
    return resource.show(resource.policy.get(reader.actor, "view", pk, queryset=rows), reader)


def create(kind: str, reader: Reader, data: Any, *, unless: str = "") -> Done:
    """Create `kind`; with `unless` (If-None-Exist, a search) only where nothing fits that yet.

    Requests of one organisation with the same `unless` wait for each other, so two sent at once make one.
    """
    resource = RESOURCES[kind]
    with transaction.atomic():
        if unless:
            stand_in_line(f"{reader.actor.organization_id} {kind}?{unless}")
            asked = parse_qs(unless.removeprefix(f"{kind}?"), keep_blank_values=True)
            found = list(
                Search.read(resource, reader, asked, lenient=False).rows().order_by(*resource.order)[:2]
            )
            if len(found) > 1:
                raise SeveralExist
            if found:
                return Done(resource.show(found[0], reader), 200)
        return Done(see(resource, reader, WRITERS[kind].create(reader.actor, data)), 201)


def update(kind: str, reader: Reader, pk: Any, data: Any, *, request: Any = None) -> Done:
    """Carry out what `data` asks of the row: its next status. With If-Match the version is checked under the lock.

    `data` may be a function of the resource as it is shown now (a patch).
    """
    resource, writer = RESOURCES[kind], WRITERS[kind]
    with transaction.atomic():
        row = writer.lock(reader.actor, pk)
        if request is not None:
            etags.require_match(request, row, required=False)
        wanted = data(see(resource, reader, pk)) if callable(data) else data
        writer.update(reader.actor, row, wanted)
        return Done(see(resource, reader, pk), 200)


class Failed(PortalError):
    """An entry of a bundle failed: the failure itself, and which entry it was."""

    def __init__(self, error: PortalError, index: int, kind: str) -> None:
        super().__init__()
        self.error, self.index, self.kind = error, index, kind


def run_bundle(bundle: Any, reader: Reader) -> dict[str, Any]:
    """Every entry of a transaction, or none: POST first, in their order, then PUT, as FHIR says.

    References to the `fullUrl` of an entry are turned into what it became. Raises Failed with the entry at fault.
    """
    entries = _entries(bundle)
    names: dict[str, str] = {}
    answers: dict[int, Done] = {}
    # A referral before the time that is booked for it, whatever their order in the bundle.
    order = sorted(
        entries, key=lambda entry: (entry.method != "POST", entry.kind != "ServiceRequest", entry.index)
    )
    with transaction.atomic():
        for entry in order:
            try:
                answers[entry.index] = done = entry.run(reader, names)
            except PortalError as exc:
                raise Failed(exc, entry.index, entry.kind) from exc
            if entry.address:
                names[entry.address] = done.place
    shown = [_answer(answers[entry.index], reader) for entry in entries]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": shown}


def _answer(done: Done, reader: Reader) -> dict[str, Any]:
    meta = done.shown["meta"]
    words = {200: "200 OK", 201: "201 Created"}
    return {
        "fullUrl": f"{reader.base}/{done.place}",
        "resource": done.shown,
        "response": {
            "status": words[done.status],
            "location": f"{reader.base}/{done.place}",
            "etag": f'W/"{meta["versionId"]}"',
            "lastModified": meta["lastUpdated"],
        },
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of a bundle."""

    index: int
    method: str
    kind: str
    key: str
    address: str
    unless: str
    resource: Any

    def run(self, reader: Reader, names: dict[str, str]) -> Done:
        may(reader.actor, self.kind)
        data = replaced(self.resource, names)
        if self.method == "POST":
            return create(self.kind, reader, data, unless=self.unless)
        return update(self.kind, reader, self.key, data)


def may(actor: Actor, kind: str) -> None:
    """Raise InsufficientScope unless the token may write `kind`."""
    needed = f"{RESOURCES[kind].scope}:{WRITE}"
    if actor.scopes is not None and needed not in actor.scopes:
        raise InsufficientScope(extra={"required_scope": needed})


def _entries(bundle: Any) -> list[Entry]:
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Invalid({"Bundle": _("A resource of the type %(kind)s is wanted here.") % {"kind": "Bundle"}})
    if bundle.get("type") != "transaction":
        raise Invalid({"Bundle.type": _("One of: %(codes)s.") % {"codes": "transaction"}})
    listed = bundle.get("entry")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST:
        raise Invalid({"Bundle.entry": _("From 1 to %(most)s entries.") % {"most": MOST}})
    return [_entry(index, entry) for index, entry in enumerate(listed)]


def _entry(index: int, entry: Any) -> Entry:
    request = entry.get("request") if isinstance(entry, dict) else None
    request = request if isinstance(request, dict) else {}
    method, url = request.get("method"), request.get("url")
    match = re.fullmatch(r"([A-Za-z]+)(?:/([A-Za-z0-9\-.]{1,64}))?", url) if isinstance(url, str) else None
    kind, key = match.groups() if match else ("", None)
    writer = WRITERS.get(kind)
    able = writer and (
        (method == "POST" and writer.create and not key) or (method == "PUT" and writer.update and key)
    )
    if not able:
        able_to = "POST ServiceRequest, POST Appointment, PUT Appointment/…, PUT Task/…"
        raise Invalid({f"Bundle.entry[{index}].request": _("One of: %(codes)s.") % {"codes": able_to}})
    address, unless = entry.get("fullUrl", ""), request.get("ifNoneExist", "")
    if not isinstance(address, str) or not isinstance(unless, str):
        raise Invalid({f"Bundle.entry[{index}]": _("A text is wanted here.")})
    return Entry(index, method, kind, key or "", address, unless, entry.get("resource"))
