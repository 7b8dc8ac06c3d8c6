"""The cryptography of sealed bids: keys, envelopes and parts of a key. It knows no rows; docs/sealed-bids.md tells why.

An envelope is encrypted (AES-256-GCM) with a random key of its own. That key is kept twice: wrapped for the bidder, and
sealed to the tender's opening key. Of the opening key the portal keeps only the public half; the private one is split
when the tender is published, any two parts give it back, and each part is sealed to one official.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

NONCE = 12
#: A file is encrypted in pieces of so many bytes, the last one filled up with zeros: its size tells no more than that.
PIECE, TAG = 256 * 1024, 16
#: Letters of a code without those that are read for one another; 25 of them hold 122 bits.
LETTERS, LENGTH, GROUP = "ABCDEFGHJKMNPQRSTVWXYZ23456789", 25, 5


class Unreadable(Exception):
    """The key does not fit, or what was encrypted has been changed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope as it is kept: its content, and the key of the content for the bidder and for the opening."""

    content: bytes
    owner_key: bytes
    opening_key: bytes


def canonical(contents: dict[str, Any]) -> bytes:
    """The one way to write contents down: JSON in UTF-8, keys sorted, no blanks. What digests are made of."""
    return json.dumps(contents, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(*parts: bytes) -> str:
    """SHA-256 (hex) of canonical contents, one after the other with a line feed between."""
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def seal(plain: bytes, *, owner: bytes, opening: bytes, about: bytes) -> Sealed:
    """Close an envelope for `owner` (a key) and for the public key `opening`; it opens only as `about`."""
    key = AESGCM.generate_key(256)
    return Sealed(_encrypt(key, plain, about), _encrypt(owner, key, about), seal_to(opening, key, about))


def read_as_owner(sealed: Sealed, owner: bytes, about: bytes) -> bytes:
    """What the bidder put into an envelope. Raises Unreadable."""
    return _decrypt(_decrypt(owner, sealed.owner_key, about), sealed.content, about)


def read_at_opening(sealed: Sealed, private: bytes, about: bytes) -> bytes:
    """What an envelope holds, by the opening key that two parts gave. Raises Unreadable."""
    return _decrypt(open_with(private, sealed.opening_key, about), sealed.content, about)


def new_key() -> bytes:
    """A key for one content."""
    return AESGCM.generate_key(256)


def wrap(key: bytes, plain: bytes, about: bytes) -> bytes:
    """Encrypt something short, such as another key, with `key`."""
    return _encrypt(key, plain, about)


def unwrap(key: bytes, box: bytes, about: bytes) -> bytes:
    """What `wrap` has encrypted. Raises Unreadable."""
    return _decrypt(key, box, about)


def encrypt_stream(key: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A file, piece by piece, with a key that is used for nothing else. Each piece is bound to its place, and the last
    one to being it, so none can be left out, moved or cut off (the STREAM construction; Hoang, Reyhanitabar, Rogaway,
    Vizár, 2015).
    """
    cipher, number, waiting = AESGCM(key), 0, bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > PIECE:
            yield cipher.encrypt(_place(number, last=False), bytes(waiting[:PIECE]), None)
            del waiting[:PIECE]
            number += 1
    yield cipher.encrypt(_place(number, last=True), bytes(waiting).ljust(PIECE, b"\0"), None)


def decrypt_stream(key: bytes, file: BinaryIO, size: int) -> Iterator[bytes]:
    """The `size` bytes that were encrypted into `file`. Raises Unreadable at a piece that is not as it was written."""
    cipher, pieces = AESGCM(key), max(1, -(-size // PIECE))
    for number in range(pieces):
        box = file.read(PIECE + TAG)
        try:
            plain = cipher.decrypt(_place(number, last=number == pieces - 1), box, None)
        except (InvalidTag, ValueError) as exc:
            raise Unreadable from exc
        yield plain[: size - number * PIECE]


def _place(number: int, *, last: bool) -> bytes:
    """The nonce of a piece: the key is its own file's, so only pieces have to differ."""
    return number.to_bytes(NONCE - 1, "big") + bytes([last])


def owner_key(owner: bytes) -> bytes:
    """The key of a bidder (by its id), derived from the portal's secret, which is not in the database."""
    return _derive(_secret(), owner, b"portal bid owner")


def new_code() -> str:
    """A code for an official: shown once, kept nowhere."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return "-".join(letters[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def keys_of(code: str, about: bytes) -> tuple[bytes, bytes]:
    """The private and the public key that a code stands for in a tender; case, blanks and dashes do not count.

    The portal's secret is part of them: officials who have their codes and a copy of the database, but not the portal,
    cannot open anything before its time.
    """
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return _pair(_derive(letters.encode() + b"\n" + _secret(), about, b"portal opening code"))


def new_opening_key() -> tuple[bytes, bytes]:
    """A private and a public key."""
    return _pair(secrets.token_bytes(32))


def seal_to(public: bytes, plain: bytes, about: bytes) -> bytes:
    """Encrypt for whoever has the private key of `public`."""
    passing = X25519PrivateKey.generate()
    sender = passing.public_key().public_bytes_raw()
    shared = passing.exchange(X25519PublicKey.from_public_bytes(public))
    return sender + _encrypt(_derive(shared, sender + public, b"portal sealed box"), plain, about)


def open_with(private: bytes, box: bytes, about: bytes) -> bytes:
    """What `seal_to` has encrypted. Raises Unreadable."""
    own = X25519PrivateKey.from_private_bytes(private)
    sender, public = box[:32], own.public_key().public_bytes_raw()
    shared = own.exchange(X25519PublicKey.from_public_bytes(sender))
    return _decrypt(_derive(shared, sender + public, b"portal sealed box"), box[32:], about)


def split(secret: bytes, parts: int) -> list[bytes]:
    """Parts of a secret: any two of them give it back, one alone says nothing of it (Shamir, 1979, over GF(256))."""
    slope = secrets.token_bytes(len(secret))
    return [
        bytes([number]) + bytes(byte ^ _times(turn, number) for byte, turn in zip(secret, slope, strict=True))
        for number in range(1, parts + 1)
    ]


def join(parts: Sequence[bytes]) -> bytes:
    """The secret of which two parts are given. Raises Unreadable for one part given twice."""
    first, second = parts
    here, there = first[0], second[0]
    if here == there:
        raise Unreadable
    over = _inverse(here ^ there)
    left, right = _times(there, over), _times(here, over)
    return bytes(_times(a, left) ^ _times(b, right) for a, b in zip(first[1:], second[1:], strict=True))


def _times(a: int, b: int) -> int:
    """A product in GF(256) with the polynomial of AES."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = (a << 1) ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def _inverse(a: int) -> int:
    return next(b for b in range(1, 256) if _times(a, b) == 1)


def _secret() -> bytes:
    return (settings.BID_KEY or settings.SECRET_KEY).encode()


def _pair(private: bytes) -> tuple[bytes, bytes]:
    return private, X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _derive(secret: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(secret)


def _encrypt(key: bytes, plain: bytes, about: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, about)


def _decrypt(key: bytes, box: bytes, about: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(box[:NONCE], box[NONCE:], about)
    except (InvalidTag, ValueError) as exc:
        raise Unreadable from exc
