"""The database of the large measurements, beside the usual one on the same server."""

from urllib.parse import urlsplit, urlunsplit

import psycopg2

NAME = "portal_bench_large"


def ensure(url: str) -> str:
    """Make the database where it is missing; its address."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [NAME])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
    connection.close()
    return urlunsplit(urlsplit(url)._replace(path=f"/{NAME}"))
