"""The rules that lines share: who passes, who sees the row and may not, and what everybody else meets (404).

The sender registered the patient and made the referral; the receiver got it; the stranger has nothing to do with it.
"""

from __future__ import annotations

from tests.permissions.roles import (
    CLIENTS,
    FORBIDDEN,
    GUEST,
    OFFICE,
    OUTSIDERS,
    PEOPLE,
    RECEIVERS,
    REGISTRARS,
    SENDERS,
    STAFF,
    allow,
)

#: A registrar marks who came; deciding, planning and concluding are the coordinator's and the manager's.
DECIDERS = RECEIVERS - REGISTRARS

SIGNED_IN = allow(PEOPLE | CLIENTS)
#: Whoever acts for an organisation, whatever its kind.
IN_ORGANIZATION = allow((PEOPLE | CLIENTS) - {GUEST}, other=FORBIDDEN)
STAFF_ONLY = allow(STAFF, other=FORBIDDEN)

#: Promise 5: who registered, referred or received the patient, and nobody else.
PARTIES = allow(SENDERS | RECEIVERS)
OWN_PATIENT = allow(SENDERS)
#: Referring such a patient: whoever makes no referrals at all is told so first.
REFERRING = allow(SENDERS | RECEIVERS, forbidden=OUTSIDERS)
REFERRING_OWN = allow(SENDERS, forbidden=OUTSIDERS)
#: What has not been sent is the sender's alone.
DRAFT = allow(SENDERS)
SENDING = allow(SENDERS, forbidden=RECEIVERS)
RECEIVING = allow(RECEIVERS, forbidden=SENDERS)
DECIDING = allow(DECIDERS, forbidden=SENDERS | (RECEIVERS - DECIDERS))
#: A question to any clinic: those who decide where the service is given read it and may take it.
ANSWERING = allow(SENDERS | DECIDERS)
TAKING = allow(DECIDERS, forbidden=SENDERS)
SETTLING = allow(SENDERS, forbidden=DECIDERS)

#: Everybody signed in reads the registry; its record is written by the own manager and the cluster office.
KEEPING = allow({"receiver.manager", OFFICE}, other=FORBIDDEN)
#: The receiver's time is not there for others; its registrars look, its planners write.
OWN_SLOTS = allow(RECEIVERS)
PLANNING = allow(DECIDERS, forbidden=RECEIVERS - DECIDERS)
#: Rooms are seen by everybody, and closed by who plans the receiver's time.
SHUTTING = allow(DECIDERS, other=FORBIDDEN)
#: Forms of planners say "not your role" before they look at the clinic that is named.
ENTERING_SLOTS = allow(DECIDERS, forbidden=(PEOPLE | CLIENTS) - (STAFF - REGISTRARS))
#: Whether two records are one person is the office's to decide; for clinics such pages are not there.
OFFICE_ONLY = allow({OFFICE}, other=FORBIDDEN)

#: The register of those sent outside: clinics keep their own, the office reads all of it without names.
OUTFLOW_LIST = allow(STAFF | {OFFICE}, other=FORBIDDEN)
OUTFLOW = allow(SENDERS | {OFFICE})
OUTFLOW_KEEPING = allow(SENDERS, forbidden={OFFICE})

#: A notice is nobody's but its reader's.
READING_OWN = allow({"sender.referrer"})
