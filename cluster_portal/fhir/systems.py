"""Names of identifiers and codes.

Identifiers of Russia by their OIDs: СНИЛС, ОГРН and ИНН of a legal person as the FSB's order 795 of 27.12.2011 names
them in certificates, ЕНП as the integration profiles of N3.Health do. Kazakhstan publishes no OID of ИИН and БИН, and
the cluster's own vocabularies are known here alone: these lie under the address of the portal itself.
"""

from __future__ import annotations

SNILS = "urn:oid:1.2.643.100.3"
ENP = "urn:oid:1.2.643.2.69.1.1.1.6.228"
OGRN = "urn:oid:1.2.643.100.1"
INN = "urn:oid:1.2.643.100.4"

ICD10 = "http://hl7.org/fhir/sid/icd-10"
LANGUAGES = "urn:ietf:bcp:47"
HL7 = "http://terminology.hl7.org/CodeSystem/"
TIME_ZONE = "http://hl7.org/fhir/StructureDefinition/timezone"

#: Under the portal's own address: `{base}/NamingSystem/iin`, `{base}/CodeSystem/service-type`.
IIN, BIN, REFERRAL_NUMBER = "iin", "bin", "referral-number"
FOREIGN_NUMBER, OWN_NUMBER, CLIENT_KEY = "foreign-register", "patient-number", "request-key"
#: Of a referral in the system of the referring organisation, where that named no system of its own.
OWN_REFERRAL = "own-referral-number"
SERVICE_TYPE, SPECIALTY, DIRECTION, PAYMENT, MODE = (
    "service-type",
    "specialty",
    "direction",
    "payment",
    "mode",
)
CLINIC_TYPE, ERROR, REASON, FILE_KIND, STATE = (
    "clinic-type", "error", "reason", "file-kind", "referral-state",
)  # fmt: skip
PAPER = "paper"


def matches(system: str, wanted: str) -> bool:
    """Whether `system`, as a reader writes it, is `wanted` (whole, or the last part of one of the portal's own).

    The portal answers under several names at times, so the host of its own vocabularies is not compared.
    """
    return system == wanted or system.endswith((f"/CodeSystem/{wanted}", f"/NamingSystem/{wanted}"))
