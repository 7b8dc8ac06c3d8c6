"""What this door can do, in FHIR's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.selectors.cluster import current_cluster
from cluster_portal.fhir.resources import RESOURCES
from cluster_portal.fhir.shapes import hl7
from cluster_portal.fhir.writing import WRITERS, Writer

if TYPE_CHECKING:
    from cluster_portal.fhir.resources import Resource

#: The day of the last change of what is said here.
DATE = "2026-11-22"
OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


def statement(base: str) -> dict[str, Any]:
    """The CapabilityStatement of the door at the address `base`."""
    root = base.removesuffix("/fhir/r4")
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "publisher": current_cluster().name,
        "kind": "instance",
        "software": {"name": "Medical cluster portal"},
        "implementation": {"description": _("API of the medical cluster"), "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [
            {
                "mode": "server",
                "documentation": _(
                    "Access tokens, scopes, limits and Idempotency-Key are those of the REST interface. Unknown "
                    "search parameters are refused unless Prefer: handling=lenient is sent."
                ),
                "security": {
                    "extension": [
                        {"url": OAUTH, "extension": [{"url": "token", "valueUri": f"{root}/oauth/token/"}]}
                    ],
                    "cors": False,
                    "service": [hl7("restful-security-service", "OAuth", "OAuth")],
                },
                "resource": [_resource(resource) for resource in RESOURCES.values()],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }


def _resource(resource: Resource) -> dict[str, Any]:
    writer = WRITERS.get(resource.type, Writer({}))
    codes = ["read", "search-type"]
    codes += ["create"] * bool(writer.create) + ["update", "patch"] * bool(writer.update)
    includes = [f"{resource.type}:{name}" for name in resource.includes]
    shown: dict[str, Any] = {
        "type": resource.type,
        "documentation": resource.about,
        "interaction": [{"code": code} for code in codes],
        "versioning": "versioned",
        "readHistory": False,
        "conditionalCreate": bool(writer.create),
        "conditionalRead": "not-match",
        "searchParam": [
            {"name": name, "type": parameter.kind}
            for name, parameter in resource.parameters.items()
            if ":" not in name
        ],
    }
    return shown | ({"searchInclude": includes} if includes else {})
