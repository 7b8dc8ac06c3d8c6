"""Secrets and signatures as Standard Webhooks 1.0.0 says (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from cluster_portal.common.boxes import box

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "whsec_"
#: Bytes of a secret; the standard asks for 24 to 64.
LENGTH = 32
PURPOSE = b"portal webhook secret"


def new_secret() -> str:
    """A secret as the receiver gets it: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(LENGTH)).decode()


def encrypt(secret: str) -> str:
    """As it is kept: signing needs it back, so it cannot be hashed."""
    return box(PURPOSE).encrypt(secret.encode()).decode()


def decrypt(kept: str) -> str:
    """The secret itself. Raises cryptography's InvalidToken after a change of SECRET_KEY."""
    return box(PURPOSE).decrypt(kept.encode()).decode()


def sign(secret: str, *, message: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of the message's id, the seconds since 1970 and the body, in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join([message.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def headers(kept: Iterable[str], *, message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message, signed with each of the secrets: the receiver may hold any of them."""
    signatures = [sign(decrypt(one), message=message, timestamp=timestamp, body=body) for one in kept]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
