"""Questions to the database in its own words."""

from django.db import connection

from investors.models import SealedFile


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def none_of(sql: str) -> None:
    """The query finds nothing that breaks a rule."""
    assert rows(sql + " LIMIT 3") == []


def bid_files_are_open() -> None:
    """Two bids of the tender that is judged have a paper in each envelope, of which the envelope tells."""
    found = SealedFile.objects.select_related("bid__tender")
    assert [(row.bid.tender.state, len(row.opened_key)) for row in found] == [("evaluation", 32)] * 4
    for row in found:
        assert [one["id"] for one in row.bid.envelopes.get(kind=row.kind).opened["files"]] == [str(row.pk)]
