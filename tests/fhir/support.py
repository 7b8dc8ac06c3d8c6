"""What the tests of the FHIR door share: a client of it, and the judgement of a library of others."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.http import HttpResponse

from tests.api.support import Caller
from tests.fhir.codes import foreign_codes

ROOT = "/fhir/r4"
TYPE = "application/fhir+json"


def judged(resource: dict[str, Any]) -> dict[str, Any]:
    """`resource` as it is, after `fhir.resources` (R4B) has read it, and its codes are known."""
    kind = resource["resourceType"]
    getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind).model_validate(resource)
    assert not list(foreign_codes(resource, kind))
    return resource


class Reader(Caller):
    """A system that speaks FHIR."""

    def read(self, path: str, status: int = 200, **extra: Any) -> dict[str, Any]:
        return self.body(self.get(f"{ROOT}/{path}", **extra), status)

    def body(self, response: HttpResponse, status: int = 200) -> dict[str, Any]:
        assert response.status_code == status, response.content.decode()
        assert response["Content-Type"] == TYPE
        return judged(response.json())

    def found(self, path: str, mode: str = "match", **extra: Any) -> list[dict[str, Any]]:
        """The resources of a search."""
        entries = self.read(path, **extra).get("entry", [])
        return [entry["resource"] for entry in entries if entry["search"]["mode"] == mode]

    def ids(self, path: str, mode: str = "match") -> list[str]:
        return [resource["id"] for resource in self.found(path, mode)]
