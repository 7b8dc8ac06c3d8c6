"""Square codes by which people check in.

The code of a **session** is shown by whoever teaches and changes all the time: it says which session, and when it was
shown, signed by the portal. The code of a **person** says which nomination, signed, and holds nothing else; it helps
whoever may check this person, and nobody else. Neither opens anything by itself: whoever follows one is signed in.
"""

from __future__ import annotations

import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

from django.core.signing import BadSignature, SignatureExpired, Signer, TimestampSigner

from training.errors import CodeOutdated

#: A new code is shown after so long, and a code is good for so long: somebody's network is slow.
SHOWN, GOOD = timedelta(seconds=30), timedelta(seconds=150)
SESSION_SALT, PERSON_SALT = "training.session", "training.person"


def session_code(session_id: uuid.UUID) -> str:
    """What the code of a session says now."""
    return TimestampSigner(salt=SESSION_SALT).sign(_short(session_id))


def read_session_code(code: str) -> uuid.UUID:
    """The session of a code. Raises CodeOutdated for one that is too old, and for what is none of ours."""
    try:
        return _long(TimestampSigner(salt=SESSION_SALT).unsign(code, max_age=GOOD))
    except (SignatureExpired, BadSignature) as exc:
        raise CodeOutdated from exc


def person_code(nomination_id: uuid.UUID) -> str:
    """What somebody's own code for an intake says."""
    return Signer(salt=PERSON_SALT).sign(_short(nomination_id))


def read_person_code(code: str) -> uuid.UUID | None:
    """The nomination of a person's code; None for what is none of ours."""
    try:
        return _long(Signer(salt=PERSON_SALT).unsign(code))
    except BadSignature:
        return None


def _short(pk: uuid.UUID) -> str:
    return urlsafe_b64encode(pk.bytes).decode().rstrip("=")


def _long(text: str) -> uuid.UUID:
    return uuid.UUID(bytes=urlsafe_b64decode(f"{text}=="))
