"""A cardiologist falls ill: patients of several clinics are booked, the clinic closes the day."""

from datetime import timedelta

import pytest

from clinics.services.slots import block_slots
from tests.factories import clinics, patients
from tests.factories.clinics import at


class Ward:
    """A receiving clinic with two cardiologists, and people booked with the first of them the day after tomorrow."""

    def __init__(self):
        clinics.make_cluster()
        self.pair = patients.make_pair()
        self.coordinator, self.referrer = self.pair.coordinator, self.pair.referrer
        self.service = self.pair.service
        self.ill = clinics.make_practitioner(self.pair.target)
        self.colleague = clinics.make_practitioner(self.pair.target)

    def slot(self, start, practitioner=None, service=None, **fields):
        return clinics.make_slot(service or self.service, start=start, practitioner=practitioner, **fields)

    def booked(self, start=None, *, due=30, **fields):
        """A patient of their own, booked with the one who falls ill."""
        slot = self.slot(start or at(2, 9), self.ill)
        patient = fields.pop("patient", None)
        if patient is None:
            patient = patients.make_patient(self.pair.source.organization)
            patients.make_consent(patient)
        return self.pair.referral(
            "booked", slot=slot, patient=patient, due_on=clinics.today() + timedelta(days=due), **fields
        )

    def fall_ill(self, reason="sick", day=2):
        """The clinic closes the day of the ill one; whoever is booked stays until moved."""
        return block_slots(
            self.coordinator, practitioner_id=self.ill.pk, starts=at(day, 0), ends=at(day + 1, 0), reason=reason,
            keep_booked=True,
        )  # fmt: skip


@pytest.fixture
def ward():
    return Ward()
