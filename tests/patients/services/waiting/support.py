"""People on the waiting list and what they are offered, as the tests of it ask."""

from datetime import timedelta

from cluster_portal.common import background
from patients.models import WaitlistOffer
from patients.services import waitlist
from tests.factories import clinics, patients


def waiting(pair, *, due=20, priority="planned", **wishes):
    """A patient of the pair's first clinic on the list of the second one's service."""
    person = patients.make_patient(pair.source.organization)
    patients.make_consent(person)
    referral = pair.referral(
        "accepted", patient=person, priority=priority, due_on=clinics.today() + timedelta(days=due)
    )
    wishes.setdefault("notice_hours", 0)
    waitlist.wait_referral(pair.referrer, referral_id=referral.pk, **wishes)
    return referral


def offer_of(referral):
    """The open offer of a referral."""
    return WaitlistOffer.objects.filter(entry__referral=referral, state="open").first()


def offered(referral):
    offer = offer_of(referral)
    return offer and offer.slot_id


def states(referral):
    rows = WaitlistOffer.objects.filter(entry__referral=referral).order_by("made_at", "id")
    return list(rows.values_list("state", flat=True))


def settle():
    """Run the messages until none is left."""
    while background.relay():
        pass
