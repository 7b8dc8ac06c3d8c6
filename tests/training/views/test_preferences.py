"""The order in which somebody's nominations are wanted: moved by buttons, and by programs."""

from __future__ import annotations

import re

import pytest

from tests.factories import clinics as make
from tests.factories import training as rows

pytestmark = pytest.mark.django_db


def test_wishes_are_moved_without_a_script(client, hospital):
    """Up and down, by the person or the manager; what was decided meanwhile is not lost sight of."""
    user = make.make_member("specialist", organization=hospital)
    person = rows.make_specialist(hospital, user=user)
    a, b, c = (
        rows.make_nomination(person, rows.make_intake(begins=begins), "endorsed", choice=n)
        for n, begins in enumerate((60, 61, 90), 1)
    )
    rows.make_nomination(person, rows.make_intake(begins=200), "accepted")
    address = f"/specialists/{person.pk}/preferences/"

    def seen():
        page = client.get(address)
        assert page.status_code == 200
        return [(row["nomination"].pk, row["overlaps"]) for row in page.context["rows"]]

    def move(way, one):
        order = re.findall(r'name="order" value="([^"]+)"', client.get(address).content.decode())
        return client.post(address, {"order": order, way: str(one.pk)})

    client.force_login(user)
    assert seen() == [(a.pk, True), (b.pk, True), (c.pk, False)]
    assert move("up", c)["Location"] == f"{address}#up-{c.pk}"
    assert move("up", c)["Location"] == f"{address}#down-{c.pk}"
    assert [pk for pk, _overlaps in seen()] == [c.pk, a.pk, b.pk]
    client.force_login(make.make_member("manager", organization=hospital))
    assert move("down", c)["Location"] == f"{address}#down-{c.pk}"
    assert [pk for pk, _overlaps in seen()] == [a.pk, c.pk, b.pk]
    assert b"preferences/" in client.get(f"/specialists/{person.pk}/").content
    stale = [str(one.pk) for one in (a, c, b)]
    type(b).objects.filter(pk=b.pk).update(state="withdrawn")
    for sent in ({"order": stale, "up": str(c.pk)}, {"order": stale, "up": "x"}, {}):
        answer = client.post(address, sent)
        assert answer.status_code == 409 and answer.context["has_changed"]
    assert [pk for pk, _overlaps in seen()] == [a.pk, c.pk]
    client.force_login(make.make_member("office"))
    assert client.get(address).status_code == 403
