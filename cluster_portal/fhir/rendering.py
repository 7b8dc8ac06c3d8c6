"""application/fhir+json in and out; plain application/json is taken for the same."""

from __future__ import annotations

from cluster_portal.api.parsers import JSONParser
from cluster_portal.api.renderers import JSONRenderer

MEDIA_TYPE = "application/fhir+json"
CONTENT_TYPE = MEDIA_TYPE


class FhirRenderer(JSONRenderer):
    media_type = MEDIA_TYPE
    format = "fhir"


class PlainRenderer(JSONRenderer):
    """For those who ask for application/json."""

    format = "plain"


class FhirParser(JSONParser):
    media_type = MEDIA_TYPE


class PatchParser(JSONParser):
    """JSON Patch (RFC 6902)."""

    media_type = "application/json-patch+json"
