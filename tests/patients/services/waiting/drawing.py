"""What the waiting list's machine draws: patients with their wishes, and times."""

from __future__ import annotations

from hypothesis import strategies as st


def mostly(nothing, something):
    """Wishes are rare: a machine whose patients want the impossible offers nothing."""
    return st.sampled_from([0, 0, 0, 1]).flatmap(lambda rare: something if rare else st.just(nothing))


WISHES = st.fixed_dictionaries(
    {
        "clinics": mostly([], st.lists(st.integers(0, 1), min_size=1, max_size=1)),
        "weekdays": mostly([], st.lists(st.integers(1, 7), min_size=3, unique=True)),
        "parts": mostly(
            [], st.lists(st.sampled_from(["morning", "afternoon", "evening"]), max_size=2, unique=True)
        ),
        "days": mostly((None, None), st.tuples(st.none() | st.integers(0, 4), st.none() | st.integers(4, 9))),
        "notice_hours": st.sampled_from([0, 0, 24, 72]),
    }
)
PATIENTS = st.fixed_dictionaries(
    {
        "wishes": WISHES,
        "priority": st.sampled_from(["planned", "planned", "planned", "urgent", "emergency"]),
        "due": st.integers(1, 2),
        "consent": st.booleans(),
        "waited": st.sampled_from([0, 5, 48]),
    }
)
TIMES = st.fixed_dictionaries(
    {
        "where": st.integers(0, 1),
        "day": st.sampled_from([0, 1, 1, 2, 2, 3, 6]),
        "hour": st.sampled_from([9, 13, 18]),
        "capacity": st.sampled_from([1, 1, 2]),
        "audience": st.sampled_from(["cluster", "cluster", "own", "urgent"]),
        "release": st.sampled_from([1, 30, 60]),
        "twin": st.sampled_from([False, False, True]),
    }
)
#: What may happen to the first of the queue between a time's coming and the worker's look.
CORNERS = st.sampled_from(["declined", "kept", "elsewhere", "closed"])
