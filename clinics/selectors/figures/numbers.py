"""What reports of figures share: how rows are fetched."""

#: Rows that a server-side cursor hands over at a time.
CHUNK = 2000
