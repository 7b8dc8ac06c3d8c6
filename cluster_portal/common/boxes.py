"""Secrets that have to be read again: kept encrypted, by keys that are not in the database."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def box(purpose: bytes) -> Fernet:
    """What encrypts and decrypts for one purpose; its key is derived from SECRET_KEY and fits no other purpose."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose)
    return Fernet(base64.urlsafe_b64encode(derive.derive(settings.SECRET_KEY.encode())))
