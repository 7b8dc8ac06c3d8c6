"""Keys of rows."""

import time
import uuid

from cluster_portal.common.ids import uuid7


def test_version_variant_and_time():
    before = time.time_ns() // 1_000_000
    key = uuid7()
    after = time.time_ns() // 1_000_000
    assert key.version == 7
    assert key.variant == uuid.RFC_4122
    assert before <= key.int >> 80 <= after


def test_a_hundred_thousand_differ():
    assert len({uuid7() for _ in range(100_000)}) == 100_000


def test_later_keys_lie_behind_earlier_ones():
    first = uuid7()
    time.sleep(0.002)
    assert first < uuid7()
