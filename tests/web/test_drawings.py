"""Charts drawn by the server: right proportions, no inline style, words for those who do not see them."""

import re

import pytest

from cluster_portal.web import drawings


@pytest.mark.parametrize(
    ("number", "top"),
    [(0, 2), (1, 2), (3, 4), (6, 6), (7, 10), (11, 20), (489, 600), (1000, 1000), (1001, 2000)],
)
def test_axis_ends_at_a_round_number(number, top):
    assert drawings.round_up(number) == top
    assert top % 2 == 0


def test_columns_stand_on_the_axis_in_proportion():
    drawing = drawings.columns([(10, 5), (0, 0), (4, 9), (-1, -1)], 'Sent "so far"')
    heights = [float(h) for h in re.findall(r'columns__whole"[^>]* height="([\d.]+)"', drawing)]
    parts = [float(h) for h in re.findall(r'columns__part"[^>]* height="([\d.]+)"', drawing)]
    assert heights == [100, 0, 40, 0]
    # A part is never drawn larger than its whole, a covered number not at all.
    assert parts == [50, 0, 40, 0]
    assert 'aria-label="Sent &quot;so far&quot;"' in drawing and "style=" not in drawing


def test_nothing_to_draw_is_an_empty_chart():
    assert "columns__whole" not in drawings.columns([])


def test_wait_past_the_norm_is_told_apart():
    late = drawings.waits(5, 20, 10, 20)
    assert re.search(r'wait--late" x="50.00" y="2" width="50.00"', late)
    assert re.search(r'wait--norm" x1="50.00"', late)
    assert "wait--late" not in drawings.waits(5, 9, 10, 20)
    # The median itself may be past the norm: then only what follows it is light red.
    assert re.search(r'wait--late" x="60.00" y="2" width="40.00"', drawings.waits(12, 20, 10, 20))
    assert "wait--norm" not in drawings.waits(1, 2, None, 4)
    assert drawings.waits(None, None, None, 0)
