"""Keys and envelopes, without rows."""

from itertools import combinations

import pytest

from investors import sealing


def test_any_two_parts_give_the_secret_and_one_says_nothing():
    secret = bytes(range(32))
    parts = sealing.split(secret, 5)
    assert all(sealing.join(pair) == secret for pair in combinations(parts, 2))
    with pytest.raises(sealing.Unreadable):
        sealing.join([parts[0], parts[0]])
    # Whatever a part is, it fits every secret: some second part leads to each of them.
    other = bytes(32)
    slope = bytes(a ^ b for a, b in zip(parts[0][1:], other, strict=True))
    second = bytes([2]) + bytes(sealing._times(byte, 2) for byte in slope)
    assert sealing.join([parts[0], second]) == other


def test_an_envelope_opens_for_its_owner_and_for_the_opening_key_alone(settings):
    private, public = sealing.new_opening_key()
    owner, about = sealing.owner_key(b"company"), b"bid offer"
    sealed = sealing.seal(b"4 100 000", owner=owner, opening=public, about=about)
    assert b"4 100 000" not in b"".join((sealed.content, sealed.owner_key, sealed.opening_key))
    assert (
        sealing.read_as_owner(sealed, owner, about)
        == sealing.read_at_opening(sealed, private, about)
        == b"4 100 000"
    )
    changed = sealing.Sealed(sealed.content[:-1] + b"\0", sealed.owner_key, sealed.opening_key)
    for wrong in (
        lambda: sealing.read_as_owner(sealed, sealing.owner_key(b"another"), about),
        lambda: sealing.read_as_owner(sealed, owner, b"bid eligibility"),
        lambda: sealing.read_as_owner(changed, owner, about),
        lambda: sealing.read_at_opening(sealed, sealing.new_opening_key()[0], about),
    ):
        with pytest.raises(sealing.Unreadable):
            wrong()
    settings.BID_KEY = "another secret of the portal"
    with pytest.raises(sealing.Unreadable):
        sealing.read_as_owner(sealed, sealing.owner_key(b"company"), about)


def test_a_code_opens_what_was_sealed_to_it_in_its_tender():
    code = sealing.new_code()
    _private, public = sealing.keys_of(code, b"tender")
    box = sealing.seal_to(public, b"part", b"tender")
    typed = code.lower().replace("-", " ")
    assert sealing.open_with(sealing.keys_of(typed, b"tender")[0], box, b"tender") == b"part"
    for private in (sealing.keys_of(sealing.new_code(), b"tender")[0], sealing.keys_of(code, b"another")[0]):
        with pytest.raises(sealing.Unreadable):
            sealing.open_with(private, box, b"tender")
