"""Data types of FHIR as dictionaries. What is empty is left out: FHIR knows no empty values."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from cluster_portal.api import etags
from cluster_portal.api.renderers import dumps
from cluster_portal.fhir import systems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor

#: Under which the portal answers FHIR.
ROOT = "/fhir/r4"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and where and when: what a mapper may need beside the row."""

    actor: Actor
    #: The address of this door as the reader called it, without a slash at its end.
    base: str = ""
    language: str = field(default_factory=translation.get_language)
    now: dt.datetime = field(default_factory=timezone.now)


def own(kind: str, name: str) -> str:
    """The URI of a vocabulary of the portal's own, the same under whatever name the portal is called."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{ROOT}/{kind}/{name}"


def system_of(name: str) -> str:
    """The URI of a code system: HL7's and IETF's are whole already, the portal's own have a short name."""
    return name if ":" in name else own("CodeSystem", name)


def tidy(value: Any) -> Any:
    """`value` without anything empty in it. False and zero are values."""
    if isinstance(value, dict):
        cleaned = {name: tidy(inner) for name, inner in value.items()}
        return {name: inner for name, inner in cleaned.items() if not _empty(inner)}
    if isinstance(value, list):
        return [inner for inner in map(tidy, value) if not _empty(inner)]
    return value


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | dict | list) and not value)


def finished(kind: str, row: Any, reader: Reader, body: dict[str, Any]) -> dict[str, Any]:
    """The resource `kind` of `row`: its body with id, language and version.

    The version ends in a digest of the body: a record is another one where a name that it shows has changed, or where
    it is read in another language. What stands before the dash is the row's own version, and what If-Match compares.
    """
    key, moment = (row["id"], row["updated_at"]) if isinstance(row, dict) else (row.pk, row.updated_at)
    shown = tidy(body)
    digest = hashlib.blake2b(dumps(shown), digest_size=6).hexdigest()
    meta = {"versionId": f"{etags.version(row)}-{digest}", "lastUpdated": utc(moment)}
    return {"resourceType": kind, "id": str(key), "meta": meta, "language": reader.language, **shown}


def utc(moment: dt.datetime | None) -> str | None:
    """An instant in UTC, to the millisecond."""
    return moment and moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local(moment: dt.datetime | None, zone: str) -> str | None:
    """An instant as the clock of `zone` shows it, with its offset."""
    return moment and moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def day(value: dt.date | None) -> str | None:
    return value and value.isoformat()


def reference(kind: str, key: Any, display: Any = None) -> dict[str, Any] | None:
    """A reference to a resource of this door; None where there is nothing to refer to."""
    if key is None:
        return None
    return {"reference": f"{kind}/{key}", "type": kind, "display": display and str(display)}


def coding(system: str, code: Any, display: Any = None) -> dict[str, Any]:
    return {"system": system_of(system), "code": code and str(code), "display": display and str(display)}


def concept(system: str, code: Any, text: Any = None) -> dict[str, Any] | None:
    """A CodeableConcept of one coding; `text` is its words in the reader's language."""
    if not code:
        return {"text": str(text)} if text else None
    return {"coding": [coding(system, code, text)], "text": text and str(text)}


def hl7(name: str, code: str, display: str | None = None) -> dict[str, Any]:
    """A CodeableConcept of HL7's own terminology, whose displays are English."""
    return {"coding": [coding(systems.HL7 + name, code, display)]}


def identifier(system: str, value: Any, **more: Any) -> dict[str, Any] | None:
    """An Identifier; `system` is an OID or the short name of one of the portal's own."""
    if not value:
        return None
    return {"system": system if ":" in system else own("NamingSystem", system), "value": str(value), **more}


def telecom(phone: str = "", email: str = "", url: str = "") -> list[dict[str, Any]]:
    found = {"phone": phone, "email": email, "url": url}
    return [{"system": system, "value": value} for system, value in found.items() if value]


def languages(codes: Iterable[str]) -> list[dict[str, Any]]:
    return [{"coding": [{"system": systems.LANGUAGES, "code": code}]} for code in codes]


def human_name(person: Any) -> dict[str, Any]:
    """The patronymic is a given name, as HL7 Russia writes it."""
    given = [part for part in (person.given, person.patronymic) if part]
    text = " ".join([person.family, *given])
    return {"use": "official", "text": text, "family": person.family, "given": given}
