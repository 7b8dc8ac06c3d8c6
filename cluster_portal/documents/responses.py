"""A PDF over HTTP."""

from __future__ import annotations

from django.http import HttpResponse

CONTENT_TYPE = "application/pdf"


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF to look at and print, under `name` (ASCII, without `.pdf`) when it is kept.

    Nobody stores it on the way: it is made for one reader, and the copy of another one is journalled as theirs. The
    type is fixed (`nosniff`), and the page's own policy allows it to load nothing and to be framed by nobody.
    """
    return HttpResponse(
        content,
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex, nofollow",
        },
    )
