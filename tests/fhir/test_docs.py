"""The examples of the description are run as they stand: what is written there works."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.factories import clinics as make
from tests.factories import patients as care
from tests.fhir.support import ROOT, Reader, judged

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def examples() -> list[str]:
    """The commands of the chapter on FHIR; one may go over several lines."""
    chapter = PAGE.read_text(encoding="utf-8").partition("\n## FHIR R4\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", chapter, flags=re.DOTALL)
    return ["fhir " + part for part in re.split(r"^fhir ", "".join(blocks), flags=re.MULTILINE)[1:]]


def words_of(command: str, known: dict[str, str]) -> list[str]:
    """What the shell makes of a command: method, path, and where they are there body and type."""
    script = "fhir() { printf '%s\\0' \"$@\"; }\n" + command
    ran = subprocess.run(["/bin/sh", "-eu", "-c", script], env=known, capture_output=True, check=True)
    return ran.stdout.decode().split("\0")[:-1]


def test_the_examples_work() -> None:
    make.make_cluster()
    slot = make.make_slot(make.make_service(), start=make.at(2, 10))
    site = make.make_clinic()
    patient = care.make_patient(site.organization)
    care.make_consent(patient)
    reader = Reader(site.organization)
    known = {
        "SNILS": patient.snils, "BORN": str(patient.birth_date), "TYPE": slot.service_type_id,
        "FROM": make.at(2, 0).isoformat(), "TO": make.at(3, 0).isoformat(), "SERVICE": str(slot.service_id),
        "SLOT": str(slot.pk), "PATIENT": str(patient.pk),
    }  # fmt: skip
    commands, found = examples(), []
    assert len(commands) >= 6
    for command in commands:
        answer = run(reader, *words_of(command, known))
        found.append(answer["resourceType"])
        for entry in answer.get("entry", ()):
            resource = entry["resource"]
            if resource["resourceType"] in {"ServiceRequest", "Appointment"}:
                known[
                    {"ServiceRequest": "REFERRAL", "Appointment": "APPOINTMENT"}[resource["resourceType"]]
                ] = resource["id"]
            elif answer["type"] == "searchset" and resource["resourceType"] == "Slot":
                assert resource["id"] == known["SLOT"]
    assert found[0] == "CapabilityStatement" and {"Bundle", "Task", "Appointment"} <= set(found)


def run(
    reader: Reader, method: str, path: str, body: str = "", kind: str = "application/fhir+json"
) -> dict[str, Any]:
    """What curl would get."""
    address = f"{ROOT}/{path}"
    send = {"GET": reader.get, "POST": reader.post, "PATCH": reader.patch}[method]
    response = send(address, body, kind) if body else send(address)
    assert response.status_code < 300, (path, response.content.decode())
    return judged(response.json())
